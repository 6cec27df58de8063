"""What the hub asks its workers to do: small typed messages, sent only after commit.

A message carries ids, never objects, and may be lost, late or repeated. Each has one task of the same name and
parameters in ``workers/tasks``; a test holds the two equal. Nothing here knows Celery: whoever starts the process says
with ``deliver_by`` how a message leaves it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import ClassVar, cast

from config.queueing import CARE, FOLDS, WORKER
from coordinator.db import after_commit
from coordinator.nudger import Nudger


@dataclass(frozen=True)
class Job:
    """A message to the workers; ``queue`` names the queue it goes to."""

    queue: ClassVar[str] = CARE

    @classmethod
    def name(cls) -> str:
        """The task's name on the wire."""
        return f"tallyroom.{cls.__name__}"


@dataclass(frozen=True)
class FoldInbox(Job):
    """Fold what waits in this operation's inbox."""

    operation_id: int
    queue: ClassVar[str] = FOLDS


@dataclass(frozen=True)
class FoldStale(Job):
    """Fold every inbox in which something has waited too long."""

    queue: ClassVar[str] = FOLDS


@dataclass(frozen=True)
class RecountLive(Job):
    """Compare the totals of each live operation with a recount."""


@dataclass(frozen=True)
class RecordHeartbeat(Job):
    """Say that a worker takes work: any worker at beat's asking, or the one of that name at its own."""

    of: str = WORKER


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
