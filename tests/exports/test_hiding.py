"""Small counts can't be derived from what is published, however often, by whoever solves all of it at once."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from scipy.optimize import linprog

from coordinator.exports import hiding
from coordinator.exports.counts import Counts, Part
from coordinator.exports.coverage import narrowest
from coordinator.exports.hiding import LEAST_WIDTH, NOTHING, UNITS, WHOLE, Pattern, patterns, shown
from coordinator.operations.expressions import parse_rule
from coordinator.operations.models import NATIONAL
from coordinator.releases.statistics import ALL
from tests.hubs import LONG

ROUNDS = 600 if LONG else 60
Base = dict[tuple[str, Part], int]
"""What each unit has of its own, by measure and category."""


def counts_of(base: Base, below: Mapping[str, tuple[str, ...]], measures: Mapping[str, list[str]], *rules: str) -> Counts:
    """Counts of what units have of their own."""
    value: dict[tuple[str, Part], int] = {}

    def total(unit: str, part: Part) -> int:
        figure = base.get((unit, part), 0) + sum(total(one, part) for one in below.get(unit, ()))
        value[unit, part] = figure
        value[unit, (part[0], ALL)] = value.get((unit, (part[0], ALL)), 0) + figure
        return figure

    for code, categories in measures.items():
        for category in categories:
            total(NATIONAL, (code, category))
    told = tuple({"code": code, "scale": 0, "categories": categories} for code, categories in measures.items())
    return Counts(value, below, told, tuple(map(parse_rule, rules)))


class Attack:
    """Whoever knows all publications, the tree, the rules, and which units have nothing of their own; and solves for one figure."""

    def __init__(self) -> None:
        self.rows: list[dict[Any, float]] = []
        self.sums: list[float] = []
        self.bounds: list[dict[Any, float]] = []
        self.names: dict[Any, int] = {}

    def leaves(self, counts: Counts, unit: str, part: Part, at: int) -> dict[Any, float]:
        """A figure as the sum of what units below have of their own, where they have anything at all."""
        categories = [part] if part[1] != ALL else counts.parts(part[0])[1:]
        found: dict[Any, float] = {}
        for one in counts.under([unit]):
            for category in categories:
                leaf = not counts.below.get(one)
                if leaf or counts.own(one, (part[0], ALL)):
                    found[at, one, category] = 1.0
        return found

    def learn(self, counts: Counts, chosen: Mapping[str, Pattern], at: int) -> None:
        """Reads a publication; knows that rules hold for every unit at the top."""
        for unit, part in shown(counts, chosen):
            self.rows.append(self.leaves(counts, unit, part, at))
            self.sums.append(counts.of(unit, part))
        for rule in counts.rules:
            for unit in (NATIONAL, *counts.below[NATIONAL]):
                row: dict[Any, float] = {}
                for side, factor in ((rule.left, 1), (rule.right, -1)):
                    for sign, code, category in side.terms:
                        for name, one in self.leaves(counts, unit, (code, category or ALL), at).items():
                            row[name] = row.get(name, 0) + factor * sign * one
                self.bounds.append(row)

    def unchanged(self, first: Counts, second: Counts) -> None:
        """Is told by someone inside what did not change between two publications."""
        for unit in first.units:
            for measure in first.measures:
                for part in first.parts(measure["code"])[1:]:
                    own = [one.of(unit, part) - sum(one.of(b, part) for b in one.below.get(unit, ())) for one in (first, second)]
                    if own[0] == own[1]:
                        self.rows.append({(0, unit, part): 1.0, (1, unit, part): -1.0})
                        self.sums.append(0)

    def width(self, figure: dict[Any, float]) -> float:
        """How wide the range of a figure is that fits all that was learnt."""
        names = {name: n for n, name in enumerate(dict.fromkeys(k for row in (*self.rows, *self.bounds, figure) for k in row))}

        def matrix(rows: list[dict[Any, float]]) -> list[list[float]] | None:
            return [[row.get(name, 0.0) for name in names] for row in rows] or None

        goal = [figure.get(name, 0.0) for name in names]
        ends = []
        for sign in (1, -1):
            found = linprog(
                [sign * one for one in goal],
                A_eq=matrix(self.rows), b_eq=self.sums or None, A_ub=matrix(self.bounds), b_ub=[0.0] * len(self.bounds) or None,
            )  # fmt: skip
            if found.status == 3:
                return float("inf")
            assert found.status == 0, found.message
            ends.append(found.fun)
        return float(-ends[1] - ends[0])


def tree(dice: random.Random) -> dict[str, tuple[str, ...]]:
    """Two to eight units at the top, some with agencies, some agencies with sites."""
    below: dict[str, tuple[str, ...]] = {NATIONAL: tuple(f"U{n}" for n in range(dice.randint(2, 8)))}
    for level in (1, 2):
        for unit in [one for beside in below.values() for one in beside]:
            if unit.count("-") == level - 1 and dice.random() < 0.4:
                below[unit] = tuple(f"{unit}-{n}" for n in range(dice.randint(1, 4)))
    return below


def draw(dice: random.Random, below: Mapping[str, tuple[str, ...]], measures: Mapping[str, list[str]]) -> Base:
    """Figures of units, most of them small; of units above others seldom any of their own."""
    units = dict.fromkeys(one for beside in below.values() for one in beside)
    base: Base = {}
    for unit in units:
        for code, categories in measures.items():
            for category in categories:
                if unit not in below or dice.random() < 0.2:
                    base[unit, (code, category)] = dice.choice((0, 0, 1, 2, 3, 5, 8, 10, 11, 12, 20, 47, 300))
    return base


def small_own(counts: Counts, at: int) -> list[dict[Any, float]]:
    """Every small count that a unit has beside those below it."""
    totals = [(measure["code"], ALL) for measure in counts.measures]
    small = [(unit, part) for unit in counts.below for part in totals if counts.is_small(counts.own(unit, part), part)]
    return [{(at, unit, one): 1.0 for one in counts.parts(part[0])[1:]} for unit, part in small]


def small_figures(counts: Counts) -> list[tuple[str, Part]]:
    """Every small count of the whole table."""
    return [
        (unit, part)
        for unit in counts.units
        for measure in counts.measures
        for part in counts.parts(measure["code"])
        if counts.is_small(counts.of(unit, part), part)
    ]


KINDS = {"plain": {"a": ["unspecified"]}, "categories": {"a": ["unspecified", "minor"]}, "three": {"a": ["x", "y", "z"]}}


@pytest.mark.parametrize("kind", KINDS)
def test_no_small_count_can_be_derived_from_one_publication(seed: int, kind: str) -> None:
    dice, hidden = random.Random(f"{seed} {kind}"), 0
    for _ in range(ROUNDS):
        below = tree(dice)
        counts = counts_of(draw(dice, below, KINDS[kind]), below, KINDS[kind])
        chosen = patterns(counts)
        told = frozenset(shown(counts, chosen))
        attack = Attack()
        attack.learn(counts, chosen, 0)
        assert narrowest(counts, told) >= LEAST_WIDTH
        for unit, part in small_figures(counts):
            assert (unit, part) not in told
            assert attack.width(attack.leaves(counts, unit, part, 0)) >= LEAST_WIDTH - 1e-6, (counts, chosen, unit, part)
            hidden += 1
        for own in small_own(counts, 0):
            assert attack.width(own) >= LEAST_WIDTH - 1e-6, (counts, chosen, own)
    assert hidden > ROUNDS


def test_the_attack_and_the_check_of_the_house_both_find_what_hiding_small_counts_alone_gives_away(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hiding, "_wide", lambda free: True)
    dice, found = random.Random(f"{seed} mutant"), 0
    for _ in range(ROUNDS):
        below = tree(dice)
        counts = counts_of(draw(dice, below, KINDS["plain"]), below, KINDS["plain"])
        chosen = patterns(counts)
        attack = Attack()
        attack.learn(counts, chosen, 0)
        widths = [attack.width(attack.leaves(counts, unit, part, 0)) for unit, part in small_figures(counts)]
        widths += [attack.width(own) for own in small_own(counts, 0)]
        checked = narrowest(counts, frozenset(shown(counts, chosen)))
        assert checked <= min(widths, default=checked) + 1e-6, (counts, chosen)
        found += min(widths, default=LEAST_WIDTH) < LEAST_WIDTH - 1e-6
    assert found > 0, "a build that only hides small counts must be found out"


def test_the_attack_finds_a_publication_that_hides_other_units_than_the_one_before() -> None:
    below = {NATIONAL: ("A", "B", "C", "D")}
    figures = [{"A": 3, "B": 12, "C": 20, "D": 30}, {"A": 3, "B": 14, "C": 20, "D": 30}]
    both = [counts_of({(unit, ("a", "unspecified")): n for unit, n in one.items()}, below, KINDS["plain"]) for one in figures]
    assert patterns(both[1], [patterns(both[0])])["a"].hidden == ("A", "B")
    attack = Attack()
    attack.learn(both[0], patterns(both[0]), 0)
    attack.learn(both[1], {"a": Pattern(UNITS, ("A", "C"))}, 1)
    attack.unchanged(*both)
    assert attack.width(attack.leaves(both[1], "A", ("a", ALL), 1)) < LEAST_WIDTH


def test_united_front_hides_the_states_with_few_arrests_and_shows_the_others() -> None:
    arrests = {"MO": 2, "IL": 3, "IA": 11, "KY": 46, "MN": 3, "NE": 7, "ND": 3, "OK": 7, "TN": 4, "TX": 2, "WI": 5, "SD": 9}
    below = {NATIONAL: tuple(arrests)}
    counts = counts_of({(unit, ("a", "unspecified")): n for unit, n in arrests.items()}, below, KINDS["plain"])
    assert patterns(counts)["a"] == Pattern(UNITS, tuple(sorted(set(arrests) - {"IA", "KY"})))


def test_a_single_small_count_takes_the_next_smallest_with_it_and_a_small_nation_shows_nothing() -> None:
    below = {NATIONAL: ("A", "B", "C")}
    one = counts_of({(unit, ("a", "unspecified")): n for unit, n in {"A": 4, "B": 60, "C": 15}.items()}, below, KINDS["plain"])
    assert patterns(one)["a"] == Pattern(UNITS, ("A", "C"))
    few = counts_of({("A", ("a", "unspecified")): 4}, below, KINDS["plain"])
    assert patterns(few)["a"] == Pattern(NOTHING)
    none = counts_of({}, below, KINDS["plain"])
    assert patterns(none)["a"].bare
    assert patterns(one, [patterns(none)]) == patterns(one), "zeros of the evening bind no one"


def test_what_was_shown_and_became_small_is_shown_no_more_until_it_is_not() -> None:
    below = {NATIONAL: ("A", "B", "C")}
    night = [{"A": 40, "B": 60, "C": 15}, {"A": 40, "B": 60, "C": 9}, {"A": 41, "B": 60, "C": 12}]
    told: list[Mapping[str, Pattern]] = []
    for figures in night:
        told.append(patterns(counts_of({(u, ("a", "unspecified")): n for u, n in figures.items()}, below, KINDS["plain"]), told))
    assert [one["a"].shape for one in told] == [WHOLE, NOTHING, WHOLE]


def test_no_small_count_can_be_derived_by_whoever_knows_the_rules(seed: int) -> None:
    dice, measures = random.Random(f"{seed} rules"), {"listed": ["unspecified"], "located": ["unspecified"]}
    for _ in range(ROUNDS):
        below = tree(dice)
        base = draw(dice, below, measures)
        for (unit, (code, category)), figure in list(base.items()):
            if code == "located":
                base[unit, (code, category)] = min(figure, base.get((unit, ("listed", "unspecified")), 0))
        counts = counts_of(base, below, measures, "located <= listed")
        chosen = patterns(counts)
        attack = Attack()
        attack.learn(counts, chosen, 0)
        for unit, part in small_figures(counts):
            assert attack.width(attack.leaves(counts, unit, part, 0)) >= LEAST_WIDTH - 1e-6, (counts, chosen, unit, part)


@pytest.mark.parametrize("kind", KINDS)
def test_nor_from_successive_ones_by_whoever_is_told_what_did_not_change(seed: int, kind: str) -> None:
    dice, twice = random.Random(f"{seed} twice {kind}"), 0
    for _ in range(ROUNDS):
        below = tree(dice)
        base = draw(dice, below, KINDS[kind])
        later = dict(base)
        for cell in dice.sample(sorted(base), min(len(base), dice.randint(1, 3))):
            later[cell] = max(0, base[cell] + dice.choice((-12, -3, -1, 1, 2, 9, 40)))
        both = [counts_of(one, below, KINDS[kind]) for one in (base, later)]
        first = patterns(both[0])
        told = [first, patterns(both[1], [first])]
        attack = Attack()
        for at, (counts, chosen) in enumerate(zip(both, told, strict=True)):
            attack.learn(counts, chosen, at)
        attack.unchanged(*both)
        for at, counts in enumerate(both):
            for unit, part in small_figures(counts):
                assert attack.width(attack.leaves(counts, unit, part, at)) >= LEAST_WIDTH - 1e-6, (both, told, at, unit, part)
        twice += all(one["a"].shape != NOTHING for one in told)
    assert twice > ROUNDS / 20, "nothing was left to attack"
