"""Clients as processes, kept running: one that was killed is started again and goes on from its own history."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from coordinator.hosting.hub import ROOT
from coordinator.hosting.processes import Child, end, launch
from faults.client import FINAL, Task
from faults.history import Event, Reader
from faults.plan import Planned, plan

PATIENCE = 120.0
TIMES_AS_LONG = 5.0
"""How long clients go on at most: so many times as long as their pace asks for, on a machine that can't keep it, and then so long."""

LOOK = 0.05
"""Seconds between two looks at the clients."""


@dataclass(frozen=True)
class Target:
    """An operation of a hub, and a token of its desk. Where there are several ``urls``, clients take them in turn."""

    urls: Sequence[str]
    token: str
    code: str


@dataclass
class Outcome:
    """What became of one planned report, by its clients' own account. Times are monotonic."""

    planned: Planned
    sent_at: float | None = None
    answered_at: float | None = None
    receipts: set[str] = field(default_factory=set)
    refused: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether a client was told that the hub has it."""
        return bool(self.receipts)

    @property
    def settled(self) -> bool:
        """Whether a client was told what became of it."""
        return self.acknowledged or self.refused


class Clients:
    """Posts a plan to ``target``. Use as a context, from the main thread, and call ``tend`` inside it now and then.

    ``pace``: reports a second of all together; ``keep``: whether they keep their connections. What they wrote down is in
    ``outcomes`` and ``answers`` after each ``tend``.
    """

    def __init__(
        self, target: Target, seed: int, count: int, *, clients: int = 4, pace: float = 100.0, patience: float = PATIENCE, keep: bool = True
    ) -> None:
        began = time.monotonic() + 0.5
        until = began + TIMES_AS_LONG * count / pace + patience
        self.task = Task([*target.urls], target.token, target.code, seed, count, clients, pace, began, until, keep)
        self.outcomes = [Outcome(one) for one in plan(seed, count, clients)]
        self.answers: Counter[str] = Counter()
        self.settled = 0
        self._children: dict[int, Child] = {}

    def __enter__(self) -> Self:
        self._kept = tempfile.TemporaryDirectory(prefix="tallyroom-clients-")
        self.folder = Path(self._kept.name)
        (self.folder / "task.json").write_text(json.dumps(asdict(self.task)))
        self._readers = [Reader(self.folder / f"client-{number}.jsonl") for number in range(self.task.clients)]
        for number in range(self.task.clients):
            self._begin(number)
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children.values():
            end(child)
        self._children.clear()
        self._kept.cleanup()

    @property
    def pids(self) -> list[int]:
        """Those that run now."""
        return [child.pid for child in self._children.values() if child.poll() is None]

    @property
    def finished(self) -> bool:
        """Whether all have done what they could."""
        return all(child.poll() == 0 for child in self._children.values())

    def tend(self) -> None:
        """Starts again who was killed, and reads what they have written."""
        for number, child in list(self._children.items()):
            if child.poll() not in (None, 0):
                self._begin(number)
        for reader in self._readers:
            for event in reader.news():
                self._hear(event)

    def until(self, settled: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Tends them until so many reports have been answered for good."""
        self.tend()
        while self.settled < settled and not self.finished:
            meanwhile()
            self._pause()
        self.tend()
        assert self.settled >= settled, f"{self.settled} of {settled} were answered: {dict(self.answers)}"

    def finish(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Tends them until all have been answered for good, or their time is over."""
        while not self.finished:
            meanwhile()
            self._pause()
        self.tend()

    def pause(self, seconds: float) -> None:
        """Tends them for so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._pause()

    def leave_off(self) -> None:
        """Asks them to begin no further report, and waits until those under way are settled; what was not begun is left out."""
        (self.folder / "over").touch()
        self.finish()
        self.outcomes = [one for one in self.outcomes if one.sent_at is not None]

    @property
    def last_answer(self) -> float:
        """When the last report was answered for good."""
        return max(one.answered_at or 0.0 for one in self.outcomes)

    def _pause(self) -> None:
        time.sleep(LOOK)
        self.tend()

    def _begin(self, number: int) -> None:
        command = [sys.executable, "-m", "faults.client", str(self.folder), str(number)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self._children[number] = launch(command, output=self.folder / f"client-{number}.log", environment=environment, folder=self.folder)

    def _hear(self, event: Event) -> None:
        outcome = self.outcomes[event.number]
        if event.what == "sent":
            outcome.sent_at = event.at if outcome.sent_at is None else min(outcome.sent_at, event.at)
            return
        self.answers[_named(event)] += 1
        if event.status not in FINAL:
            return
        self.settled += not outcome.settled
        if event.status == 201:
            outcome.receipts.add(event.said)
        else:
            outcome.refused = True
        outcome.answered_at = event.at if outcome.answered_at is None else min(outcome.answered_at, event.at)


def _named(event: Event) -> str:
    """An answer as it is told and counted."""
    if event.what == "broken":
        return event.said
    return "201" if event.status == 201 else f"{event.status} {event.said}"


def said_together(answers: Counter[str]) -> str:
    """Answers and how many of each, the most frequent first."""
    return ", ".join(f"{name}: {count:,}" for name, count in answers.most_common())
