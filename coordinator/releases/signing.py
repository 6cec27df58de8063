"""What a unit signs, and whether its signature still stands. Pure.

A unit signs its rows of the statistics and those of all units below it, at a position. Which operation, position and status
they are printed under is said once, beside them, so that the same figures read the same at any later position.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coordinator.browser.wording import figure_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry
from coordinator.operations.models import UNSPECIFIED
from coordinator.releases.canonical import digest

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Rows of statistics by the code of their unit."""

SAID_ONCE = ("operation", "position", "status")


def by_unit(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows of statistics by unit, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["unit"], []).append(row)
    return found


def subtree(catalogue: Catalogue, unit: UnitEntry) -> list[UnitEntry]:
    """The unit and all below it, in the catalogue's order."""
    return [one for one in catalogue.units if unit.id in one.lineage]


def document(catalogue: Catalogue, unit: UnitEntry, position: int, rows: Rows) -> dict[str, Any]:
    """What is signed for ``unit`` at ``position``; its canonical JSON is what ``fingerprint`` hashes."""
    own = [row for one in subtree(catalogue, unit) for row in rows.get(one.code, ())]
    told = [{name: value for name, value in row.items() if name not in SAID_ONCE} for row in own]
    return {"operation": catalogue.code, "unit": unit.code, "position": position, "rows": told}


def fingerprint(catalogue: Catalogue, unit: UnitEntry, position: int, rows: Rows) -> bytes:
    """SHA-256 of what is signed."""
    return digest(document(catalogue, unit, position, rows))


def required(catalogue: Catalogue, rows: Rows) -> list[UnitEntry]:
    """The units without whose signature, or a waiver, nothing is certified: each jurisdiction that is expected or has anything."""
    return [unit for unit in catalogue.units if unit.kind == "jurisdiction" and (unit.expected or rows.get(unit.code))]


def figures_text(catalogue: Catalogue, told: Mapping[str, Any]) -> str:
    """A unit's figures in one line, ``told`` as the totals have it: ``Arrests made 46; Victims rescued 23 (minor 2)``."""
    return "; ".join(
        _measure_text(measure, told["measures"][measure.code]) for measure in catalogue.measures if measure.code in told["measures"]
    )


def _measure_text(measure: MeasureEntry, figures: Mapping[str, Any]) -> str:
    parts = [f"{name} {figure_text(figure, measure.unit)}" for name, figure in figures["categories"].items() if name != UNSPECIFIED]
    whole = figure_text(figures["total"], measure.unit, at_least=figures["unquantified"])
    return f"{measure.label} {whole}" + (f" ({', '.join(parts)})" if parts else "")
