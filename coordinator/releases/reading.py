"""Reading what was released: its content as it was stored, and which of its sentences are still so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import select

from coordinator.access.models import Token
from coordinator.db import session
from coordinator.errors import NotFound
from coordinator.fields import LARGEST, moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.releases import sentences
from coordinator.releases.canonical import digest_text
from coordinator.releases.models import Release
from coordinator.releases.remarks import from_stored
from coordinator.totals import document, reading
from coordinator.totals import service as totals
from coordinator.totals.models import EntryRow

MOST_STEPS = 20
"""Positions looked at to say since when a sentence is no longer so; beyond them it is only said that it is not."""


def content(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """All that the release of this number says. Refuses with NotFound."""
    return dict(orjson.loads(stored(catalogue, number).content))


def latest(catalogue: Catalogue) -> dict[str, Any] | None:
    """All that the last release says, None before the first. While an operation is amended it is what stands as certified."""
    return content(catalogue, catalogue.released) if catalogue.released else None


def stored(catalogue: Catalogue, number: int) -> Release:
    """The release itself. Refuses with NotFound."""
    found = session().get(Release, (catalogue.id, number)) if number <= LARGEST else None
    if found is None:
        raise NotFound(f"There is no release {number} of this operation.")
    return found


def listed(catalogue: Catalogue, limit: int, before: int | None = None) -> list[dict[str, Any]]:
    """Releases, newest first, each with its sentences and which of them are no longer so by the totals of now."""
    query = select(Release, Token.name).join(Token, Token.id == Release.released_by).where(Release.operation_id == catalogue.id)
    if before is not None:
        query = query.where(Release.number < before)
    rows = session().execute(query.order_by(Release.number.desc()).limit(limit)).all()
    return _heads(catalogue, [(row.Release, orjson.loads(row.Release.content)) for row in rows])


def changes(catalogue: Catalogue, number: int) -> dict[str, Any]:
    """What changed with a release since the one before, and which earlier sentences it made stale. Refuses with NotFound."""
    told = content(catalogue, number)
    common = {name: told[name] for name in ("number", "position", "amendment", "stale")}
    return {**common, "since": number - 1 or None, **told["changes"]}


def _heads(catalogue: Catalogue, releases: Sequence[tuple[Release, dict[str, Any]]]) -> list[dict[str, Any]]:
    if not releases:
        return []
    now = totals.standing(catalogue)
    stale = {(row.number, one["code"]): one["now"] for row, told in releases for one in sentences.stale(catalogue, now, told["sentences"])}
    since = _since(
        catalogue, now, [(row, told, one) for row, told in releases for one in told["sentences"] if (row.number, one["code"]) in stale]
    )
    return [_head(row, told, stale, since) for row, told in releases]


def _head(row: Release, told: dict[str, Any], stale: dict[Any, Any], since: dict[Any, int]) -> dict[str, Any]:
    said = [
        {"code": one["code"], "text": one["text"], "stale": place in stale, "now": (place in stale and stale[place]["text"]) or None}
        | {"since": since.get(place)}
        for one in told["sentences"]
        for place in [(row.number, one["code"])]
    ]
    return {
        "number": row.number,
        "status": row.status,
        "exercise": told["exercise"],
        "position": row.position,
        "released_at": moment_text(row.released_at),
        "digest": digest_text(row.digest),
        "previous": row.previous_digest and digest_text(row.previous_digest),
        "signed_by": [one["name"] for one in told["signatures"] if one["kind"] == "desk"],
        "amendment": told["amendment"],
        "sentences": said,
        "remarks": [from_stored(one).text for one in told["remarks"]],
        "waivers": told["waivers"],
        "changes": told["changes"],
        "stale": told["stale"],
    }


def _since(catalogue: Catalogue, now: dict[str, Any], said: Sequence[tuple[Release, dict[str, Any], dict[str, Any]]]) -> dict[Any, int]:
    """Release and code of a sentence that is no longer so -> the position since when it would read as it does now.

    Back from the newest entry that can have moved a national figure, as far as the figures of the position before are the same.
    """
    waiting = {(row.number, one["code"]): one for row, _, one in said}
    found: dict[Any, int] = {}
    positions = _moving(catalogue, min((row.position for row, _, _ in said), default=0)) if said else []
    for position in positions:
        before = document.totals(catalogue, reading.then(catalogue, None, position - 1))
        for place, one in list(waiting.items()):
            if sentences.written(catalogue, before, one) != sentences.written(catalogue, now, one):
                found[place] = position
                del waiting[place]
        if not waiting:
            break
    return found


def _moving(catalogue: Catalogue, after: int) -> Iterable[int]:
    """Positions after ``after`` at which an entry came or ceased to count, newest first, so many at most."""
    came = select(EntryRow.position).where(EntryRow.operation_id == catalogue.id, EntryRow.position > after)
    went = select(EntryRow.superseded_at).where(EntryRow.operation_id == catalogue.id, EntryRow.superseded_at > after)
    both = came.union(went).subquery()
    return session().scalars(select(both.c[0]).order_by(both.c[0].desc()).limit(MOST_STEPS)).all()
