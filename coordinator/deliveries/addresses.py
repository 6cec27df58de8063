"""Addresses: added, removed, listed; phones that ask to be woken; and who is meant by a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from coordinator.access import audit, tokens
from coordinator.access.actor import Actor
from coordinator.access.models import Grant
from coordinator.db import session
from coordinator.deliveries import keys, reaching, ways
from coordinator.deliveries.lists import target
from coordinator.deliveries.models import DESK, FAILED, LIAISON, MAIL, PUSH, WAITING, WEBHOOK, Address, Outgoing
from coordinator.errors import Invalid, NotFound, OperationNotOpen
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

REMOVED = "The address was removed before this had gone out."
PHONES = 10
"""Phones that one right may have woken: more are left over from phones that were wiped."""


@dataclass(frozen=True)
class Target:
    """Whom a message is for: the ``whose`` of these units (None: of all), or ``desk``."""

    whose: tuple[str, ...]
    units: frozenset[int] | None = None


def check(content: Mapping[str, Any]) -> None:
    """Refuses with Invalid what may not be reached; asks for the host's name where it is a webhook, so outside any transaction."""
    held = ways.now()
    if problem := held.refusal(content["kind"], content["address"]):
        raise Invalid.at("/address", problem)
    if content["kind"] == WEBHOOK:
        try:
            reaching.resolve(held.lists.hook(content["address"]), held.lists)
        except reaching.Refused as refused:
            raise Invalid.at("/address", str(refused)) from None
        except OSError as unknown:
            raise Invalid.at("/address", reaching.in_words(target(content["address"]).host, unknown)) from None


def add(actor: Actor, code: str, content: Mapping[str, Any]) -> UUID:
    """Adds an address that ``check`` let through. Refuses with NotFound, OperationNotOpen, Invalid.

    The record says that one was added, not which: it may be that of a person on duty.
    """
    catalogue = _open(code)
    unit = _unit(catalogue, content)
    row = {"kind": content["kind"], "address": content["address"], "whose": content["whose"], "unit_id": unit}
    id = _put(actor, catalogue, row)
    if id is None:
        raise Invalid.at("/address", "This address is on the list already.")
    detail = {"address": str(id), "kind": content["kind"], "whose": content["whose"], "unit": content.get("unit")}
    audit.record(actor, "address added", catalogue.id, detail)
    return id


def subscribe(actor: Actor, code: str, content: Mapping[str, Any]) -> UUID:
    """Wakes the actor's phone from now on; the same phone again is the same. Refuses with NotFound, OperationNotOpen, Invalid."""
    catalogue = _open(code)
    if problem := ways.now().refusal(PUSH, content["endpoint"]):
        raise Invalid.at("/endpoint", problem)
    if actor.id is None or not keys.is_point(content["key"]):
        raise Invalid.at("/key", "This is no phone's key.")
    whose = LIAISON if actor.units else DESK
    row = {
        "kind": PUSH,
        "address": content["endpoint"],
        "whose": whose,
        "token_id": actor.id,
        "key": content["key"],
        "auth": content["auth"],
    }
    before = _standing(catalogue.id).where(Address.kind == PUSH, Address.token_id == actor.id).order_by(Address.id.desc())
    standing = list(session().scalars(before))
    _remove([one.id for one in standing if one.address == content["endpoint"]] + [one.id for one in standing[PHONES - 1 :]])
    id = _put(actor, catalogue, row)
    if id is None:
        raise NotFound("This phone was entered by another request in the same moment: ask again.")
    audit.record(actor, "phone added", catalogue.id, {"address": str(id)})
    return id


def remove(actor: Actor, code: str, id: UUID) -> None:
    """Nothing goes there any more, also what waits; again changes nothing. NotFound where the actor may not know of it."""
    catalogue = operations.find(code)
    query = select(Address).where(Address.operation_id == catalogue.id, Address.id == id)
    found = session().scalars(query if actor.may("addresses.change") else query.where(Address.token_id == actor.id)).one_or_none()
    if found is None:
        raise NotFound("There is no such address, or it is not of your operation.")
    if found.removed_at is None:
        _remove([id])
        audit.record(actor, "address removed", catalogue.id, {"address": str(id), "kind": found.kind, "whose": found.whose})


def gone(id: UUID) -> None:
    """A phone has said that it takes nothing any more."""
    _remove([id])


def listed(code: str) -> list[dict[str, Any]]:
    """The addresses of an operation that stand, those added last first."""
    catalogue = operations.find(code)
    return [document(catalogue, one) for one in session().scalars(_standing(catalogue.id).order_by(Address.id.desc()))]


