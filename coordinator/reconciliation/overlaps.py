"""Figures that may count the same persons or things: joint actions posted by two units, and what an adjustment makes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from coordinator.errors import Invalid
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry
from coordinator.reconciliation.facts import Adjustment, Check, Facts, label, said, shown

METHODS = ("sum", "maximum", "number")
"""What figures with something in common come to: all of them (nothing is in common after all), the largest, or a number."""


def joint(facts: Facts) -> Iterator[Check]:
    """Two units of which one names the other as assisting, while that has figures of its own of the same time."""
    for one in facts.joints:
        measure, category = facts.catalogue.measure_of_category[one.category]
        led, helped = said(one.led, measure), said(one.helped, measure)
        why = (
            f"{one.leader} counts {led} in which {one.helper} assisted, and {one.helper} has {helped} of its own of the same time. "
            "Where both count the same, an adjustment takes it out of the nation; where not, say so."
        )
        inputs = ((f"{one.leader} with {one.helper}", shown(one.led, measure)), (one.helper, shown(one.helped, measure)))
        about, units = (one.leader, one.helper, measure.code, category), (one.leader, one.helper)
        subject, formula = f"{one.leader} and {one.helper}, {label(measure, category)}", "no person or thing is in both"
        yield Check("joint-action", about, subject, inputs, formula, False, why, units, measure.code, category)


def settling(catalogue: Catalogue, check: Check, adjustments: Sequence[Adjustment]) -> Adjustment | None:
    """The standing adjustment over all units of a joint action, by themselves or by one above them."""
    if check.code != "joint-action" or check.measure is None or check.category is None:
        return None
    category = catalogue.measure_by_code[check.measure].categories[check.category]
    for one in adjustments:
        if one.fallen is None and one.category == category and all(_covered(catalogue, unit, one.sources) for unit in check.units):
            return one
    return None


def _covered(catalogue: Catalogue, code: str, sources: Mapping[str, int]) -> bool:
    return any(catalogue.unit_by_code[source].id in catalogue.unit_by_code[code].lineage for source in sources)


def check_sources(catalogue: Catalogue, codes: Sequence[str], category: int, standing: Sequence[Adjustment]) -> list[UnitEntry]:
    """The units of an adjustment. Refuses with Invalid what is no unit, lies within another, or stands in an adjustment already.

    One unit within another would leave the upper one's own total doubled, which a correction alone puts right; and figures that
    two adjustments reduce could be taken out twice.
    """
    units = [_unit(catalogue, code) for code in codes]
    for one, other in combinations(units, 2):
        if _related(one, other):
            raise _refused(f"{one.code} and {other.code} lie within each other. Correct the report that counts too much instead.")
    for before in standing:
        if before.category == category:
            taken = [unit.code for unit in units for source in before.sources if _related(unit, catalogue.unit_by_code[source])]
            if taken:
                all_of_them = ", ".join(before.sources)
                raise _refused(
                    f"{taken[0]} stands in an adjustment already, of {all_of_them}. Withdraw that, and make one over all of them."
                )
    return units


def result(measure: MeasureEntry, figures: Mapping[str, int], method: str, number: int | None) -> int:
    """What the sources come to, in units of 10^-scale: never more than their sum, nor less than the largest. Refuses with Invalid."""
    most, least = sum(figures.values()), max(figures.values())
    if method != "number":
        return most if method == "sum" else least
    if number is None:
        raise Invalid.at("/number", "Give the number that they come to.")
    if not least <= number <= most:
        raise Invalid.at(
            "/number", f"They come to {said(least, measure)} at least, the largest of them, and to {said(most, measure)} at most."
        )
    return number


def _unit(catalogue: Catalogue, code: str) -> UnitEntry:
    unit = catalogue.unit_by_code.get(code)
    if unit is None or unit.kind not in ("jurisdiction", "agency", "site"):
        raise _refused(f"There is no unit {code} that reports in this operation.")
    return unit


def _related(one: UnitEntry, other: UnitEntry) -> bool:
    return one.id in other.lineage or other.id in one.lineage


def _refused(sentence: str) -> Invalid:
    return Invalid.at("/sources", sentence)
