"""What beat sends, and how often. Each message is sent only while a worker could still make use of it."""

from __future__ import annotations

import dataclasses
from typing import Any

from config.settings import Settings
from coordinator.jobs import FoldStale, Job, RecordHeartbeat, RecountLive

HEARTBEAT_SECONDS = 10.0


def schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Celery's beat schedule."""
    every = {FoldStale(): settings.stale_seconds, RecountLive(): settings.recount_seconds, RecordHeartbeat(): HEARTBEAT_SECONDS}
    return {type(job).__name__: _entry(job, seconds) for job, seconds in every.items()}


def _entry(job: Job, seconds: float) -> dict[str, Any]:
    return {
        "task": job.name(),
        "schedule": seconds,
        "kwargs": dataclasses.asdict(job),
        "options": {"queue": job.queue, "expires": seconds, "retry": False},
    }
