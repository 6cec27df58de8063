"""``/operations``: create, list, read, change, step."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number, tagged
from coordinator.fields import Page
from coordinator.operations import service
from coordinator.operations.documents import head, whole
from coordinator.operations.schemas.operations import OperationChange, OperationIn, OperationList, OperationOut, PhaseIn

room = Room("operations", __name__, url_prefix="/api/v1/operations", description="What is coordinated, and who takes part.")


@room.route("", methods=["POST"])
@guard("operations.create")
@room.arguments(OperationIn)
@room.response(201, OperationOut)
def create(actor: Actor, content: dict[str, Any]) -> Response:
    """Create an operation."""
    return make(actor, content, lambda: whole(service.create(actor, content)), lambda made: f"/api/v1/operations/{made['code']}")


@room.route("", methods=["GET"])
@guard("operations.read")
@room.arguments(Page, location="query")
@room.response(200, OperationList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List the operations the caller belongs to, newest first."""
    after = place_number(query["cursor"]) or 0
    with transaction():
        rows = service.visible(actor, query["limit"], after)
    return page((head(row, row.reporting_interval_minutes) for row in rows), query["limit"], str(rows[-1].id) if rows else None)


@room.route("/<code>", methods=["GET"])
@guard("operations.read")
@room.response(200, OperationOut)
def read(actor: Actor, code: str) -> Response:
    """Read an operation with its units, measures and rules."""
    with transaction():
        return tagged(whole(service.find(code)))


@room.route("/<code>", methods=["PATCH"])
@guard("operations.change")
@room.arguments(OperationChange)
@room.response(200, OperationOut)
def change(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Change what was planned; add measures, categories and units."""
    with transaction():
        return tagged(whole(service.change(actor, code, content)))


@room.route("/<code>/phase", methods=["POST"])
@guard("operations.phase")
@room.arguments(PhaseIn)
@room.response(200, OperationOut)
def set_phase(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Go to the next phase."""
    return make(actor, {"operation": code, **content}, lambda: whole(service.step(actor, code, content["phase"])), status=200)
