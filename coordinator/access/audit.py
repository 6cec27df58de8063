"""The audit record: one row for each act, in the same transaction as the act itself. Reports are their own record."""

from __future__ import annotations

from typing import Any

from coordinator.access.actor import Actor
from coordinator.access.models import Act
from coordinator.db import session


def record(actor: Actor, act: str, operation_id: int | None, detail: dict[str, Any]) -> None:
    """Writes who did what, whence and on what; it stands or falls with the transaction."""
    session().add(Act(actor_id=actor.id, actor_name=actor.name, origin=actor.origin, act=act, operation_id=operation_id, detail=detail))
