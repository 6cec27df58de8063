"""The check of figures: what the hub has stated, beside the same counted again from the journal. Standard library alone."""

from __future__ import annotations

from typing import Any

from coordinator.operations.expressions import ExpressionError
from coordinator.verification import recounted
from coordinator.verification.archive import NotOurs, Reader
from coordinator.verification.canonical import NotCanonical, decode
from coordinator.verification.checks import Told, differences
from coordinator.verification.findings import Findings
from coordinator.verification.told import Definitions

BY_THE_CLOCK = frozenset(("generated_at", "as_of", "at", "alarms"))
"""Members of a totals document that do not follow from definitions and journal: they say when it was made, and what was amiss then."""
RECENT = frozenset(("last_15_minutes", "last_60_minutes"))
"""Members of a national figure that depend on the moment of reading."""


def check_figures(reader: Reader, told: Told, findings: Findings) -> None:
    """The figures of the bundle's own position."""
    try:
        stated = decode(reader.content("figures.json"))
        document, rows = stated["totals"], stated["rows"]
    except (NotCanonical, KeyError, TypeError) as problem:
        raise NotOurs(f"figures.json can't be read: {problem}.") from None
    if not told.whole or told.current is None:
        findings.wrong("figures", "they can't be counted again, since the journal can't be read")
        return
    check_stated("figures", document, rows, told.current, told, findings)
    if isinstance(document, dict) and document.get("position") != told.head.get("position"):
        findings.wrong("figures", f"they are of position {document.get('position')}, and the bundle of {told.head.get('position')}")


def check_stated(part: str, document: Any, rows: Any, by: Definitions, told: Told, findings: Findings, status: str = "") -> None:
    """Totals and rows as stated, beside those that definitions and journal come to at the position they name. ``status``: what
    they must be called, where that does not follow from the definitions."""
    at = document.get("position") if isinstance(document, dict) else None
    if not isinstance(at, int) or not 0 <= at <= len(told.journal) or not isinstance(rows, list):
        findings.wrong(part, f"they are of position {at}, which is not in the bundle")
        return
    try:
        figures = recounted.count(by, told.journal, at)
        wanted = recounted.totals(by, figures) | {"status": status or recounted.status(by, figures)}
        wanted |= {"phase": by.document["phase"]} if "phase" in document else {}
        wanted_rows = list(recounted.rows(by, wanted, wanted["status"]))
    except (KeyError, ValueError, ExpressionError) as problem:
        findings.wrong(part, f"they can't be counted under these definitions: {problem!r}")
        return
    _compare(part, wanted, document, findings)
    _compare_rows(part, wanted_rows, rows, findings)
    if not findings.wrongs(part):
        cells = sum(len(measure["categories"]) for unit in wanted["units"] for measure in unit["measures"].values())
        findings.ok(f"{part}: counted again from the journal up to position {at}: {cells} cells and {len(rows)} rows, all equal")


def _compare(part: str, wanted: dict[str, Any], document: dict[str, Any], findings: Findings) -> None:
    for where in differences(wanted, _without_clock(document)):
        findings.wrong(part, f"totals: {where}")


def _compare_rows(part: str, wanted: list[dict[str, Any]], rows: list[Any], findings: Findings) -> None:
    if len(rows) != len(wanted):
        findings.wrong(part, f"there are {len(rows)} rows, and should be {len(wanted)}")
        return
    for number, (one, other) in enumerate(zip(wanted, rows, strict=True), 1):
        for where in differences(one, other):
            findings.wrong(part, f"row {number}, {one['unit']}: {where}")


def _without_clock(document: dict[str, Any]) -> dict[str, Any]:
    """The totals document without what a clock moves."""
    kept = {name: value for name, value in document.items() if name not in BY_THE_CLOCK}
    if isinstance(kept.get("reporting"), dict):
        kept["reporting"] = {name: value for name, value in kept["reporting"].items() if name != "overdue"}
    if isinstance(kept.get("national"), dict):
        kept["national"] = {code: _less_recent(figures) for code, figures in kept["national"].items()}
    return kept


def _less_recent(figures: Any) -> Any:
    return {name: value for name, value in figures.items() if name not in RECENT} if isinstance(figures, dict) else figures
