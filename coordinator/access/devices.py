"""Devices: a browser that an invitation was taken on, signed in for the night behind a short code.

The secret in its cookie proves the device, the code whoever holds it; one is nothing without the other, so the code may be
short. Five wrong codes in a row end the device. As with accounts an attempt is counted before it is tried.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access import audit, sessions
from coordinator.access.actor import ADMIN, Actor
from coordinator.access.models import Device, Token
from coordinator.access.sessions import Terms
from coordinator.db import session
from coordinator.errors import NotFound, NotRecognised, Refusal

PREFIX = "trd_"
"""Begins the secret of every device."""

MOST = 5
"""Wrong codes in a row that end a device."""

_GOOD = """
    d.revoked_at IS NULL AND d.expires_at > clock_timestamp() AND t.revoked_at IS NULL AND o.phase <> 'archived'
"""
_FROM = "devices d JOIN tokens t ON t.device_id = d.id JOIN operations o ON o.id = t.operation_id"
_COLUMNS = "d.id, d.browser, d.failures, d.created_at, d.expires_at, t.id AS right_id, t.name, t.role, o.code AS operation"

_CHARGE = text(f"""
    UPDATE devices SET failures = failures + 1
    WHERE failures < {MOST} AND id = (SELECT d.id FROM {_FROM} WHERE d.digest = :digest AND {_GOOD})
    RETURNING id, failures, code
""")  # noqa: S608  # put together from constants

_FIND = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE d.digest = :digest AND d.failures < {MOST} AND {_GOOD}")  # noqa: S608

_LIST = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
    WHERE {_GOOD} AND (d.id = CAST(:own AS uuid) OR o.code = CAST(:operation AS text))
      AND (CAST(:after AS uuid) IS NULL OR d.id < :after)
    ORDER BY d.id DESC LIMIT :limit
""")  # noqa: S608


@dataclass(frozen=True)
class Attempt:
    """An unlocking under way: the device, how many attempts stand against it, and what its code is tried against."""

    device: uuid.UUID
    count: int
    verifier: str
    secret: str


GONE = "This device is not signed in any more. Ask your desk for a new invitation."


def locked_with(code: str, secret: str) -> str:
    """What a device's verifier is of: the code and the device's own secret together."""
    return f"{code} {secret}"


def add(secret: str, verifier: str, terms: Terms, days: float) -> Device:
    """Makes a device that has no right yet."""
    device = Device(id=uuid7(), digest=sessions.digest(secret), code=verifier, browser=terms.browser)
    device.expires_at = clock.now() + timedelta(days=days)
    session().add(device)
    session().flush()
    return device


def this(secret: str | None) -> Row[Any]:
    """The device whose cookie holds ``secret``; NotFound where it is gone."""
    found = session().execute(_FIND, {"digest": sessions.digest(secret or "")}).one_or_none()
    if found is None:
        raise NotFound(GONE)
    return found


def begin(secret: str | None) -> Attempt | Refusal:
    """Counts an attempt to unlock the device of this secret."""
    found = session().execute(_CHARGE, {"digest": sessions.digest(secret or "")}).one_or_none()
    return Attempt(found.id, found.failures, found.code, secret or "") if found else NotRecognised(GONE)


def end(attempt: Attempt, proven: bool, terms: Terms) -> tuple[uuid.UUID, str] | Refusal:
    """What comes of it: the session's id and secret, or a refusal, either on the record."""
    right = session().scalars(select(Token).where(Token.device_id == attempt.device)).one()
    actor = Actor(right.id, right.name, right.role, channel="page", origin=terms.origin)
    if not proven:
        return _failed(attempt, actor, right)
    again = update(Device).where(Device.id == attempt.device, Device.revoked_at.is_(None)).values(failures=0)
    if session().scalar(again.returning(Device.id)) is None:
        return NotRecognised(GONE)
    id, secret = sessions.open(terms, device=attempt.device)
    audit.record(actor, "device unlocked", right.operation_id, {"device": str(attempt.device), "session": str(id)})
    return id, secret


def revoke(actor: Actor, id: uuid.UUID) -> None:
    """Ends a device with its right and sessions: one's own, or of the operation one is the desk of. NotFound where it is neither."""
    right = session().scalars(select(Token).where(Token.device_id == id)).one_or_none()
    own = actor.session is not None and actor.session.device == id
    if right is None or not (own or actor.role == ADMIN or (actor.may("tokens.revoke") and _is_of(right, actor.operation))):
        raise NotFound("There is no such device, or it is not of your operation.")
    _end(id, right.id)
    audit.record(actor, "device revoked", right.operation_id, {"device": str(id), "name": right.name})


def visible(actor: Actor, operation: str | None, limit: int, after: uuid.UUID | None) -> list[Row[Any]]:
    """Devices that are signed in, newest first: of ``operation``, else the one the actor speaks from."""
    own = actor.session.device if actor.session and operation is None else None
    return list(session().execute(_LIST, {"own": own, "operation": operation, "limit": limit, "after": after}))


def _failed(attempt: Attempt, actor: Actor, right: Token) -> Refusal:
    left = MOST - attempt.count
    if left <= 0:
        _end(attempt.device, right.id)
    audit.record(actor, "unlocking failed", right.operation_id, {"device": str(attempt.device), "left": max(0, left)})
    if left <= 0:
        return NotRecognised(f"That was the fifth wrong code. {GONE}")
    return NotRecognised(f"That is not the code of this device. {left} more wrong {'one' if left == 1 else 'ones'} end it.")


def _end(id: uuid.UUID, right: uuid.UUID) -> None:
    session().execute(update(Device).where(Device.id == id, Device.revoked_at.is_(None)).values(revoked_at=func.clock_timestamp()))
    session().execute(update(Token).where(Token.id == right, Token.revoked_at.is_(None)).values(revoked_at=func.clock_timestamp()))
    sessions.end_all(device=id)


def _is_of(right: Token, operation: str | None) -> bool:
    query = text("SELECT 1 FROM operations WHERE id = :id AND code = :code")
    return session().scalar(query, {"id": right.operation_id, "code": operation}) is not None
