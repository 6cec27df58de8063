"""``/audit`` and ``/operations/{code}/audit``: who did what."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number
from coordinator.operations import audit
from coordinator.operations.schemas.audit import AuditList, AuditQuery

room = Room("audit", __name__, url_prefix="/api/v1", description="Who did what, when, whence and on what.")


@room.route("/audit", methods=["GET"])
@guard("audit.read_all")
@room.arguments(AuditQuery, location="query")
@room.response(200, AuditList)
def everything(actor: Actor, query: dict[str, Any]) -> Response:
    """List every act on the record, newest first."""
    return _listed(None, query)


@room.route("/operations/<code>/audit", methods=["GET"])
@guard("audit.read")
@room.arguments(AuditQuery, location="query")
@room.response(200, AuditList)
def of_operation(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the acts on an operation, newest first."""
    return _listed(code, query)


def _listed(code: str | None, query: dict[str, Any]) -> Response:
    with transaction():
        items = audit.some(code, query, place_number(query["cursor"]))
    return page(items, query["limit"], str(items[-1]["id"]) if items else None)
