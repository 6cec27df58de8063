"""The command line of each process of the hub: the same under ``tallyroom up``, in a container and under systemd."""

from __future__ import annotations

import sys


def web() -> list[str]:
    """The web server; its settings are ``config/server.py``."""
    return [sys.executable, "-m", "gunicorn", "-c", "python:config.server", "coordinator.wsgi:app()"]


def worker() -> list[str]:
    """One Celery worker."""
    return [sys.executable, "-m", "workers"]


def beat() -> list[str]:
    """The scheduler. It keeps nothing; a second one does no harm, since every job may be repeated."""
    return [sys.executable, "-m", "workers.beat"]
