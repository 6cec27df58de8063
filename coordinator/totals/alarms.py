"""Alarms: what the desk must see because a safety net has caught something."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.totals.models import Recount
from coordinator.totals.recount import MOST_SHOWN


def standing(operation_id: int) -> list[dict[str, Any]]:
    """The alarms of an operation that stand: the last recount, where it did not hold."""
    last = session().scalars(select(Recount).where(Recount.operation_id == operation_id)).one_or_none()
    if last is None or last.holds:
        return []
    places = f"{MOST_SHOWN} or more" if len(last.differences) == MOST_SHOWN else str(len(last.differences))
    return [
        {
            "code": "totals-differ",
            "detail": f"The recount at position {last.position} differs from the totals in {places} places.",
            "at": moment_text(last.at),
            "position": last.position,
            "differences": last.differences[:20],
        }
    ]
