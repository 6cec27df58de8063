"""What happens to reports on a night: standing figures, assistance, delay, repeats, a correction, a withdrawal. Pure.

None of it may move a figure. A standing figure belongs to the cell it is posted for, so it is posted by the agency whose
increments it covers, never by its state: the state's own cells would count beside those of the agencies below it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

from coordinator.nights.figures import UNATTRIBUTED, Cell
from coordinator.nights.night import STEPS, Line, Night, Planned

SO_FAR = "standing figure of the night so far"
MISCOUNTED, NOT_OURS = "counted twice at the hand-over", "belongs to another operation"

ONE_LATE_IN, ONE_REPEATED_IN = 6, 7
"""Of so many reports one reaches the hub much later than it was observed, and one is sent twice."""


def meet(dice: Random, night: Night, reports: list[Planned], document: dict[str, Any]) -> tuple[Planned, ...]:
    """The reports with their fates, each with a key, in the order they are posted."""
    above = {unit["code"]: unit.get("parent") for unit in document["units"]}
    apart = {unit["code"] for unit in document["units"] if unit.get("conducted_separately")}
    reports = _posted(dice, _assisted(_standing(dice, reports), above))
    amendable = [report for report in reports if not apart & {report.unit, above.get(report.unit)}]
    reports = [*_corrected(dice, night, reports, amendable), *_withdrawn(dice, night, amendable)]
    ordered = sorted(_repeated(dice, reports), key=lambda report: report.posted or 0.0)
    return tuple(replace(report, key=str(UUID(int=dice.getrandbits(128), version=4))) for report in ordered)


def _standing(dice: Random, reports: list[Planned]) -> list[Planned]:
    """The largest figure of the night gets a standing figure midway.

    Of the increments before it, the first is never posted and the last arrives after it: neither changes anything, since
    the standing figure says what they come to.
    """
    carriers = _carriers(reports)
    cell = max(carriers, key=lambda cell: _weight(cell, carriers[cell]), default=None)
    if cell is None or len(carriers[cell]) < 2:
        return reports
    _, measure, category = cell
    half = len(carriers[cell]) // 2
    before, after = carriers[cell][half - 1 : half + 1]
    at = (before.observed + after.observed) / 2
    stood = Line(measure, category, sum(report.quantity(measure, category) or 0 for report in carriers[cell][:half]))
    reports = _change(reports, before, lambda late: replace(late, posted=at + dice.uniform(0.02, 0.05)))
    if half > 1:
        reports = _change(reports, carriers[cell][0], lambda lost: _without(lost, stood))
    kept = [report for report in reports if report.lines or report.note]
    return [*kept, Planned(before.unit, at, (stood,), "to_date", posted=at + 0.004, note=SO_FAR)]


def _carriers(reports: list[Planned]) -> dict[Cell, list[Planned]]:
    """The reports that say something of each cell, in the order they were observed."""
    found: dict[Cell, list[Planned]] = defaultdict(list)
    for report in sorted(reports, key=lambda report: report.observed):
        for line in report.lines:
            if line.quantity is not None:
                found[report.unit, line.measure, line.category].append(report)
    return found


def _weight(cell: Cell, carriers: list[Planned]) -> tuple[bool, bool, int, Cell]:
    """Cells told in more than one report first, then those of a state before those of none, then by quantity."""
    return len(carriers) > 1, cell[0] != UNATTRIBUTED, sum(report.quantity(*cell[1:]) or 0 for report in carriers), cell


def _without(report: Planned, stood: Line) -> Planned:
    kept = tuple(line for line in report.lines if (line.measure, line.category) != (stood.measure, stood.category))
    return replace(report, lines=kept)


def _assisted(reports: list[Planned], above: dict[str, str | None]) -> list[Planned]:
    """Where two agencies of a state post, the lead assisted in the first figure of the other: counted once, credited twice."""
    leads: dict[str, str] = {}
    credited: set[str] = set()
    for report in list(reports):
        lead = leads.setdefault(above.get(report.unit) or report.unit, report.unit)
        if report.unit not in {lead, *credited} and report.basis == "increment" and _counted(report):
            credited.add(report.unit)
            reports = _change(reports, report, lambda joint, lead=lead: replace(joint, lines=_with_credit(joint, lead)))  # type: ignore[misc]
    return reports


def _with_credit(report: Planned, lead: str) -> tuple[Line, ...]:
    first = _counted(report)[0]
    return tuple(replace(line, assisting=(lead,)) if line is first else line for line in report.lines)


def _posted(dice: Random, reports: list[Planned]) -> list[Planned]:
    """When the hub is told: within minutes, of some much later, of a few as planned already."""
    late = {id(report) for report in dice.sample(reports, len(reports) // ONE_LATE_IN)}
    delays = {True: (0.03, 0.12), False: (0.0005, 0.003)}
    return [
        report if report.posted is not None else replace(report, posted=report.observed + dice.uniform(*delays[id(report) in late]))
        for report in reports
    ]


def _corrected(dice: Random, night: Night, reports: list[Planned], amendable: list[Planned]) -> list[Planned]:
    """One report first says too much of one figure."""
    right = _choose(dice, amendable)
    if right is None:
        return reports
    line = dice.choice(_counted(right))
    over = replace(line, quantity=(line.quantity or 0) + _some(dice, night, line))
    wrong = tuple(over if one is line else one for one in right.lines)
    settled = (right.posted or 0.0) + dice.uniform(0.02, 0.06)
    return _change(reports, right, lambda report: replace(report, lines=wrong, instead=right.lines, settled=settled, reason=MISCOUNTED))


def _withdrawn(dice: Random, night: Night, amendable: list[Planned]) -> list[Planned]:
    """One more report, of a figure the unit has others of, that is taken back."""
    model = _choose(dice, amendable)
    if model is None:
        return []
    line = replace(dice.choice(_counted(model)), assisting=())
    at = dice.randint(STEPS // 4, STEPS * 3 // 4) / STEPS
    said = (replace(line, quantity=_some(dice, night, line)),)
    return [Planned(model.unit, at, said, posted=at + 0.002, settled=at + dice.uniform(0.03, 0.08), reason=NOT_OURS)]


def _choose(dice: Random, reports: list[Planned]) -> Planned | None:
    """An ordinary increment to do something to: of a state, if any, and not of the unit with the standing figure."""
    plain = [report for report in reports if report.basis == "increment" and _counted(report)]
    stood = {UNATTRIBUTED, *(report.unit for report in reports if report.basis == "to_date")}
    preferred = [report for report in plain if report.unit not in stood] or plain
    return dice.choice(preferred) if preferred else None


def _some(dice: Random, night: Night, line: Line) -> int:
    return dice.randint(1, 3) * int(10 ** night.published.scales[line.measure])


def _repeated(dice: Random, reports: list[Planned]) -> list[Planned]:
    """Some are sent again, as a device does that has not seen its receipt."""
    twice = {id(report) for report in dice.sample(reports, -(-len(reports) // ONE_REPEATED_IN))}
    return [
        replace(report, repeated=(report.posted or 0.0) + dice.uniform(0.002, 0.02)) if id(report) in twice else report
        for report in reports
    ]


def _counted(report: Planned) -> list[Line]:
    return [line for line in report.lines if line.quantity]


def _change(reports: list[Planned], one: Planned, change: Callable[[Planned], Planned]) -> list[Planned]:
    return [change(report) if report is one else report for report in reports]
