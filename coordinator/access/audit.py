"""The audit record: one row for each act, in the same transaction as the act itself. Reports are their own record."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from coordinator.access.actor import Actor
from coordinator.access.models import Act
from coordinator.db import session


def record(actor: Actor, act: str, operation_id: int | None, detail: dict[str, Any]) -> None:
    """Writes who did what, whence and on what; it stands or falls with the transaction."""
    session().add(Act(actor_id=actor.id, actor_name=actor.name, origin=actor.origin, act=act, operation_id=operation_id, detail=detail))


def recorded(operation_id: int, act: str, detail: dict[str, Any]) -> bool:
    """Whether just this is on the record of an operation already."""
    same = select(Act.id).where(Act.operation_id == operation_id, Act.act == act, Act.detail == detail)
    return session().scalar(same.limit(1)) is not None
