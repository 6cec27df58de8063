"""Alarms: what the desk must see because a safety net has caught something."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.reports.models import Waiting
from coordinator.totals.models import Recount
from coordinator.totals.recount import MOST_SHOWN


def standing(operation_id: int) -> list[dict[str, Any]]:
    """The alarms of an operation that stand: the last recount, where it did not hold; reports that can't be folded."""
    return [*_differing(operation_id), *_set_aside(operation_id)]


def _differing(operation_id: int) -> list[dict[str, Any]]:
    last = session().scalars(select(Recount).where(Recount.operation_id == operation_id)).one_or_none()
    if last is None or last.holds:
        return []
    places = f"{MOST_SHOWN} or more" if len(last.differences) == MOST_SHOWN else str(len(last.differences))
    detail = f"The recount at position {last.position} differs from the totals in {places} places."
    return [_alarm("totals-differ", detail, last.at, last.position, last.differences)]


def _set_aside(operation_id: int) -> list[dict[str, Any]]:
    aside = select(Waiting).where(Waiting.operation_id == operation_id, Waiting.set_aside_at.is_not(None)).order_by(Waiting.id)
    rows = session().scalars(aside.limit(MOST_SHOWN)).all()
    if not rows or rows[0].set_aside_at is None:
        return []
    detail = f"{len(rows)} {'report' if len(rows) == 1 else 'reports'} can't be folded and set aside; the totals are without them."
    named = [{"report": str(row.report_id), "problem": row.problem} for row in rows]
    return [_alarm("report-set-aside", detail, rows[0].set_aside_at, 0, named)]


def _alarm(code: str, detail: str, at: datetime, position: int, differences: list[dict[str, Any]]) -> dict[str, Any]:
    return {"code": code, "detail": detail, "at": moment_text(at), "position": position, "differences": differences[:20]}
