"""Happenings: one lock under which messages happen, and the numbered rows by which whoever watches knows what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock, live
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import Invalid, NotYourUnit, OperationNotOpen
from coordinator.messages.models import Happening, Switchboard
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports.personal import complaint

OVER = "archived"
"""The phase in which nothing is said any more."""


def begin(code: str) -> tuple[Catalogue, datetime]:
    """Takes the operation's lock of messages; answers its catalogue and the time. Refuses with NotFound and OperationNotOpen."""
    catalogue = operations.find(code)
    lock(catalogue.id)
    catalogue = operations.find(code)
    if catalogue.phase == OVER:
        raise OperationNotOpen(f"{catalogue.name} is archived: nothing is said in it any more.")
    return catalogue, clock.now()


def lock(operation_id: int) -> None:
    """Waits for whoever else has something happen in this operation."""
    row = insert(Switchboard).values(operation_id=operation_id, version=0, bulletins=0)
    session().execute(row.on_conflict_do_update(index_elements=["operation_id"], set_={"version": Switchboard.version}))


def happened(operation_id: int, kind: str, unit_id: int | None = None, bulletin_id: UUID | None = None) -> None:
    """Gives what has just been written its number, and announces it after commit. Call it under the lock."""
    grown = update(Switchboard).where(Switchboard.operation_id == operation_id).values(version=Switchboard.version + 1)
    version = session().execute(grown.returning(Switchboard.version)).scalar_one()
    row = {"operation_id": operation_id, "version": version, "kind": kind, "unit_id": unit_id, "bulletin_id": bulletin_id}
    session().execute(insert(Happening).values(row))
    live.announce(operation_id)


def next_number(operation_id: int) -> int:
    """The number of a new bulletin, from 1. Call it under the lock."""
    grown = update(Switchboard).where(Switchboard.operation_id == operation_id).values(bulletins=Switchboard.bulletins + 1)
    return session().execute(grown.returning(Switchboard.bulletins)).scalar_one()


def mark(operation_id: int) -> int:
    """The version of an operation's messages as of now; 0 before anything has happened."""
    return session().scalar(select(Switchboard.version).where(Switchboard.operation_id == operation_id)) or 0


def since(operation_id: int, version: int) -> Sequence[Happening]:
    """What has happened after this version, in order."""
    later = select(Happening).where(Happening.operation_id == operation_id, Happening.version > version)
    return session().scalars(later.order_by(Happening.version)).all()


def unit_of(actor: Actor, catalogue: Catalogue, code: str) -> UnitEntry:
    """The unit of this code that the actor speaks for. Refuses with Invalid and NotYourUnit."""
    unit = catalogue.taking_part.get(code)
    if unit is None or unit.kind == "unattributed":
        raise Invalid.at("/unit", f"There is no unit {code} in this operation.")
    if not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"You do not speak for {unit.code}: its own liaison does, or the desk.")
    return unit


def way(actor: Actor) -> str:
    """How the actor speaks: by ``telephone`` where it is the desk, which speaks for whoever has called."""
    return "telephone" if actor.may("reports.telephone") else actor.channel


def figures_only(pointer: str, text: str | None) -> None:
    """Refuses with Invalid what looks like a person."""
    if problem := complaint(text):
        raise Invalid.at(pointer, problem)
