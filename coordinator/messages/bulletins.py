"""What the desk says, and what units answer: issue, acknowledge, write in a bulletin's thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import BulletinNotCurrent, Invalid, NotFound
from coordinator.fields import moment_text
from coordinator.messages import happenings, outgoing
from coordinator.messages.happenings import figures_only, happened
from coordinator.messages.models import Acknowledgement, Addressee, Answer, Bulletin, Delivery
from coordinator.messages.reach import Reach, everyone, reach
from coordinator.operations.catalogue import Catalogue, UnitEntry


def issue(actor: Actor, code: str, content: Mapping[str, Any]) -> UUID:
    """Says something to all, or to ``content["units"]``; an update or cancel to those at least who had what it supersedes.

    Refuses with NotFound, OperationNotOpen, Invalid, BulletinNotCurrent.
    """
    catalogue, now = happenings.begin(code)
    figures_only("/text", content["text"])
    by = content.get("acknowledge_by")
    if by is not None and by <= now:
        raise Invalid.at("/acknowledge_by", "The time to acknowledge by has passed already: choose one still to come.")
    before = _superseded(catalogue, content)
    to_all, units = _addressed(catalogue, content.get("units"), before)
    said = {name: content.get(name) for name in ("kind", "priority", "text", "acknowledge_by")} | {"to_all": to_all}
    id, number = write(actor, catalogue, said | {"supersedes": before and before.id}, units)
    detail = {"bulletin": number, "kind": content["kind"], "priority": content["priority"], "text": content["text"]}
    audit.record(actor, "bulletin issued", catalogue.id, detail | {"units": None if to_all else [unit.code for unit in units]})
    return id


def write(actor: Actor, catalogue: Catalogue, said: Mapping[str, Any], units: Iterable[UnitEntry]) -> tuple[UUID, int]:
    """Writes a bulletin and whom it asks, under the lock; answers its id and number. ``said``: the columns that are its content."""
    id, number = uuid7(), happenings.next_number(catalogue.id)
    asked = list(units)
    whose = {"operation_id": catalogue.id, "exercise": catalogue.exercise, "by_id": actor.id, "by_name": actor.name}
    session().execute(insert(Bulletin).values(whose | dict(said) | {"id": id, "number": number}))
    rows = [{"bulletin_id": id, "unit_id": unit.id, "operation_id": catalogue.id} for unit in asked]
    if rows:
        session().execute(insert(Addressee), rows)
    happened(catalogue.id, "bulletin", bulletin_id=id)
    outgoing.bulletin(catalogue, id, number, said, asked)
    return id, number


def acknowledge(actor: Actor, code: str, id: UUID, content: Mapping[str, Any]) -> dict[str, Any]:
    """A unit's answer to a bulletin. The same answer again is the first one, ``again`` says so; another is a new one that stands.

    Refuses with NotFound, OperationNotOpen, Invalid, NotYourUnit, BulletinNotCurrent.
    """
    catalogue, _ = happenings.begin(code)
    bulletin, unit = _addressee(actor, catalogue, id, content["unit"])
    figures_only("/reason", content.get("reason"))
    if content["answer"] != "understood" and not content.get("reason"):
        raise Invalid.at("/reason", "Say why it can't be done, or what the question is.")
    if newer := successor(bulletin):
        raise BulletinNotCurrent(_replaced(bulletin, newer))
    standing = _standing(bulletin, unit)
    if standing and (standing.answer, standing.reason) == (content["answer"], content.get("reason")):
        return _acknowledged(bulletin, unit, standing) | {"again": True}
    said = {"answer": content["answer"], "reason": content.get("reason")}
    row = said | _whose(actor, catalogue, bulletin, unit) | {"channel": happenings.way(actor)}
    made = session().scalars(insert(Acknowledgement).values(row).returning(Acknowledgement)).one()
    happened(catalogue.id, "acknowledgement", unit.id, bulletin.id)
    audit.record(actor, "bulletin acknowledged", catalogue.id, {"bulletin": bulletin.number, "unit": unit.code, **said})
    return _acknowledged(bulletin, unit, made) | {"again": False}


def answer(actor: Actor, code: str, id: UUID, content: Mapping[str, Any]) -> dict[str, Any]:
    """A message in the thread of the desk and one addressed unit, whatever became of the bulletin. Refuses as ``acknowledge`` does."""
    catalogue, _ = happenings.begin(code)
    bulletin, unit = _addressee(actor, catalogue, id, content["unit"])
    figures_only("/text", content["text"])
    row = _whose(actor, catalogue, bulletin, unit) | {"text": content["text"], "from_unit": bool(actor.units)}
    made = session().scalars(insert(Answer).values(row).returning(Answer)).one()
    happened(catalogue.id, "message", unit.id, bulletin.id)
    detail = {"bulletin": bulletin.number, "unit": unit.code, "text": content["text"]}
    audit.record(actor, "bulletin answered", catalogue.id, detail)
    return message(unit.code, made)


def delivered(operation_id: int, given: Iterable[tuple[UUID, UUID]], way: str) -> None:
    """Keeps that these bulletins have been given to these tokens: (bulletin, token). Only the first time counts."""
    rows = [{"operation_id": operation_id, "bulletin_id": bulletin, "token_id": token, "way": way} for bulletin, token in given]
    if rows:
        session().execute(insert(Delivery).on_conflict_do_nothing(), rows)


def find(actor: Actor, catalogue: Catalogue, id: UUID) -> Bulletin:
    """A bulletin that reaches the actor; NotFound otherwise."""
    found = session().scalars(select(Bulletin).where(Bulletin.operation_id == catalogue.id, Bulletin.id == id)).one_or_none()
    if found is None or not reach_of(catalogue, found, addressees([found])[found.id]).includes(actor):
        raise NotFound("There is no such bulletin, or it is not to your units.")
    return found


def reach_of(catalogue: Catalogue, bulletin: Bulletin, units: Iterable[int]) -> Reach:
    """Whom it reaches."""
    return Reach(None) if bulletin.to_all else reach(catalogue, units)


def addressees(bulletins: Sequence[Bulletin]) -> Mapping[UUID, list[int]]:
    """The ids of the units that each of these is to be acknowledged by."""
    found: dict[UUID, list[int]] = {bulletin.id: [] for bulletin in bulletins}
    wanted = select(Addressee).where(Addressee.bulletin_id.in_(list(found))).order_by(Addressee.unit_id)
    for row in session().scalars(wanted):
        found[row.bulletin_id].append(row.unit_id)
    return found


def successor(bulletin: Bulletin) -> Bulletin | None:
    """What supersedes it now."""
    return session().scalars(select(Bulletin).where(Bulletin.supersedes == bulletin.id)).one_or_none()


def message(unit: str, row: Answer) -> dict[str, Any]:
    """A message of a thread as the API shows it."""
    return {"unit": unit, "text": row.text, "from_unit": row.from_unit, "by": row.by_name, "at": moment_text(row.at)}


def _superseded(catalogue: Catalogue, content: Mapping[str, Any]) -> Bulletin | None:
    """The bulletin that ``content`` updates or cancels."""
    id, kind = content.get("supersedes"), content["kind"]
    if (id is None) != (kind == "alert"):
        what = "An alert supersedes nothing: leave it out." if id else "An update or cancel names the bulletin that it supersedes."
        raise Invalid.at("/supersedes", what)
    if id is None:
        return None
    found = session().scalars(select(Bulletin).where(Bulletin.operation_id == catalogue.id, Bulletin.id == id)).one_or_none()
    if found is None:
        raise Invalid.at("/supersedes", "There is no such bulletin in this operation.")
    if found.phase:
        raise Invalid.at("/supersedes", f"Bulletin {found.number} is the order of a phase, and stands as long as the phase.")
    if newer := successor(found):
        raise BulletinNotCurrent(_replaced(found, newer))
    if found.kind == "cancel":
        raise Invalid.at("/supersedes", f"Bulletin {found.number} cancels another and holds nothing to change: send a new alert.")
    return found


def _addressed(catalogue: Catalogue, codes: Sequence[str] | None, before: Bulletin | None) -> tuple[bool, Sequence[UnitEntry]]:
    """Whether it is to all, and the units that are to acknowledge it."""
    had = frozenset(addressees([before])[before.id]) if before else frozenset()
    if codes is None and before and not before.to_all:
        return False, [catalogue.unit_by_id[id] for id in sorted(had)]
    if codes is None:
        left_out = [catalogue.unit_by_id[id] for id in sorted(had - {unit.id for unit in everyone(catalogue)})]
        return True, [*everyone(catalogue), *left_out]
    units = [_named(catalogue, number, code) for number, code in enumerate(dict.fromkeys(codes))]
    missing = sorted(catalogue.unit_by_id[id].code for id in had - {unit.id for unit in units})
    if missing or (before and before.to_all):
        raise Invalid.at("/units", f"Who had what this supersedes must hear of it: {', '.join(missing) or 'it was to all'}.")
    return False, units


def _named(catalogue: Catalogue, number: int, code: str) -> UnitEntry:
    unit = catalogue.taking_part.get(code)
    if unit is None or unit.kind == "unattributed":
        raise Invalid.at(f"/units/{number}", f"There is no unit {code} in this operation.")
    return unit


def _addressee(actor: Actor, catalogue: Catalogue, id: UUID, code: str) -> tuple[Bulletin, UnitEntry]:
    """The bulletin, and the unit it is to that the actor speaks for."""
    bulletin, unit = find(actor, catalogue, id), happenings.unit_of(actor, catalogue, code)
    if unit.id not in addressees([bulletin])[bulletin.id]:
        raise Invalid.at("/unit", f"Bulletin {bulletin.number} is not addressed to {unit.code}.")
    return bulletin, unit


def _standing(bulletin: Bulletin, unit: UnitEntry) -> Acknowledgement | None:
    row = Acknowledgement
    said = select(row).where(row.bulletin_id == bulletin.id, row.unit_id == unit.id).order_by(row.id.desc()).limit(1)
    return session().scalars(said).one_or_none()


def _whose(actor: Actor, catalogue: Catalogue, bulletin: Bulletin, unit: UnitEntry) -> dict[str, Any]:
    whose = {"operation_id": catalogue.id, "bulletin_id": bulletin.id, "unit_id": unit.id}
    return whose | {"by_id": actor.id, "by_name": actor.name}


def _acknowledged(bulletin: Bulletin, unit: UnitEntry, row: Acknowledgement) -> dict[str, Any]:
    return {
        "bulletin": str(bulletin.id),
        "number": bulletin.number,
        "unit": unit.code,
        "answer": row.answer,
        "reason": row.reason,
        "channel": row.channel,
        "by": row.by_name,
        "at": moment_text(row.at),
    }


def _replaced(bulletin: Bulletin, newer: Bulletin) -> str:
    """What to read instead of a bulletin that no longer stands."""
    if newer.kind == "cancel":
        return f"Bulletin {bulletin.number} was cancelled by bulletin {newer.number} ({newer.id}): read and answer that one."
    return f"Bulletin {bulletin.number} was superseded by bulletin {newer.number} ({newer.id}): read and answer that one."
