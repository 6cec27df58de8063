"""What a public form hides: small counts, and whatever would let them be derived, also from earlier publications. Pure.

A **pattern** says of one measure what is shown: ``whole`` (all of it), ``units`` (totals by unit but for those hidden), ``nation`` (no
unit, and its categories where ``split``) or ``nothing``. It is chosen so that all can be proven without solving anything:

- Where a unit is hidden all below it is, so each hidden figure stands in one sum alone: the unit above less what is shown beside it.
  Of that sum, which is more than 10 and at least 6 more than the number of those it is made of, each may have any share.
- Categories are shown where no count is small; and the nation's where no unit is shown, so that one of them may be anything up to its
  category's total. Beside units' totals they are not: of two publications the differences would say which unit's category moved, and
  by how much.
- Measures that a rule binds hide the same units. Whoever knows the rule learns nothing: where it holds for the sum, it holds for
  every sharing in proportion, the same for all.
- A measure that was shown once is shown by the same pattern or not at all. So what is hidden is the same sum at every time, and no
  difference of two publications tells more than one.

``coverage.py`` computes what is left to guess from what is shown alone; nothing is published that it finds too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from coordinator.exports.counts import SMALL, Counts, Part
from coordinator.operations.models import NATIONAL
from coordinator.releases.statistics import ALL

WHOLE, UNITS, NATION, NOTHING = "whole", "units", "nation", "nothing"

LEAST_SUM = SMALL[-1] + 1
"""What hidden figures must come to together: not a small count."""

LEAST_WIDTH = 6
"""How many values a hidden small count must be free to take, less one."""


@dataclass(frozen=True)
class Pattern:
    """What is shown of a measure. ``hidden``: codes of the uppermost units that are not. ``bare``: nobody had anything yet, so that a
    later publication is not bound by it."""

    shape: str
    hidden: tuple[str, ...] = ()
    split: bool = False
    bare: bool = False

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


Patterns = Mapping[str, Pattern]
OMITTED = Pattern(NOTHING)


def from_stored(patterns: Mapping[str, Mapping[str, Any]]) -> dict[str, Pattern]:
    """Patterns by measure as they were kept."""
    return {code: Pattern(**{**one, "hidden": tuple(one["hidden"])}) for code, one in patterns.items()}


def patterns(counts: Counts, earlier: Sequence[Patterns] = ()) -> dict[str, Pattern]:
    """What to show of each measure, after the publications of ``earlier``, in any order."""
    chosen: dict[str, Pattern] = {}
    for group in counts.groups:
        before = {code: told for code in group if (told := _shown_before(code, earlier))}
        chosen |= _again(counts, group, before) if before else _fresh(counts, group)
    return chosen


def _shown_before(measure: str, earlier: Sequence[Patterns]) -> Pattern | None:
    told = (one[measure] for one in earlier if measure in one)
    return next((one for one in told if one.shape != NOTHING and not one.bare), None)


def _again(counts: Counts, group: Sequence[str], before: Patterns) -> dict[str, Pattern]:
    """The pattern of earlier, where it still hides all that must be; for the measures of a group it is the same one or none."""
    first = next(iter(before.values()))
    same = all((one.shape, one.hidden) == (first.shape, first.hidden) for one in before.values())
    if not (same and _safe(counts, group, first.shape, first.hidden)):
        return dict.fromkeys(group, OMITTED)
    splits = {code: before[code].split if code in before else False for code in group}
    if any(split and not _can_split(counts, code, first.shape) for code, split in splits.items()):
        return dict.fromkeys(group, OMITTED)
    return {code: Pattern(first.shape, first.hidden, splits[code]) for code in group}


def _fresh(counts: Counts, group: Sequence[str]) -> dict[str, Pattern]:
    bare = not any(counts.of(unit, part) for unit in counts.units for code in group for part in counts.parts(code))
    for shape, hidden in ((WHOLE, ()), (UNITS, _to_hide(counts, group)), (NATION, ())):
        if hidden is not None and _safe(counts, group, shape, hidden):
            return {code: Pattern(shape, hidden, _can_split(counts, code, shape), bare) for code in group}
    return dict.fromkeys(group, OMITTED)


def _can_split(counts: Counts, measure: str, shape: str) -> bool:
    """Whether the nation's categories can be shown by themselves: no unit is, there are several, and none is small."""
    parts = counts.parts(measure)
    return shape == NATION and len(parts) > 2 and not any(counts.is_small(counts.of(NATIONAL, part), part) for part in parts)


