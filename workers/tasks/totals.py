"""Tasks that fold."""

from __future__ import annotations

import structlog

from coordinator import live
from coordinator.db import transaction
from coordinator.jobs import FoldInbox, FoldStale
from coordinator.totals import fold, folding
from workers.app import app, settings

turns = live.Turns(settings.redis_url)
log = structlog.get_logger(__name__)


@app.task(name=FoldInbox.name())
def fold_inbox(operation_id: int) -> None:
    """Folds until the inbox is empty; and again after its turn, since what came in during it has asked nobody else."""
    folding.fold_waiting(operation_id)
    turns.end(operation_id)
    folding.fold_waiting(operation_id)


@app.task(name=FoldStale.name())
def fold_stale() -> None:
    """Folds what was left lying, whoever was to fold it; an operation that can't be folded keeps no other from being."""
    with transaction():
        waiting = fold.stale(settings.stale_seconds)
    for operation_id in waiting:
        try:
            folding.fold_waiting(operation_id)
        except Exception as problem:
            log.error("stale_fold_failed", operation=operation_id, problem=repr(problem))
