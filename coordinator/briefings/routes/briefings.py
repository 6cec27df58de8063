"""``/operations/{code}/briefings``: publish, list, read, acknowledge, and see who has."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import LIAISON, Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.briefings import reading, service
from coordinator.briefings.models import RECEIVED
from coordinator.briefings.schemas import (
    BriefingAcknowledgementIn,
    BriefingAcknowledgementOut,
    BriefingIn,
    BriefingList,
    BriefingOut,
    BriefingQuery,
    BriefingReceipts,
    PreviewIn,
    PreviewOut,
    ReadOut,
)
from coordinator.db import transaction
from coordinator.doors import Room, created, cursor, idempotency_key, place_number, tagged
from coordinator.errors import CheckNotPassed
from coordinator.operations import service as operations

room = Room("briefings", __name__, url_prefix="/api/v1/operations/<code>/briefings", description="What is said before the night.")


@room.route("", methods=["POST"])
@guard("briefings.publish")
@room.arguments(BriefingIn)
@room.response(201, BriefingOut)
def publish(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Publish a version of the pack, with the counting rules as they are defined now; one that asks holds up reports until acknowledged."""
    return make(
        actor,
        {"briefing_of": code, **content},
        lambda: reading.one(actor, code, service.publish(actor, code, content)),
        lambda made: f"/api/v1/operations/{code}/briefings/{made['version']}",
    )


@room.route("/preview", methods=["POST"])
@guard("briefings.publish")
@room.arguments(PreviewIn)
@room.response(200, PreviewOut)
def preview(actor: Actor, content: dict[str, Any], code: str) -> dict[str, Any]:
    """Show pages as they would be published; nothing is kept."""
    with transaction():
        operations.find(code)
    return {"pages": reading.rendered(content["pages"])}


@room.route("", methods=["GET"])
@guard("briefings.read")
@room.arguments(BriefingQuery, location="query")
@room.response(200, BriefingList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the versions, newest first, and what is asked of the caller."""
    with transaction(snapshot=True):
        items = reading.some(code, query["limit"], place_number(query["cursor"]))
        asked = reading.asked(actor, code)
    full = len(items) == query["limit"]
    return tagged({"items": items, "next": cursor(str(items[-1]["version"])) if full else None, "asked": asked})


@room.route("/<int:version>", methods=["GET"])
@guard("briefings.read")
@room.response(200, BriefingOut)
def read(actor: Actor, code: str, version: int) -> Response:
    """Read a version: its pages, counting rules, files and questions. A liaison who does has received it."""
    with transaction():
        document = reading.one(actor, code, version)
        if actor.role == LIAISON:
            service.has(actor, operations.find(code).id, version, RECEIVED)
    return tagged(document)


@room.route("/<int:version>/read", methods=["POST"])
@guard("briefings.acknowledge")
@room.response(201, ReadOut)
def has_read(actor: Actor, code: str, version: int) -> Response:
    """Say that one has read a version. Only the first time counts."""
    return make(actor, {"read_of": version, "operation": code}, lambda: service.read(actor, code, version))


@room.route("/<int:version>/acknowledgements", methods=["POST"])
@guard("briefings.acknowledge")
@room.arguments(BriefingAcknowledgementIn)
@room.response(201, BriefingAcknowledgementOut)
def acknowledge(actor: Actor, content: dict[str, Any], code: str, version: int) -> Response:
    """Acknowledge the counting rules in force for a unit, by answering their short check. It can be tried as often as it takes."""
    with transaction():
        asked = {"acknowledgement_of": version, "briefing_of": code, **content}
        document, repeated = once(actor, idempotency_key(), asked, lambda: service.acknowledge(actor, code, version, content))
    if "wrong" in document:  # on record by now: a try that fails is one too
        raise CheckNotPassed(document["wrong"], "An answer is not right. Read the rule named there again, then try once more.")
    again = document.pop("again")
    return created(document, repeated or again)


@room.route("/<int:version>/receipts", methods=["GET"])
@guard("briefings.follow")
@room.response(200, BriefingReceipts)
def receipts(actor: Actor, code: str, version: int) -> Response:
    """Read who has received, read and acknowledged a version, by unit and person, and who is late."""
    with transaction(snapshot=True):
        return tagged(reading.receipts(code, version))
