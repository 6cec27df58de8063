"""``/operations/{code}/releases``: what was released, as it was stored, and what changed with it."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number, tagged, unchanged_or
from coordinator.fields import LARGEST, Page
from coordinator.operations import service as operations
from coordinator.releases import reading
from coordinator.releases.doors.schemas import ReleaseChanges, ReleaseList, ReleaseOut

room = Room("numbered_releases", __name__, url_prefix="/api/v1/operations/<code>/releases", description="What was released.")


@room.route("", methods=["GET"])
@guard("releases.read")
@room.arguments(Page, location="query")
@room.response(200, ReleaseList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the releases, newest first, each with its sentences and which of them are no longer so."""
    before = place_number(query["cursor"], LARGEST)
    with transaction(snapshot=True):
        items = reading.listed(operations.find(code), query["limit"], before)
    return page(items, query["limit"], str(items[-1]["number"]) if items else None)


@room.route("/<int:number>", methods=["GET"])
@guard("releases.read")
@room.response(200, ReleaseOut)
def read(actor: Actor, code: str, number: int) -> Response:
    """Read a release as it was stored, byte for byte."""
    with transaction(snapshot=True):
        content = reading.stored(operations.find(code), number).content
    return unchanged_or(Response(content, mimetype="application/json"), content)


@room.route("/<int:number>/changes", methods=["GET"])
@guard("releases.read")
@room.response(200, ReleaseChanges)
def changes(actor: Actor, code: str, number: int) -> Response:
    """Read what changed with a release since the one before, by unit and measure."""
    with transaction(snapshot=True):
        return tagged(reading.changes(operations.find(code), number))
