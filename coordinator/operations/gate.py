"""The gate of an operation: reports pass it side by side, closing waits until none is under way, then shuts it.

An advisory lock, because it costs no write: a row lock shared by every report would. It must be a statement of its own
before the phase is read, since a statement sees the world as it was before it waited.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from coordinator.db import session

_GATE = 7461


def enter(operation_id: int) -> datetime:
    """Goes through, and answers the database's time: until this transaction ends the operation's phase stands still."""
    query = text("SELECT clock_timestamp() FROM (SELECT pg_advisory_xact_lock_shared(:gate, :id)) AS gone_through")
    moment: datetime = session().scalars(query, {"gate": _GATE, "id": operation_id}).one()
    return moment


def close(operation_id: int) -> None:
    """Waits for all who are inside and lets no one in until this transaction ends."""
    session().execute(text("SELECT pg_advisory_xact_lock(:gate, :id)"), {"gate": _GATE, "id": operation_id})
