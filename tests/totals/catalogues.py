"""A catalogue made by hand, for what is pure: ids are chosen, nothing is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from coordinator.operations.catalogue import Catalogue, MeasureEntry, NamedRule, NamedSum, UnitEntry
from coordinator.operations.expressions import parse_derived, parse_rule

NATION, KY, KSP, TN, US, NOBODY = 1, 2, 3, 4, 5, 6
"""Unit ids: the nation, Kentucky and its state police, Tennessee, federal partners (not expected), UNATTRIBUTED."""

ARRESTS, VICTIMS, MINORS, MONEY, WEIGHT = 11, 12, 13, 14, 15
"""Category ids: of arrests, of victims unspecified and minor, of money (two decimals) and weight (three)."""

START, END = datetime(2021, 8, 26, 23, tzinfo=UTC), datetime(2021, 8, 27, 11, tzinfo=UTC)
LIVE = datetime(2021, 8, 26, 22, 30, tzinfo=UTC)


def unit(id: int, code: str, name: str, parent: str | None = None, *above: int, **members: Any) -> UnitEntry:
    """A unit: a jurisdiction that is expected to report, or an agency below ``parent``."""
    kind: dict[str, Any] = {"kind": "agency", "expected": False} if parent else {"kind": "jurisdiction", "expected": True}
    rest: dict[str, Any] = {"level": None, "time_zone": None, "conducted_separately": None}
    return UnitEntry(id=id, code=code, name=name, parent=parent, lineage=(id, *above, NATION), **(kind | rest | members))


def measure(code: str, unit: str, scale: int, **categories: int) -> MeasureEntry:
    """A measure labelled by its code in capitals."""
    return MeasureEntry(min(categories.values()), code, code.capitalize(), unit, scale, None, categories)


def catalogue(**members: Any) -> Catalogue:
    """The operation of the ids above, live, with whatever ``members`` put in the place of its own."""
    return replace(_CATALOGUE, **members)


def rule(expression: str) -> NamedRule:
    """A rule whose code and message are its expression."""
    return NamedRule(expression, expression, expression, parse_rule(expression))


def derived(expression: str) -> NamedSum:
    """A derived measure whose code and label are its expression."""
    return NamedSum(expression, expression, expression, parse_derived(expression))


_CATALOGUE = Catalogue(
    id=1,
    version=1,
    code="night",
    name="A night",
    time_zone="America/Chicago",
    starts_at=START,
    ends_at=END,
    interval_minutes=60,
    exercise=False,
    phase="live",
    live_at=LIVE,
    created_at=LIVE,
    units=(
        unit(KY, "KY", "Kentucky"),
        unit(KSP, "KY-KSP", "State Police", "KY", KY, level="state"),
        unit(TN, "TN", "Tennessee"),
        unit(US, "US", "Federal partners", expected=False),
        unit(NOBODY, "UNATTRIBUTED", "Attributed to no unit", kind="unattributed", expected=False),
    ),
    measures=(
        measure("arrests", "persons", 0, unspecified=ARRESTS),
        measure("victims", "persons", 0, minor=MINORS, unspecified=VICTIMS),
        measure("money", "USD", 2, unspecified=MONEY),
        measure("weight", "kg", 3, unspecified=WEIGHT),
    ),
    rules=(),
    derived=(),
    nation=NATION,
)
