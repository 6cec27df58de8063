"""Control totals: entering what the nation is expected to be, and giving its remainder to someone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import Invalid, NotFound
from coordinator.operations import service as operations
from coordinator.operations.models import UNATTRIBUTED, UNSPECIFIED
from coordinator.reconciliation import document, reading, statements
from coordinator.reconciliation.facts import said
from coordinator.reconciliation.models import Control
from coordinator.reconciliation.stating import given, own_unit, report, settled
from coordinator.reports.lines import category_of, quantity_of
from coordinator.reports.personal import complaint
from coordinator.totals import reading as totals


def enter(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Records a national figure from elsewhere: ``measure``, ``category`` (None: the whole measure), ``quantity``, ``source``. It
    replaces what the same source said before. Refuses with NotFound and Invalid."""
    catalogue = operations.find(code)
    errors: dict[str, list[str]] = {}
    category = category_of(catalogue, {**content, "category": content["category"] or UNSPECIFIED}, "", errors)
    measure = catalogue.measure_by_code.get(content["measure"])
    quantity = quantity_of(measure, content["quantity"], "", errors)
    if problem := complaint(content["source"]):
        errors["/source"] = [problem]
    if errors or measure is None:
        raise Invalid(errors)
    id, position = uuid7(), totals.standing_position(catalogue.id)
    about = {"measure_id": measure.id, "category_id": category if content["category"] else None, "quantity": quantity}
    rest = {"source": content["source"].strip(), "position": position, "author_id": actor.id}
    session().add(Control(id=id, operation_id=catalogue.id, **about, **rest))
    session().flush()
    return next(one for one in listed(code) if one["id"] == str(id))


def listed(code: str) -> list[dict[str, Any]]:
    """The control totals that stand, each with the nation's figure and the remainder. Refuses with NotFound."""
    facts = reading.facts(operations.find(code))
    return [document.control(facts, one) for one in facts.controls]


def attribute(actor: Actor, code: str, id: UUID, unit: str) -> dict[str, Any]:
    """Reports the remainder of a control total for ``unit``, or for UNATTRIBUTED, so that the nation has it. Answers the receipt.

    Refuses with NotFound, NotReconciling, NotCountedYet and Invalid.
    """
    catalogue = settled(code)
    facts = reading.facts(catalogue)
    control = next((one for one in facts.controls if one.id == id), None)
    if control is None:
        raise NotFound("There is no such control total, or its source has given another since.")
    left = statements.remainder(facts, control)
    if left <= 0:
        more = "the same" if left == 0 else f"{said(-left, control.measure)} more"
        raise Invalid.at("", f"Nothing is missing: the nation has {more}. What is too much is taken out where it was reported.")
    if unit != UNATTRIBUTED:
        own_unit(actor, catalogue, unit)
    line: dict[str, Any] = {
        "measure": control.measure.code,
        "category": control.category or UNSPECIFIED,
        "quantity": given(left, control.measure),
    }
    now = session().scalars(select(func.clock_timestamp())).one()
    note = f"What is missing of the figure by {control.source}"
    return report(actor, code, unit, "increment", now, [line | {"assisting": []}], note)
