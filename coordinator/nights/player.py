"""Playing a planned night against a running hub: opens the operation, posts as its liaisons, waits until all is counted.

Every liaison has a token of its own, as on the real night. Acts are done in the order of time by one thread: what the
hub makes of reports that come at once is for the races and benchmarks to show, a night is there to be watched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from coordinator.nights.caller import Caller, NightStopped
from coordinator.nights.figures import UNATTRIBUTED
from coordinator.nights.night import Act, Night

LONGEST_TO_SETTLE = 60.0
"""Seconds until every report must be counted after the last was posted; the hub promises five."""

Wait = Callable[[float], None]


@dataclass(frozen=True)
class Told:
    """What the one who watches the playing is told: an act that was done, the how manieth of how many."""

    act: Act
    number: int
    of: int


@dataclass
class Stage:
    """An operation on a hub, with a caller for the desk and for each unit that posts."""

    code: str
    admin: Caller
    desk: Caller
    liaisons: dict[str, Caller] = field(default_factory=dict)

    def phase(self, phase: str) -> None:
        """Goes to the next phase."""
        self.desk.post(f"/operations/{self.code}/phase", {"phase": phase})

    def totals(self) -> dict[str, Any]:
        """The hub's totals document."""
        return self.desk.get(f"/operations/{self.code}/totals")

    def close(self) -> None:
        """Closes all connections."""
        for caller in (self.admin, self.desk, *self.liaisons.values()):
            caller.close()


def open_stage(admin: Caller, document: dict[str, Any], night: Night) -> Stage:
    """Creates the operation and its tokens, and makes it live."""
    admin.post("/operations", document)
    code = document["code"]
    desk = admin.another(_token(admin, code, "Desk", "desk", []))
    names = {unit["code"]: unit["name"] for unit in document["units"]}
    posting = dict.fromkeys(report.unit for report in night.reports)
    stage = Stage(code, admin, desk, {UNATTRIBUTED: desk})
    for unit in posting:
        if unit != UNATTRIBUTED:
            stage.liaisons[unit] = admin.another(_token(admin, code, f"Liaison of {names[unit]}"[:200], "liaison", [unit]))
    for phase in ("briefing", "live"):
        stage.phase(phase)
    return stage


def perform(stage: Stage, night: Night, seconds: float, tell: Callable[[Told], None], wait: Wait = time.sleep) -> int:
    """Does every act, spread over ``seconds`` (0: as fast as the hub takes them); returns how many repeats there were.

    NightStopped when a repeat is answered with anything but the first receipt.
    """
    acts, begun = night.acts(), time.monotonic()
    receipts: dict[str, dict[str, Any]] = {}
    for number, act in enumerate(acts, 1):
        early = begun + seconds * _share(acts, act) - time.monotonic()
        if early > 0:
            wait(early)
        _do(stage, night, act, receipts)
        tell(Told(act, number, len(acts)))
    return sum(act.kind == "repeat" for act in acts)


def settled(stage: Stage, entries: int, wait: Wait = time.sleep) -> dict[str, Any]:
    """The totals once the journal has ``entries`` places; NightStopped when they do not come."""
    deadline = time.monotonic() + LONGEST_TO_SETTLE
    while (totals := stage.totals())["position"] < entries:
        if time.monotonic() > deadline:
            raise NightStopped(
                f"The hub has counted {totals['position']} of {entries} reports after {LONGEST_TO_SETTLE:g} s: is a worker running?"
            )
        wait(0.1)
    return totals


def _token(admin: Caller, code: str, name: str, role: str, units: list[str]) -> str:
    answer = admin.post("/tokens", {"name": name, "role": role, "operation": code, "units": units})
    return str(answer.content.get("token", ""))


def _share(acts: Sequence[Act], act: Act) -> float:
    """The part of the playing time at which an act is due: the first at its beginning, the last at its end."""
    first, last = acts[0].at, acts[-1].at
    return (act.at - first) / (last - first) if last > first else 0.0


def _do(stage: Stage, night: Night, act: Act, receipts: dict[str, dict[str, Any]]) -> None:
    report, caller = act.report, stage.liaisons[act.report.unit]
    path = f"/operations/{stage.code}/reports"
    if act.kind == "post":
        receipts[report.key] = caller.post(path, night.body(report), report.key).content
    elif act.kind == "repeat":
        again = caller.post(path, night.body(report), report.key)
        if again.content != receipts[report.key] or not again.replayed:
            raise NightStopped(f"A report of {report.unit} sent twice with one key got two receipts: the hub counts it twice.")
    elif act.kind == "correct":
        caller.post(path, night.correction(report, receipts[report.key]["id"]))
    else:
        caller.post(f"{path}/{receipts[report.key]['id']}/withdrawal", {"reason": report.reason})
