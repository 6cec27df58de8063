"""What a fold moves: from the reports it takes and the cells they touch to the cells as they stand afterwards. Pure.

The fold reads, this works out, the fold writes. Nothing here knows the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from coordinator.totals.figures import CellFigure, CellKey, Hearing
from coordinator.totals.positions import Change, Entry, change, just_adds

Lineage = Mapping[int, tuple[int, ...]]
"""Unit id -> itself, all above it, and the nation."""


class Line(NamedTuple):
    """A line of a report: cell, figure in units of 10^-scale or None, and the units that assisted."""

    category_id: int
    quantity: int | None
    assisting: tuple[int, ...]


class Said(NamedTuple):
    """A report, correction or withdrawal with its position in the journal; one that is mere ``credit`` moves no figure."""

    position: int
    id: UUID
    unit_id: int
    supersedes: UUID | None
    withdrawal: bool
    standing: bool
    by_desk: bool
    credit: bool
    observed_at: datetime | None
    received_at: datetime
    digest: bytes
    lines: tuple[Line, ...]


class Placed(NamedTuple):
    """An entry with its cell, whom it credits, where it stopped counting (None: it counts), and whether it moves its cell at all."""

    cell: CellKey
    entry: Entry
    credited: tuple[int, ...]
    superseded_at: int | None
    moves: bool


@dataclass(slots=True)
class Movements:
    """All that one fold moves: cells and hearings, read before and changed here, and what each minute of a series gains."""

    cells: dict[CellKey, CellFigure]
    hearings: dict[int, Hearing]
    minutes: dict[tuple[int, int, datetime], int] = field(default_factory=lambda: defaultdict(int))


def placed(said: Iterable[Said], ended: Mapping[UUID, int]) -> list[Placed]:
    """The entries of reports; ``ended`` maps a superseded report's id to the position that ended it."""
    return [
        Placed(
            (one.unit_id, line.category_id),
            Entry(one.observed_at, (one.position, number), one.standing, line.quantity, one.by_desk),
            (*line.assisting, one.unit_id) if one.credit else line.assisting,
            ended.get(one.id),
            not one.credit,
        )
        for one in said
        if one.observed_at is not None
        for number, line in enumerate(one.lines)
    ]


def touched(many: Iterable[Placed], lineage: Lineage) -> set[CellKey]:
    """Every cell that the coming or going of these entries may move: their own, those above, those credited. The nation, which
    has the credit of all, is last in every lineage."""
    return {(unit, one.cell[1]) for one in many for unit in (*lineage[one.cell[0]][0 if one.moves else -1 :], *one.credited)}


def to_recount(came: Sequence[Placed], went: Sequence[Placed], cells: Mapping[CellKey, CellFigure]) -> set[CellKey]:
    """The touched cells in which something other than a newest increment came or went: all their entries are needed."""
    return {one.cell for one in (*came, *went) if one.moves and not just_adds(one.entry, cells[one.cell].standing_at)}


def move_cells(
    moved: Movements, came: Sequence[Placed], went: Sequence[Placed], whole: Mapping[CellKey, Sequence[Entry]], lineage: Lineage
) -> None:
    """Adds what comes and takes what goes. ``whole`` has, for each cell to recount, all its entries before this fold."""
    coming, going = _by_cell(came), _by_cell(went)
    for cell in coming.keys() | going.keys():
        before, after = going[cell], coming[cell]
        if cell in whole:
            gone = set(before)
            before, after = list(whole[cell]), [entry for entry in whole[cell] if entry not in gone] + after
        _move(moved, cell, change(before, after), cell in whole, lineage)
    for sign, many in ((1, came), (-1, went)):
        for one in many:
            for unit in one.credited:
                for credited in (unit, lineage[unit][-1]):
                    moved.cells[credited, one.cell[1]].assisted += sign * (one.entry.quantity or 0)


def _move(moved: Movements, cell: CellKey, by: Change, recounted: bool, lineage: Lineage) -> None:
    unit_id, category_id = cell
    own = moved.cells[cell]
    own.own += by.quantity
    own.own_figures += by.figures
    own.own_unquantified += by.unquantified
    if recounted:
        own.standing_at = by.standing_at
    for above in lineage[unit_id]:
        there = moved.cells[above, category_id]
        there.total += by.quantity
        there.figures += by.figures
        there.unquantified += by.unquantified
        there.by_desk += by.by_desk
        for minute, quantity in by.minutes.items():
            moved.minutes[above, category_id, minute] += quantity


def move_hearings(moved: Movements, said: Iterable[Said], superseded: Mapping[UUID, Said], lineage: Lineage) -> None:
    """Counts who was heard; ``superseded`` has the earlier report behind each correction or withdrawal."""
    for one in said:
        for unit_id in lineage[one.unit_id]:
            there = moved.hearings[unit_id]
            there.last_report_at = max(filter(None, (there.last_report_at, one.received_at)))
            if not one.withdrawal:
                there.reports += 1
                there.with_figures += bool(one.lines)
            if one.supersedes is not None:
                there.reports -= 1
                there.with_figures -= bool(superseded[one.supersedes].lines)


def written(said: Iterable[Said], ended: Mapping[UUID, int]) -> Iterator[tuple[Said, int, Line | None, int | None]]:
    """The rows of entries: report, number, line, and where it stopped counting. A report without lines has one too, without a
    cell: by it the unit was heard."""
    for one in said:
        for number, line in enumerate(one.lines or (None,)):
            yield one, number, line, ended.get(one.id)


def _by_cell(many: Iterable[Placed]) -> dict[CellKey, list[Entry]]:
    grouped: dict[CellKey, list[Entry]] = defaultdict(list)
    for one in many:
        if one.moves:
            grouped[one.cell].append(one.entry)
    return grouped
