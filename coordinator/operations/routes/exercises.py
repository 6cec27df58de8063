"""``/operations/{code}/exercises``: make one, list them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from coordinator.access import invitations
from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, created, idempotency_key, tagged
from coordinator.operations import exercising
from coordinator.operations.documents import head, whole
from coordinator.operations.schemas.operations import ExerciseIn, ExerciseMade, OperationList

room = Room("exercises", __name__, url_prefix="/api/v1/operations/<code>/exercises", description="Rehearsals of an operation.")


@room.route("", methods=["POST"])
@guard("exercises.make")
@room.arguments(ExerciseIn)
@room.response(201, ExerciseMade)
def make(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Make an exercise: the same plan under a code of its own, and an invitation to its desk."""
    with transaction():
        document, repeated = once(actor, idempotency_key(), {"exercise_of": code, **content}, lambda: _made(actor, code, content))
        told = {name: value for name, value in document.items() if name != "invited"}
        link = f"{request.host_url}join#{invitations.shown(actor, UUID(document['invited']))}"
    return created(told | {"invitation": link}, repeated, f"/api/v1/operations/{told['code']}")


@room.route("", methods=["GET"])
@guard("exercises.read")
@room.response(200, OperationList)
def index(actor: Actor, code: str) -> Response:
    """List the exercises of an operation, the oldest first, all of them."""
    with transaction():
        return tagged({"items": [head(row, row.reporting_interval_minutes) for row in exercising.of(code)], "next": None})


def _made(actor: Actor, code: str, content: dict[str, Any]) -> dict[str, Any]:
    made = exercising.make(actor, code, content["starts_at"])
    return whole(made) | {"invited": str(exercising.invite_desk(actor, made)["id"])}
