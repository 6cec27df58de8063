"""The figures of one dossier as a tree of whole numbers, for those who must know what can be derived from what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from coordinator.operations.expressions import Rule, parse_rule
from coordinator.operations.models import NATIONAL, UNSPECIFIED
from coordinator.releases.figures import smallest
from coordinator.releases.statistics import ALL

Part = tuple[str, str]
"""A measure and one of its categories, or ALL."""

SMALL = range(1, 11)
"""Counts that are hidden."""


@dataclass(frozen=True)
class Counts:
    """``value``: unit and part -> figure in the smallest unit of count, absent where there is none. NATIONAL is the root of the tree."""

    value: Mapping[tuple[str, Part], int]
    below: Mapping[str, tuple[str, ...]]
    measures: tuple[Mapping[str, Any], ...]
    rules: tuple[Rule, ...]

    def of(self, unit: str, part: Part) -> int:
        """A unit's figure with all below it; 0 where there is none."""
        return self.value.get((unit, part), 0)

    def own(self, unit: str, part: Part) -> int:
        """What a unit has that none below it has: anyone can take it from the rest."""
        below = self.below.get(unit, ())
        return self.of(unit, part) - sum(self.of(one, part) for one in below) if below else 0

    def is_small(self, count: int, part: Part) -> bool:
        """Whether a figure is a small count; money and weight, which have decimals, count no one. Below 0 it is as telling."""
        return self._scales[part[0]] == 0 and abs(count) in SMALL

    @cached_property
    def _scales(self) -> Mapping[str, int]:
        return {measure["code"]: measure["scale"] for measure in self.measures}

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Every unit, the nation first, each before those below it."""
        return tuple(self._from(NATIONAL))

    def _from(self, unit: str) -> Iterator[str]:
        waiting = [unit]
        while waiting:
            at = waiting.pop()
            yield at
            waiting.extend(self.below.get(at, ()))

    def under(self, hidden: Iterable[str]) -> frozenset[str]:
        """These units and all below them."""
        return frozenset(chain.from_iterable(self._from(unit) for unit in hidden))

    def parts(self, measure: str) -> tuple[Part, ...]:
        """A measure's total and its categories."""
        categories = next(one["categories"] for one in self.measures if one["code"] == measure)
        return ((measure, ALL), *((measure, category) for category in categories))

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Measures that rules bind to each other, directly or by others: what is shown of one says something of the rest."""
        group = {measure["code"]: {measure["code"]} for measure in self.measures}
        for rule in self.rules:
            joined = set().union(*(group[code] for code, _ in rule.measures()))
            group |= dict.fromkeys(joined, joined)
        return tuple(dict.fromkeys(tuple(code for code in group if code in joined) for joined in group.values()))

    def bound(self, group: Iterable[str]) -> tuple[Part, ...]:
        """The parts that decide over a unit: the measures' totals, and all categories of those of which a rule names one."""
        named = {code for rule in self.rules for code, category in rule.measures() if category is not None}
        return tuple(part for code in group for part in (self.parts(code) if code in named else ((code, ALL),)))

    def rules_hold(self, group: Iterable[str], figures: Mapping[Part, int]) -> bool:
        """Whether the rules among these measures hold for figures that were added up."""
        codes = set(group)
        own = [rule for rule in self.rules if {code for code, _ in rule.measures()} <= codes]
        if any(len({self._scales[code] for code, _ in rule.measures()}) > 1 for rule in own):
            return False  # figures of several scales are not compared here: no unit is shown then
        return all(rule.evaluate(lambda code, category: figures.get((code, category or ALL), 0)) for rule in own)


def counts(operation: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Counts:
    """The counts of statistics rows."""
    scales = {measure["code"]: measure["scale"] for measure in operation["measures"]}
    value = {(row["unit"], (row["measure"], row["category"])): smallest(row["quantity"], scales[row["measure"]]) or 0 for row in rows}
    below: dict[str, tuple[str, ...]] = {}
    for unit in operation["units"]:
        above = unit["parent"] or NATIONAL
        below[above] = (*below.get(above, ()), unit["code"])
    measures = tuple(one if one["categories"] else {**one, "categories": [UNSPECIFIED]} for one in operation["measures"])
    return Counts(value, below, measures, tuple(parse_rule(rule["expression"]) for rule in operation["rules"]))
