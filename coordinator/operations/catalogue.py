"""The catalogue: one operation's units, measures and rules as one immutable value, read once per version. Pure but for ``load``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from coordinator.operations.expressions import Rule, Sum, parse_derived, parse_rule
from coordinator.operations.headlines import Headline
from coordinator.operations.letters import Letters, lettered
from coordinator.operations.models import BUILT_IN, CERTIFIED_PHASES, NATIONAL, OPEN_PHASES, OVERLAP


@dataclass(frozen=True, eq=False)
class UnitEntry:
    """A unit and its lineage: the ids from itself up to the top of its tree, and the nation's at the end."""

    id: int
    code: str
    name: str
    kind: str
    parent: str | None
    level: str | None
    time_zone: str | None
    expected: bool
    conducted_separately: Mapping[str, Any] | None
    lineage: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class MeasureEntry:
    """A measure; ``categories`` maps a category's name to its id, in the order declared, ``letters`` to the letter it is said with."""

    id: int
    code: str
    label: str
    unit: str
    scale: int
    definition: str | None
    categories: Mapping[str, int]
    letters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedSum:
    """A derived measure: code, label and what it sums."""

    code: str
    label: str
    expression: str
    sum: Sum


@dataclass(frozen=True)
class NamedRule:
    """A rule between measures, with the message shown where it does not hold."""

    code: str
    expression: str
    message: str
    rule: Rule


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One operation at one version."""

    id: int
    version: int
    code: str
    name: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    interval_minutes: int
    exercise: bool
    phase: str
    live_at: datetime | None
    created_at: datetime
    units: tuple[UnitEntry, ...]
    measures: tuple[MeasureEntry, ...]
    rules: tuple[NamedRule, ...]
    derived: tuple[NamedSum, ...]
    nation: int = field(default=0)
    headlines: tuple[Headline, ...] = ()
    released: int = 0
    exercise_of: str | None = None
    rules_version: int | None = None

    @property
    def open(self) -> bool:
        """Whether reports are taken."""
        return self.phase in OPEN_PHASES

    @property
    def certified(self) -> bool:
        """Whether its figures are certified, and stay as they are until somebody amends them."""
        return self.phase in CERTIFIED_PHASES

    @cached_property
    def unit_by_code(self) -> Mapping[str, UnitEntry]:
        """Every unit that can have figures."""
        return {unit.code: unit for unit in self.units}

    @cached_property
    def taking_part(self) -> Mapping[str, UnitEntry]:
        """Those that can report, assist or be spoken for: all but OVERLAP, where the hub alone writes."""
        return {code: unit for code, unit in self.unit_by_code.items() if code != OVERLAP}

    @cached_property
    def unit_by_id(self) -> Mapping[int, UnitEntry]:
        """The same by id."""
        return {unit.id: unit for unit in self.units}

    @cached_property
    def measure_by_code(self) -> Mapping[str, MeasureEntry]:
        """Every measure."""
        return {measure.code: measure for measure in self.measures}

    @cached_property
    def measure_of_category(self) -> Mapping[int, tuple[MeasureEntry, str]]:
        """Category id -> its measure and its name."""
        return {id: (measure, name) for measure in self.measures for name, id in measure.categories.items()}

    @cached_property
    def expected(self) -> tuple[UnitEntry, ...]:
        """The jurisdictions that are expected to report."""
        return tuple(unit for unit in self.units if unit.kind == "jurisdiction" and unit.expected)

    @cached_property
    def lineages(self) -> Mapping[int, tuple[int, ...]]:
        """Unit id -> itself, all above it, and the nation: every place where a figure of the unit counts."""
        return {unit.id: unit.lineage for unit in self.units}

    def lineage(self, unit_id: int) -> tuple[int, ...]:
        """The unit, all above it, and the nation: every place where a figure of the unit counts."""
        return self.unit_by_id[unit_id].lineage

    def covers(self, granted: frozenset[int], unit: UnitEntry) -> bool:
        """Whether a grant of these units (none: all) reaches ``unit``."""
        return not granted or not granted.isdisjoint(unit.lineage)


def build(operation: Any, units: list[Any], measures: list[Any], categories: list[Any]) -> Catalogue:
    """The catalogue from rows of the four tables, each in the order of its id."""
    nation = next(unit.id for unit in units if unit.code == NATIONAL)
    letters = letters_of(operation, measures, categories)
    return Catalogue(
        id=operation.id,
        version=operation.version,
        code=operation.code,
        name=operation.name,
        time_zone=operation.time_zone,
        starts_at=operation.starts_at,
        ends_at=operation.ends_at,
        interval_minutes=operation.reporting_interval_minutes,
        exercise=operation.exercise,
        phase=operation.phase,
        live_at=operation.live_at,
        created_at=operation.created_at,
        units=tuple(_unit_entries(units, nation)),
        measures=tuple(_measure_entry(measure, categories, letters) for measure in measures),
        rules=tuple(NamedRule(r["code"], r["expression"], r["message"], parse_rule(r["expression"])) for r in operation.rules),
        derived=tuple(NamedSum(d["code"], d["label"], d["expression"], parse_derived(d["expression"])) for d in operation.derived),
        nation=nation,
        headlines=tuple(Headline(h["code"], h["text"]) for h in operation.headlines),
        released=operation.released,
        exercise_of=operation.exercise_of,
        rules_version=operation.rules_version,
    )


def letters_of(operation: Any, measures: list[Any], categories: list[Any]) -> Letters:
    """The letters of every cell, kept ones and, for what has none yet, those it will keep, from the oldest category to the newest."""
    labels = {measure.id: (measure.code, measure.label) for measure in measures}
    return lettered(operation.letters, [(*labels[one.measure_id], one.name) for one in sorted(categories, key=lambda one: one.id)])


def _unit_entries(units: list[Any], nation: int) -> Iterator[UnitEntry]:
    """All units but the nation; the built-in ones last, as the tables print them."""
    by_id, last = {unit.id: unit for unit in units}, {code: place for place, code in enumerate(BUILT_IN, 1)}
    for unit in sorted(units, key=lambda unit: (last.get(unit.code, 0), unit.id)):
        if unit.id != nation:
            parent = by_id[unit.parent_id].code if unit.parent_id else None
            lineage = (*_ancestors(unit, by_id), nation)
            yield UnitEntry(
                unit.id,
                unit.code,
                unit.name,
                unit.kind,
                parent,
                unit.level,
                unit.time_zone,
                unit.expected,
                unit.conducted_separately,
                lineage,
            )


def _ancestors(unit: Any, by_id: Mapping[int, Any]) -> Iterator[int]:
    while unit is not None:
        yield unit.id
        unit = by_id[unit.parent_id] if unit.parent_id else None


def _measure_entry(measure: Any, categories: list[Any], letters: Letters) -> MeasureEntry:
    own = {category.name: category.id for category in categories if category.measure_id == measure.id}
    said = {name: letters[measure.code][name] for name in own}
    return MeasureEntry(measure.id, measure.code, measure.label, measure.unit, measure.scale, measure.definition, own, said)
