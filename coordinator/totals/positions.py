"""The arithmetic of one cell: pure.

    position(t) = the latest to-date figure observed at or before t, plus the increments observed after it and up to t.

Entries here are those neither withdrawn nor corrected. An increment at the very instant of a to-date figure is covered by
it; of two to-date figures at one instant the later in the journal stands. Nothing else depends on the order of arrival.
Quantities are whole numbers of 10^-scale units of count; a quantity of None is a line that says only that there is some.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Entry(NamedTuple):
    """A line at its cell. ``place`` is its position in the journal and its number in the report; ``standing`` a to-date figure;
    ``by_desk`` one that the desk entered for a unit on the telephone."""

    observed_at: datetime
    place: tuple[int, int]
    standing: bool
    quantity: int | None
    by_desk: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """What a cell comes to: its figure, how many figures were given at all, how many lines still say `some`, and since when a
    to-date figure stands.

    ``by_desk`` is the part of the figure that the desk entered: the to-date figure that stands, if the desk entered it, plus the
    increments after it that the desk entered.
    """

    quantity: int = 0
    figures: int = 0
    unquantified: int = 0
    standing_at: datetime | None = None
    by_desk: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What must be added to a cell's position to get from one set of entries to another; ``minutes`` is the same by minute."""

    quantity: int
    figures: int
    unquantified: int
    standing_at: datetime | None
    by_desk: int
    minutes: dict[datetime, int]


def position(entries: Iterable[Entry]) -> Position:
    """The position these entries come to; for a moment t give those observed up to t."""
    entries = list(entries)
    standing = max((e for e in entries if e.standing and e.quantity is not None), key=lambda e: (e.observed_at, e.place), default=None)
    after = entries if standing is None else [e for e in entries if e.observed_at > standing.observed_at]
    made_of = [e for e in after if e.quantity is not None and not e.standing] + ([] if standing is None else [standing])
    return Position(
        quantity=sum(e.quantity or 0 for e in made_of),
        figures=sum(e.quantity is not None for e in entries),
        unquantified=sum(e.quantity is None for e in after),
        standing_at=standing.observed_at if standing else None,
        by_desk=sum(e.quantity or 0 for e in made_of if e.by_desk),
    )


def steps(entries: Iterable[Entry]) -> list[tuple[datetime, int]]:
    """Every moment at which the position changes, in order, with the change: their sum up to t is position(t)."""
    by_moment: dict[datetime, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.quantity is not None:
            by_moment[entry.observed_at].append(entry)
    changes, figure = [], 0
    for moment in sorted(by_moment):
        then = _figure_at(by_moment[moment], figure)
        changes.append((moment, then - figure))
        figure = then
    return changes


def change(before: Iterable[Entry], after: Iterable[Entry]) -> Change:
    """What has to be added to get from ``before`` to ``after``.

    Give all entries of the cell; or, where both hold nothing but what was observed after its last to-date figure, those that
    came and went alone: there the arithmetic is a plain sum.
    """
    before, after = list(before), list(after)
    was, now = position(before), position(after)
    minutes: dict[datetime, int] = defaultdict(int)
    for moment, quantity in steps(after):
        minutes[minute(moment)] += quantity
    for moment, quantity in steps(before):
        minutes[minute(moment)] -= quantity
    return Change(
        quantity=now.quantity - was.quantity,
        figures=now.figures - was.figures,
        unquantified=now.unquantified - was.unquantified,
        standing_at=now.standing_at,
        by_desk=now.by_desk - was.by_desk,
        minutes={moment: quantity for moment, quantity in minutes.items() if quantity},
    )


def just_adds(entry: Entry, standing_at: datetime | None) -> bool:
    """Whether this entry's coming or going moves its cell by itself alone."""
    return not entry.standing and (standing_at is None or entry.observed_at > standing_at)


def minute(moment: datetime) -> datetime:
    """The minute a moment lies in."""
    return moment.replace(second=0, microsecond=0)


def _figure_at(entries: list[Entry], figure: int) -> int:
    """The figure after one instant: its last to-date figure, or what stood plus its increments."""
    standing = [(e.place, e.quantity or 0) for e in entries if e.standing]
    return max(standing)[1] if standing else figure + sum(e.quantity or 0 for e in entries)
