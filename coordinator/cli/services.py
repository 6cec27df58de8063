"""``tallyroom web``, ``worker`` and ``beat``: one process of a deployment, settings from the environment, logs on stderr.

The process becomes the server itself, so whoever started it (a container, systemd) signals the right one.
"""

from __future__ import annotations

import os
from contextlib import suppress

import click
import psycopg

from config.settings import Settings
from coordinator.hosting import commands
from coordinator.hosting.checkup_database import refuse_unfit


@click.command()
def web() -> None:
    """Run the web server."""
    _fit()
    _become(commands.web())


@click.command()
def worker() -> None:
    """Run one Celery worker."""
    _fit()
    _become(commands.worker())


@click.command()
def beat() -> None:
    """Run the scheduler; one is enough, and two do no harm."""
    Settings.from_environment()  # what is missing is said here, on one line
    _become(commands.beat())


def _fit() -> None:
    """Refuses a database that would break the hub's promises. One that is away for now is waited for by who needs it."""
    with suppress(psycopg.OperationalError):
        refuse_unfit(Settings.from_environment().database_url)


def _become(line: list[str]) -> None:
    os.execv(line[0], line)
