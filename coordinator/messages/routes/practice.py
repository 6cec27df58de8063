"""``/operations/{code}/practice``: who has practised."""

from __future__ import annotations

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, tagged
from coordinator.messages import practice
from coordinator.messages.schemas import Practice

room = Room("practice", __name__, url_prefix="/api/v1/operations/<code>/practice", description="Who has practised.")


@room.route("", methods=["GET"])
@guard("exercises.read")
@room.response(200, Practice)
def read(actor: Actor, code: str) -> Response:
    """Read which units have sent a practice report and an acknowledgement: in this exercise, or in any exercise of this operation."""
    with transaction(snapshot=True):
        return tagged(practice.document(code))
