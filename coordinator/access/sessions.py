"""Sessions: opened at sign-in, recognised at every request, listed, put on a wall, ended.

A session is a row and a secret, which the browser has in a cookie and the hub as a hash. It ends when nobody has done anything
for a while, after some hours in any case, when it is revoked, when its account is locked, when its device is revoked or too old,
and on a device when its operation is archived. What a stream reads is nobody's doing; a board that hangs on a wall all night
therefore says so: such a session has no idle end, and can read only.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, text, update
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access import audit, tokens
from coordinator.access.actor import ADMIN, DESK, Actor, Right, Session
from coordinator.access.models import SignedIn
from coordinator.db import session
from coordinator.errors import NotFound

PREFIX = "trs_"
"""Begins the secret of every session, so that one that leaks can be recognised."""

Proof = tuple[uuid.UUID | None, uuid.UUID | None]

_GOOD = """
    s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
    AND (s.wall OR s.seen_at + make_interval(secs => s.idle_seconds) > clock_timestamp())
    AND NOT EXISTS (SELECT FROM accounts a WHERE a.id = s.account_id AND a.locked_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM devices d LEFT JOIN tokens t ON t.device_id = d.id LEFT JOIN operations o ON o.id = t.operation_id
                    WHERE d.id = s.device_id
                      AND (d.revoked_at IS NOT NULL OR d.expires_at <= clock_timestamp() OR o.phase = 'archived'))
"""

_RECOGNISE = text(f"""
    WITH found AS (SELECT * FROM sessions s WHERE s.digest = ANY(CAST(:digests AS bytea[])) AND {_GOOD}),
    touched AS (
        UPDATE sessions SET seen_at = clock_timestamp() WHERE id IN (
            SELECT id FROM sessions s
            WHERE s.digest = ANY(CAST(:active AS bytea[])) AND {_GOOD}
              AND s.seen_at + make_interval(secs => least(60, s.idle_seconds / 30.0)) < clock_timestamp()
            FOR NO KEY UPDATE SKIP LOCKED
        )
    )
    SELECT found.digest, found.id AS session_id, found.account_id, found.device_id, found.wall, found.created_at, found.expires_at,
           CASE WHEN NOT found.wall THEN found.seen_at + make_interval(secs => found.idle_seconds) END AS idle_at,
           t.id, t.name, t.role, o.code AS operation, ARRAY(SELECT unit_id FROM grants WHERE token_id = t.id) AS units
    FROM found
    JOIN tokens t ON t.account_id = found.account_id OR t.device_id = found.device_id
    LEFT JOIN operations o ON o.id = t.operation_id
    WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
    ORDER BY found.id, t.id
""")  # noqa: S608  # put together from constants
"""Every session of a lot with its rights, in one statement. It notes activity at most once a minute, so that reading writes
little, and leaves out a row another process is noting it on: one of the two is enough, and neither waits."""

_STANDING = text(f"SELECT s.id FROM sessions s WHERE s.id = ANY(CAST(:ids AS uuid[])) AND {_GOOD}")  # noqa: S608

_LIST = text(f"""
    SELECT s.id, s.account_id, s.device_id, s.browser, s.origin, s.wall, s.created_at, s.seen_at, s.expires_at, t.name
    FROM sessions s
    JOIN LATERAL (
        SELECT name FROM tokens
        WHERE (account_id = s.account_id OR device_id = s.device_id) AND revoked_at IS NULL
          AND (CAST(:operation AS text) IS NULL OR operation_id = (SELECT id FROM operations WHERE code = :operation))
        ORDER BY id LIMIT 1
    ) t ON true
    WHERE {_GOOD}
      AND (CAST(:operation AS text) IS NOT NULL OR s.account_id = CAST(:account AS uuid) OR s.device_id = CAST(:device AS uuid))
      AND (CAST(:after AS uuid) IS NULL OR s.id < :after) AND (CAST(:id AS uuid) IS NULL OR s.id = :id)
    ORDER BY s.id DESC LIMIT :limit
