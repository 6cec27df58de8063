"""Reminding: the steps of an alarm, each written once, so that the liaison, the alternate and the desk hear of it in turn."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import console
from coordinator.db import session
from coordinator.messages import happenings, outgoing, presence, watch
from coordinator.messages.models import Reminder
from coordinator.messages.watch import Late, Watched
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

HUB = "the hub"
"""Who reminds, on the record."""


def remind(operation_id: int) -> int:
    """Takes every step of an alarm that is due and not taken yet; answers how many. Nothing is written, and no lock taken, where
    nothing is due."""
    catalogue, now = operations.find_by_id(operation_id), clock.now()
    due = [(one, late) for one in watch.watch(catalogue, now) for late in one.late]
    if not _untaken(catalogue, due):
        return 0
    happenings.lock(operation_id)
    return sum(_step(catalogue, one, late) for one, late in due)


def _untaken(catalogue: Catalogue, due: list[tuple[Watched, Late]]) -> bool:
    """Whether any of these steps is still to be taken."""
    steps = {_place(one, late) for one, late in due}
    row = Reminder
    taken = select(row.unit_id, row.bulletin_id, row.due_at, row.step).where(
        row.operation_id == catalogue.id, tuple_(row.unit_id, row.due_at, row.step).in_([(unit, at, step) for unit, _, at, step in steps])
    )
    return bool(steps - {tuple(one) for one in session().execute(taken)}) if steps else False


def _place(one: Watched, late: Late) -> tuple[Any, ...]:
    return one.unit.id, late.bulletin and late.bulletin.id, late.alarm.due_at, late.alarm.step


def _step(catalogue: Catalogue, one: Watched, late: Late) -> bool:
    """Takes a step; False where it was taken before."""
    unit, bulletin, due_at, step = _place(one, late)
    row = {"operation_id": catalogue.id, "unit_id": unit, "bulletin_id": bulletin, "due_at": due_at, "step": step}
    if session().scalar(insert(Reminder).values(row).on_conflict_do_nothing().returning(Reminder.id)) is None:
        return False
    happenings.happened(catalogue.id, "reminder", unit, bulletin)
    whom = presence.whom(step, bool(one.row.alternate))
    detail = {"unit": one.unit.code, "whom": whom, "bulletin": late.bulletin and late.bulletin.number}
    audit.record(console(HUB), "reminded", catalogue.id, detail)
    outgoing.reminder(catalogue, one.unit, late.bulletin, due_at, whom)
    return True
