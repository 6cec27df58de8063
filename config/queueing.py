"""How Celery is set up, for those who send (web, beat) and those who work; one dictionary, one place.

A message is only a nudge: everything it asks for can be found in the database without it, so nothing here waits, retries
for long or keeps results.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

QUEUES = FOLDS, CARE = "folds", "care"
"""The two queues: folds must start at once; care (recounts, heartbeats) may wait behind each other. A worker takes from both."""

PULSE_SECONDS = 5.0
"""Between two heartbeats, a worker's own or at beat's asking; less where they are to be missed soon."""

WORKER = "worker"
"""The name under which any worker says that it takes work, when beat asks."""

BRIEF = {"socket_connect_timeout": 1, "socket_timeout": 2}
"""How long a sender waits for Redis: the nudger's thread, never a request."""


def celery_options(redis_url: str) -> dict[str, Any]:
    """Celery's configuration for a Redis or Valkey URL.

    The schedule is kept in beat's memory: one kept in Redis is lost when Redis is flushed, and one kept in a file is only
    another thing to lose. Every job may be repeated, so a beat that starts again, or a second one, does no harm.
    """
    return {
        "broker_url": broker_url(redis_url),
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_default_queue": CARE,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_publish_retry": False,
        "task_time_limit": 300,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 3,
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": {
            "visibility_timeout": 600,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_keepalive": True,
            "health_check_interval": 10,
        },
        "timezone": "UTC",
        "beat_scheduler": "celery.beat:Scheduler",
    }


def sending_options(redis_url: str) -> dict[str, Any]:
    """The same for those who only send: nothing may hold them up."""
    options = celery_options(redis_url)
    return options | {"broker_transport_options": options["broker_transport_options"] | BRIEF | {"max_retries": 0}}


def own_queue(host: str, pid: int) -> str:
    """The queue of one worker alone, by its main process; its own heartbeat goes by the same name."""
    return f"worker {host} {pid}"


def pulse_seconds(stuck_seconds: float) -> float:
    """How often a worker gives a sign of life, where it is replaced after so long without one: several may get lost."""
    return min(PULSE_SECONDS, stuck_seconds / 4)


def broker_url(redis_url: str) -> str:
    """The same server in Celery's spelling: ``unix:///path?db=1`` becomes ``redis+socket:///path?virtual_host=1``."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parts.query.removeprefix("db=") or "0"
    return f"redis+socket://{parts.path}?virtual_host={number}"
