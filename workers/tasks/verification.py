"""Tasks that sign."""

from __future__ import annotations

import structlog

from coordinator.db import transaction
from coordinator.jobs import MakeCheckpoint, MakeCheckpoints
from coordinator.verification import checkpoints, signing
from workers.app import app

log = structlog.get_logger(__name__)


@app.task(name=MakeCheckpoint.name())
def make_checkpoint(operation_id: int) -> None:
    """Signs how far the record of one operation goes. A hub without a key signs nothing, and goes on."""
    if signing.there():
        with transaction():
            checkpoints.make(operation_id, signing.signer())


@app.task(name=MakeCheckpoints.name())
def make_checkpoints() -> None:
    """The same for every operation whose record has grown; one that can't be signed keeps no other from being."""
    if not signing.there():
        log.warning("no_signing_key", advice="set TALLYROOM_SIGNING_KEY_FILE: no checkpoints are made")
    for operation_id in _due():
        try:
            make_checkpoint(operation_id)
        except Exception as problem:
            log.error("checkpoint_failed", operation=operation_id, problem=repr(problem))


def _due() -> list[int]:
    if not signing.there():
        return []
    with transaction():
        return checkpoints.due()