def _safe(counts: Counts, group: Sequence[str], shape: str, hidden: Sequence[str]) -> bool:
    """Whether this shows no small count, and none can be derived from it."""
    if shape == WHOLE:
        every = [part for code in group for part in counts.parts(code)]
        return not any(_telling(counts, unit, every) for unit in counts.units)
    bound = counts.bound(group)
    if any(_small(counts, NATIONAL, part) for part in bound):
        return False
    return shape == NATION or _families_safe(counts, group, frozenset(hidden))


def _families_safe(counts: Counts, group: Sequence[str], hidden: frozenset[str]) -> bool:
    bound, out = counts.bound(group), counts.under(hidden)
    shown = [unit for unit in counts.units if unit not in out]
    if any(counts.of(unit, part) < 0 or counts.own(unit, part) < 0 for unit in counts.units for part in bound):
        return False
    return not any(unit != NATIONAL and any(_small(counts, unit, part) for part in bound) for unit in shown) and all(
        _covers(counts, group, unit, [one for one in counts.below.get(unit, ()) if one in hidden]) for unit in shown
    )


def _to_hide(counts: Counts, group: Sequence[str]) -> tuple[str, ...] | None:
    """The uppermost units to hide, from the nation down; None where it can't be done without hiding the nation."""
    forced: set[str] = set()
    while True:
        hidden, failed = _walk(counts, group, forced)
        if failed is None:
            return tuple(sorted(hidden))
        if failed == NATIONAL:
            return None
        forced.add(failed)


def _walk(counts: Counts, group: Sequence[str], forced: set[str]) -> tuple[set[str], str | None]:
    """Goes down as far as units are shown; answers what to hide, and the unit below which nothing is enough, if there is one."""
    hidden: set[str] = set()
    waiting = [NATIONAL]
    while waiting:
        unit = waiting.pop()
        found = _hide_below(counts, group, unit, forced)
        if found is None:
            return hidden, unit
        hidden |= found
        waiting += [one for one in counts.below.get(unit, ()) if one not in found]
    return hidden, None


def _hide_below(counts: Counts, group: Sequence[str], unit: str, forced: set[str]) -> set[str] | None:
    """Which units right below to hide: those that must be, then the smallest others until they cover each other."""
    bound, below = counts.bound(group), counts.below.get(unit, ())
    hidden = [one for one in below if one in forced or any(_small(counts, one, part) for part in bound)]
    others = sorted((one for one in below if one not in hidden), key=lambda one: _size(counts, one, bound))
    while not _covers(counts, group, unit, hidden):
        if not others:
            return None
        hidden.append(others.pop(0))
    return set(hidden)


def _size(counts: Counts, unit: str, bound: Sequence[Part]) -> tuple[bool, int, str]:
    """Units with something come first: one that has nothing covers little."""
    most = max(counts.of(unit, part) for part in bound)
    return not most, most, unit


def _covers(counts: Counts, group: Sequence[str], unit: str, hidden: Sequence[str]) -> bool:
    """Whether those hidden right below a unit, with what it has of its own, leave each small count among them free enough."""
    bound, together = counts.bound(group), {}
    for part in bound:
        free = [*(counts.of(one, part) for one in hidden), counts.own(unit, part)]
        together[part] = sum(free)
        if any(counts.is_small(one, part) for one in free) and not _wide(free):
            return False
    return not hidden or counts.rules_hold(group, together)


def _wide(free: Sequence[int]) -> bool:
    having = sum(one > 0 for one in free)
    return len(free) > 1 and sum(free) >= LEAST_SUM and sum(free) - having >= LEAST_WIDTH


def _telling(counts: Counts, unit: str, parts: Sequence[Part]) -> bool:
    return any(_small(counts, unit, part) or counts.own(unit, part) < 0 or counts.is_small(counts.own(unit, part), part) for part in parts)


def _small(counts: Counts, unit: str, part: Part) -> bool:
    return counts.is_small(counts.of(unit, part), part)


def shown(counts: Counts, patterns: Patterns) -> Iterator[tuple[str, Part]]:
    """Every figure that is shown, by unit and part."""
    for measure in counts.measures:
        pattern = patterns[measure["code"]]
        out = counts.under(pattern.hidden) if pattern.shape in (WHOLE, UNITS) else frozenset(counts.units) - {NATIONAL}
        for part in counts.parts(measure["code"]):
            yield from ((unit, part) for unit in counts.units if unit not in out and _part_shown(pattern, unit, part))


def _part_shown(pattern: Pattern, unit: str, part: Part) -> bool:
    if pattern.shape == NOTHING:
        return False
    return part[1] == ALL or pattern.shape == WHOLE or (unit == NATIONAL and pattern.split)
