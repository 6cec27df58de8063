"""The whole of it, from an admin's token to the comparison: what ``play`` and ``demo`` share."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from coordinator.nights.caller import Caller, NightStopped
from coordinator.nights.comparison import Comparison, compare
from coordinator.nights.night import Night
from coordinator.nights.plan import plan
from coordinator.nights.player import Stage, Wait, open_stage, perform, settled
from coordinator.nights.screen import screen
from coordinator.nights.stream import Watch
from coordinator.operations import templates
from coordinator.operations.templates import Facts, FactsUnusable

LONGEST_TO_CATCH_UP = 5.0
"""Seconds the board may be behind the hub when the night is over."""

WITHOUT_TERMINAL = 110
"""Columns in a file or pipe."""

JUST_NOW = timedelta(hours=2)
"""How long a night lasts that is played as if it ended now: short enough for some of it to lie in the last 15 minutes."""


@dataclass(frozen=True)
class Prepared:
    """An operation ready to be played."""

    document: dict[str, Any]
    night: Night


def console() -> Console:
    """Standard output: as wide as the terminal, or wide enough for the tables; what it can't write is replaced, never an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(width=None if sys.stdout.isatty() else WITHOUT_TERMINAL)


def prepare(name_or_path: str, seed: int, code: str | None = None, now: datetime | None = None) -> Prepared:
    """The operation of a template or file, at its own time, or in the hours up to ``now``; NightStopped where that can't be."""
    try:
        facts = templates.facts(name_or_path)
        if "units" in facts:
            raise NightStopped(f"{name_or_path} has no published figures to play: load it with `tallyroom operation load`.")
        document = _timed(facts, code, now)
        return Prepared(document, plan(facts, document, seed))
    except FactsUnusable as problem:
        raise NightStopped(str(problem)) from None


def play(
    prepared: Prepared,
    admin: Caller,
    seconds: float,
    console: Console,
    *,
    phases: Sequence[str] = (),
    wait: Wait = time.sleep,
    opened: Callable[[Stage], None] | None = None,
) -> tuple[Stage, Comparison]:
    """Plays it, showing the board on ``console``, and compares; then the operation goes through ``phases``. ``opened`` is told
    of the operation before its first report."""
    stage = open_stage(admin, prepared.document, prepared.night)
    if opened is not None:
        opened(stage)
    shown = screen(console, prepared.document, prepared.night)
    with shown, Watch(stage.desk, stage.code, shown.hear):
        perform(stage, prepared.night, seconds, shown.tell, wait)
        totals = settled(stage, prepared.night.entries(), wait)
        _await(lambda: shown.board.position >= totals["position"], wait)
        for phase in phases:
            stage.phase(phase)
            _await(lambda phase=phase: shown.board.phase == phase, wait)  # type: ignore[misc]
    return stage, compare(prepared.night.published, stage.totals())


def _await(condition: Callable[[], bool], wait: Wait) -> None:
    """Lets the stream catch up, so that the board that is left standing is the last one; figures never wait for it."""
    deadline = time.monotonic() + LONGEST_TO_CATCH_UP
    while not condition() and time.monotonic() < deadline:
        wait(0.1)


def _timed(facts: Facts, code: str | None, now: datetime | None) -> dict[str, Any]:
    """The operation document, moved so that its window ends at ``now`` and what was conducted separately stays as long before."""
    document = templates.operation_document(facts, code)
    if now is None:
        return document
    begins = now.astimezone(UTC).replace(microsecond=0) - JUST_NOW
    moved = begins - datetime.fromisoformat(document["starts_at"])
    for unit in document["units"]:
        if apart := unit.get("conducted_separately"):
            apart |= {key: (datetime.fromisoformat(apart[key]) + moved).isoformat() for key in ("starts_at", "ends_at")}
    return {**document, "starts_at": begins.isoformat(), "ends_at": (begins + JUST_NOW).isoformat()}
