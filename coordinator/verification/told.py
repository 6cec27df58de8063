"""What a bundle tells, in the words of this room: definitions and what was said. Nothing but the standard library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

REPORT = "tallyroom-report-1"
NATIONAL, OVERLAP = "NATIONAL", "OVERLAP"
_WHO = ("form", "operation", "id", "kind", "supersedes", "unit", "author", "channel")
REPORT_MEMBERS = frozenset((*_WHO, "basis", "observed_at", "received_at", "nil", "note", "reason", "lines"))
JOINT_MEMBERS = frozenset((*REPORT_MEMBERS, "joint_action", "credit"))
COUNTED_UNDER = frozenset(("rules_version",))
"""The version of the counting rules, where there were any."""

LINE_MEMBERS = frozenset(("measure", "category", "quantity", "unquantified", "assisting"))


class NotTold(ValueError):
    """Something that does not say what it should; the text says what is wrong with it."""


@dataclass(frozen=True)
class Measure:
    """What is counted, in whole numbers of 10^-scale units of count."""

    code: str
    label: str
    unit: str
    scale: int
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Unit:
    """Whoever figures are posted for; ``lineage`` is itself, all above it, and the nation."""

    code: str
    document: Mapping[str, Any]
    lineage: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Jurisdiction, agency, site, or what is built in."""
        return str(self.document["kind"])


@dataclass(frozen=True)
class Definitions:
    """An operation as it was defined from a moment on; units in the order in which they are printed."""

    document: Mapping[str, Any]
    units: Mapping[str, Unit] = field(repr=False)
    measures: Mapping[str, Measure] = field(repr=False)

    @property
    def expected(self) -> list[Unit]:
        """The jurisdictions that are expected to report."""
        return [unit for unit in self.units.values() if unit.kind == "jurisdiction" and unit.document["expected"]]


class Line(NamedTuple):
    """A line: its cell without the unit, its figure in units of 10^-scale or None, and who assisted."""

    measure: str
    category: str
    quantity: int | None
    assisting: tuple[str, ...]


class Said(NamedTuple):
    """A report, correction or withdrawal at its place in the journal; ``by_desk``: entered for a unit on the telephone; ``credit``:
    it moves no figure, because another unit leads the joint action it names."""

    position: int
    id: str
    kind: str
    unit: str
    supersedes: str | None
    standing: bool
    by_desk: bool
    credit: bool
    observed_at: datetime | None
    received_at: datetime
    lines: tuple[Line, ...]


def definitions(document: Any) -> Definitions:
    """Definitions from their document; NotTold where it is none."""
    try:
        if document["form"] != "tallyroom-definitions-1":
            raise NotTold(f"definitions of the form {document['form']} are not known to this version")
        by_code = {unit["code"]: unit for unit in document["units"]}
        units = {code: Unit(code, unit, _lineage(code, by_code)) for code, unit in by_code.items()}
        measures = {one["code"]: _measure(one) for one in document["measures"]}
        return Definitions(document, units, measures)
    except (KeyError, TypeError) as problem:
        raise NotTold(f"the definitions lack {problem}") from None


def _measure(one: Mapping[str, Any]) -> Measure:
    return Measure(one["code"], one["label"], one["unit"], one["scale"], tuple(one["categories"]))


def _lineage(code: str, by_code: Mapping[str, Any]) -> tuple[str, ...]:
    above = [code]
    while parent := by_code[above[-1]]["parent"]:
        if parent in above:
            raise NotTold(f"{parent} stands below itself")
        above.append(parent)
    return (*above, NATIONAL)


def said(position: int, document: Any, by: Definitions) -> Said:
    """An entry of the journal from its report; NotTold where it has not the members, units or measures it should."""
    known = isinstance(document, dict) and document.get("form") == REPORT
    if not known or document.keys() - COUNTED_UNDER not in (REPORT_MEMBERS, JOINT_MEMBERS):
        raise NotTold("its report is of a form that this version does not know")
    if document["operation"] != by.document["operation"]:
        raise NotTold(f"its report is of the operation {document['operation']}")
    if document["unit"] not in by.units:
        raise NotTold(f"there is no unit {document['unit']} in the definitions")
    observed = document["observed_at"]
    return Said(
        position,
        document["id"],
        document["kind"],
        document["unit"],
        document["supersedes"],
        document["basis"] == "to_date",
        document["channel"] == "telephone",
        document.get("credit", False),
        observed and moment(observed),
        moment(document["received_at"]),
        tuple(_line(line, by) for line in document["lines"]),
    )


def _line(line: Any, by: Definitions) -> Line:
    if not isinstance(line, dict) or line.keys() != LINE_MEMBERS:
        raise NotTold("a line of its report is of a form that this version does not know")
    measure = by.measures.get(line["measure"])
    if measure is None or line["category"] not in measure.categories:
        raise NotTold(f"there is no {line['measure']}, {line['category']} in the definitions")
    unknown = [code for code in line["assisting"] if code not in by.units]
    if unknown:
        raise NotTold(f"there is no unit {unknown[0]} in the definitions")
    quantity = None if line["quantity"] is None else whole(line["quantity"], measure.scale)
    return Line(line["measure"], line["category"], quantity, tuple(line["assisting"]))


def moment(text: str) -> datetime:
    """A time as the hub writes it; NotTold where it is none."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise NotTold(f"{text!r} is not a time") from None


def whole(text: Any, scale: int) -> int:
    """A figure in units of 10^-scale from how it is shown: 12500 for scale 0, "125.00" for scale 2."""
    try:
        quantity = int(str(text).replace(".", "", 1))
    except ValueError:
        quantity = 0
    if shown(quantity, scale) != text or isinstance(text, bool):
        raise NotTold(f"{text!r} is not a figure with {scale} decimal places")
    return quantity


def shown(quantity: int, scale: int) -> int | str:
    """The same the other way round."""
    if not scale:
        return quantity
    sign, digits = "-" if quantity < 0 else "", str(abs(quantity)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
