"""Tokens: issued, recognised, listed, revoked.

A token's text is derived from the secret of whoever issued it and the new token's id, so a repeated request can be answered
with the same text although the hub keeps only a hash: without the issuer's own secret nobody can derive it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, text, update
from uuid_utils.compat import uuid7

from coordinator.access import audit
from coordinator.access.actor import ADMIN, Actor
from coordinator.access.models import Grant, Token
from coordinator.db import session
from coordinator.errors import KeyReused, NotAllowed, NotFound, NotSignedIn

PREFIX = "trm_"
"""Begins every token, so that one that leaks into a log or a repository can be recognised."""

_RECOGNISE = text("""
    SELECT t.digest, t.id, t.name, t.role, o.code AS operation,
           ARRAY(SELECT unit_id FROM grants WHERE token_id = t.id) AS units
    FROM tokens t LEFT JOIN operations o ON o.id = t.operation_id
    WHERE t.digest = ANY(CAST(:digests AS bytea[])) AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > clock_timestamp())
""")


def issue(actor: Actor, content: dict[str, Any], operation_id: int | None, units: dict[str, int]) -> dict[str, Any]:
    """Makes a token for ``content`` (name, role, expires_at) and the units by code and id; answers its description.

    The text is not in it: ``text_of(actor, id)`` gives it to the issuer. Refuses with NotAllowed.
    """
    if actor.role != ADMIN and content["role"] == ADMIN:
        raise NotAllowed("Only an admin can issue an admin's token.")
    id = uuid7()
    digest = hashlib.sha256(text_of(actor, id).encode()).digest()
    token = Token(id=id, name=content["name"], role=content["role"], digest=digest, issued_by=actor.id)
    token.expires_at = content.get("expires_at")
    put(token, operation_id, list(units.values()))
    audit.record(actor, "token issued", operation_id, {"token": str(id), "name": token.name, "role": token.role, "units": list(units)})
    return {"id": str(id), "name": token.name, "role": token.role, "units": list(units)}


def put(token: Token, operation_id: int | None, units: list[int]) -> Token:
    """Gives a right its operation and units, and writes it."""
    token.operation_id = operation_id
    token.grants = [Grant(operation_id=operation_id, unit_id=unit) for unit in units]
    session().add(token)
    session().flush()
    return token


def text_of(issuer: Actor, id: uuid.UUID) -> str:
    """The token's text: HMAC-SHA-256 of its id under the issuer's secret, in base64url after the prefix."""
    code = hmac.digest(issuer.secret, b"tallyroom token " + id.bytes, "sha256")
    return PREFIX + base64.urlsafe_b64encode(code).decode().rstrip("=")


def shown(issuer: Actor, id: uuid.UUID) -> str:
    """The same for whoever issued it, or asks again with the same request. Refuses with KeyReused where it was issued in another
    session, whose secret this one does not have."""
    told = text_of(issuer, id)
    if session().get_one(Token, id).digest != hashlib.sha256(told.encode()).digest():
        raise KeyReused("This was issued in an earlier session, and its text is shown once. Revoke it and issue another.")
    return told


def fresh_secret() -> bytes:
    """A secret for the command line, which issues once and repeats nothing."""
    return secrets.token_bytes(32)


def recognise(token: str, origin: str) -> Actor:
    """Who presents this token; NotSignedIn where it is unknown, expired or revoked, all alike."""
    return named(recognise_all([token])[0], token, origin)


def recognise_all(presented: Sequence[str]) -> list[Row[Any] | None]:
    """For each token who holds it, in one question; None where it is unknown, expired or revoked."""
    digests = [hashlib.sha256(token.encode()).digest() for token in presented]
    found = {bytes(row.digest): row for row in session().execute(_RECOGNISE, {"digests": digests})}
    return [found.get(digest) for digest in digests]


def named(found: Row[Any] | None, token: str, origin: str) -> Actor:
    """The actor behind a recognised token; NotSignedIn where it was not."""
    if found is None:
        raise NotSignedIn("The token is unknown, expired or revoked.")
    return Actor(found.id, found.name, found.role, found.operation, frozenset(found.units), "api", origin, token.encode())


def standing(ids: set[uuid.UUID | None]) -> set[uuid.UUID]:
    """Those of these tokens that are still good: asked by streams, which outlive the request that opened them."""
    good = or_(Token.expires_at.is_(None), Token.expires_at > func.clock_timestamp())
    return set(session().scalars(select(Token.id).where(Token.id.in_(ids - {None}), Token.revoked_at.is_(None), good)))


def visible(actor: Actor, limit: int, after: uuid.UUID | None) -> list[Token]:
    """Tokens the actor may see, newest first: an admin all, a desk those of its operation."""
    query = _within(actor, select(Token)).order_by(Token.id.desc()).limit(limit)
    return list(session().scalars(query.where(Token.id < after) if after else query))


def of_holder(*, account: uuid.UUID | None = None, device: uuid.UUID | None = None) -> list[Token]:
    """The rights an account or device holds that still stand, oldest first."""
    holder = Token.account_id == account if account else Token.device_id == device
    good = or_(Token.expires_at.is_(None), Token.expires_at > func.clock_timestamp())
    return list(session().scalars(select(Token).where(holder, Token.revoked_at.is_(None), good).order_by(Token.id)))


def revoke(actor: Actor, id: uuid.UUID) -> None:
    """Ends a token at once; ending it again changes nothing. NotFound where the actor may not know of it."""
    token = session().scalars(_within(actor, select(Token).where(Token.id == id))).one_or_none()
    if token is None:
        raise NotFound("There is no such token, or it is not of your operation.")
    ended = session().execute(update(Token).where(Token.id == id, Token.revoked_at.is_(None)).values(revoked_at=func.clock_timestamp()))
    if ended.rowcount:  # type: ignore[attr-defined]
        audit.record(actor, "token revoked", token.operation_id, {"token": str(id), "name": token.name})


def expired(moment: datetime | None, now: datetime) -> bool:
    """Whether a token of this expiry would be dead at once."""
    return moment is not None and moment <= now


def _within(actor: Actor, query: Any) -> Any:
    if actor.role == ADMIN:
        return query
    own = text("tokens.operation_id = (SELECT id FROM operations WHERE code = :own)").bindparams(own=actor.operation)
    return query.where(own)
