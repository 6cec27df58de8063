"""The one clock of the hub: the database's. Web and worker processes may be hours apart; their records are not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from coordinator.db import session


def now() -> datetime:
    """The database's time, UTC, at this very call (not at the start of the transaction)."""
    moment: datetime = session().scalars(select(func.clock_timestamp())).one()
    return moment
