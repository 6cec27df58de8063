"""The figures of an operation at a moment: what the totals document is made of, live or long after. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.totals.movements import CellKey, Lineage, Placed
from coordinator.totals.positions import Entry, minute, position, steps

WINDOWS = (15, 60)
"""Minutes back over which new figures of the nation are shown."""


@dataclass(slots=True)
class CellFigure:
    """A cell's own position and its total with all units below; ``figures`` is 0 where no one has given one.

    ``standing_at`` is when the unit's own to-date figure was observed: a fold goes by it, so a recount compares it too.
    """

    own: int = 0
    own_figures: int = 0
    own_unquantified: int = 0
    total: int = 0
    figures: int = 0
    unquantified: int = 0
    assisted: int = 0
    standing_at: datetime | None = None


@dataclass(slots=True)
class Hearing:
    """Standing reports of a unit and all below it, those with figures, and the last word."""

    reports: int = 0
    with_figures: int = 0
    last_report_at: datetime | None = None


@dataclass
class Figures:
    """Everything at one journal position, as of ``moment``. ``recent``: category -> what was new in each of WINDOWS, for the nation."""

    position: int
    moment: datetime
    cells: dict[CellKey, CellFigure] = field(default_factory=dict)
    hearings: dict[int, Hearing] = field(default_factory=dict)
    recent: dict[int, tuple[int, ...]] = field(default_factory=dict)


def window_start(moment: datetime, minutes: int) -> datetime:
    """The first minute that counts as one of the last ``minutes``: figures are kept by the minute, so windows begin with one."""
    return minute(moment) - timedelta(minutes=minutes - 1)


def from_entries(
    journal_position: int, moment: datetime, entries: Iterable[Placed], heard: Mapping[int, Hearing], lineage: Lineage
) -> Figures:
    """Figures from the entries that count, by the arithmetic of ``positions.py`` alone."""
    by_cell: dict[CellKey, list[Entry]] = defaultdict(list)
    credited: dict[CellKey, int] = defaultdict(int)
    for one in entries:
        by_cell[one.cell].append(one.entry)
        for unit_id in one.assisting:
            credited[unit_id, one.cell[1]] += one.entry.quantity or 0
    cells: dict[CellKey, CellFigure] = defaultdict(CellFigure)
    for cell, many in by_cell.items():
        _add(cells, cell, many, lineage)
    for cell, quantity in credited.items():
        cells[cell].assisted = quantity
    return Figures(journal_position, moment, dict(cells), dict(heard), _recent(by_cell, moment))


def _add(cells: dict[CellKey, CellFigure], cell: CellKey, entries: Sequence[Entry], lineage: Lineage) -> None:
    own, here = position(entries), cells[cell]
    here.own, here.own_figures, here.own_unquantified = own.quantity, own.figures, own.unquantified
    here.standing_at = own.standing_at
    for above in lineage[cell[0]]:
        there = cells[above, cell[1]]
        there.total += own.quantity
        there.figures += own.figures
        there.unquantified += own.unquantified


def _recent(by_cell: Mapping[CellKey, Sequence[Entry]], moment: datetime) -> dict[int, tuple[int, ...]]:
    starts = [window_start(moment, minutes) for minutes in WINDOWS]
    recent: dict[int, list[int]] = defaultdict(lambda: [0] * len(WINDOWS))
    for (_, category_id), entries in by_cell.items():
        for at, quantity in steps(entries):
            for number, start in enumerate(starts):
                if at >= start:
                    recent[category_id][number] += quantity
    return {category: tuple(new) for category, new in recent.items()}


def minutes_of(entries: Iterable[Placed], lineage: Lineage) -> dict[tuple[int, int, datetime], int]:
    """The series that entries come to: unit, category, minute -> change, where there is one."""
    by_cell: dict[CellKey, list[Entry]] = defaultdict(list)
    for one in entries:
        by_cell[one.cell].append(one.entry)
    minutes: dict[tuple[int, int, datetime], int] = defaultdict(int)
    for (unit_id, category_id), many in by_cell.items():
        for at, quantity in steps(many):
            for above in lineage[unit_id]:
                minutes[above, category_id, minute(at)] += quantity
    return {key: quantity for key, quantity in minutes.items() if quantity}
