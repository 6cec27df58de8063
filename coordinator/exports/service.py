"""What can be exported, and by whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import select

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import ExportTooLong, NotAllowed
from coordinator.exports import publishing
from coordinator.exports.dossier import Dossier, of_position, of_release
from coordinator.exports.formats import FORMATS
from coordinator.exports.hiding import from_stored
from coordinator.exports.night import night
from coordinator.exports.public import public_form
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.releases import reading as releases
from coordinator.reports.models import JournalEntry
from coordinator.totals import service as totals


def dossier(
    actor: Actor, code: str, at: int | None = None, release: int | None = None, *, public: bool = False, whole: bool = False
) -> Dossier:
    """The dossier of a position (None: the newest) or of a release, or its public form, where it was published (None: the last).

    ``whole`` also reads what only a paper shows. Refuses with NotFound, NotAllowed, Invalid.
    """
    catalogue = operations.find(code)
    if public:
        return _published(actor, catalogue, at, release)
    if release is not None:
        stored, content = releases.stored(catalogue, release), releases.content(catalogue, release)
        told = of_release(catalogue, content, stored.digest.hex())
        return _with_night(told, catalogue) if whole else told
    check(actor, catalogue)
    document = totals.totals(actor, code, at=at)
    moment = {"generated_at": _moment(catalogue, document["position"])}
    told = of_position(catalogue, document | moment)
    return _with_night(told, catalogue) if whole else told


def _with_night(dossier: Dossier, catalogue: Catalogue) -> Dossier:
    return replace(dossier, night=night(catalogue, dossier.position, dossier.operation))


def _published(actor: Actor, catalogue: Catalogue, at: int | None, release: int | None) -> Dossier:
    found = publishing.find(catalogue, at, release)
    whole = dossier(actor, catalogue.code, None if found.release else found.position, found.release or None)
    return public_form(whole, from_stored(found.patterns))


def publish(actor: Actor, code: str, at: int | None = None, release: int | None = None) -> dict[str, Any]:
    """Publishes the public form of a position (None: the newest) or release. Refuses with NotFound, Invalid, NotPublishable."""
    made = publishing.publish(actor, operations.find(code), dossier(actor, code, at, release))
    return publishing.document(made)


def publications(actor: Actor, code: str, limit: int, before: int | None) -> tuple[list[dict[str, Any]], str | None]:
    """What was published, newest first, and the place of the last in the list."""
    catalogue = operations.find(code)
    check(actor, catalogue)
    rows = publishing.listed(catalogue, limit, before)
    return [publishing.document(one) for one in rows], str(rows[-1].id) if rows else None


def brief(dossier: Dossier, form: str, most: int) -> Dossier:
    """The dossier itself, where a file of this form can be made while its reader waits: ExportTooLong where only a worker should."""
    if FORMATS[form].slow and max(len(dossier.rows), dossier.position) > most:
        raise ExportTooLong(
            f"This {form} has {len(dossier.rows)} rows from {dossier.position} entries, more than {most}: "
            f'ask for it with POST /api/v1/operations/{dossier.code}/exports {{"format": "{form}"}}, and a worker makes it.'
        )
    return dossier


def check(actor: Actor, catalogue: Catalogue) -> None:
    """NotAllowed for whoever may not have figures that nothing has certified yet."""
    if not actor.may("statistics.early") and not catalogue.certified:
        raise NotAllowed("Statistics are the desk's until they are certified.")


def _moment(catalogue: Catalogue, position: int) -> str:
    """When the journal came to the position; when the operation was made, before the first entry."""
    query = select(JournalEntry.folded_at).where(JournalEntry.operation_id == catalogue.id, JournalEntry.position == position)
    return moment_text(session().scalar(query) or catalogue.created_at)
