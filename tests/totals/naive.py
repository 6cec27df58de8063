"""A second count, written straight from contract.md ("How figures add up") and as simple as it can be: the oracle of the fold.

It shares nothing with coordinator/totals, keeps no state and recounts everything for every question; slow is fine. Every
function takes the records in the order of the journal (the first has position 1) and answers for ``as_of`` (what had
happened by then, by ``observed_at``; None: all of it) and ``at`` (what the hub knew at that position; None: all of it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

Number = int | Decimal
Tree = Mapping[str, str | None]
"""Unit -> its parent, or None at the top (jurisdictions and UNATTRIBUTED)."""


@dataclass(frozen=True)
class Line:
    """One line of a report; a ``quantity`` of None is unquantified: some, not known how much."""

    measure: str
    category: str
    quantity: Number | None
    assisting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """An entry of the journal. A correction puts its lines, basis and time in the place of the record it supersedes; a
    withdrawal removes that record and says nothing itself: its basis, observed_at and nil mean nothing."""

    id: str
    unit: str
    kind: str
    """report, correction or withdrawal"""
    supersedes: str | None
    basis: str
    """increment or to_date"""
    observed_at: datetime
    received_at: datetime
    nil: bool
    lines: tuple[Line, ...]
    by_desk: bool = False
    """entered by the desk for a unit on the telephone"""
    lead: str | None = None
    """the unit that leads the joint action it names"""
    credit: bool = False
    """that unit is neither its own nor above it: its lines are no figures, but credit to its own unit"""


Records = Sequence[Record]


def standing(records: Records, as_of: datetime | None = None, at: int | None = None) -> list[Record]:
    """What counts: reports and corrections that no record up to ``at`` supersedes, observed by ``as_of``.

    A corrected report is gone as soon as its correction is in the journal, whatever time the correction speaks of, and
    stays gone when the correction is withdrawn: a withdrawal removes, it does not bring back.
    """
    known = list(records)[:at]
    superseded = {record.supersedes for record in known}
    kept = [record for record in known if record.kind != "withdrawal" and record.id not in superseded]
    return [record for record in kept if as_of is None or record.observed_at <= as_of]


def cell(records: Records, unit: str, measure: str, category: str, as_of: datetime | None = None, at: int | None = None) -> Number | None:
    """The unit's own figure; None where no one has reported one (0 is a figure, an unquantified line is none)."""
    figures = [
        (record, line.quantity)
        for record in standing(records, as_of, at)
        for line in record.lines
        if not record.credit
        if (record.unit, line.measure, line.category) == (unit, measure, category) and line.quantity is not None
    ]
    if not figures:
        return None
    latest: datetime | None = None
    figure: Number = 0
    for record, quantity in figures:
        if record.basis == "to_date" and (latest is None or record.observed_at >= latest):
            latest, figure = record.observed_at, quantity
    for record, quantity in figures:
        if record.basis == "increment" and (latest is None or record.observed_at > latest):
            figure += quantity
    return figure


def cell_by_desk(records: Records, unit: str, measure: str, category: str, as_of: datetime | None = None, at: int | None = None) -> Number:
    """How much of the unit's own figure the desk entered: all of it, less what it would be had the desk entered 0 each time."""
    emptied = [replace(one, lines=tuple(replace(line, quantity=line.quantity and 0) for line in one.lines)) for one in records]
    without = [empty if one.by_desk else one for one, empty in zip(records, emptied, strict=True)]
    of = (unit, measure, category, as_of, at)
    return (cell(records, *of) or 0) - (cell(without, *of) or 0)


def by_desk(records: Records, tree: Tree, unit: str, measure: str, as_of: datetime | None = None, at: int | None = None) -> Number:
    """The same of the unit with all units below it and all categories."""
    below = [(one, name) for one in _with_all_below(tree, unit) for name in categories(records, measure)]
    return sum((cell_by_desk(records, one, measure, name, as_of, at) for one, name in below), 0)


def categories(records: Records, measure: str) -> list[str]:
    """Every category any record names for the measure."""
    return sorted({line.category for record in records for line in record.lines if line.measure == measure})


def own_total(records: Records, unit: str, measure: str, as_of: datetime | None = None, at: int | None = None) -> Number | None:
    """The sum of the unit's own cells over all categories; None where it has none."""
    return _sum(cell(records, unit, measure, category, as_of, at) for category in categories(records, measure))


