"""Statistics: the totals document as rows. Pure.

One row per unit, measure and category, and one with category ``all`` for the measure; the nation's rows last. A unit's rows
give what it has with all below it.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.operations.models import NATIONAL

COLUMNS = (
    "operation", "position", "status", "unit", "unit_name", "kind", "parent",
    "measure", "label", "category", "quantity", "unit_of_count", "assisted", "note",
)  # fmt: skip
ALL = "all"

_TEXT = ("unit_name", "label", "category", "unit_of_count", "note")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""Tested on the text in its plainest form (NFKC, without what can't be seen in front), as a spreadsheet may read it."""


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


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_harmless(row) for row in rows)
    return file.getvalue().encode()


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
        notes.append("There is some of which it is not known yet how much.")
    return " ".join(notes)


def _national_note(figures: Mapping[str, Any]) -> str:
    if figures["unquantified"]:
        return f"Not yet quantified: {', '.join(figures['unquantified'])}."
    return "" if figures["categories"] else "No unit has reported a figure."


def _harmless(row: Mapping[str, Any]) -> dict[str, Any]:
    guarded = {name: "'" + row[name] for name in _TEXT if _starts_a_formula(str(row[name] or ""))}
    return {**row, **guarded}


def _starts_a_formula(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).lstrip(" \u200b\u200c\u200d\u2060")
    return text.startswith(_STARTS_A_FORMULA) or plain.startswith(_STARTS_A_FORMULA)