def one(code: str, id: UUID) -> dict[str, Any]:
    """One of them, also one that was removed. NotFound."""
    catalogue = operations.find(code)
    found = session().scalars(select(Address).where(Address.operation_id == catalogue.id, Address.id == id)).one_or_none()
    if found is None:
        raise NotFound("There is no such address, or it is not of your operation.")
    return document(catalogue, found)


def secret(id: UUID) -> str:
    """A webhook's secret, as its receiver enters it."""
    held = ways.now().secrets
    if held is None:
        raise Invalid.at("/kind", ways.now().closed(WEBHOOK) or "")
    return keys.shown(held.hook(id))


def phones(actor: Actor, code: str) -> dict[str, Any]:
    """What a phone needs to ask to be woken: the hub's key, None where it wakes none and ``closed`` says why; and the actor's own."""
    catalogue, held = operations.find(code), ways.now()
    closed = held.closed(PUSH)
    own = _standing(catalogue.id).where(Address.kind == PUSH, Address.token_id == actor.id)
    items = [{"id": str(one.id), "endpoint": one.address} for one in session().scalars(own)]
    return {"key": held.secrets.push_public() if held.secrets and not closed else None, "closed": closed, "items": items}


def meant(operation_id: int, whom: Target) -> Sequence[Address]:
    """The addresses a message for ``whom`` goes to; phones only of those whose right still stands."""
    found = session().scalars(_standing(operation_id).where(Address.whose.in_(whom.whose))).all()
    held = tokens.standing({one.token_id for one in found})
    spoken = _spoken_for(held)
    return [one for one in found if _is_meant(one, whom, spoken) and (one.token_id is None or one.token_id in held)]


def forget(operation_id: int) -> None:
    """Nothing goes out of this operation any more, and nobody's address is kept."""
    session().execute(delete(Outgoing).where(Outgoing.operation_id == operation_id))
    session().execute(delete(Address).where(Address.operation_id == operation_id))


def place(kind: str, address: str) -> str:
    """What of an address is shown: of webhooks and phones the host alone, since the rest may be a secret."""
    return address if kind == MAIL else target(address).place


def document(catalogue: Catalogue, row: Address) -> dict[str, Any]:
    """An address as the API shows it."""
    return {
        "id": str(row.id),
        "kind": row.kind,
        "address": place(row.kind, row.address),
        "whose": row.whose,
        "unit": row.unit_id and catalogue.unit_by_id[row.unit_id].code,
        "added_by": row.added_by,
        "added_at": moment_text(row.added_at),
    }


def _open(code: str) -> Catalogue:
    catalogue = operations.find(code)
    if catalogue.phase == "archived":
        raise OperationNotOpen(f"{catalogue.name} is archived: nothing is sent for it any more.")
    return catalogue


def _unit(catalogue: Catalogue, content: Mapping[str, Any]) -> int | None:
    code = content.get("unit")
    if (content["whose"] == DESK) != (code is None):
        raise Invalid.at("/unit", "Name the unit whose liaison or alternate this is; for the desk leave it out.")
    if code is None:
        return None
    unit = catalogue.taking_part.get(code)
    if unit is None or unit.kind == "unattributed":
        raise Invalid.at("/unit", f"There is no unit {code} in this operation.")
    return unit.id


def _put(actor: Actor, catalogue: Catalogue, row: Mapping[str, Any]) -> UUID | None:
    whole = {"id": uuid7(), "operation_id": catalogue.id, "added_by": actor.name, **row}
    return session().scalar(insert(Address).values(whole).on_conflict_do_nothing().returning(Address.id))


def _remove(ids: Iterable[UUID]) -> None:
    gone = list(ids)
    session().execute(update(Address).where(Address.id.in_(gone), Address.removed_at.is_(None)).values(removed_at=func.clock_timestamp()))
    waiting = update(Outgoing).where(Outgoing.address_id.in_(gone), Outgoing.state == WAITING)
    session().execute(waiting.values(state=FAILED, problem=REMOVED))


def _standing(operation_id: int) -> Any:
    return select(Address).where(Address.operation_id == operation_id, Address.removed_at.is_(None))


def _spoken_for(held: set[UUID]) -> dict[UUID, set[int]]:
    """Token -> the units it speaks for."""
    found: dict[UUID, set[int]] = {}
    for row in session().scalars(select(Grant).where(Grant.token_id.in_(held))):
        found.setdefault(row.token_id, set()).add(row.unit_id)
    return found


def _is_meant(one: Address, whom: Target, spoken: Mapping[UUID, set[int]]) -> bool:
    units = {one.unit_id} if one.token_id is None else spoken.get(one.token_id, set())
    return one.whose == DESK or whom.units is None or not whom.units.isdisjoint(units)
