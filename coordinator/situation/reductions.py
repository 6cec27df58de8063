"""Reductions: every entry of the journal by which a cell came to less than before, and by how much. Pure.

A figure that goes down is what a reader asks about first, so a situation report names each, also where others have made up for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from coordinator.totals.positions import Entry, position

Cell = tuple[int, int]
"""Unit id and category id."""


class Placed(NamedTuple):
    """An entry that moves its cell, and the position of the journal at which it stopped counting: None while it counts."""

    cell: Cell
    entry: Entry
    ended: int | None


class Fall(NamedTuple):
    """At this position of the journal the cell's own figure went from ``before`` to ``after``, in units of 10^-scale."""

    position: int
    cell: Cell
    before: int
    after: int


def falls(placed: Iterable[Placed], after: int) -> list[Fall]:
    """Every fall later than the position ``after``, in the journal's order. ``placed``: of each cell all entries that counted at
    ``after``, and all that came later."""
    cells: dict[Cell, list[Placed]] = defaultdict(list)
    for one in placed:
        cells[one.cell].append(one)
    return sorted(fall for cell, many in cells.items() for fall in _of_cell(cell, many, after))


def _of_cell(cell: Cell, placed: Sequence[Placed], after: int) -> Iterator[Fall]:
    lasting = [one.entry for one in placed if one.entry.place[0] <= after and one.ended is None]
    moving = [one for one in placed if one.entry.place[0] > after or one.ended is not None]
    base = _condensed(lasting, [one.entry.observed_at for one in moving if one.entry.standing])
    figures = [(at, _figure(base, moving, at)) for at in _moments(moving, after)]
    for (_, before), (at, now) in pairwise([(after, _figure(base, moving, after)), *figures]):
        if now < before:
            yield Fall(at, cell, before, now)


def _moments(moving: Iterable[Placed], after: int) -> list[int]:
    """The positions at which an entry came or went, in order."""
    return sorted({at for one in moving for at in (one.entry.place[0], one.ended) if at is not None and at > after})


def _figure(base: Sequence[Entry], moving: Iterable[Placed], at: int) -> int:
    counting = (one.entry for one in moving if one.entry.place[0] <= at and (one.ended is None or one.ended > at))
    return position([*base, *counting]).quantity


def _condensed(lasting: Sequence[Entry], moments: Iterable[datetime]) -> list[Entry]:
    """The same for every to-date figure of these moments, and short: a cell may have thousands of increments, and only between
    which two to-date figures each was observed makes a difference."""
    standing = max((one for one in lasting if one.standing and one.quantity is not None), key=lambda one: one[:2], default=None)
    bounds, sums = sorted(set(moments)), defaultdict[int, list[Entry]](list)
    for one in lasting:
        if not one.standing and one.quantity is not None and (standing is None or one.observed_at > standing.observed_at):
            sums[bisect_left(bounds, one.observed_at)].append(one)
    merged = [many[0]._replace(quantity=sum(one.quantity or 0 for one in many)) for many in sums.values()]
    return merged if standing is None else [standing, *merged]
