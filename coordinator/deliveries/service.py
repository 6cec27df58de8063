"""The outbox: what is put in, taken out, settled, and tried again."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from uuid_utils.compat import uuid7

from coordinator import asking, clock
from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.deliveries import addresses
from coordinator.deliveries.addresses import Target
from coordinator.deliveries.models import DELIVERED, FAILED, GIVEN_UP, SENDING, WAITING, Address, Outgoing
from coordinator.deliveries.parcels import TRIES, Outcome, Parcel, wait_seconds
from coordinator.errors import NotFound, NotToBeTried
from coordinator.fields import moment_text
from coordinator.jobs import Deliver
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

_NONE = "There is no such delivery, or it is not of your operation."

LEASE_SECONDS = 60
"""Who has been sending for so long is dead; a try takes a quarter of that at most."""


def deliver(operation_id: int, message: Mapping[str, Any], whom: Target) -> int:
    """Puts a message in the outbox for every address that is meant, in the caller's transaction; answers how many.

    ``message``: ``type``, ``operation`` (code, name), ``exercise``, ``title``, ``text``, ``page``, and for who reads them
    ``priority``, ``answer_by`` and whatever else a program may want. JSON, and frozen from here on.
    """
    meant = addresses.meant(operation_id, whom)
    if meant:
        said = {"at": moment_text(clock.now()), **message}
        rows = [{"id": uuid7(), "operation_id": operation_id, "address_id": one.id, "message": said} for one in meant]
        session().execute(insert(Outgoing), rows)
        asking.enqueue(Deliver())
    return len(meant)


def take(room: int) -> list[Parcel]:
    """Takes up to ``room`` deliveries that are due, of each address the oldest alone and none while another is on its way there:
    so one receiver that hangs keeps no other waiting. What was begun too often is given up."""
    session().execute(_ABANDONED, {"most": TRIES})
    session().execute(_ORPHANED, {"problem": addresses.REMOVED})
    ids = session().scalars(_TAKE, {"room": room, "lease": LEASE_SECONDS}).all()
    now = clock.now()
    rows = session().execute(select(Outgoing, Address).join(Address, Address.id == Outgoing.address_id).where(Outgoing.id.in_(ids)))
    return [Parcel(one.id, to.kind, to.id, to.address, to.key, to.auth, one.message, one.tries, now) for one, to in rows]


def settle(parcel: Parcel, outcome: Outcome) -> str:
    """Writes down what came of a try, unless whoever tried was taken for dead meanwhile; answers the state."""
    if outcome.delivered:
        _settle(parcel.id, parcel.tries, state=DELIVERED, problem=None, delivered_at=func.clock_timestamp())
        return DELIVERED
    state = FAILED if outcome.final else GIVEN_UP if parcel.tries >= TRIES else WAITING
    again = clock.now() + timedelta(seconds=wait_seconds(parcel.tries, random.random(), outcome.wait))
    _settle(parcel.id, parcel.tries, state=state, problem=outcome.problem, next_at=again)
    if outcome.gone:
        addresses.gone(parcel.address_id)
    return state


def due() -> bool:
    """Whether anything is to be sent now."""
    return session().scalar(select(Outgoing.id).where(_DUE).limit(1)) is not None


def again(actor: Actor, code: str, id: UUID) -> dict[str, Any]:
    """Tries a delivery that failed or was given up once more, as if it were new; answers its id. Refuses with NotFound, NotToBeTried."""
    catalogue = operations.find(code)
    row = session().execute(_of(catalogue.id).where(Outgoing.id == id).with_for_update(of=Outgoing)).one_or_none()
    if row is None:
        raise NotFound(_NONE)
    one, to = row
    if one.state not in (FAILED, GIVEN_UP):
        raise NotToBeTried(f"This delivery is {one.state}: there is nothing to try again.")
    if to.removed_at is not None:
        raise NotToBeTried("The address was removed. Add it again, and what is sent from then on goes there.")
    session().execute(
        update(Outgoing).where(Outgoing.id == id).values(state=WAITING, tries=0, problem=None, next_at=func.clock_timestamp())
    )
    audit.record(actor, "delivery tried again", catalogue.id, {"delivery": str(id)})
    asking.enqueue(Deliver())
    return {"id": str(id)}


def one(code: str, id: UUID) -> dict[str, Any]:
    """One delivery. NotFound."""
    catalogue = operations.find(code)
    row = session().execute(_of(catalogue.id).where(Outgoing.id == id).execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound(_NONE)
    return _document(catalogue, *row)


def listed(code: str, states: Sequence[str], limit: int, before: UUID | None) -> list[dict[str, Any]]:
    """Deliveries of an operation, those made last first; of these states alone where there are any."""
    catalogue = operations.find(code)
    query = _of(catalogue.id).order_by(Outgoing.id.desc()).limit(limit)
    query = query.where(Outgoing.state.in_(states)) if states else query
    rows = session().execute(query if before is None else query.where(Outgoing.id < before))
    return [_document(catalogue, one, to) for one, to in rows]


def _of(operation_id: int) -> Any:
    return select(Outgoing, Address).join(Address, Address.id == Outgoing.address_id).where(Outgoing.operation_id == operation_id)


def _document(catalogue: Catalogue, one: Outgoing, to: Address) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "to": addresses.document(catalogue, to),
        "type": one.message["type"],
        "title": one.message["title"],
        "state": one.state,
        "tries": one.tries,
        "problem": one.problem,
        "made_at": moment_text(one.made_at),
        "next_at": moment_text(one.next_at) if one.state == WAITING else None,
        "delivered_at": one.delivered_at and moment_text(one.delivered_at),
    }


def _settle(id: UUID, tries: int, **values: Any) -> None:
    session().execute(update(Outgoing).where(Outgoing.id == id, Outgoing.tries == tries, Outgoing.state == SENDING).values(**values))


_DUE = text("state IN ('waiting', 'sending') AND next_at <= clock_timestamp()")

_ABANDONED = text("""
    UPDATE outgoing SET state = 'given up', problem = coalesce(problem, 'Whoever sent it was stopped, each time.')
    WHERE state = 'sending' AND next_at <= clock_timestamp() AND tries >= :most
""")

_ORPHANED = text("""
    UPDATE outgoing o SET state = 'failed', problem = :problem FROM addresses a
    WHERE a.id = o.address_id AND a.removed_at IS NOT NULL AND o.state IN ('waiting', 'sending') AND o.next_at <= clock_timestamp()
""")

_TAKE = text("""
    UPDATE outgoing SET state = 'sending', tries = tries + 1, next_at = clock_timestamp() + make_interval(secs => :lease)
    WHERE id IN (
        SELECT o.id FROM outgoing o
        WHERE o.state IN ('waiting', 'sending') AND o.next_at <= clock_timestamp() AND NOT EXISTS (
            SELECT FROM outgoing e WHERE e.address_id = o.address_id AND e.id <> o.id AND (
                (e.state = 'sending' AND e.next_at > clock_timestamp())
                OR (e.state IN ('waiting', 'sending') AND e.id < o.id AND e.next_at <= clock_timestamp())))
        ORDER BY o.next_at LIMIT :room FOR UPDATE SKIP LOCKED)
    RETURNING id
""")
