"""``/operations/{code}/spoken``: a report that is said over a telephone as one line, checked and taken."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, answer
from coordinator.reports import telephone
from coordinator.reports.schemas import SpokenIn, SpokenOut, SpokenTaken

room = Room("spoken", __name__, url_prefix="/api/v1/operations/<code>/spoken", description="A report said as one line.")


@room.route("", methods=["POST"])
@guard("reports.telephone")
@room.arguments(SpokenIn)
@room.response(200, SpokenOut)
def check(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Hear a line: what it says, read back in words, or what was misheard and where. Nothing is taken."""
    with transaction():
        return answer(telephone.check(actor, code, content["line"]))


@room.route("/taking", methods=["POST"])
@guard("reports.telephone")
@room.arguments(SpokenIn)
@room.response(201, SpokenTaken)
def take(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Take the report of a line. It counts once, whether it is said again or comes from the phone as well, before or after."""
    return make(
        actor,
        {"spoken_to": code, **content},
        lambda: telephone.take(actor, code, content["line"]),
        lambda made: f"/api/v1/operations/{code}/reports/{made['receipt']['id']}",
    )
