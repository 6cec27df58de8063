"""The hub's figures beside the published ones. Pure.

Every published figure gets a row: of each unit by category, of the nation, derived ones, what was not quantified, and how many took part.
A figure the hub has and nobody published gets a row too, since it is as wrong as a missing one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from coordinator.nights.figures import DERIVED_SCALE, Published
from coordinator.releases.figures import smallest

Kind = Literal["unit", "nation", "derived", "unquantified", "count"]
NATIONAL, ALL = "NATIONAL", "all"


@dataclass(frozen=True)
class Row:
    """One figure both ways, in the smallest unit of ``scale`` decimal places; None where that side has none."""

    kind: Kind
    unit: str
    measure: str
    category: str
    published: int | None
    counted: int | None
    scale: int = 0

    @property
    def equal(self) -> bool:
        """Whether both sides say the same."""
        return self.published == self.counted


@dataclass(frozen=True)
class Comparison:
    """All rows, and the names of headline figures that could not be compared."""

    rows: tuple[Row, ...]
    unread: tuple[str, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether every figure is equal, and there is one at all."""
        return bool(self.rows) and all(row.equal for row in self.rows)

    def different(self) -> list[Row]:
        """The rows that are not equal."""
        return [row for row in self.rows if not row.equal]

    def of(self, unit: str, measure: str, category: str = ALL) -> Row | None:
        """The row of a unit or of NATIONAL, if there is one."""
        return next((row for row in self.rows if (row.unit, row.measure, row.category) == (unit, measure, category)), None)


def compare(published: Published, totals: dict[str, Any]) -> Comparison:
    """``totals`` is the hub's totals document."""
    units = {unit["code"]: unit for unit in totals["units"]}
    rows = [*_units(published, units), *_nation(published, totals), *_derived(published, totals)]
    rows += [*_unquantified(published, totals, units), *_counts(published, totals, units)]
    return Comparison(tuple(rows), published.unread)


def _units(published: Published, units: dict[str, Any]) -> Iterator[Row]:
    """Units that figures are published for and all at the top, by category and, where a measure has several, in all."""
    known = _rolled(published, units)
    top = {code for code, unit in units.items() if not unit.get("parent")}
    for code in dict.fromkeys([*(code for code in units if code in top), *known]):
        for measure, scale in published.scales.items():
            counted = units.get(code, {}).get("measures", {}).get(measure, {})
            yield from _cells(code, measure, scale, known.get(code, {}).get(measure, {}), counted)


def _rolled(published: Published, units: dict[str, Any]) -> dict[str, dict[str, dict[str, int]]]:
    """Published figures by unit, measure and category; a unit's are its own and those of the units below it."""
    rolled: dict[str, dict[str, dict[str, int]]] = {}
    for (unit, measure, category), quantity in published.cells.items():
        for code in filter(None, (unit, units.get(unit, {}).get("parent"))):
            cell = rolled.setdefault(code, {}).setdefault(measure, {})
            cell[category] = cell.get(category, 0) + quantity
    return rolled


def _cells(code: str, measure: str, scale: int, known: dict[str, int], counted: dict[str, Any]) -> Iterator[Row]:
    """A cell nobody published may stand at 0: what was withdrawn leaves that behind."""
    categories = {name: smallest(figure, scale) for name, figure in counted.get("categories", {}).items()}
    for category in dict.fromkeys([*known, *(name for name, quantity in categories.items() if quantity)]):
        yield Row("unit", code, measure, category, known.get(category), categories.get(category), scale)
    if known:
        yield Row("unit", code, measure, ALL, sum(known.values()), smallest(counted.get("total"), scale), scale)


def _nation(published: Published, totals: dict[str, Any]) -> Iterator[Row]:
    """The headline figures. A measure with nothing but unquantified reports has none to compare."""
    for measure, scale in published.scales.items():
        if measure not in published.totals:
            continue
        national, total = totals["national"].get(measure, {}), published.totals[measure]
        yield Row("nation", NATIONAL, measure, ALL, total, smallest(national.get("total"), scale), scale)
        for (of, category), part in published.parts.items():
            if of == measure:
                yield Row("nation", NATIONAL, measure, category, part, smallest(national.get("categories", {}).get(category), scale), scale)


def _derived(published: Published, totals: dict[str, Any]) -> Iterator[Row]:
    for name, value in published.derived.items():
        yield Row("derived", NATIONAL, name, ALL, value, smallest(totals.get("derived", {}).get(name), DERIVED_SCALE), DERIVED_SCALE)


def _unquantified(published: Published, totals: dict[str, Any], units: dict[str, Any]) -> Iterator[Row]:
    """1 for there is some and nobody knows how much; what a unit says its jurisdiction says too."""
    named = [(code, measure) for measure, figures in totals["national"].items() for code in figures.get("unquantified", [])]
    said = {(units.get(code, {}).get("parent") or code, measure) for code, measure in named}
    for unit, measure in dict.fromkeys([*published.unquantified, *said]):
        yield Row("unquantified", unit, measure, ALL, int((unit, measure) in published.unquantified), int((unit, measure) in said))


def _counts(published: Published, totals: dict[str, Any], units: dict[str, Any]) -> Iterator[Row]:
    counted = {"jurisdictions": totals["reporting"]["expected"], "agencies": sum(unit["kind"] == "agency" for unit in units.values())}
    for name, count in published.counts.items():
        yield Row("count", NATIONAL, name, ALL, count, counted[name])
