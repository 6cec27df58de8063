"""What must be said beside the figures so that nobody has to guess: sentences made from the totals. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coordinator.operations.models import UNATTRIBUTED, UNSPECIFIED
from coordinator.releases.figures import smallest, spelled

Document = dict[str, Any]


def remarks(document: Document, totals: Document) -> list[str]:
    """One sentence for each thing a bare figure would hide. ``document`` is the operation document."""
    units = {unit["code"]: unit for unit in totals["units"]}
    found: list[str] = []
    for measure in document["measures"]:
        national = totals["national"][measure["code"]]
        found += [*_parts(measure, national), *_of_no_state(measure, national, units), *_not_quantified(measure, national, units)]
    return [*found, *_derived(document, totals), *_apart(document, units), *_assisted(document, units)]


def figure(measure: Document, value: Any) -> str:
    """An answered figure of a measure, for people."""
    scale = measure.get("scale", 0)
    return f"{'$' if measure['unit'] == 'USD' else ''}{spelled(smallest(value, scale), scale)}"


def _parts(measure: Document, national: Document) -> Iterator[str]:
    """``Victims rescued: 47 = 45 unspecified + 2 minor``: categories stand beside each other, none inside another."""
    parts = {name: value for name, value in national["categories"].items() if smallest(value, measure.get("scale", 0))}
    if set(parts) - {UNSPECIFIED}:
        sums = " + ".join(f"{figure(measure, value)} {name}" for name, value in parts.items())
        yield f"{measure['label']}: {figure(measure, national['total'])} = {sums}."


def _of_no_state(measure: Document, national: Document, units: dict[str, Document]) -> Iterator[str]:
    own = units.get(UNATTRIBUTED, {}).get("measures", {}).get(measure["code"], {}).get("total")
    if smallest(own, measure.get("scale", 0)):
        yield f"{measure['label']}: {figure(measure, own)} of {figure(measure, national['total'])} are attributed to no state."


def _not_quantified(measure: Document, national: Document, units: dict[str, Document]) -> Iterator[str]:
    for code in national.get("unquantified", []):
        name = units[units[code].get("parent") or code]["name"]
        yield f"{measure['label']}: {name} reports some without an amount, so {figure(measure, national['total'])} is the least it can be."


def _derived(document: Document, totals: Document) -> Iterator[str]:
    for one in document.get("derived", []):
        yield f"{one['label']}: {totals['derived'][one['code']]} ({one['expression'].replace('_', ' ')})."
    for rule in totals.get("rules", []):
        if not rule["holds"]:
            yield f"A rule does not hold: {next(one['message'] for one in document['rules'] if one['code'] == rule['code'])}."


def _apart(document: Document, units: dict[str, Document]) -> Iterator[str]:
    """What was counted though it happened at another time, figure by figure, with its footnote."""
    labels = {measure["code"]: measure for measure in document["measures"]}
    for unit in document["units"]:
        measures = units.get(unit["code"], {}).get("measures", {})
        if unit.get("conducted_separately") and measures:
            said = ", ".join(f"{labels[code]['label'].lower()} {figure(labels[code], own['total'])}" for code, own in measures.items())
            yield f"{unit['name']}, {said}: {unit['conducted_separately']['footnote']}"


def _assisted(document: Document, units: dict[str, Document]) -> Iterator[str]:
    """Who is credited apart, in figures that are in no total of theirs."""
    labels = {measure["code"]: measure for measure in document["measures"]}
    credits = [
        f"{unit['name']} ({labels[code]['label'].lower()} {figure(labels[code], figures['assisted'])})"
        for unit in units.values()
        for code, figures in unit["measures"].items()
        if smallest(figures.get("assisted"), labels[code].get("scale", 0))
    ]
    if credits:
        yield f"Assisted where others led, and counted there once: {', '.join(credits)}."
