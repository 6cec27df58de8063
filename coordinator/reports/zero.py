"""Whether every counter of an operation is at zero: no report of it stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotAtZero
from coordinator.operations import gate, zeros
from coordinator.operations import service as operations
from coordinator.reports.models import Report

SHOWN = 10
"""Reports that are named where some stand."""


def document(code: str) -> dict[str, Any]:
    """Whether zero is needed and signed, and what stands against it. Refuses with NotFound."""
    catalogue = operations.find(code)
    standing = [str(id) for id in _standing(catalogue.id)]
    return {"needed": zeros.needed(code), "signed": zeros.signed(catalogue.id), "standing": standing}


def sign(actor: Actor, code: str) -> dict[str, Any]:
    """The desk signs that every counter is at zero. Refuses with NotFound, NotAtZero (which reports stand), PhaseNotNext."""
    catalogue = operations.hold(code)
    gate.close(catalogue.id)
    standing = _standing(catalogue.id)
    if standing:
        raise NotAtZero(f"Reports stand in {catalogue.name}, so its counters are not at zero: {', '.join(map(str, standing))}.")
    zeros.sign(actor, catalogue)
    return document(code)


def _standing(operation_id: int) -> list[UUID]:
    following = aliased(Report)
    superseded = exists().where(following.supersedes == Report.id)
    standing = select(Report.id).where(Report.operation_id == operation_id, Report.kind != "withdrawal", ~superseded)
    return list(session().scalars(standing.order_by(Report.id).limit(SHOWN)))
