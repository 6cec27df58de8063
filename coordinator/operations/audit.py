"""Reading the audit record: who did what, when, whence and on what, newest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from coordinator.access.models import Act
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import service
from coordinator.operations.models import Operation


def some(code: str | None, query: dict[str, Any], before: int | None) -> list[dict[str, Any]]:
    """Acts on an operation, or on anything where ``code`` is None; ``query`` may narrow by act and since (at or after). NotFound."""
    wanted = select(Act, Operation.code.label("operation")).outerjoin(Operation, Operation.id == Act.operation_id)
    wanted = wanted.order_by(Act.id.desc()).limit(query["limit"])
    if code is not None:
        wanted = wanted.where(Act.operation_id == service.find(code).id)
    if "act" in query:
        wanted = wanted.where(Act.act == query["act"])
    if "since" in query:
        wanted = wanted.where(Act.at >= query["since"])
    if before:
        wanted = wanted.where(Act.id < before)
    return [_document(row) for row in session().execute(wanted)]


def kinds(code: str | None) -> list[str]:
    """What has been done so far in an operation, or at all where ``code`` is None, each kind of act once."""
    wanted = select(Act.act).distinct()
    return sorted(session().scalars(wanted if code is None else wanted.where(Act.operation_id == service.find(code).id)))


def _document(row: Row[Act, str]) -> dict[str, Any]:
    act = row.Act
    return {
        "id": act.id,
        "at": moment_text(act.at),
        "act": act.act,
        "actor": {"id": act.actor_id and str(act.actor_id), "name": act.actor_name},
        "origin": act.origin,
        "operation": row.operation,
        "detail": act.detail,
    }
