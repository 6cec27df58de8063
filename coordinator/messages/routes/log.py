"""``/operations/{code}/log``: everything that was done, by time."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, cursor, place, tagged, unchanged_or
from coordinator.messages import activity, sentences
from coordinator.messages.schemas import Log, LogFilter, LogQuery
from coordinator.operations import service as operations

room = Room("log", __name__, url_prefix="/api/v1/operations/<code>", description="What was done, by time.")

CSV = {"responses": {200: {"description": "RFC 4180, UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}}}}


@room.route("/log", methods=["GET"])
@guard("log.read")
@room.arguments(LogQuery, location="query")
@room.response(200, Log)
def read(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List what was done, newest first: check-ins, bulletins and answers, calls, phases, reports and their corrections."""
    with transaction(snapshot=True):
        items, last = activity.entries(code, query, activity.place(place(query["cursor"])))
    there = last and len(items) == query["limit"]
    return tagged({"items": items, "next": cursor(str(last)) if last and there else None})


@room.route("/log.csv", methods=["GET"])
@guard("log.read")
@room.doc(**CSV)
@room.arguments(LogFilter, location="query")
def as_csv(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the same as a spreadsheet's file, the oldest first: an activity log (ICS-214)."""
    with transaction(snapshot=True):
        content = sentences.as_csv(operations.find(code), activity.whole(code, query))
    headers = {"Content-Disposition": f'attachment; filename="{code}-log.csv"'}
    return unchanged_or(Response(content, 200, headers, content_type="text/csv; charset=utf-8; header=present"), content)
