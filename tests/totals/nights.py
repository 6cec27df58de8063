"""Random nights: a small tree of units, a few measures, and what was reported, corrected and withdrawn, in some order.

A night is made to be awkward rather than likely: few units, few minutes and many collisions, so that every rule of the
arithmetic meets every other within a dozen records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from tests.totals.naive import Line, Number, Record

DUSK = datetime(2021, 8, 27, 4, 57, tzinfo=UTC)
"""Three minutes before midnight in Missouri: the nights run across it."""

DAWN = datetime(2021, 8, 27, 12, 0, tzinfo=UTC)
"""When the first record of a night is received; each later one a second after. No figure depends on it."""


@dataclass(frozen=True)
class Measure:
    """A measure; ``scale`` decimal places, and the categories it may be reported in."""

    code: str
    scale: int
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Night:
    """``tree`` is unit -> parent or None; ``records`` stand in the order of the journal."""

    tree: dict[str, str | None]
    measures: tuple[Measure, ...]
    records: tuple[Record, ...]

    def cells(self) -> list[tuple[str, str, str]]:
        """Every unit, measure and category there is, reported or not."""
        return [(unit, measure.code, category) for unit in self.tree for measure in self.measures for category in measure.categories]


MEASURES = (
    Measure("arrests", 0, ("unspecified",)),
    Measure("victims_rescued", 0, ("unspecified", "minor", "missing child")),
    Measure("currency_seized", 2, ("unspecified", "cash")),
    Measure("services_provided", 0, ("unspecified",)),
)
JURISDICTIONS = ("KY", "MO", "TN")
BELOW = ("KY-KSP", "MO-MSHP", "MO-MSHP-C", "TX-APD")
"""Agencies and sites: whose they are is drawn, not read from the code, so that no one counts by prefix."""

moments = st.builds(
    lambda minute, second, zone: (DUSK + timedelta(minutes=minute, seconds=second)).astimezone(zone),
    st.integers(0, 5),
    st.sampled_from([0, 0, 30, 59.999999]),
    st.sampled_from([UTC, timezone(timedelta(hours=-5))]),
)
"""Two dozen instants, each written in either of two zones: many reports share one, and some stand at a minute's very end."""


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str | None]:
    """One to three jurisdictions, up to four units below them at any depth, UNATTRIBUTED and OVERLAP."""
    tree: dict[str, str | None] = dict.fromkeys(JURISDICTIONS[: draw(st.integers(1, 3))])
    for code in BELOW[: draw(st.integers(0, 4))]:
        tree[code] = draw(st.sampled_from(list(tree)))
    return {**tree, "UNATTRIBUTED": None, "OVERLAP": None}


@dataclass(frozen=True)
class Stage:
    """The few units, cells and instants that a night is about, so that its records meet; all others stay silent."""

    tree: dict[str, str | None]
    units: list[str]
    cells: list[tuple[Measure, str]]
    instants: list[datetime]


@st.composite
def nights(draw: st.DrawFn, most: int = 12, ties: bool = True) -> Night:
    """A night of up to ``most`` records; without ``ties`` no two to-date figures of one cell are of the same instant."""
    tree, measures = draw(trees()), draw(st.lists(st.sampled_from(MEASURES), min_size=1, unique=True))
    stage = draw(_stages(tree, measures))
    records: list[Record] = []
    for number in range(1, draw(st.integers(0, most) | st.integers(min(6, most), most)) + 1):
        record = draw(_records(stage, records, f"r{number}"))
        if not ties and any(_tied(record, earlier) for earlier in records):
            record = replace(record, basis="increment")
        records.append(record)
    return Night(tree, tuple(measures), _received(records))


@st.composite
def _stages(draw: st.DrawFn, tree: dict[str, str | None], measures: list[Measure]) -> Stage:
    cells = [(measure, category) for measure in measures for category in measure.categories]
    return Stage(
        tree,
        draw(st.lists(st.sampled_from(list(tree)), min_size=1, max_size=3, unique=True)),
        draw(st.lists(st.sampled_from(cells), min_size=1, max_size=3, unique=True)),
        draw(st.lists(moments, min_size=3, max_size=6, unique_by=str)),
    )


@st.composite
def _records(draw: st.DrawFn, stage: Stage, earlier: list[Record], id: str) -> Record:
    """The next record: a report, or more rarely a correction or withdrawal of one that is current."""
    superseded = {record.supersedes for record in earlier}
    current = [record for record in earlier if record.kind != "withdrawal" and record.id not in superseded]
    kind = draw(st.sampled_from(["report", "report", "report", "report", "correction", "withdrawal"] if current else ["report"]))
    if kind == "report":
        return draw(_reports(stage, id, draw(st.sampled_from(stage.units))))
    named = draw(st.sampled_from(current))
    if kind == "withdrawal" or named.unit == "OVERLAP":
        return replace(named, id=id, kind="withdrawal", supersedes=named.id, nil=False, lines=())
    return replace(draw(_reports(stage, id, named.unit, nil_in=3)), kind=kind, supersedes=named.id)


