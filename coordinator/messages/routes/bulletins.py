"""``/operations/{code}/bulletins``: say, list, read, acknowledge, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access.actor import LIAISON, Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, created, idempotency_key, page, place_number, tagged
from coordinator.messages import bulletins, reading
from coordinator.messages.schemas import (
    AcknowledgementIn,
    AcknowledgementOut,
    BulletinIn,
    BulletinList,
    BulletinOut,
    BulletinQuery,
    ThreadMessage,
    ThreadMessageIn,
)
from coordinator.operations import service as operations

room = Room("bulletins", __name__, url_prefix="/api/v1/operations/<code>/bulletins", description="What was ordered, and who has heard it.")


@room.route("", methods=["POST"])
@guard("bulletins.issue")
@room.arguments(BulletinIn)
@room.response(201, BulletinOut)
def issue(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Send a bulletin to all, to some units or to one; an update or cancel stands in place of the one it names."""
    return make(
        actor,
        {"bulletin_of": code, **content},
        lambda: reading.one(actor, code, bulletins.issue(actor, code, content)),
        lambda made: f"/api/v1/operations/{code}/bulletins/{made['id']}",
    )


@room.route("", methods=["GET"])
@guard("bulletins.read")
@room.arguments(BulletinQuery, location="query")
@room.response(200, BulletinList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the bulletins that reach the caller, newest first, with who has each and who has answered."""
    with transaction():
        items = reading.some(actor, code, query, place_number(query["cursor"]))
        _given(actor, code, items)
    return page(items, query["limit"], str(items[-1]["number"]) if items else None)


@room.route("/<uuid:id>", methods=["GET"])
@guard("bulletins.read")
@room.response(200, BulletinOut)
def read(actor: Actor, code: str, id: UUID) -> Response:
    """Read a bulletin."""
    with transaction():
        document = reading.one(actor, code, id)
        _given(actor, code, [document])
    return tagged(document)


@room.route("/<uuid:id>/acknowledgements", methods=["POST"])
@guard("bulletins.answer")
@room.arguments(AcknowledgementIn)
@room.response(201, AcknowledgementOut)
def acknowledge(actor: Actor, content: dict[str, Any], code: str, id: UUID) -> Response:
    """Acknowledge a bulletin for a unit it is to: understood, can't comply, or a question. Another answer later stands in its place."""
    with transaction():
        asked = {"acknowledgement_of": str(id), "operation": code, **content}
        document, repeated = once(actor, idempotency_key(), asked, lambda: bulletins.acknowledge(actor, code, id, content))
    again = document.pop("again")
    return created(document, repeated or again)


@room.route("/<uuid:id>/messages", methods=["POST"])
@guard("bulletins.answer")
@room.arguments(ThreadMessageIn)
@room.response(201, ThreadMessage)
def answer(actor: Actor, content: dict[str, Any], code: str, id: UUID) -> Response:
    """Write in the thread that the desk and one unit have about a bulletin."""
    asked = {"message_on": str(id), "operation": code, **content}
    return make(actor, asked, lambda: bulletins.answer(actor, code, id, content))


def _given(actor: Actor, code: str, items: list[dict[str, Any]]) -> None:
    """Whoever reads for a unit has it from now on."""
    if actor.role == LIAISON and actor.id is not None and items:
        given = [(UUID(item["id"]), actor.id) for item in items]
        bulletins.delivered(operations.find(code).id, given, "page" if actor.session else "api")
