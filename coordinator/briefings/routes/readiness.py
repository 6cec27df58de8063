"""``/operations/{code}/briefings/changes`` and ``/readiness``: what a change of rules leaves behind, and what is missing before live."""

from __future__ import annotations

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.briefings import readiness, recounting
from coordinator.briefings.schemas import Readiness, RuleChanges
from coordinator.db import transaction
from coordinator.doors import Room, tagged

room = Room("readiness", __name__, url_prefix="/api/v1/operations/<code>", description="What is missing before the night.")


@room.route("/briefings/changes", methods=["GET"])
@guard("briefings.follow")
@room.response(200, RuleChanges)
def changes(actor: Actor, code: str) -> Response:
    """List what stands that was counted under other rules than those in force, by unit, measure and version."""
    with transaction(snapshot=True):
        return tagged(recounting.document(code))


@room.route("/readiness", methods=["GET"])
@guard("briefings.follow")
@room.response(200, Readiness)
def ready(actor: Actor, code: str) -> Response:
    """Read what is still missing before the operation is live, by unit and as a whole. It keeps nobody from going live."""
    with transaction(snapshot=True):
        return tagged(readiness.document(code))