""")  # noqa: S608  # put together from constants


@dataclass(frozen=True)
class Terms:
    """How a session is opened: from where, in which browser, for how long (``idle`` and ``most`` in seconds), and the secret of
    the one it replaces."""

    origin: str
    browser: str
    idle: float
    most: float
    replaces: str | None = None


def open(terms: Terms, *, account: uuid.UUID | None = None, device: uuid.UUID | None = None) -> tuple[uuid.UUID, str]:
    """Opens a session of an account or on a device; answers its id and its secret, which is never to be had again."""
    if terms.replaces:
        session().execute(update(SignedIn).where(SignedIn.digest == digest(terms.replaces)).values(revoked_at=func.clock_timestamp()))
    secret, id = PREFIX + secrets.token_urlsafe(32), uuid7()
    row = SignedIn(id=id, digest=digest(secret), account_id=account, device_id=device, browser=terms.browser, origin=terms.origin)
    row.idle_seconds = max(1, round(terms.idle))
    row.expires_at = clock.now() + timedelta(seconds=terms.most)
    session().add(row)
    session().flush()
    return id, secret


def digest(secret: str) -> bytes:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode()).digest()


def recognise_all(presented: Sequence[tuple[str, bool]]) -> list[Session | None]:
    """For each secret its session, in one question; None where it has ended or never was. With True beside it, the request is
    someone's doing and puts off the idle end."""
    digests = [digest(secret) for secret, _ in presented]
    active = [digest(secret) for secret, doing in presented if doing]
    rows = session().execute(_RECOGNISE, {"digests": digests, "active": active})
    found = {bytes(key): _session(list(rights)) for key, rights in groupby(rows, key=lambda row: row.digest)}
    return [found.get(one) for one in digests]


def standing(asked: Iterable[Proof]) -> set[Proof]:
    """Those of these pairs of right and session of which both still stand: asked by streams, which outlive their request."""
    asked = set(asked)
    rights = tokens.standing({right for right, _ in asked})
    ids = [id for _, id in asked if id is not None]
    open_ = set(session().scalars(_STANDING, {"ids": ids})) if ids else set()
    return {(right, id) for right, id in asked if right in rights and (id is None or id in open_)}


def visible(actor: Actor, operation: str | None, limit: int, after: uuid.UUID | None) -> list[Row[Any]]:
    """Sessions that are open, newest first: of everyone who has a right in ``operation``, else the actor's own."""
    return list(session().execute(_LIST, _whose(actor, operation) | {"limit": limit, "after": after, "id": None}))


def revoke(actor: Actor, id: uuid.UUID) -> None:
    """Ends a session, its streams included: one's own, or of the operation one is the desk of. NotFound where it is neither."""
    own = session().scalar(_LIST, _whose(actor, None) | {"limit": 1, "after": None, "id": id})
    if own is None and not _overseen(actor, id):
        raise NotFound("There is no such session, or it has ended.")
    session().execute(update(SignedIn).where(SignedIn.id == id).values(revoked_at=func.clock_timestamp()))
    audit.record(actor, "signed out" if actor.session and actor.session.id == id else "session revoked", None, {"session": str(id)})


def hang(actor: Actor, id: uuid.UUID) -> None:
    """Puts the actor's own session on a wall, until it ends: it stays open without anyone doing anything, and can only read."""
    if actor.session is None or actor.session.id != id:
        raise NotFound("There is no such session, or it is not the one you speak from.")
    session().execute(update(SignedIn).where(SignedIn.id == id).values(wall=True))
    audit.record(actor, "session put on a wall", None, {"session": str(id)})


def end_all(*, account: uuid.UUID | None = None, device: uuid.UUID | None = None, but: uuid.UUID | None = None) -> None:
    """Ends every session of an account or device, ``but`` one."""
    holder = SignedIn.account_id == account if account else SignedIn.device_id == device
    ended = update(SignedIn).where(holder, SignedIn.revoked_at.is_(None), SignedIn.id != but if but else text("true"))
    session().execute(ended.values(revoked_at=func.clock_timestamp()))


def _overseen(actor: Actor, id: uuid.UUID) -> bool:
    """Whether an admin, or the desk of an operation in which its holder has a right, knows of this session."""
    if actor.role == ADMIN:
        return session().scalar(_STANDING, {"ids": [id]}) is not None
    asked = _whose(actor, actor.operation) | {"limit": 1, "after": None, "id": id}
    return actor.role == DESK and session().scalar(_LIST, asked) is not None


def _whose(actor: Actor, operation: str | None) -> dict[str, Any]:
    mine = actor.session
    return {"operation": operation, "account": mine and mine.account, "device": mine and mine.device}


def _session(rows: list[Row[Any]]) -> Session:
    one = rows[0]
    rights = tuple(Right(row.id, row.name, row.role, row.operation, frozenset(row.units)) for row in rows)
    return Session(one.session_id, one.account_id, one.device_id, one.wall, one.created_at, one.idle_at, one.expires_at, rights)
