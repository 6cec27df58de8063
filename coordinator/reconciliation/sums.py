"""Checks of what the totals document says by itself: rules, parts against totals, parents with their children, what has no
figure or no unit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.operations.catalogue import Catalogue, MeasureEntry, NamedRule, UnitEntry
from coordinator.operations.models import NATIONAL, UNATTRIBUTED
from coordinator.reconciliation.facts import Check, Document, Facts, exact, figure_of, label, said, shown


def rules(facts: Facts) -> Iterator[Check]:
    """Each rule of the operation, for the nation and for every unit that has a figure for all it speaks of."""
    named = {rule.code: rule for rule in facts.catalogue.rules}
    for outcome in facts.document["rules"]:
        rule = named[outcome["code"]]
        yield _rule(facts.catalogue, rule, NATIONAL, facts.document["national"], outcome["holds"])
        for code, holds in outcome["units"].items():
            yield _rule(facts.catalogue, rule, code, facts.units[code]["measures"], holds)


def _rule(catalogue: Catalogue, rule: NamedRule, unit: str, part: Mapping[str, Any], holds: bool) -> Check:
    names = sorted(rule.rule.measures(), key=str)
    measures = [(catalogue.measure_by_code[measure], category) for measure, category in names]
    inputs = tuple((label(measure, category), shown(figure_of(part, measure, category), measure)) for measure, category in measures)
    figures = ", ".join(f"{label(m, c)} {said(figure_of(part, m, c), m)}" for m, c in measures)
    why = f"It holds: {figures}." if holds else f"{rule.message}: {figures}."
    about, units = (rule.code, unit), () if unit == NATIONAL else (unit,)
    return Check("rule", about, f"{unit}, {rule.code}", inputs, rule.expression, holds, why, units)


def parts(facts: Facts) -> Iterator[Check]:
    """That the parts come to the whole: the nation's of its units, and a unit's of its own and those directly below it."""
    for measure in facts.catalogue.measures:
        tops = [unit for unit in facts.document["units"] if unit["parent"] is None and measure.code in unit["measures"]]
        terms = [(unit["code"], exact(unit["measures"][measure.code]["total"], measure)) for unit in tops]
        yield _parts(measure, NATIONAL, terms, figure_of(facts.document["national"], measure), ())
        for unit in facts.document["units"]:
            below = [one for one in facts.document["units"] if one["parent"] == unit["code"] and measure.code in one["measures"]]
            if below and measure.code in unit["measures"]:
                own = exact(unit["measures"][measure.code]["own"], measure)
                terms = [("own", own), *((one["code"], exact(one["measures"][measure.code]["total"], measure)) for one in below)]
                yield _parts(measure, unit["code"], terms, figure_of(unit["measures"], measure), (unit["code"],))


def _parts(measure: MeasureEntry, unit: str, terms: list[tuple[str, int]], total: int, units: tuple[str, ...]) -> Check:
    added = sum(quantity for _, quantity in terms)
    inputs = ((unit, shown(total, measure)), *((code, shown(quantity, measure)) for code, quantity in terms))
    formula = f"{unit} = {' + '.join(code for code, _ in terms) or '0'}"
    why = f"{said(added, measure)} in {len(terms)} {'part' if len(terms) == 1 else 'parts'}, {said(total, measure)} in all."
    return Check("parts", (unit, measure.code), f"{unit}, {measure.label}", inputs, formula, added == total, why, units, measure.code)


def parents(facts: Facts) -> Iterator[Check]:
    """Units that have figures of their own in a measure in which units below them have some too: are those counted in both?"""
    own = {(code, measure): found for code, measure, found in _own(facts.catalogue, facts.document)}
    for unit in facts.catalogue.units:
        under = [one for one in facts.catalogue.units if one.id != unit.id and unit.id in one.lineage]
        for measure in facts.catalogue.measures if under else ():
            below = [one for one in under if own.get((one.code, measure.code))]
            if below and own.get((unit.code, measure.code)):
                yield _parent(unit, measure, own, below)


def _own(catalogue: Catalogue, document: Document) -> Iterator[tuple[str, str, int]]:
    for unit in document["units"]:
        for code, found in unit["measures"].items():
            yield unit["code"], code, exact(found["own"], catalogue.measure_by_code[code])


def _parent(unit: UnitEntry, measure: MeasureEntry, own: Mapping[tuple[str, str], int], below: list[UnitEntry]) -> Check:
    figures = [(one.code, own[one.code, measure.code]) for one in (unit, *below)]
    inputs = tuple((code, shown(quantity, measure)) for code, quantity in figures)
    rest = ", ".join(f"{code} {said(quantity, measure)}" for code, quantity in figures[1:])
    why = (
        f"{unit.code} has {said(figures[0][1], measure)} of its own, and below it {rest} more. Where those are in {unit.code}'s own "
        "figure already, they count twice: correct one of the two. Where they are not, say so."
    )
    formula = f"nothing of {', '.join(one.code for one in below)} is in {unit.code}'s own figure"
    about, codes = (unit.code, measure.code), tuple(code for code, _ in figures)
    return Check("parent-and-child", about, f"{unit.code}, {measure.label}", inputs, formula, False, why, codes, measure.code)


def without_figure(facts: Facts) -> Iterator[Check]:
    """Units that have said there is some, and not yet how much."""
    for measure in facts.catalogue.measures:
        for code in facts.document["national"][measure.code]["unquantified"]:
            so_far = figure_of(facts.units[code]["measures"], measure)
            why = f"{code} has reported that there is some, of which it is not known yet how much. Counted so far: {said(so_far, measure)}."
            inputs = ((code, shown(so_far, measure)), ("not yet quantified", True))
            subject, about = f"{code}, {measure.label}", (code, measure.code)
            yield Check("unquantified", about, subject, inputs, "every line has a quantity", False, why, (code,), measure.code)


def without_unit(facts: Facts) -> Iterator[Check]:
    """Figures of the nation that are no unit's."""
    part = facts.units[UNATTRIBUTED]["measures"]
    for measure in facts.catalogue.measures:
        nobodys = figure_of(part, measure)
        if nobodys:
            why = f"{said(nobodys, measure)} of the nation's figure {'is' if nobodys == 1 else 'are'} attributed to no unit."
            inputs = ((UNATTRIBUTED, shown(nobodys, measure)),)
            yield Check("unattributed", (measure.code,), measure.label, inputs, f"{UNATTRIBUTED} = 0", False, why, measure=measure.code)
