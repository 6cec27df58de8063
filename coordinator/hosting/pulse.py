"""When a worker was last heard from, by itself or at beat's asking, and whether it could have been.

``python -m coordinator.hosting.pulse`` is the health check of a worker's container: status 1 where the worker is silent though
PostgreSQL and Redis answer. A container that is only called unhealthy goes on doing nothing, so after LOOKS such looks in a row
the check ends the worker, and the restart policy starts another. It needs ``init`` as the container's first process.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Self

import psycopg
import redis

from config.queueing import WORKER, own_queue
from config.settings import Settings
from coordinator.hosting.checkup_database import plain

WAIT_SECONDS = 3
LOOKS = 3
"""Silent looks in a row before a worker is ended: one after the other servers came back may come too early."""

FIRST_PROCESS = 1


class Pulses:
    """The heartbeats of workers on this machine, by a connection that is kept. A context, or ``close`` it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: psycopg.Connection | None = None

    def age(self, pid: int) -> float:
        """Seconds since the worker of that process was heard from; infinite where it never was.

        0 where PostgreSQL or Redis is away: nobody can be heard then, and a new worker would not be either.
        """
        return self._age(own_queue(socket.gethostname(), pid))

    def beat_age(self, worker: int) -> float:
        """Seconds since a worker was last asked by beat to say that it is there; 0 where no worker could have answered."""
        return self._age(WORKER) if 0 < self.age(worker) < self._settings.stuck_seconds else 0.0

    def _age(self, name: str) -> float:
        try:
            age = self._asked(name)
        except psycopg.Error:
            self.close()
            return 0.0
        return age if age < self._settings.stuck_seconds or self._redis_answers() else 0.0

    def close(self) -> None:
        """Hangs up; the next question connects anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _asked(self, name: str) -> float:
        if self._connection is None:
            url = plain(self._settings.database_url)
            self._connection = psycopg.connect(url, connect_timeout=WAIT_SECONDS, autocommit=True, application_name="tallyroom pulse")
        query = "SELECT extract(epoch FROM clock_timestamp() - at)::float FROM heartbeats WHERE name = %s"
        row = self._connection.execute(query, (name,)).fetchone()
        return float(row[0]) if row else math.inf

    def _redis_answers(self) -> bool:
        try:
            with redis.Redis.from_url(self._settings.redis_url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS) as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False


def check(settings: Settings, worker: int, notes: Path) -> bool:
    """Whether the worker of that process has been heard from lately. Counts silent looks in ``notes``, and ends it at the last."""
    with Pulses(settings) as pulses:
        age = pulses.age(worker)
    if age < settings.stuck_seconds:
        notes.unlink(missing_ok=True)
        return True
    looks = 1 + (int(notes.read_text()) if notes.exists() else 0)
    notes.write_text(str(looks))
    if looks >= LOOKS:
        notes.unlink()
        os.kill(worker, signal.SIGKILL)
    return False


def main() -> int:
    """Checks the worker of this container."""
    children = Path(f"/proc/{FIRST_PROCESS}/task/{FIRST_PROCESS}/children").read_text().split()
    notes = Path(os.environ.get("TMPDIR", "/tmp")) / "tallyroom-silent"  # noqa: S108 (the container's own)
    return 0 if check(Settings.from_environment(), int(children[0]), notes) else 1


if __name__ == "__main__":
    sys.exit(main())