@st.composite
def _reports(draw: st.DrawFn, stage: Stage, id: str, unit: str, nil_in: int = 4) -> Record:
    """A report of one to three lines, each of another cell, or one in ``nil_in`` a nil report; of OVERLAP always an adjustment."""
    if unit == "OVERLAP":
        cells = draw(st.lists(st.sampled_from(stage.cells), min_size=1, unique=True))
        taken = tuple(Line(measure.code, category, _scaled(measure, -draw(st.integers(0, 40)))) for measure, category in cells)
        return Record(id, unit, "report", None, "increment", draw(st.sampled_from(stage.instants)), DAWN, False, taken)
    basis, instant = draw(st.sampled_from(["increment", "to_date"])), draw(st.sampled_from(stage.instants))
    nil = draw(st.integers(1, nil_in)) == nil_in
    cells = [] if nil else draw(st.lists(st.sampled_from(stage.cells), min_size=1, unique=True))
    leads = [other for other in stage.tree if other != "OVERLAP" and (basis == "increment" or other in lineage(stage.tree, unit))]
    lead = draw(st.none() | st.sampled_from(leads))
    credit = lead is not None and lead not in lineage(stage.tree, unit)
    may_assist = basis == "increment" and not credit
    others = [other for other in stage.tree if may_assist and other not in (unit, "UNATTRIBUTED", "OVERLAP")]
    lines = tuple(draw(_lines(measure, category, others)) for measure, category in cells)
    return Record(id, unit, "report", None, basis, instant, DAWN, nil, lines, draw(st.booleans()), lead, credit)


@st.composite
def _lines(draw: st.DrawFn, measure: Measure, category: str, others: list[str]) -> Line:
    """A quantity (small, 0, or as large as the hub takes), or one in five unquantified; ``others`` may have assisted."""
    if draw(st.integers(0, 4)) == 4:
        return Line(measure.code, category, None)
    whole = draw(st.integers(0, 40) | st.sampled_from([0, 10**12]))
    assisting = draw(st.lists(st.sampled_from(others), max_size=2, unique=True).map(tuple)) if others else ()
    return Line(measure.code, category, _scaled(measure, whole), assisting)


def lineage(tree: Mapping[str, str | None], unit: str) -> list[str]:
    """The unit and all above it."""
    parent = tree[unit]
    return [unit] if parent is None else [unit, *lineage(tree, parent)]


def _scaled(measure: Measure, whole: int) -> Number:
    return Decimal(whole).scaleb(-measure.scale) if measure.scale else whole


@st.composite
def arrivals(draw: st.DrawFn, records: Sequence[Record], keep_ties: bool = True) -> tuple[Record, ...]:
    """The same records in another order they could have come in: each after the one it supersedes.

    With ``keep_ties`` to-date figures of one cell and instant keep their order among themselves: it is the one thing the
    order of the journal decides, so without it only a night without ties is sure to come to the same.
    """
    waiting, arrived = list(records), []
    while waiting:
        ready = [record for record in waiting if not any(_before(other, record, records, keep_ties) for other in waiting)]
        arrived.append(draw(st.sampled_from(ready)))
        waiting.remove(arrived[-1])
    return _received(arrived)


@st.composite
def groupings(draw: st.DrawFn, records: Sequence[Record]) -> list[tuple[Record, ...]]:
    """The records cut into runs one after the other, none of them empty: what each fold finds in the inbox."""
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(records) - 1)))), len(records)] if len(records) > 1 else [0, len(records)]
    return [tuple(records[start:end]) for start, end in pairwise(cuts) if end > start]


def _before(first: Record, second: Record, records: Sequence[Record], keep_ties: bool) -> bool:
    """Whether ``second`` has to wait for ``first``."""
    if second.supersedes == first.id:
        return True
    places = {record.id: place for place, record in enumerate(records)}
    return keep_ties and _tied(first, second) and places[first.id] < places[second.id]


def _tied(one: Record, other: Record) -> bool:
    """Whether both give a to-date figure of the same cell at the same instant."""
    same = one.id != other.id and one.unit == other.unit and one.observed_at == other.observed_at and one.basis == other.basis == "to_date"
    return same and bool(_figures(one) & _figures(other))


def _figures(record: Record) -> set[tuple[str, str]]:
    return {(line.measure, line.category) for line in record.lines if line.quantity is not None}


def _received(records: Sequence[Record]) -> tuple[Record, ...]:
    """The records, each received a second after the one before it."""
    return tuple(replace(record, received_at=DAWN + timedelta(seconds=place)) for place, record in enumerate(records))
