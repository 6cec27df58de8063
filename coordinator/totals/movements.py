"""What a fold moves: from the reports it takes and the cells they touch to the sums to be added. Pure.

The fold reads, this works out, the fold writes. Nothing here knows the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from coordinator.totals.positions import Change, Entry, change, just_adds

CellKey = tuple[int, int]
"""A unit's id and a category's id."""

Lineage = Mapping[int, tuple[int, ...]]
"""Unit id -> itself, all above it, and the nation."""


class Line(NamedTuple):
    """A line of a report: cell, figure in units of 10^-scale or None, and the units that assisted."""

    category_id: int
    quantity: int | None
    assisting: tuple[int, ...]


class Said(NamedTuple):
    """A report, correction or withdrawal with its position in the journal."""

    position: int
    id: UUID
    unit_id: int
    supersedes: UUID | None
    withdrawal: bool
    standing: bool
    observed_at: datetime | None
    received_at: datetime
    digest: bytes
    lines: tuple[Line, ...]


class Placed(NamedTuple):
    """An entry with its cell, whom it credits, and where it stopped counting (None: it counts)."""

    cell: CellKey
    entry: Entry
    assisting: tuple[int, ...]
    superseded_at: int | None


@dataclass(slots=True)
class CellMovement:
    """Sums to add to one row of cells; ``standing_at`` holds where ``recounted``."""

    own: int = 0
    own_figures: int = 0
    own_unquantified: int = 0
    total: int = 0
    figures: int = 0
    unquantified: int = 0
    assisted: int = 0
    recounted: bool = False
    standing_at: datetime | None = None


@dataclass(slots=True)
class HearingMovement:
    """Sums to add to one row of hearings, and the last word."""

    reports: int = 0
    with_figures: int = 0
    last_report_at: datetime | None = None


@dataclass(slots=True)
class Movements:
    """All that one fold adds."""

    cells: dict[CellKey, CellMovement] = field(default_factory=lambda: defaultdict(CellMovement))
    minutes: dict[tuple[int, int, datetime], int] = field(default_factory=lambda: defaultdict(int))
    hearings: dict[int, HearingMovement] = field(default_factory=lambda: defaultdict(HearingMovement))


def placed(said: Iterable[Said], ended: Mapping[UUID, int]) -> list[Placed]:
    """The entries of reports; ``ended`` maps a superseded report's id to the position that ended it."""
    return [
        Placed(
            (one.unit_id, line.category_id),
            Entry(one.observed_at, (one.position, number), one.standing, line.quantity),
            line.assisting,
            ended.get(one.id),
        )
        for one in said
        if one.observed_at is not None
        for number, line in enumerate(one.lines)
    ]


def to_recount(came: Sequence[Placed], went: Sequence[Placed], standing: Mapping[CellKey, datetime | None]) -> set[CellKey]:
    """The touched cells in which something other than a newest increment came or went: all their entries are needed."""
    return {one.cell for one in (*came, *went) if not just_adds(one.entry, standing.get(one.cell))}


def move_cells(
    movements: Movements, came: Sequence[Placed], went: Sequence[Placed], whole: Mapping[CellKey, Sequence[Entry]], lineage: Lineage
) -> None:
    """Adds what comes and takes what goes. ``whole`` has, for each cell to recount, all its entries before this fold."""
    coming, going = _by_cell(came), _by_cell(went)
    for cell in coming.keys() | going.keys():
        before, after = going[cell], coming[cell]
        if cell in whole:
            gone = set(before)
            before, after = list(whole[cell]), [entry for entry in whole[cell] if entry not in gone] + after
        _move(movements, cell, change(before, after), cell in whole, lineage)
    for sign, many in ((1, came), (-1, went)):
        for one in many:
            for unit in one.assisting:
                movements.cells[unit, one.cell[1]].assisted += sign * (one.entry.quantity or 0)


def _move(movements: Movements, cell: CellKey, moved: Change, recounted: bool, lineage: Lineage) -> None:
    unit_id, category_id = cell
    own = movements.cells[cell]
    own.own += moved.quantity
    own.own_figures += moved.figures
    own.own_unquantified += moved.unquantified
    own.recounted, own.standing_at = recounted, moved.standing_at
    for above in lineage[unit_id]:
        there = movements.cells[above, category_id]
        there.total += moved.quantity
        there.figures += moved.figures
        there.unquantified += moved.unquantified
        for minute, quantity in moved.minutes.items():
            movements.minutes[above, category_id, minute] += quantity


def move_hearings(movements: Movements, said: Iterable[Said], superseded: Mapping[UUID, Said], lineage: Lineage) -> None:
    """Counts who was heard; ``superseded`` has the earlier report behind each correction or withdrawal."""
    for one in said:
        for unit_id in lineage[one.unit_id]:
            there = movements.hearings[unit_id]
            there.last_report_at = max(filter(None, (there.last_report_at, one.received_at)))
            if not one.withdrawal:
                there.reports += 1
                there.with_figures += bool(one.lines)
            if one.supersedes is not None:
                there.reports -= 1
                there.with_figures -= bool(superseded[one.supersedes].lines)


def _by_cell(many: Iterable[Placed]) -> dict[CellKey, list[Entry]]:
    grouped: dict[CellKey, list[Entry]] = defaultdict(list)
    for one in many:
        grouped[one.cell].append(one.entry)
    return grouped
