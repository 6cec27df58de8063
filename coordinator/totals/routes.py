"""``/operations/{code}/totals``, ``/series`` and ``/sources``."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, cursor, place, tagged
from coordinator.errors import Invalid
from coordinator.totals import series, service
from coordinator.totals.schemas import Series, SeriesQuery, Sources, SourcesQuery, Totals, TotalsQuery
from coordinator.totals.sources import sources

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


@room.route("/sources", methods=["GET"])
@guard("reports.read")
@room.arguments(SourcesQuery, location="query")
@room.response(200, Sources)
def read_sources(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read where a figure comes from: the entries it is made of and those that no longer count, newest first."""
    with transaction(snapshot=True):
        document = sources(actor, code, query, _place(place(query["cursor"])))
    items = document["items"]
    last = f"{items[-1]['position']}.{items[-1]['number']}" if len(items) == query["limit"] else None
    return tagged(document | {"next": last and cursor(last)})


def _place(text: str | None) -> tuple[int, int] | None:
    """The place in the journal a cursor stands for: a position and the number of a line."""
    if text is None:
        return None
    parts = text.split(".")
    if len(parts) != 2 or not all(part.isdigit() and len(part) <= 18 for part in parts):
        raise Invalid.at("/cursor", "Not a cursor of this list.")
    return int(parts[0]), int(parts[1])
