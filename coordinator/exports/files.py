"""What can be done with the files that workers make: ask for one, look after it, fetch it, forget it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from uuid_utils.compat import uuid7

from coordinator import asking, clock
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import ExportNotReady, NotFound
from coordinator.exports import publishing, service
from coordinator.exports.models import FAILED, READY, WAITING, WORKING, Export
from coordinator.fields import moment_text
from coordinator.jobs import MakeExport
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.releases import reading as releases
from coordinator.totals import reading

SILENT_SECONDS = 60
"""After so long without a sign of life nobody makes a file any more."""

ATTEMPTS = 3
"""How often a file is begun: whoever was killed three times over it would be a fourth time."""


def ask(actor: Actor, code: str, content: dict[str, Any], hours: float) -> Export:
    """Asks for a file of a position (the newest of now), a release or a publication. Refuses with NotFound, NotAllowed, Invalid."""
    catalogue = operations.find(code)
    position, release = _place(actor, catalogue, content)
    place = {"operation_id": catalogue.id, "position": position, "release": release, "public": content["public"]}
    made = Export(id=uuid7(), asked_by=actor.id, format=content["format"], expires_at=clock.now() + timedelta(hours=hours), **place)
    session().add(made)
    session().flush()
    session().refresh(made)
    asking.enqueue(MakeExport(str(made.id)))
    return made


def _place(actor: Actor, catalogue: Catalogue, content: dict[str, Any]) -> tuple[int, int]:
    """The position and the release (0: none) that the file will be of."""
    at, release = content.get("at"), content.get("release")
    if content["public"]:
        service.check(actor, catalogue)
        found = publishing.find(catalogue, at, release)
        return found.position, found.release
    if release is not None:
        return releases.stored(catalogue, release).position, release
    service.check(actor, catalogue)
    return reading.position_of(catalogue.id, at), 0


def find(actor: Actor, code: str, id: UUID) -> Export:
    """A file that was asked for by the actor, or for the desk by anyone. Refuses with NotFound."""
    query = _visible(actor, code).where(Export.id == id, Export.expires_at > func.clock_timestamp())
    found: Export | None = session().scalars(query).one_or_none()
    if found is None:
        raise NotFound("There is no such file, or it has expired. Ask for it again.")
    return found


def listed(actor: Actor, code: str, limit: int, before: UUID | None) -> list[Export]:
    """Files, those asked for last first."""
    query = _visible(actor, code).where(Export.expires_at > func.clock_timestamp()).order_by(Export.id.desc()).limit(limit)
    return list(session().scalars(query if before is None else query.where(Export.id < before)))


def content(export: Export) -> bytes:
    """The file itself. Refuses with ExportNotReady."""
    if export.content is None:
        failed = "It could not be made; ask for it again." if export.state == FAILED else "A worker makes it. Look again in a moment."
        raise ExportNotReady(failed)
    return export.content


def document(code: str, export: Export) -> dict[str, Any]:
    """A file as the API shows it."""
    path = f"/api/v1/operations/{code}/exports/{export.id}/file"
    plain = {name: getattr(export, name) for name in ("format", "position", "public", "state")}
    times = {name: moment_text(getattr(export, name)) for name in ("asked_at", "expires_at")}
    far = {"progress": export.progress / 1000, "download": path if export.state == READY else None}
    return {"id": str(export.id), "release": export.release or None} | plain | far | times


def take(id: UUID) -> Export | None:
    """Takes up a file to make; None where it is made, given up, or someone is at it."""
    silent = text("(state = 'waiting' OR (state = 'working' AND seen_at < clock_timestamp() - make_interval(secs => :seconds)))")
    free = update(Export).where(Export.id == id, Export.attempts < ATTEMPTS, silent.bindparams(seconds=SILENT_SECONDS))
    taken = free.values(state=WORKING, attempts=Export.attempts + 1, progress=0, seen_at=func.clock_timestamp()).returning(Export.id)
    return session().get(Export, id) if session().scalar(taken) else None


def note(id: UUID, attempt: int, progress: float) -> None:
    """Says how far a file has come, and that someone is at it."""
    _change(id, attempt, progress=min(999, int(progress * 1000)), seen_at=func.clock_timestamp())


def put(id: UUID, attempt: int, made: bytes) -> None:
    """Keeps a file that is made."""
    _change(id, attempt, state=READY, progress=1000, content=made)


def give_up(id: UUID, attempt: int) -> None:
    """Says that a file can't be made."""
    _change(id, attempt, state=FAILED)


def _change(id: UUID, attempt: int, **values: Any) -> None:
    """Changes a file for whoever is at it: one who was taken for dead and is not changes nothing."""
    session().execute(update(Export).where(Export.id == id, Export.attempts == attempt, Export.state == WORKING).values(**values))


def tend() -> None:
    """Forgets files that have expired, gives up those begun too often, and asks again for those nobody makes."""
    session().execute(delete(Export).where(Export.expires_at <= func.clock_timestamp()))
    silent = text("seen_at < clock_timestamp() - make_interval(secs => :seconds)").bindparams(seconds=SILENT_SECONDS)
    left = select(Export.id, Export.attempts).where(Export.state.in_((WAITING, WORKING)), silent)
    for id, attempts in session().execute(left).all():
        if attempts >= ATTEMPTS:
            give_up(id, attempts)
        else:
            asking.enqueue(MakeExport(str(id)))


def _visible(actor: Actor, code: str) -> Any:
    query = select(Export).where(Export.operation_id == operations.find(code).id)
    return query if actor.may("exports.read_all") else query.where(Export.asked_by == actor.id)
