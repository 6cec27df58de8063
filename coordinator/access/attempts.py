"""How often someone may fail to sign in: five times in 15 minutes, then not for 15 minutes (FBI CJIS Security Policy, AC-7).

Every attempt counts as a failure until it has succeeded, and is counted before the passphrase is tried, so that many at once
get no more tries than one after the other. Names no one has are counted alike. Of a name only its hash is kept: people type
their passphrase into the wrong field.
"""

from __future__ import annotations

import hashlib
import math

from sqlalchemy import delete, func, select, text

from coordinator.access.models import Attempt
from coordinator.db import session

MOST, WINDOW = 5, "15 minutes"

_CHARGE = text(f"""
    INSERT INTO attempts AS known (digest, failures, last_at) VALUES (:digest, ARRAY[clock_timestamp()], clock_timestamp())
    ON CONFLICT (digest) DO UPDATE SET (failures, locked_until, last_at) = (
        SELECT recent || clock_timestamp(),
               CASE WHEN cardinality(recent) + 1 >= {MOST} THEN clock_timestamp() + interval '{WINDOW}' END,
               clock_timestamp()
        FROM (SELECT ARRAY(SELECT one FROM unnest(known.failures) one
                           WHERE one > clock_timestamp() - interval '{WINDOW}' AND (known.locked_until IS NULL)) AS recent) counted
    )
    WHERE known.locked_until IS NULL OR known.locked_until <= clock_timestamp()
    RETURNING cardinality(failures)
""")  # noqa: S608  # put together from constants
_FORGET = text("DELETE FROM attempts WHERE last_at < clock_timestamp() - interval '1 day'")


def charge(login: str) -> tuple[int, int | None]:
    """Counts an attempt under this name: how many now stand against it, and None; or, where the name is locked, the seconds left."""
    session().execute(_FORGET)
    count = session().scalar(_CHARGE, {"digest": _digest(login)})
    if count is not None:
        return count, None
    left = select(func.extract("epoch", Attempt.locked_until - func.clock_timestamp())).where(Attempt.digest == _digest(login))
    return MOST, max(1, math.ceil(session().scalar(left) or 0))


def forgive(login: str) -> None:
    """Forgets the failures under this name: it has signed in, or an admin has let it."""
    session().execute(delete(Attempt).where(Attempt.digest == _digest(login)))


def locked(logins: list[str]) -> set[str]:
    """Those of these names that are locked now."""
    digests = {_digest(login): login for login in logins}
    query = select(Attempt.digest).where(Attempt.digest.in_(digests), Attempt.locked_until > func.clock_timestamp())
    return {digests[bytes(digest)] for digest in session().scalars(query)}


def _digest(login: str) -> bytes:
    return hashlib.sha256(login.encode()).digest()
