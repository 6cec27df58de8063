"""Being there: units check in and name whom to call tonight; the desk calls, and sets how often a unit is to report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import OperationNotOpen
from coordinator.fields import moment_text
from coordinator.messages import happenings
from coordinator.messages.happenings import figures_only, happened, unit_of
from coordinator.messages.models import Cadence, Call, CheckIn, Contact
from coordinator.operations.catalogue import Catalogue, UnitEntry

CONTACT = ("name", "telephone", "alternate", "alternate_telephone")
"""What is known of whom to call."""


def check_in(actor: Actor, code: str, unit: str) -> dict[str, Any]:
    """A unit is there. Refuses with NotFound, OperationNotOpen, Invalid, NotYourUnit."""
    catalogue, _ = happenings.begin(code)
    entry = unit_of(actor, catalogue, unit)
    _still_open(catalogue)
    row = _whose(actor, catalogue, entry) | {"channel": happenings.way(actor)}
    made = session().scalars(insert(CheckIn).values(row).returning(CheckIn)).one()
    happened(catalogue.id, "check_in", entry.id)
    audit.record(actor, "checked in", catalogue.id, {"unit": entry.code, "by": made.channel})
    return {"unit": entry.code, "channel": made.channel, "by": made.by_name, "at": moment_text(made.at)}


def name_contact(actor: Actor, code: str, unit: str, contact: Mapping[str, Any]) -> None:
    """Keeps whom to call for a unit tonight, in place of whoever it was. The record says that, not who. Refuses as ``check_in`` does."""
    catalogue, _ = happenings.begin(code)
    entry = unit_of(actor, catalogue, unit)
    _still_open(catalogue)
    told = {name: contact.get(name) for name in CONTACT}
    row = insert(Contact).values(operation_id=catalogue.id, unit_id=entry.id, **told)
    session().execute(row.on_conflict_do_update(index_elements=["operation_id", "unit_id"], set_=told))
    happened(catalogue.id, "contact", entry.id)


def forget_contacts(operation_id: int) -> None:
    """Nobody is called any more: whoever could be is forgotten."""
    session().execute(delete(Contact).where(Contact.operation_id == operation_id))


def call(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The desk has called a unit: its alarms are silent until its next interval. Refuses as ``check_in`` does."""
    catalogue, _ = happenings.begin(code)
    unit = unit_of(actor, catalogue, content["unit"])
    figures_only("/note", content.get("note"))
    said = {"outcome": content["outcome"], "note": content.get("note")}
    made = session().scalars(insert(Call).values(_whose(actor, catalogue, unit) | said).returning(Call)).one()
    happened(catalogue.id, "call", unit.id)
    audit.record(actor, "unit called", catalogue.id, {"unit": unit.code, **said})
    return {"unit": unit.code, **said, "by": made.by_name, "at": moment_text(made.at)}


def set_interval(actor: Actor, code: str, unit: str, minutes: int | None) -> None:
    """How often a unit is to report; None: as often as the operation says. Refuses as ``check_in`` does."""
    catalogue, _ = happenings.begin(code)
    entry = unit_of(actor, catalogue, unit)
    place = {"operation_id": catalogue.id, "unit_id": entry.id}
    if minutes is None:
        session().execute(delete(Cadence).filter_by(**place))
    else:
        row = insert(Cadence).values(**place, minutes=minutes)
        session().execute(row.on_conflict_do_update(index_elements=list(place), set_={"minutes": minutes}))
    happened(catalogue.id, "interval", entry.id)
    audit.record(actor, "interval set", catalogue.id, {"unit": entry.code, "minutes": minutes})


def intervals(operation_id: int) -> Mapping[int, int]:
    """Unit id -> minutes between its reports, of those that have an interval of their own."""
    rows = session().execute(select(Cadence.unit_id, Cadence.minutes).where(Cadence.operation_id == operation_id))
    return {row.unit_id: row.minutes for row in rows}


def _still_open(catalogue: Catalogue) -> None:
    if catalogue.certified:
        raise OperationNotOpen(f"{catalogue.name} is {catalogue.phase}: nobody checks in to it any more.")


def _whose(actor: Actor, catalogue: Catalogue, unit: UnitEntry) -> dict[str, Any]:
    return {"operation_id": catalogue.id, "unit_id": unit.id, "by_id": actor.id, "by_name": actor.name}
