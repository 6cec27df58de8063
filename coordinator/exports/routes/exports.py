"""``/operations/{code}/exports``: files that a worker makes, to be fetched until they expire."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, answer, page, place_id
from coordinator.exports import files
from coordinator.exports.formats import FORMATS
from coordinator.exports.schemas import ExportIn, ExportList, ExportOut
from coordinator.fields import Page

room = Room("exported", __name__, url_prefix="/api/v1/operations/<code>/exports", description="Files that a worker makes.")

CONTENT = {
    one.media_type.partition(";")[0]: {"schema": {"type": "object" if name == "json" else "string"}} for name, one in FORMATS.items()
}
FILE = {"responses": {200: {"description": "the file", "content": CONTENT}}}


@room.route("", methods=["POST"])
@guard("statistics.read")
@room.arguments(ExportIn)
@room.response(202, ExportOut)
def ask(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Ask for a file; a worker makes it."""
    hours = current_app.extensions["tallyroom.settings"].export_hours
    return make(
        actor,
        [code, content],
        lambda: files.document(code, files.ask(actor, code, content, hours)),
        lambda made: f"/api/v1/operations/{code}/exports/{made['id']}",
        202,
    )


@room.route("", methods=["GET"])
@guard("statistics.read")
@room.arguments(Page, location="query")
@room.response(200, ExportList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the files asked for, the last first: one's own, for the desk all."""
    with transaction():
        rows = files.listed(actor, code, query["limit"], place_id(query["cursor"]))
    return page([files.document(code, one) for one in rows], query["limit"], str(rows[-1].id) if rows else None)


@room.route("/<uuid:id>", methods=["GET"])
@guard("statistics.read")
@room.response(200, ExportOut)
def read(actor: Actor, code: str, id: UUID) -> Response:
    """Read how far a file is, and where it can be fetched."""
    with transaction():
        return answer(files.document(code, files.find(actor, code, id)))


@room.route("/<uuid:id>/file", methods=["GET"])
@guard("statistics.read")
@room.doc(**FILE)
def fetch(actor: Actor, code: str, id: UUID) -> Response:
    """Fetch a file that is ready."""
    with transaction():
        export = files.find(actor, code, id)
        content, form = files.content(export), FORMATS[export.format]
    place = f"release-{export.release}" if export.release else str(export.position)
    name = f"{code}-{place}{'-public' if export.public else ''}.{form.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, 200, headers, content_type=form.media_type)
