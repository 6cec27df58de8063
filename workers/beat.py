"""The Celery application of beat, which sends and knows no room: a scheduler needs a fraction of a worker's memory."""

from __future__ import annotations

from typing import Any

from celery import Celery, signals

from config.logs import configure_logs
from config.queueing import celery_options
from config.settings import Settings
from workers.schedule import schedule

settings = Settings.from_environment()
app = Celery("tallyroom", config_source=celery_options(settings.redis_url))
app.conf.beat_schedule = schedule(settings)


@signals.setup_logging.connect
def _logs(**_: Any) -> None:
    configure_logs(settings)
