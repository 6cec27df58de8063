"""What was published of an operation, cell by cell, read from its facts.

Quantities are integers in the smallest unit a measure counts: cents for dollars, else whole persons or cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from coordinator.operations.templates import Facts, FactsUnusable, unit_of
from coordinator.releases.figures import FINEST, smallest

UNATTRIBUTED, UNSPECIFIED = "UNATTRIBUTED", "unspecified"
Cell = tuple[str, str, str]
"""Unit, measure, category."""

DERIVED_SCALE = FINEST
"""Decimal places in which derived figures are compared: the most any measure may have."""

_ABOUT_A_ROW = {"jurisdiction", "agency", "conducted_separately"}


@dataclass(frozen=True)
class Published:
    """The figures of one operation.

    ``cells`` as attributed to a unit, what is attributed to none at UNATTRIBUTED; ``unquantified`` the words said where
    no amount was; ``totals``, ``parts`` and ``derived`` the headline figures by measure, by measure and category, and by
    derived measure; ``counts`` how many jurisdictions and agencies; ``breakdowns`` a unit's figures told another way, in
    words; ``unread`` headline figures whose name says nothing to us.
    """

    scales: dict[str, int]
    cells: dict[Cell, int] = field(default_factory=dict)
    unquantified: dict[tuple[str, str], str] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    parts: dict[tuple[str, str], int] = field(default_factory=dict)
    derived: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    breakdowns: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()

    def spelled(self, measure: str, quantity: int) -> int | str:
        """The quantity as the contract writes it: a JSON integer, or decimal notation where the measure has a scale."""
        scale = self.scales[measure]
        return f"{Decimal(quantity).scaleb(-scale):.{scale}f}" if scale else quantity


def published(facts: Facts, document: dict[str, Any]) -> Published:
    """The figures of ``facts``; ``document`` is the operation document made from them. FactsUnusable says what can't be read."""
    found = Published({measure["code"]: measure.get("scale", 0) for measure in document["measures"]})
    for number, row in enumerate(facts["statistics"]):
        _read_row(found, facts, row, f"statistics[{number}]")
    unread = tuple(_read_headlines(found, facts, document))
    _attribute_rest(found)
    for measure in {measure for _, measure, _ in found.cells}:
        found.totals.setdefault(measure, sum(_of(found, measure)))
    return replace(found, unread=unread)


def _read_row(found: Published, facts: Facts, row: dict[str, Any], where: str) -> None:
    unit = unit_of(row, facts) or UNATTRIBUTED
    for name, value in row.items():
        if name in found.scales:
            _read_figure(found, unit, name, value, where)
        elif name.partition("_by_")[0] in found.scales and isinstance(value, dict):
            found.breakdowns[unit] = ", ".join(f"{count} {what}" for what, count in value.items())
        elif name not in _ABOUT_A_ROW:
            raise FactsUnusable(f"{where} names {name}, which is no measure.")


def _read_figure(found: Published, unit: str, measure: str, value: Any, where: str) -> None:
    for category, given in (value if isinstance(value, dict) else {UNSPECIFIED: value}).items():
        quantity = smallest(given, found.scales[measure])
        if quantity is not None and quantity >= 0:
            cell = unit, measure, category
            found.cells[cell] = found.cells.get(cell, 0) + quantity
        elif isinstance(given, str) and given:
            found.unquantified[unit, measure] = given
        else:
            raise FactsUnusable(f"{where}: {measure} is {given!r}, which is no count and no word.")


def _read_headlines(found: Published, facts: Facts, document: dict[str, Any]) -> Iterator[str]:
    """Sorts the headline figures by what their names say; yields those that say nothing."""
    parts = {f"{m['code']}_{_word(c)}": (m["code"], c) for m in document["measures"] for c in m.get("categories", [])}
    for name, value in facts.get("published_totals", {}).items():
        quantity = smallest(value, found.scales.get(name, DERIVED_SCALE if name in facts.get("derived", {}) else 0))
        if quantity is None:
            raise FactsUnusable(f"published_totals: {name} is {value!r}, which is no count.")
        if name in found.scales:
            found.totals[name] = quantity
        elif name in parts:
            found.parts[parts[name]] = quantity * 10 ** found.scales[parts[name][0]]
        elif name in facts.get("derived", {}):
            found.derived[name] = quantity
        elif name in ("jurisdictions", "agencies"):
            found.counts[name] = quantity
        else:
            yield name


def _attribute_rest(found: Published) -> None:
    """What the headline has above the units' figures belongs to no unit: by category where that is published, else unspecified."""
    for (measure, category), quantity in found.parts.items():
        _add_rest(found, (UNATTRIBUTED, measure, category), quantity - sum(_of(found, measure, category)))
    for measure, total in found.totals.items():
        _add_rest(found, (UNATTRIBUTED, measure, UNSPECIFIED), total - sum(_of(found, measure)))


def _add_rest(found: Published, cell: Cell, rest: int) -> None:
    if rest > 0:
        found.cells[cell] = found.cells.get(cell, 0) + rest


def _of(found: Published, measure: str, category: str | None = None) -> list[int]:
    return [quantity for (_, of, part), quantity in found.cells.items() if of == measure and category in (None, part)]


def _word(category: str) -> str:
    return category.replace(" ", "_").replace("-", "_").lower()
