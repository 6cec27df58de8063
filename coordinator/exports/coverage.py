"""What can be derived from what a public form shows: the range of every hidden small count, from the shown figures alone. Pure.

It knows nothing of how the hidden ones were chosen, so a mistake there is found here before anything is published. Whoever derives is
taken to know which units have nothing of their own beside those below them, though no form says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf

from coordinator.exports.counts import Counts, Part
from coordinator.operations.models import NATIONAL
from coordinator.releases.statistics import ALL

Range = tuple[float, float]
Shown = frozenset[tuple[str, Part]]
OWN = " own"
"""Follows a unit's code where what is meant is its own figure, without those below."""


def narrowest(counts: Counts, shown: Shown) -> float:
    """How wide the narrowest range of a hidden small count is; infinite where nothing small is hidden, -1 where one is shown."""
    return min((width for measure in counts.measures for width in _widths(counts, measure["code"], shown)), default=inf)


def _widths(counts: Counts, measure: str, shown: Shown) -> Iterator[float]:
    total, parts = (measure, ALL), counts.parts(measure)
    ranges = _ranges(counts, total, shown)
    for unit in counts.units:
        if counts.is_small(counts.of(unit, total), total):
            yield -1 if (unit, total) in shown else _width(ranges[unit])
        if counts.is_small(counts.own(unit, total), total):
            yield _width(ranges[unit + OWN])
        for part in parts[1:]:
            if counts.is_small(counts.of(unit, part), part):
                yield -1 if (unit, part) in shown else _width(_of_category(counts, unit, part, len(parts) == 2, ranges, shown))


def _ranges(counts: Counts, part: Part, shown: Shown) -> Mapping[str, Range]:
    """Each unit's and own figure's range. The sums make a tree in which a figure stands once as a part, so two passes are exact."""
    ranges: dict[str, Range] = {}
    for unit in reversed(counts.units):
        figure = counts.of(unit, part)
        least = sum(ranges[one][0] for one in counts.below.get(unit, ()))
        ranges[unit] = (figure, figure) if (unit, part) in shown else (least, inf)
    for unit in counts.units:
        below = counts.below.get(unit, ())
        if below:
            ranges[unit + OWN] = (0, inf if counts.own(unit, part) else 0)
            ranges |= dict(_shares(ranges, unit, (*below, unit + OWN)))
    return ranges


def _shares(ranges: Mapping[str, Range], unit: str, parts: tuple[str, ...]) -> Iterator[tuple[str, Range]]:
    """The ranges of what a unit is made of, by its own and by those of the others."""
    least, most = ranges[unit]
    lows, highs = sum(ranges[one][0] for one in parts), [ranges[one][1] for one in parts]
    for one in parts:
        low, high = ranges[one]
        others = sum(highs[number] for number, other in enumerate(parts) if other != one)
        yield one, (max(low, least - others), min(high, most - (lows - low)))


def _of_category(counts: Counts, unit: str, part: Part, only: bool, ranges: Mapping[str, Range], shown: Shown) -> Range:
    """A category's range in a unit: the total itself where it is the only one, else by the bounds of Fréchet."""
    low, high = ranges[unit]
    if only:
        return low, high
    if (NATIONAL, part) not in shown:
        return 0, high
    whole, nation = counts.of(NATIONAL, part), counts.of(NATIONAL, (part[0], ALL))
    return max(0, low + whole - nation), min(high, whole)


def _width(range: Range) -> float:
    low, high = range
    return high - low
