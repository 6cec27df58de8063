"""Tasks that look after the hub."""

from __future__ import annotations

from coordinator import heartbeats
from coordinator.db import transaction
from coordinator.jobs import RecordHeartbeat, RecountLive, RemindLate
from coordinator.messages import reminding
from coordinator.operations import service as operations
from coordinator.totals import recount
from workers.app import app, settings


@app.task(name=RecountLive.name())
def recount_live() -> None:
    """Compares the totals of every operation that takes reports with a recount of its record; not of one just compared."""
    with transaction():
        due = recount.due(operations.in_phases("live", "standing_down", "reconciling"), settings.recount_seconds / 2)
    for operation_id in due:
        with transaction(snapshot=True):
            found = recount.compare(operation_id)
        with transaction():
            recount.record(found)


@app.task(name=RemindLate.name())
def remind_late() -> None:
    """Takes the steps that are due of every alarm, one operation at a time."""
    with transaction():
        spoken_to = operations.in_phases("planned", "briefing", "live", "standing_down", "reconciling", "certified")
    for operation_id in spoken_to:
        with transaction():
            reminding.remind(operation_id)


@app.task(name=RecordHeartbeat.name())
def record_heartbeat(of: str) -> None:
    """Says that workers take work, or that one of them does."""
    with transaction():
        heartbeats.beat(of)
