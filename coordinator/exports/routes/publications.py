"""``/operations/{code}/publications``: public forms, each published once and for good."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number
from coordinator.exports import service
from coordinator.exports.schemas import Place, PublicationList, PublicationOut
from coordinator.fields import Page

room = Room("publications", __name__, url_prefix="/api/v1/operations/<code>/publications", description="What was published.")


@room.route("", methods=["POST"])
@guard("statistics.publish")
@room.arguments(Place)
@room.response(201, PublicationOut)
def publish(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Publish the public form of a position or release: small counts hidden, here and in whatever is published later."""
    return make(actor, [code, content], lambda: service.publish(actor, code, **content))


@room.route("", methods=["GET"])
@guard("statistics.read")
@room.arguments(Page, location="query")
@room.response(200, PublicationList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List what was published, newest first."""
    with transaction(snapshot=True):
        items, last = service.publications(actor, code, query["limit"], place_number(query["cursor"]))
    return page(items, query["limit"], last)
