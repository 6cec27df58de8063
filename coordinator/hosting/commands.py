"""The command line of each process of the hub: the same under ``tallyroom up``, in a container and under systemd."""

from __future__ import annotations

import sys

from config.queueing import CARE, FOLDS
from config.settings import Settings


def web() -> list[str]:
    """The web server; its settings are ``config/server.py``."""
    return [sys.executable, "-m", "gunicorn", "-c", "python:config.server", "coordinator.wsgi:app"]


def worker(settings: Settings) -> list[str]:
    """One Celery worker. Prefork: the gevent pool loses tasks on Redis. No gossip: workers need not know each other."""
    queues = ("-Q", f"{FOLDS},{CARE}", "--without-gossip", "--without-mingle")
    return [
        *_celery("workers.app"),
        "worker",
        "--pool",
        "prefork",
        "--concurrency",
        str(settings.worker_processes),
        *queues,
        *_level(settings),
    ]


def beat() -> list[str]:
    """The scheduler. It keeps nothing; a second one does no harm, since every job may be repeated."""
    return [sys.executable, "-m", "workers.beat"]


def _celery(application: str) -> list[str]:
    return [sys.executable, "-m", "celery", "--quiet", "-A", application]


def _level(settings: Settings) -> list[str]:
    return ["--loglevel", settings.log_level]
