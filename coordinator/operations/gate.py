"""The gate of an operation: reports pass it side by side, closing waits until none is under way, then shuts it.

An advisory lock, because it costs no write: a row lock shared by every report would. It must be a statement of its own
before the phase is read, since a statement sees the world as it was before it waited.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from coordinator.db import session

_GATE = 7461


def enter(code: str) -> tuple[int, int, datetime] | None:
    """Goes through, and answers the operation's id and version, and the database's time; None where there is no such operation.

    Until this transaction ends the operation's phase stands still. What it is must be read by a later statement.
    """
    query = text("""
        SELECT id, version, clock_timestamp()
        FROM operations, LATERAL (SELECT pg_advisory_xact_lock_shared(:gate, CAST(id AS integer))) AS gone_through WHERE code = :code
    """)
    row = session().execute(query, {"gate": _GATE, "code": code}).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def close(operation_id: int) -> None:
    """Waits for all who are inside and lets no one in until this transaction ends."""
    session().execute(text("SELECT pg_advisory_xact_lock(:gate, :id)"), {"gate": _GATE, "id": operation_id})
