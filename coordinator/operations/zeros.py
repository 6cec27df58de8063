"""That every counter of an operation is at zero: signed by the desk before it goes live, where it was rehearsed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotAtZero, PhaseNotNext
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import Operation, Zero

BEFORE_LIVE = ("planned", "briefing")
"""Phases in which zero can be signed."""


def sign(actor: Actor, catalogue: Catalogue) -> None:
    """Records it, once. Whoever calls has looked, and holds the operation. Refuses with PhaseNotNext."""
    if catalogue.phase not in BEFORE_LIVE:
        raise PhaseNotNext(f"{catalogue.name} is {catalogue.phase.replace('_', ' ')}: zero is signed before an operation goes live.")
    if signed(catalogue.id) is None:
        session().add(Zero(operation_id=catalogue.id, signed_by=actor.id, signed_by_name=actor.name))
        audit.record(actor, "zero signed", catalogue.id, {"code": catalogue.code})
        session().flush()


def signed(operation_id: int) -> dict[str, Any] | None:
    """Who has signed it, and when; None where nobody has."""
    row = session().get(Zero, operation_id)
    if row is None:
        return None
    session().refresh(row)
    return {"by": row.signed_by_name, "at": moment_text(row.signed_at)}


def needed(code: str) -> bool:
    """Whether an operation goes live only after it was signed: where it has an exercise."""
    return bool(session().scalar(select(exists().where(Operation.exercise_of == code))))


def check(operation: Operation) -> None:
    """Refuses with NotAtZero an operation that was rehearsed and whose zero nobody has signed."""
    if needed(operation.code) and signed(operation.id) is None:
        raise NotAtZero(f"{operation.name} was rehearsed. Before it goes live, sign on its plan that every counter of it is at zero.")
