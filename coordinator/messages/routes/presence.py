"""``/operations/{code}/presence``, ``/check-ins``, ``/calls``, ``/intervals`` and ``/stand-down``: who is there, and whom to call."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, answer, created, idempotency_key, tagged
from coordinator.messages import checkins, orders, watch
from coordinator.messages.schemas import CallIn, CallOut, CheckInIn, CheckInOut, ContactIn, IntervalIn, Presence, StandDownIn, StandDownOut

room = Room("presence", __name__, url_prefix="/api/v1/operations/<code>", description="Who is there, and whom to call.")


@room.route("/presence", methods=["GET"])
@guard("presence.read")
@room.response(200, Presence)
def presence(actor: Actor, code: str) -> Response:
    """Read where each of the caller's units stands: checked in, current, overdue, silent, stood down; its last word, and whom to call."""
    with transaction(snapshot=True):
        return tagged(watch.document(actor, code), "generated_at")


@room.route("/check-ins", methods=["POST"])
@guard("presence.check_in")
@room.arguments(CheckInIn)
@room.response(201, CheckInOut)
def check_in(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Check a unit in, and name whom to call for it tonight; by the desk, marked as by telephone."""
    unit, contact = content["unit"], content.get("contact")
    with transaction():
        asked = {"check_in_of": code, "unit": unit}
        document, repeated = once(actor, idempotency_key(), asked, lambda: checkins.check_in(actor, code, unit))
        if contact and not repeated:  # kept nowhere but in its own table, so neither in the answer nor in what the key stands for
            checkins.name_contact(actor, code, unit, contact)
    return created(document, repeated)


@room.route("/contacts", methods=["PUT"])
@guard("presence.check_in")
@room.arguments(ContactIn)
@room.response(204)
def name_contact(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Name whom to call for a unit tonight, in place of whoever it was. It is read with the unit's presence alone."""
    with transaction():
        checkins.name_contact(actor, code, content["unit"], content["contact"])
    return Response(status=204)


@room.route("/calls", methods=["POST"])
@guard("presence.direct")
@room.arguments(CallIn)
@room.response(201, CallOut)
def call(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Log that the desk has called a unit: its alarms are silent until the next interval."""
    return make(actor, {"call_of": code, **content}, lambda: checkins.call(actor, code, content))


@room.route("/intervals", methods=["PUT"])
@guard("presence.direct")
@room.arguments(IntervalIn)
@room.response(200, IntervalIn)
def set_interval(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Set how often a unit is to report; null: as often as the operation says."""
    with transaction():
        checkins.set_interval(actor, code, content["unit"], content["minutes"])
    return answer(content)


@room.route("/stand-down", methods=["GET"])
@guard("presence.read")
@room.response(200, StandDownOut)
def stand_down(actor: Actor, code: str) -> Response:
    """Read how far the stand-down is, and who has not understood it yet."""
    with transaction(snapshot=True):
        return tagged(orders.stand_down(code))


@room.route("/stand-down/close", methods=["POST"])
@guard("stand_down.close")
@room.arguments(StandDownIn)
@room.response(201, StandDownOut)
def close(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Say why the stand-down is over without those who have not understood it."""
    return make(actor, {"stand_down_of": code, **content}, lambda: orders.close(actor, code, content["reason"]))
