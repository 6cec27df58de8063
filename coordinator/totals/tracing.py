"""What each entry adds to its cell's figure: pure. The sum of all is the position, by the arithmetic of ``positions.py``."""

from __future__ import annotations

from collections.abc import Iterable

from coordinator.totals.positions import Entry

Place = tuple[int, int]


def shares(entries: Iterable[Entry]) -> dict[Place, int]:
    """What each counting entry of one cell adds, by its place; an entry that a later to-date figure covers is left out.

    One that says only that there is some adds 0. Give the entries observed by the moment in question.
    """
    entries = list(entries)
    standing = max((e for e in entries if e.standing and e.quantity is not None), key=lambda e: (e.observed_at, e.place), default=None)
    if standing is None:
        return {e.place: e.quantity or 0 for e in entries}
    after = {e.place: e.quantity or 0 for e in entries if e.observed_at > standing.observed_at}
    return after | {standing.place: standing.quantity or 0}
