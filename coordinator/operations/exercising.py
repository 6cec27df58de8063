"""Exercises: an operation of its own with the same plan, in which everybody practises before the night.

It shares nothing with what it rehearses but what was copied: its tokens, invitations, bulletins and reports are its own, and its
spoken lines do not check on the real one.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any

from sqlalchemy import select

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import DESK, Actor
from coordinator.db import session
from coordinator.errors import Invalid
from coordinator.operations import admission, naming, service
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import whole
from coordinator.operations.models import UNATTRIBUTED, Operation

LONGEST_CODE, LONGEST_NAME = 63, 200
PARTS = ("time_zone", "reporting_interval_minutes", "measures", "rules", "derived", "headlines")
"""Members of an operation that are copied as they are."""


def make(actor: Actor, code: str, starts_at: datetime | None = None) -> Catalogue:
    """Makes an exercise of an operation: its units, measures, letters, rules and headlines, in phase ``planned``. Its window begins at
    ``starts_at``, else now, and lasts as long. Refuses with NotFound and Invalid."""
    real = service.hold(code)
    if real.exercise:
        why = f"{real.name} is an exercise itself. Make another of what it rehearses."
        raise Invalid({"": [why]}, why)
    made = service.create(actor, _copied(real, starts_at), exercise_of=real.code, letters=whole(real)["letters"])
    audit.record(actor, "exercise made", real.id, {"exercise": made.code})
    return made


def invite_desk(actor: Actor, exercise: Catalogue) -> dict[str, Any]:
    """An invitation to the desk of an exercise, for whoever has just made it: a right in the real operation is none in this one."""
    asked: dict[str, Any] = {"name": f"Desk of {exercise.code}", "role": DESK, "operation": exercise.code, "units": [], "expires_at": None}
    return admission.invite(dataclasses.replace(actor, operation=actor.operation and exercise.code), asked)


def of(code: str) -> list[Operation]:
    """The exercises of an operation, the oldest first. Refuses with NotFound."""
    return list(session().scalars(select(Operation).where(Operation.exercise_of == service.find(code).code).order_by(Operation.id)))


def _copied(real: Catalogue, starts_at: datetime | None) -> dict[str, Any]:
    """A document that makes the exercise."""
    told, begins = whole(real), starts_at or clock.now().replace(second=0, microsecond=0)
    units = [one | {"conducted_separately": _moments(one)} for one in told["units"] if one["code"] != UNATTRIBUTED]
    when = {"starts_at": begins, "ends_at": begins + (real.ends_at - real.starts_at)}
    own = {"code": _code(real.code), "name": f"Exercise: {real.name}"[:LONGEST_NAME], "exercise": True}
    return {name: told[name] for name in PARTS} | when | own | {"units": units}


def _moments(unit: dict[str, Any]) -> dict[str, Any] | None:
    """When a unit acts apart, as moments."""
    apart = unit["conducted_separately"]
    return apart and {**apart, **{name: datetime.fromisoformat(apart[name]) for name in ("starts_at", "ends_at")}}


def _code(code: str) -> str:
    """``CODE-ex1``, or the next number that is free."""
    stem = f"{code[: LONGEST_CODE - 6].rstrip('-')}-ex"
    return naming.numbered(stem, set(session().scalars(select(Operation.code).where(Operation.code.startswith(stem, autoescape=True)))))
