"""``/operations/{code}/totals`` and ``/series``."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, tagged
from coordinator.totals import series, service
from coordinator.totals.schemas import Series, SeriesQuery, Totals, TotalsQuery

room = Room("totals", __name__, url_prefix="/api/v1/operations/<code>", description="What it comes to.")


@room.route("/totals", methods=["GET"])
@guard("totals.read")
@room.arguments(TotalsQuery, location="query")
@room.response(200, Totals)
def totals(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the totals: now, as of a time (by observed_at), or as the journal stood at a position."""
    with transaction(snapshot=True):
        document = service.totals(actor, code, query.get("as_of"), query.get("at"))
    return tagged(document, *service.APART)


@room.route("/series", methods=["GET"])
@guard("totals.read")
@room.arguments(SeriesQuery, location="query")
@room.response(200, Series)
def read_series(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read a measure through the night: for each step its start, what is new in it, and what stands at its end."""
    with transaction(snapshot=True):
        return tagged(series.series(actor, code, query))
