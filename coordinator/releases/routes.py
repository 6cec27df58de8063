"""``/operations/{code}/statistics``: agency-level statistics as JSON and CSV."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, tagged, unchanged_or
from coordinator.releases import service, statistics
from coordinator.releases.schemas import Statistics, StatisticsQuery

room = Room("releases", __name__, url_prefix="/api/v1/operations/<code>", description="What is published.")

CSV = {"responses": {200: {"description": "RFC 4180, UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}}}}


@room.route("/statistics.json", methods=["GET"])
@guard("statistics.read")
@room.arguments(StatisticsQuery, location="query")
@room.response(200, Statistics)
def as_json(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics by unit, measure and category as JSON."""
    with transaction(snapshot=True):
        document, rows = service.rows(actor, code, query.get("at"))
    head = {name: document[name] for name in ("operation", "position", "status", "generated_at")}
    return tagged(head | {"rows": rows}, "generated_at")


@room.route("/statistics.csv", methods=["GET"])
@guard("statistics.read")
@room.doc(**CSV)
@room.arguments(StatisticsQuery, location="query")
def as_csv(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics as a spreadsheet's file."""
    with transaction(snapshot=True):
        document, rows = service.rows(actor, code, query.get("at"))
    content = statistics.as_csv(iter(rows))
    headers = {"Content-Disposition": f'attachment; filename="{code}-{document["position"]}.csv"'}
    return unchanged_or(Response(content, 200, headers, content_type="text/csv; charset=utf-8; header=present"), content)
