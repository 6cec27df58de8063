"""``/operations/{code}/situation-reports``: make, list, read, approve, and how often the hub makes one by itself."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.apart import Apart
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number, tagged, unchanged_or
from coordinator.fields import LARGEST, Page, Shape
from coordinator.situation import paper, reading, service
from coordinator.situation.schemas import ScheduleIn, ScheduleOut, SituationIn, SituationList, SituationOut

ADDRESS = "/api/v1/operations/<code>/situation-reports"
room = Room("situation", __name__, url_prefix=ADDRESS, description="Where the whole operation stands, said at a time.")

PDF = {"responses": {200: {"description": "PDF/UA-1", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}

_APART = Apart(1)
"""One paper at a time in each process: each is work for one processor."""


@room.route("", methods=["POST"])
@guard("situation.make")
@room.arguments(SituationIn)
@room.response(201, SituationOut)
def create(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Make the situation report of the journal's end, and tell all by a bulletin."""
    return make(
        actor,
        {"situation_of": code, **content},
        lambda: service.make(actor, code, content),
        lambda made: f"/api/v1/operations/{code}/situation-reports/{made['number']}",
    )


@room.route("", methods=["GET"])
@guard("situation.read")
@room.arguments(Page, location="query")
@room.response(200, SituationList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the situation reports, newest first."""
    with transaction(snapshot=True):
        items = reading.listed(code, query["limit"], place_number(query["cursor"], LARGEST))
    return page(items, query["limit"], str(items[-1]["number"]) if items else None)


@room.route("/<int:number>", methods=["GET"])
@guard("situation.read")
@room.response(200, SituationOut)
def read(actor: Actor, code: str, number: int) -> Response:
    """Read a situation report: what it says, who prepared it, and who approved it."""
    with transaction(snapshot=True):
        return tagged(reading.one(code, number))


@room.route("/<int:number>.pdf", methods=["GET"])
@guard("situation.read")
@room.doc(**PDF)
def as_pdf(actor: Actor, code: str, number: int) -> Response:
    """Read a situation report as a paper."""
    with transaction(snapshot=True):
        report = reading.one(code, number)
    content = _APART.do(paper.as_pdf, report)
    headers = {"Content-Disposition": f'attachment; filename="{code}-situation-{number}.pdf"'}
    return unchanged_or(Response(content, 200, headers, content_type="application/pdf"), content)


@room.route("/<int:number>/approval", methods=["POST"])
@guard("situation.approve")
@room.arguments(Shape)
@room.response(201, SituationOut)
def approve(actor: Actor, content: dict[str, Any], code: str, number: int) -> Response:
    """Approve a situation report that someone else has prepared."""
    return make(actor, {"approval_of": code, "number": number}, lambda: service.approve(actor, code, number))


@room.route("/schedule", methods=["GET"])
@guard("situation.read")
@room.response(200, ScheduleOut)
def schedule(actor: Actor, code: str) -> Response:
    """Read how often the hub makes a situation report by itself, and when the next one is due."""
    with transaction(snapshot=True):
        return tagged(service.schedule(code))


@room.route("/schedule", methods=["POST"])
@guard("situation.make")
@room.arguments(ScheduleIn)
@room.response(201, ScheduleOut)
def set_schedule(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Set how often the hub makes a situation report by itself; null: never."""
    return make(actor, {"schedule_of": code, **content}, lambda: service.set_schedule(actor, code, content["every_minutes"]))
