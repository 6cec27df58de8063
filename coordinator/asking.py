"""Asking the workers: a job is sent once the present transaction has committed, and by no request itself.

Nothing here knows Celery: whoever starts the process says with ``deliver_by`` how a job leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import cast

from coordinator.db import after_commit
from coordinator.jobs import Job
from coordinator.nudger import Nudger


def enqueue(job: Job) -> None:
    """Sends ``job`` once the present transaction has committed; returns at once, whatever Redis does."""
    after_commit(lambda: _nudger.hand(job))


def deliver_by(send: Callable[[Job], None]) -> None:
    """Says how this process hands a job to the queue; until then jobs are dropped, and found by ``FoldStale``."""
    _deliveries[:] = [send]


def _deliver(job: Hashable) -> None:
    for send in _deliveries:
        send(cast(Job, job))


_deliveries: list[Callable[[Job], None]] = []
_nudger = Nudger(_deliver)
