"""Tasks that make situation reports."""

from __future__ import annotations

from coordinator.db import transaction
from coordinator.jobs import MakeSituationReports
from coordinator.situation import service
from workers.app import app


@app.task(name=MakeSituationReports.name())
def make_situation_reports() -> None:
    """Makes the reports that are due by their schedules, one operation at a time."""
    with transaction():
        scheduled = service.scheduled()
    for operation_id in scheduled:
        with transaction():
            service.make_due(operation_id)
