"""The reconciliation of an operation in the words of the API: pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.reconciliation import checks, statements
from coordinator.reconciliation.checks import Settled
from coordinator.reconciliation.facts import Adjustment, By, Expected, Facts, shown
from coordinator.reconciliation.statements import Compared

Sees = Callable[[Sequence[str]], bool]
"""Whether the reader may see what concerns these units, none: the nation alone."""


def whole(facts: Facts, sees: Sees) -> dict[str, Any]:
    """What was reported beside what was stated, every check with what settles it, controls, adjustments, and what is open."""
    rows = list(statements.compared(facts))
    found = [one for one in checks.of(facts, rows) if sees(one.check.units)]
    by_id = {one.check.id: one for one in found}
    return {
        "operation": facts.catalogue.code,
        "position": facts.document["position"],
        "phase": facts.catalogue.phase,
        "open": [item._asdict() | {"units": list(item.units)} for item in checks.open_items(found)],
        "rows": [_row(row, by_id) for row in rows if sees((row.unit.code,))],
        "checks": [check(one) for one in found],
        "controls": [control(facts, one) for one in facts.controls] if sees(()) else [],
        "adjustments": [adjustment(facts.catalogue, one) for one in facts.adjustments if sees(list(one.sources))],
    }


def _row(row: Compared, found: Mapping[str, Settled]) -> dict[str, Any]:
    final, about = row.final, f"final:{row.unit.code}:{row.measure.code}:{row.category}"
    asked = found.get(about)
    return {
        "unit": row.unit.code,
        "unit_name": row.unit.name,
        "measure": row.measure.code,
        "category": row.category,
        "reported": None if row.reported is None else shown(row.reported, row.measure),
        "unquantified": row.unquantified,
        "final": None if final is None or final.quantity is None else shown(final.quantity, row.measure),
        "words": final and final.words,
        "stated": final and by(final.by),
        "difference": None if row.difference is None else shown(row.difference, row.measure),
        "check": asked and about,
        "explanation": asked.explanation.text if asked and asked.explanation and asked.current else None,
        "settled": asked.settled if asked else not (row.unit.expected and row.unit.kind == "jurisdiction"),
    }


def check(one: Settled) -> dict[str, Any]:
    """A check with its working."""
    asked, explained = one.check, one.explanation
    return {
        "id": asked.id,
        "code": asked.code,
        "subject": asked.subject,
        "units": list(asked.units),
        "measure": asked.measure,
        "category": asked.category,
        "inputs": [{"name": name, "value": value} for name, value in asked.inputs],
        "inputs_digest": asked.digest.hex(),
        "formula": asked.formula,
        "tolerance": 0,
        "holds": asked.holds,
        "why": asked.why,
        "settled": one.settled,
        "settled_by": _settled_by(one),
        "explanation": explained and {"text": explained.text, "position": explained.position, "current": one.current} | by(explained.by),
    }


def _settled_by(one: Settled) -> str | None:
    if one.check.holds or not one.settled:
        return None
    return "adjustment" if one.adjustment else "explanation"


def control(facts: Facts, one: Expected) -> dict[str, Any]:
    """A control total with what the nation lacks of it."""
    left = statements.remainder(facts, one)
    return {
        "id": str(one.id),
        "measure": one.measure.code,
        "category": one.category,
        "quantity": shown(one.quantity, one.measure),
        "national": shown(one.quantity - left, one.measure),
        "remainder": shown(left, one.measure),
        "source": one.source,
        "position": one.position,
    } | by(one.by)


def adjustment(catalogue: Catalogue, one: Adjustment) -> dict[str, Any]:
    """An adjustment, standing or fallen."""
    measure, category = catalogue.measure_of_category[one.category]
    return {
        "id": str(one.id),
        "measure": measure.code,
        "category": category,
        "method": one.method,
        "sources": [{"unit": unit, "quantity": shown(quantity, measure)} for unit, quantity in one.sources.items()],
        "result": shown(one.result, measure),
        "reduction": shown(one.reduction, measure),
        "reason": one.reason,
        "position": one.position,
        "standing": one.fallen is None,
        "fallen": one.fallen and {"reason": one.fallen.reason, "position": one.fallen.position} | by(one.fallen.by),
    } | by(one.by)


def by(who: By) -> dict[str, Any]:
    """Who said something, in what role, and when: a final that the desk has entered for a unit shows that it was the desk."""
    return {"name": who.name, "role": who.role, "at": moment_text(who.at)}
