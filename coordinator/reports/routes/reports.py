"""``/operations/{code}/reports``: post, read, withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, check_key, created, idempotency_key, page, place, tagged
from coordinator.errors import Invalid
from coordinator.reports import reading, service
from coordinator.reports.routes import posting
from coordinator.reports.schemas import Receipt, ReportIn, ReportList, ReportOut, ReportQuery, WithdrawalIn

room = Room("reports", __name__, url_prefix="/api/v1/operations/<code>/reports", description="What liaisons said, for ever.")


@room.route("", methods=["POST"])
@guard("reports.post")
@room.arguments(ReportIn)
@room.response(201, Receipt)
def post(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Post a report, or correct one. Needs an Idempotency-Key; the receipt is given once the report is durable."""
    receipt, repeated = posting.post(service.Post(actor, code, content, check_key(idempotency_key())))
    return created(receipt, repeated, f"/api/v1/operations/{code}/reports/{receipt['id']}")


@room.route("", methods=["GET"])
@guard("reports.read")
@room.arguments(ReportQuery, location="query")
@room.response(200, ReportList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List reports, newest first."""
    with transaction(snapshot=True):
        items = reading.some(actor, code, query, _uuid(place(query["cursor"])))
    return page(items, query["limit"], items[-1]["id"] if items else None)


@room.route("/<uuid:id>", methods=["GET"])
@guard("reports.read")
@room.response(200, ReportOut)
def read(actor: Actor, code: str, id: UUID) -> Response:
    """Read a report: its lines, its place in the journal, and what became of it."""
    with transaction(snapshot=True):
        return tagged(reading.one(actor, code, id))


@room.route("/<uuid:id>/withdrawal", methods=["POST"])
@guard("reports.post")
@room.arguments(WithdrawalIn)
@room.response(201, Receipt)
def withdraw(actor: Actor, content: dict[str, Any], code: str, id: UUID) -> Response:
    """Withdraw a report: as if it had never been sent; the record stays."""
    with transaction():
        receipt, repeated = service.withdraw(actor, code, id, content["reason"], idempotency_key())
    return created(receipt, repeated)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid.at("/cursor", "Not a cursor of this list.") from None
