"""``/operations/{code}/zero``: that every counter is at zero, signed by the desk."""

from __future__ import annotations

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, tagged
from coordinator.operations.schemas.operations import ZeroOut
from coordinator.reports import zero

room = Room("zero", __name__, url_prefix="/api/v1/operations/<code>/zero", description="Counters at zero before the night.")


@room.route("", methods=["GET"])
@guard("exercises.read")
@room.response(200, ZeroOut)
def read(actor: Actor, code: str) -> Response:
    """Read whether zero must be signed, who has signed it, and what stands against it."""
    with transaction(snapshot=True):
        return tagged(zero.document(code))


@room.route("", methods=["POST"])
@guard("zero.sign")
@room.response(201, ZeroOut)
def sign(actor: Actor, code: str) -> Response:
    """Sign that every counter of the operation is at zero; refused while any report stands."""
    return make(actor, {"zero_of": code}, lambda: zero.sign(actor, code))
