"""A count of one's own, from the contract's one sentence and the plan, sharing nothing with the hub's.

For one cell: the latest standing figure observed by then, plus the increments observed after it and by then. No two reports
of a plan were observed at the same instant, so going through them in the order of time is all there is to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.plan import CELLS, PARENTS, Planned

Figures = dict[tuple[str, str], int]
"""By measure and category; a cell that no one has reported is absent."""

MEASURES = tuple(dict.fromkeys(measure for measure, _ in CELLS))


@dataclass(frozen=True)
class Step:
    """A unit's own cell from this moment on."""

    at: datetime
    unit: str
    cell: tuple[str, str]
    stands_at: int


def steps(planned: Iterable[Planned]) -> list[Step]:
    """All that a set of reports makes of the cells, in the order of time."""
    standing: defaultdict[tuple[str, tuple[str, str]], int] = defaultdict(int)
    found = []
    for at, report in _in_order(planned):
        for line in report.body["lines"]:
            cell = (line["measure"], line.get("category", "unspecified"))
            before = 0 if report.body["basis"] == "to_date" else standing[report.body["unit"], cell]
            standing[report.body["unit"], cell] = before + line["quantity"]
            found.append(Step(at, report.body["unit"], cell, before + line["quantity"]))
    return found


def _in_order(planned: Iterable[Planned]) -> list[tuple[datetime, Planned]]:
    return sorted(((datetime.fromisoformat(one.body["observed_at"]), one) for one in planned), key=lambda pair: pair[0])


def own(course: Iterable[Step]) -> dict[str, Figures]:
    """Each unit's own cells at the end."""
    found: dict[str, Figures] = {unit: {} for unit in PARENTS}
    for step in course:
        found[step.unit][step.cell] = step.stands_at
    return found


def with_all_below(unit: str | None) -> list[str]:
    """The unit and all below it; None is the nation."""
    below = [child for child, parent in PARENTS.items() if parent == unit]
    return [*([] if unit is None else [unit]), *(name for child in below for name in with_all_below(child))]


def together(figures: dict[str, Figures], units: Iterable[str]) -> Figures:
    """The sum of these units' own cells."""
    found: Figures = {}
    for unit in units:
        for cell, figure in figures[unit].items():
            found[cell] = found.get(cell, 0) + figure
    return found


def series(
    course: Sequence[Step], units: Sequence[str], measure: str, first: datetime, step: timedelta, count: int
) -> list[tuple[int, int]]:
    """For each of ``count`` steps from ``first``: what is new in it, and what stands at its end."""
    standing: dict[tuple[str, tuple[str, str]], int] = {}
    mine = [one for one in course if one.unit in units and one.cell[0] == measure]
    points, at, before = [], 0, 0
    for number in range(count):
        end = first + (number + 1) * step
        while at < len(mine) and mine[at].at < end:
            standing[mine[at].unit, mine[at].cell] = mine[at].stands_at
            at += 1
        now = sum(standing.values())
        points.append((now - before, now))
        before = now
    return points
