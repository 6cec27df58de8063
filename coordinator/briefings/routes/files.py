"""``/operations/{code}/briefings/files``: what goes with the pages."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.briefings import filing
from coordinator.briefings.routes.briefings import room
from coordinator.briefings.schemas import FileOut, FileQuery
from coordinator.db import transaction
from coordinator.doors import read_body, unchanged_or
from coordinator.errors import TooLarge

_BYTES = {"schema": {"type": "string", "format": "binary"}}
_SENT = {"application/octet-stream": _BYTES}
_READ = {kind.media_type.split(";")[0]: _BYTES for kind in filing.KINDS.values()}

HARMLESS = "default-src 'none'; sandbox"
"""The policy of a file that somebody opens all the same: it runs and loads nothing."""


@room.route("/files", methods=["POST"])
@guard("briefings.publish")
@room.doc(requestBody={"required": True, "content": _SENT})
@room.arguments(FileQuery, location="query")
@room.response(201, FileOut)
def add(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Send a file for a version to come: PDF, PNG, JPEG, text, Markdown or CSV, of 5 MB at most."""
    try:
        content = read_body(filing.MOST_BYTES)
    except TooLarge:
        raise TooLarge(f"{query['name']} is larger than 5 MB. Make it smaller, or split it.") from None
    asked = {"file_of": code, "name": query["name"], "sha256": hashlib.sha256(content).hexdigest()}
    return make(
        actor,
        asked,
        lambda: filing.add(actor, code, query["name"], content),
        lambda made: f"/api/v1/operations/{code}/briefings/files/{made['id']}",
    )


@room.route("/files/<uuid:id>", methods=["GET"])
@guard("briefings.read")
@room.doc(responses={200: {"description": "the file, to be saved", "content": _READ}})
def read(actor: Actor, code: str, id: UUID) -> Response:
    """Read a file."""
    with transaction(snapshot=True):
        found = filing.find(code, id)
    response = Response(found.content, content_type=found.kind)
    response.headers.set("Content-Disposition", "attachment", filename=found.name)
    response.headers["Content-Security-Policy"] = HARMLESS
    return unchanged_or(response, found.digest)
