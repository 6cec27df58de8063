"""gunicorn's settings of the hub, with a process that lets go whoever is twenty events behind: so that a test can fill a queue."""

from typing import Any

from config import server
from config.server import *  # noqa: F403


def post_worker_init(worker: Any) -> None:
    """After the application is loaded in a process."""
    from coordinator.desk import channels

    server.post_worker_init(worker)
    channels.MOST_WAITING = 20
