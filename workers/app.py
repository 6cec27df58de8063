"""The Celery application of the workers: how they start."""

from __future__ import annotations

import gc
from typing import Any

from celery import Celery, signals
from sqlalchemy.orm import configure_mappers

from config.logs import configure_logs
from config.queueing import celery_options
from config.settings import Settings
from coordinator import db, heartbeats, live
from coordinator.db import transaction
from coordinator.deliveries import ways
from coordinator.messages import checkins, watch
from coordinator.situation import closings
from coordinator.totals import reading
from coordinator.verification import signing
from workers.pulse import Pulse

settings = Settings.from_environment()
TASKS = [f"workers.tasks.{name}" for name in ("totals", "care", "verification", "exports", "situation", "deliveries")]
app = Celery("tallyroom", config_source=celery_options(settings.redis_url), include=TASKS)
pulse = Pulse(settings)


@signals.setup_logging.connect
def _logs(**_: Any) -> None:
    configure_logs(settings)


@signals.worker_before_create_process.connect
def _share(**_: Any) -> None:
    """What is there before the fork stays where it is: the collector would write to every page of it, and unshare it. The driver
    is loaded and the mappers are made here once, not by each child for its first statement."""
    db.connect(settings.database_url, pool=1)
    configure_mappers()
    gc.collect()
    gc.freeze()


@signals.worker_process_init.connect
def _connect(**_: Any) -> None:
    """Each child has connections of its own: none survives a fork."""
    db.disconnect()
    db.connect(settings.database_url, pool=2)
    live.announce_by(live.Announcer(settings.redis_url))
    signing.hold(settings)
    watch.learn_closings_from(closings.closings)
    reading.learn_intervals_from(checkins.intervals)
    ways.hold(settings)


@signals.celeryd_after_setup.connect
def _listen(instance: Any, **_: Any) -> None:
    """This worker takes from a queue of its own too, so that it can be told apart from others that still take work."""
    instance.app.amqp.queues.select_add(pulse.name)


@signals.worker_ready.connect
def _ready(**_: Any) -> None:
    """The first heartbeat, so that the hub is ready as soon as its worker is; from now on its own ones."""
    pulse.start()
    with transaction():
        heartbeats.beat(heartbeats.WORKER)
    db.disconnect()
