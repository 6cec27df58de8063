"""A worker's own pulse: it sends itself a message by Redis, takes it from there like any other, and writes down that it did.

That goes the whole way of the work it is there for. A worker whose processes are stopped, whose loop hangs, or that has lost
its way to Redis without noticing, is alive and misses it; whoever looks after the worker sees that in the database.
"""

from __future__ import annotations

import dataclasses
import os
import socket
import threading
import time

import structlog
from celery import Celery

from config.queueing import own_queue, pulse_seconds, sending_options
from config.settings import Settings
from coordinator.jobs import RecordHeartbeat

log = structlog.get_logger(__name__)


class Pulse:
    """The pulse of the worker whose main process this is. ``name`` is its queue and that of its heartbeat."""

    def __init__(self, settings: Settings) -> None:
        self.name = own_queue(socket.gethostname(), os.getpid())
        self._seconds = pulse_seconds(settings.stuck_seconds)
        self._redis_url = settings.redis_url

    def start(self) -> None:
        """Begins to beat, from a thread of its own, for as long as the process lives."""
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def _run(self) -> None:
        sender = Celery("pulse", config_source=sending_options(self._redis_url), set_as_current=False)
        job = RecordHeartbeat(self.name)
        while True:
            try:
                sender.send_task(job.name(), kwargs=dataclasses.asdict(job), queue=self.name, retry=False, expires=self._seconds)
            except Exception as problem:  # Redis is away: whoever looks after the worker sees that too, and waits
                log.warning("pulse_not_sent", problem=repr(problem))
            time.sleep(self._seconds)
