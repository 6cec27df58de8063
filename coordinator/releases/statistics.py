"""Statistics: the totals document as rows. Pure.

One row per unit, measure and category, and one with category ``all`` for the measure; the nation's rows last. A unit's rows
give what it has with all below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.operations.models import NATIONAL

COLUMNS = (
    "operation", "position", "status", "unit", "unit_name", "kind", "parent",
    "measure", "label", "category", "quantity", "unit_of_count", "assisted", "note",
)  # fmt: skip
ALL = "all"
OWED = "There is some of which it is not known yet how much."
"""The note of a unit that has more than its figure says."""


def rows(catalogue: Catalogue, totals: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rows of COLUMNS from a totals document; figures are integers or decimal strings, None where there is nothing to say."""
    common = {"operation": totals["operation"], "position": totals["position"], "status": totals["status"]}
    for unit in totals["units"]:
        who = {"unit": unit["code"], "unit_name": unit["name"], "kind": unit["kind"], "parent": unit["parent"]}
        for measure in catalogue.measures:
            if measure.code in unit["measures"]:
                yield from _measure_rows(common | who, measure, unit["measures"][measure.code], _unit_note(unit, measure))
    nation = {"unit": NATIONAL, "unit_name": "National", "kind": "nation", "parent": None}
    for measure in catalogue.measures:
        figures = totals["national"][measure.code]
        yield from _measure_rows(common | nation, measure, figures, _national_note(figures))


def _measure_rows(who: dict[str, Any], measure: MeasureEntry, figures: Mapping[str, Any], note: str) -> Iterator[dict[str, Any]]:
    what = {"measure": measure.code, "label": measure.label, "unit_of_count": measure.unit}
    for category, quantity in figures["categories"].items():
        yield who | what | {"category": category, "quantity": quantity, "assisted": None, "note": ""}
    yield who | what | {"category": ALL, "quantity": figures["total"], "assisted": figures.get("assisted"), "note": note}


def _unit_note(unit: Mapping[str, Any], measure: MeasureEntry) -> str:
    notes = []
    if unit["conducted_separately"]:
        notes.append(f"Conducted separately: {unit['conducted_separately']['footnote']}")
    if unit["measures"][measure.code]["unquantified"]:
        notes.append(OWED)
    return " ".join(notes)


def _national_note(figures: Mapping[str, Any]) -> str:
    if figures["unquantified"]:
        return f"Not yet quantified: {', '.join(figures['unquantified'])}."
    return "" if figures["categories"] else "No unit has reported a figure."
