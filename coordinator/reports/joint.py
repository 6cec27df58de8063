"""Joint actions: several units act together, one of them leads, and what comes of it counts once, where it was led.

A report that names one counts as always where it is of the unit that leads, or of one below it. Of any other unit its
increments move no figure: they are credited to that unit as ``assisted``. Which of the two a report is, is decided when it
is posted, and stands with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.access.models import Token
from coordinator.db import session
from coordinator.errors import Invalid, NotFound, NotYourUnit, OperationNotOpen
from coordinator.fields import moment_text
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import spoken
from coordinator.reports.drafts import Led
from coordinator.reports.models import JointAction
from coordinator.reports.personal import complaint


def open(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Opens a joint action that ``content["unit"]`` leads; answers it with its code.

    Refuses with NotFound, Invalid, NotYourUnit, NotAllowed, OperationNotOpen.
    """
    gate.enter(code)
    catalogue = operations.find(code)
    unit = _leading(actor, catalogue, content)
    if catalogue.certified:
        raise OperationNotOpen(f"{catalogue.name} is {catalogue.phase}: nothing is added to it any more.")
    opened = _named_freely(catalogue, unit, actor, content["name"])
    audit.record(actor, "joint action opened", catalogue.id, {"code": opened, "unit": unit.code})
    return one(code, opened)


def _leading(actor: Actor, catalogue: Catalogue, content: Mapping[str, Any]) -> UnitEntry:
    unit = catalogue.taking_part.get(content["unit"])
    if unit is None:
        raise Invalid.at("/unit", f"There is no unit {content['unit']} in this operation.")
    if not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"You do not speak for {unit.code}: the unit that leads a joint action opens it, or the desk.")
    if problem := complaint(content["name"]):
        raise Invalid.at("/name", problem)
    return unit


def _named_freely(catalogue: Catalogue, unit: UnitEntry, actor: Actor, name: str) -> str:
    """Writes the row under a code no other joint action of the operation has; answers the code."""
    row = {"operation_id": catalogue.id, "unit_id": unit.id, "name": name, "opened_by": actor.id}
    while True:
        statement = insert(JointAction).values(row | {"code": spoken.fresh()})
        if code := session().scalar(statement.on_conflict_do_nothing().returning(JointAction.code)):
            return str(code)


def one(code: str, said: str) -> dict[str, Any]:
    """The joint action of a code as it was said; NotFound with words that tell a code misheard from one that is not there."""
    catalogue = operations.find(code)
    try:
        wanted = spoken.read(said)
    except ValueError as problem:
        raise NotFound(str(problem)) from None
    row = session().execute(_of(catalogue).where(JointAction.code == wanted)).one_or_none()
    if row is None:
        raise NotFound(f"There is no joint action {wanted} in this operation.")
    return _document(catalogue, *row)


def some(code: str, limit: int, after: int | None) -> tuple[list[dict[str, Any]], int | None]:
    """Up to ``limit`` joint actions of an operation, newest first, of those with an id below ``after``; and the last one's id."""
    catalogue = operations.find(code)
    wanted = _of(catalogue).order_by(JointAction.id.desc()).limit(limit)
    rows = session().execute(wanted if after is None else wanted.where(JointAction.id < after)).all()
    return [_document(catalogue, *row) for row in rows], rows[-1].JointAction.id if rows else None


def led(catalogue: Catalogue, codes: Collection[str]) -> dict[str, Led]:
    """Those of the joint actions that are there, by code."""
    if not codes:
        return {}
    rows = session().scalars(select(JointAction).where(JointAction.operation_id == catalogue.id, JointAction.code.in_(codes)))
    return {row.code: Led(row.id, row.code, row.unit_id) for row in rows}


def _of(catalogue: Catalogue) -> Select[JointAction, str]:
    named = select(JointAction, Token.name).outerjoin(Token, Token.id == JointAction.opened_by)
    return named.where(JointAction.operation_id == catalogue.id)


def _document(catalogue: Catalogue, row: JointAction, opened_by: str | None) -> dict[str, Any]:
    return {
        "code": row.code,
        "unit": catalogue.unit_by_id[row.unit_id].code,
        "name": row.name,
        "opened_at": moment_text(row.opened_at),
        "opened_by": opened_by,
    }
