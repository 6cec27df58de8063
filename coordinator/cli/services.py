"""``tallyroom web``, ``worker`` and ``beat``: one process of a deployment, settings from the environment, logs on stderr.

The process becomes the server itself, so whoever started it (a container, systemd) signals the right one.
"""

from __future__ import annotations

import os

import click

from config.settings import Settings
from coordinator.hosting import commands


@click.command()
def web() -> None:
    """Run the web server."""
    Settings.from_environment()
    _become(commands.web())


@click.command()
def worker() -> None:
    """Run one Celery worker."""
    _become(commands.worker(Settings.from_environment()))


@click.command()
def beat() -> None:
    """Run the scheduler; one is enough, and two do no harm."""
    _become(commands.beat(Settings.from_environment()))


def _become(line: list[str]) -> None:
    os.execv(line[0], line)
