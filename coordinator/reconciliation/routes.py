"""``/operations/{code}/reconciliation``, ``/finals``, ``/explanations``, ``/adjustments`` and ``/controls``."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, tagged
from coordinator.reconciliation import controlling, service, settling, stating
from coordinator.reconciliation.schemas import (
    AdjustmentIn,
    AdjustmentOut,
    AttributionIn,
    CheckOut,
    ControlIn,
    ControlList,
    ControlOut,
    ExplanationIn,
    Finals,
    FinalsIn,
    ReasonIn,
    Reconciliation,
    ReconciliationQuery,
    TakenReceipt,
    TakingIn,
)

room = Room("reconciliation", __name__, url_prefix="/api/v1/operations/<code>", description="Putting figures right before they stand.")


@room.route("/reconciliation", methods=["GET"])
@guard("reconciliation.read")
@room.arguments(ReconciliationQuery, location="query")
@room.response(200, Reconciliation)
def read(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read what was reported beside what units state, every check with its working, and what is still open."""
    with transaction(snapshot=True):
        return tagged(service.read(actor, code, query.get("at"), query.get("since")))


@room.route("/finals", methods=["POST"])
@guard("reconciliation.state")
@room.arguments(FinalsIn)
@room.response(201, Finals)
def state(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """State a unit's final figures. They stand beside what was reported and move nothing."""
    return make(actor, ["finals", code, content], lambda: stating.state(actor, code, content))


@room.route("/finals/taking", methods=["POST"])
@guard("reconciliation.state")
@room.arguments(TakingIn)
@room.response(201, TakenReceipt)
def take(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Make a unit's finals its figures, by a report to date."""
    return make(actor, ["taking", code, content], lambda: stating.take(actor, code, content))


@room.route("/explanations", methods=["POST"])
@guard("reconciliation.state")
@room.arguments(ExplanationIn)
@room.response(201, CheckOut)
def explain(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Explain a check that does not hold: it is settled for as long as its inputs stay as they are."""
    return make(actor, ["explanation", code, content], lambda: settling.explain(actor, code, content))


@room.route("/adjustments", methods=["POST"])
@guard("reconciliation.settle")
@room.arguments(AdjustmentIn)
@room.response(201, AdjustmentOut)
def adjust(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Take out of the nation what several units count in common. It falls away when a source changes."""
    return make(actor, ["adjustment", code, content], lambda: settling.adjust(actor, code, content))


@room.route("/adjustments/<uuid:id>/withdrawal", methods=["POST"])
@guard("reconciliation.settle")
@room.arguments(ReasonIn)
@room.response(201, AdjustmentOut)
def withdraw(actor: Actor, content: dict[str, Any], code: str, id: UUID) -> Response:
    """End an adjustment."""
    return make(actor, ["adjustment ended", code, str(id), content], lambda: settling.withdraw(actor, code, id, content["reason"]))


@room.route("/controls", methods=["GET"])
@guard("reconciliation.settle")
@room.response(200, ControlList)
def controls(actor: Actor, code: str) -> Response:
    """List the control totals, each with what the nation lacks of it."""
    with transaction(snapshot=True):
        return tagged({"items": controlling.listed(code)})


@room.route("/controls", methods=["POST"])
@guard("reconciliation.settle")
@room.arguments(ControlIn)
@room.response(201, ControlOut)
def enter(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Enter a national figure that was published or is expected. It replaces what the same source said before."""
    return make(actor, ["control", code, content], lambda: controlling.enter(actor, code, content))


@room.route("/controls/<uuid:id>/attribution", methods=["POST"])
@guard("reconciliation.settle")
@room.arguments(AttributionIn)
@room.response(201, TakenReceipt)
def attribute(actor: Actor, content: dict[str, Any], code: str, id: UUID) -> Response:
    """Report what the nation lacks of a control total, for a unit or for UNATTRIBUTED."""
    return make(actor, ["attribution", code, str(id), content], lambda: controlling.attribute(actor, code, id, content["unit"]))
