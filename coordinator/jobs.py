"""What the hub asks its workers to do: small typed messages.

A message carries ids, never objects, and may be lost, late or repeated. Each has one task of the same name and
parameters in ``workers/tasks``; a test holds the two equal. ``asking.py`` sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from config.queueing import CARE, FOLDS, WORKER


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
class MakeCheckpoint(Job):
    """Sign how far the record of this operation goes, where it goes further than at its last checkpoint."""

    operation_id: int


@dataclass(frozen=True)
class MakeCheckpoints(Job):
    """The same for every operation."""


@dataclass(frozen=True)
class RemindLate(Job):
    """Remind whoever is overdue, or late to acknowledge, and show the desk whom to call."""


@dataclass(frozen=True)
class MakeSituationReports(Job):
    """Make every situation report that is due by its operation's schedule."""


@dataclass(frozen=True)
class Deliver(Job):
    """Send what is due in the outbox."""


@dataclass(frozen=True)
class MakeExport(Job):
    """Make the file of this export, by its id."""

    export: str


@dataclass(frozen=True)
class TendExports(Job):
    """Take up exports nobody makes any more, and forget those that have expired."""


@dataclass(frozen=True)
class RecordHeartbeat(Job):
    """Say that a worker takes work: any worker at beat's asking, or the one of that name at its own."""

    of: str = WORKER
