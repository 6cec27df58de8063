"""The same answer to the same request: idempotency keys of everything that creates, but reports, which keep their own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from coordinator.access.actor import Actor
from coordinator.access.models import Answer
from coordinator.db import session
from coordinator.errors import KeyReused


def digest(*asked: Any) -> bytes:
    """SHA-256 of what was asked, as parsed content: spelling and order of members don't matter."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).digest()


def once(actor: Actor, key: str | None, asked: Any, act: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """What ``act`` answers, and False; or, where this key was used for the same, what it answered then, and True.

    A twin under way is waited for. Refuses with KeyReused. The claim of the key stands or falls with the act. The first answer
    too is what was kept, read back, so that a repeat does not differ by a byte.
    """
    if key is None or actor.id is None:
        return act(), False
    claim = insert(Answer).values(caller=actor.id, key=key, asked=digest(asked)).on_conflict_do_nothing().returning(Answer.key)
    if session().scalar(claim) is None:
        return _earlier(actor, key, asked), True
    kept = update(Answer).where(Answer.caller == actor.id, Answer.key == key).values(body=act()).returning(Answer.body)
    return dict(session().execute(kept).scalar_one() or {}), False


def _earlier(actor: Actor, key: str, asked: Any) -> dict[str, Any]:
    found = session().execute(select(Answer.asked, Answer.body).where(Answer.caller == actor.id, Answer.key == key)).one()
    if found.asked != digest(asked):
        raise KeyReused("This Idempotency-Key came with another request before. Use a fresh key for a new request.")
    return dict(found.body)
