"""What can be done with public forms: publish one, and find what was published."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotFound, NotPublishable
from coordinator.exports import hiding
from coordinator.exports.counts import counts
from coordinator.exports.coverage import narrowest
from coordinator.exports.dossier import Dossier
from coordinator.exports.models import Publication
from coordinator.exports.public import public_form
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue

_TURN = 7462
"""The advisory lock under which publications of one operation are made one after the other: each must know those before."""


def publish(actor: Actor, catalogue: Catalogue, dossier: Dossier) -> Publication:
    """Makes the public form of a dossier final; the same place again is the same publication. Refuses with NotPublishable."""
    session().execute(text("SELECT pg_advisory_xact_lock(:turn, :id)"), {"turn": _TURN, "id": catalogue.id})
    earlier: list[Publication] = list(session().scalars(_of(catalogue).order_by(Publication.id)))
    place = dossier.position, dossier.release or 0
    if before := next((one for one in earlier if (one.position, one.release) == place), None):
        return before
    counted = counts(dossier.operation, dossier.rows)
    chosen = hiding.patterns(counted, [hiding.from_stored(one.patterns) for one in earlier])
    if narrowest(counted, frozenset(hiding.shown(counted, chosen))) < hiding.LEAST_WIDTH:
        raise NotPublishable("A small count could be derived from this form, so nothing was published. Tell whoever runs this hub.")
    digest = bytes.fromhex(public_form(dossier, chosen).digest)
    stored = {code: pattern.stored() for code, pattern in chosen.items()}
    made = Publication(operation_id=catalogue.id, position=place[0], release=place[1], patterns=stored, digest=digest, name=actor.name)
    session().add(made)
    session().flush()
    session().refresh(made)
    audit.record(actor, "published", catalogue.id, {"position": place[0], "release": dossier.release})
    return made


def find(catalogue: Catalogue, at: int | None = None, release: int | None = None) -> Publication:
    """The publication of a position or release, else the newest. Refuses with NotFound."""
    query = _of(catalogue)
    if at is not None or release is not None:
        query = query.where(Publication.position == at if release is None else Publication.release == release)
    found: Publication | None = session().scalars(query.order_by(Publication.id.desc()).limit(1)).one_or_none()
    if found is None:
        raise NotFound(f"No such public form has been published. The desk does it: POST /api/v1/operations/{catalogue.code}/publications.")
    return found


def listed(catalogue: Catalogue, limit: int, before: int | None) -> list[Publication]:
    """Publications, newest first."""
    query = _of(catalogue).order_by(Publication.id.desc()).limit(limit)
    return list(session().scalars(query if before is None else query.where(Publication.id < before)))


def document(one: Publication) -> dict[str, Any]:
    """A publication as the API shows it: what is shown of each measure, and how many units are hidden; not which count is small."""
    shapes = [
        {"measure": code, "shows": pattern["shape"], "categories": pattern["split"] or pattern["shape"] == hiding.WHOLE}
        | {"hidden": len(pattern["hidden"])}
        for code, pattern in one.patterns.items()
    ]
    place = {"position": one.position, "release": one.release or None, "name": one.name, "published_at": moment_text(one.published_at)}
    return place | {"digest": f"sha-256:{one.digest.hex()}", "measures": shapes}


def _of(catalogue: Catalogue) -> Any:
    return select(Publication).where(Publication.operation_id == catalogue.id)
