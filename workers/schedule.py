"""What beat sends, and how often.

No message expires: a worker compares that with its own clock, and where that runs ahead of beat's it would throw away
whatever it is asked for. What has gathered while no worker was there is done in moments.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from config.queueing import pulse_seconds
from config.settings import Settings
from coordinator.jobs import (
    Deliver,
    FoldStale,
    Job,
    MakeCheckpoints,
    MakeSituationReports,
    RecordHeartbeat,
    RecountLive,
    RemindLate,
    TendExports,
)

REMIND_SECONDS = 15.0
"""Between two looks at who is overdue: an alarm may be as much late, and its shortest step is a minute."""

SITUATION_SECONDS = 20.0
"""Between two looks at which situation reports are due: one may be as much late, and the shortest schedule is five minutes."""

DELIVER_SECONDS = 5.0
"""How late mail, webhooks and phones' notices are at most where the message that asked for them is lost."""

TEND_SECONDS = 15.0
"""How often exports are looked after: what a killed worker left is taken up by the first look after it has been silent too long."""


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Celery's beat schedule."""
    pulse = pulse_seconds(settings.stuck_seconds)
    every: dict[Job, float] = {
        FoldStale(): settings.stale_seconds,
        RecountLive(): settings.recount_seconds,
        MakeCheckpoints(): settings.checkpoint_seconds,
        RemindLate(): REMIND_SECONDS,
        MakeSituationReports(): SITUATION_SECONDS,
        Deliver(): DELIVER_SECONDS,
        TendExports(): TEND_SECONDS,
        RecordHeartbeat(): pulse,
    }
    return {type(job).__name__: _entry(job, seconds) for job, seconds in every.items()}


def _entry(job: Job, seconds: float) -> dict[str, Any]:
    return {
        "task": job.name(),
        "schedule": seconds,
        "kwargs": dataclasses.asdict(job),
        "options": {"queue": job.queue, "retry": False},
    }