def unit_total(
    records: Records, tree: Tree, unit: str, measure: str, category: str | None = None, as_of: datetime | None = None, at: int | None = None
) -> Number | None:
    """The unit's figure with all units below it, of one category or (None) of all; None where no one has reported one."""
    wanted = categories(records, measure) if category is None else [category]
    return _sum(cell(records, one, measure, name, as_of, at) for one in _with_all_below(tree, unit) for name in wanted)


def national(
    records: Records, tree: Tree, measure: str, category: str | None = None, as_of: datetime | None = None, at: int | None = None
) -> Number | None:
    """The sum over the top of the tree; None where no one has reported one."""
    return _sum(unit_total(records, tree, top, measure, category, as_of, at) for top, parent in tree.items() if parent is None)


def assisted(records: Records, unit: str, measure: str, as_of: datetime | None = None, at: int | None = None) -> Number:
    """The sum of standing increments that name the unit as assisting, covered by a later standing figure or not, and of its own
    for joint actions that another leads."""
    credited: Number = 0
    for record in standing(records, as_of, at):
        for line in record.lines:
            credits = (*line.assisting, *([record.unit] if record.credit else []))
            if record.basis == "increment" and line.measure == measure and unit in credits and line.quantity is not None:
                credited += line.quantity
    return credited


def unquantified(records: Records, as_of: datetime | None = None, at: int | None = None) -> set[tuple[str, str]]:
    """Unit and measure wherever there is some and not known how much.

    An unquantified line is settled by a standing to-date figure of its own cell, observed at its very instant or later:
    that figure speaks of everything up to then. An increment, or a figure of another category, settles nothing.
    """
    kept = [record for record in standing(records, as_of, at) if not record.credit]
    return {
        (record.unit, line.measure)
        for record in kept
        for line in record.lines
        if line.quantity is None and not any(_settles(later, record, line) for later in kept)
    }


def _settles(later: Record, record: Record, line: Line) -> bool:
    figures = {(other.measure, other.category) for other in later.lines if other.quantity is not None}
    in_time = later.unit == record.unit and later.basis == "to_date" and later.observed_at >= record.observed_at
    return in_time and (line.measure, line.category) in figures


def heard(records: Records, tree: Tree, as_of: datetime | None = None, at: int | None = None) -> set[str]:
    """Units that have a standing report, themselves or below."""
    kept = standing(records, as_of, at)
    return {unit for unit in tree if any(record.unit in _with_all_below(tree, unit) for record in kept)}


def nil(records: Records, tree: Tree, as_of: datetime | None = None, at: int | None = None) -> set[str]:
    """Units that are heard from, and by nil reports alone, their own and those from below."""
    kept = [record for record in standing(records, as_of, at) if not record.nil]
    return heard(records, tree, as_of, at) - {unit for unit in tree if any(record.unit in _with_all_below(tree, unit) for record in kept)}


def series(
    records: Records, tree: Tree, unit: str, measure: str, category: str | None = None, as_of: datetime | None = None, at: int | None = None
) -> dict[datetime, Number]:
    """Start of a minute (UTC) -> how much the unit's figure, with all below it, changed within it; minutes without change are absent.

    A minute holds its first instant and not the next one's: [22:15:00, 22:16:00). A lower standing figure is a change below 0.
    """
    minutes = {record.observed_at.astimezone(UTC).replace(second=0, microsecond=0) for record in standing(records, as_of, at)}
    changes: dict[datetime, Number] = {}
    for minute in sorted(minutes):
        last_instant = minute + timedelta(minutes=1) - datetime.resolution
        after = unit_total(records, tree, unit, measure, category, last_instant if as_of is None else min(last_instant, as_of), at) or 0
        change = after - (unit_total(records, tree, unit, measure, category, minute - datetime.resolution, at) or 0)
        if change:
            changes[minute] = change
    return changes


def _with_all_below(tree: Tree, unit: str) -> set[str]:
    """The unit and every unit whose parent, or parent's parent and so on, it is."""
    return {unit}.union(*(_with_all_below(tree, child) for child, parent in tree.items() if parent == unit))


def _sum(figures: Iterable[Number | None]) -> Number | None:
    """The sum of what is there; None where nothing is."""
    there = [figure for figure in figures if figure is not None]
    return sum(there) if there else None
