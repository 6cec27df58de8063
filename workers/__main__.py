"""``python -m workers``: one worker, without Celery's command line, which would bring a shell of its own into each of its processes.

Prefork: the gevent pool loses tasks on Redis. No gossip: workers need not know each other.
"""

from __future__ import annotations

import sys
from typing import Any

from config.queueing import QUEUES
from workers.app import app, settings

OPTIONS: dict[str, Any] = {
    "pool": "prefork",
    "concurrency": settings.worker_processes,
    "queues": ",".join(QUEUES),
    "without_gossip": True,
    "without_mingle": True,
    "loglevel": settings.log_level,
    "quiet": True,
}

if __name__ == "__main__":
    worker = app.Worker(**OPTIONS)
    worker.start()
    sys.exit(worker.exitcode)
