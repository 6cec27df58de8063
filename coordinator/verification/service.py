"""What can be asked for verification: checkpoints, proofs, bundles."""

from __future__ import annotations

from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import select, text

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotAllowed, NotFound
from coordinator.operations import service as operations
from coordinator.releases.reading import stored
from coordinator.reports import reading as reports
from coordinator.totals import reading
from coordinator.verification import bundling, checkpoints, signing
from coordinator.verification.canonical import FIRST
from coordinator.verification.models import Checkpoint


def some(actor: Actor, code: str, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Checkpoints of an operation, newest first, of those with a number below ``before``. Refuses with NotFound."""
    query = select(Checkpoint).where(Checkpoint.operation_id == operations.find(code).id).order_by(Checkpoint.number.desc()).limit(limit)
    if before is not None:
        query = query.where(Checkpoint.number < before)
    return [checkpoints.document(row) for row in session().scalars(query)]


def latest(actor: Actor, code: str) -> dict[str, Any]:
    """The newest checkpoint. Refuses with NotFound where there is none yet."""
    found = checkpoints.last(operations.find(code).id)
    if found is None:
        raise NotFound("There is no checkpoint of this operation yet: one is made every few minutes while its journal grows.")
    return checkpoints.document(found)


def proof(actor: Actor, code: str, id: UUID) -> dict[str, Any]:
    """Where a report stands in the chain, and the first checkpoint above it. Refuses with NotFound also what waits to be folded."""
    report = reports.one(actor, code, id)
    operation_id = operations.find(code).id
    query = text(
        "SELECT position, seal FROM journal WHERE operation_id = :operation AND position BETWEEN :at - 1 AND :at ORDER BY position"
    )
    if report["position"] is None:
        raise NotFound("The report is not in the journal yet: ask again in a moment.")
    seals = {row.position: bytes(row.seal) for row in session().execute(query, {"operation": operation_id, "at": report["position"]})}
    return {
        "id": report["id"],
        "digest": report["digest"],
        "position": report["position"],
        "before": seals.get(report["position"] - 1, FIRST).hex(),
        "seal": seals[report["position"]].hex(),
        "checkpoint": _above(operation_id, report["position"]),
    }


def bundle(actor: Actor, code: str, at: int | None, file: BinaryIO, release: int | None = None) -> int:
    """Writes the bundle of a position (None: a release's, or the newest) into a file, and answers the position. Needs a snapshot.
    Refuses with NotFound, NotAllowed, Invalid, NoSigningKey, and archive.TooLarge."""
    catalogue = operations.find(code)
    if not actor.may("statistics.early") and not catalogue.certified:
        raise NotAllowed("The bundle is the desk's until the figures are certified.")
    position = reading.position_of(catalogue.id, at) if release is None else stored(catalogue, release).position
    bundling.write(code, position, signing.signer(), file)
    return position


def _above(operation_id: int, position: int) -> dict[str, Any] | None:
    """The first checkpoint that covers a position."""
    query = select(Checkpoint).where(
        Checkpoint.operation_id == operation_id,
        text("(convert_from(content, 'UTF8')::jsonb ->> 'position')::bigint >= :position").bindparams(position=position),
    )
    found = session().scalars(query.order_by(Checkpoint.number).limit(1)).one_or_none()
    return None if found is None else checkpoints.document(found)
