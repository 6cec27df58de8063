"""``/operations/{code}/journal``: the record in its one order."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number
from coordinator.reports import journal
from coordinator.reports.schemas import Journal, JournalQuery

room = Room("journal", __name__, url_prefix="/api/v1/operations/<code>/journal", description="What was said, in its one order.")


@room.route("", methods=["GET"])
@guard("journal.read")
@room.arguments(JournalQuery, location="query")
@room.response(200, Journal)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the journal's entries: every report, correction and withdrawal by position, newest first."""
    with transaction(snapshot=True):
        items = journal.entries(code, query, place_number(query["cursor"]))
    return page(items, query["limit"], str(items[-1]["position"]) if items else None)
