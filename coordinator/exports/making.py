"""Making a file: in several transactions, so that whoever waits sees how far it is, and none is open while it is written."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

import structlog

from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.exports import files, night, service
from coordinator.exports.dossier import Dossier
from coordinator.exports.formats import FORMATS
from coordinator.exports.models import Export
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

log = structlog.get_logger(__name__)

READ, WRITTEN = 0.5, 0.95
"""How far it is when all figures are read, and when the file is written but not yet kept."""


def make(id: UUID) -> None:
    """Makes the file of an export, unless it is made already or someone is at it; what can't be made is given up and logged."""
    with transaction():
        export = files.take(id)
    if export is None:
        return
    try:
        made = _written(export, _read(export))
    except Exception as problem:
        log.error("export_failed", export=str(id), problem=repr(problem))
        with transaction():
            files.give_up(id, export.attempts)
        raise
    with transaction():
        files.put(id, export.attempts, made)


def _read(export: Export) -> Dossier:
    """The dossier, as if it had been read at once: at a position nothing changes. Whoever asked was allowed to when it was asked for."""
    at, release = None if export.release else export.position, export.release or None
    with transaction(snapshot=True):
        catalogue = operations.find_by_id(export.operation_id)
        dossier = service.dossier(console(), catalogue.code, at, release, public=export.public)
    return replace(dossier, night=_night(export, catalogue, dossier)) if export.format == "pdf" and not export.public else dossier


def _night(export: Export, catalogue: Catalogue, dossier: Dossier) -> night.Night:
    """How the night came to the position, each step read by itself, since each is a count of its own."""
    steps, ends = [], night.ends(dossier.operation)
    for number, end in enumerate(ends, 1):
        with transaction(snapshot=True):
            steps.append((end, night.standing(catalogue, end, export.position)))
        _note(export, READ * number / len(ends))
    return night.gathered(steps)


def _written(export: Export, dossier: Dossier) -> bytes:
    _note(export, READ)
    form = FORMATS[export.format]
    made: bytes = form.write(dossier, partial(_told, export)) if form.slow else form.write(dossier)
    _note(export, WRITTEN)
    return made


def _told(export: Export, share: float) -> None:
    _note(export, READ + (WRITTEN - READ) * share)


def _note(export: Export, progress: float) -> None:
    with transaction():
        files.note(export.id, export.attempts, progress)
