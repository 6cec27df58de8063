"""Reading bulletins: what was said, who has it, who has answered, who is late, and who is still on the one before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from coordinator import clock
from coordinator.access.actor import Actor
from coordinator.access.models import Grant, Token
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.messages import bulletins
from coordinator.messages.models import Acknowledgement, Answer, Bulletin, Delivery
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue


@dataclass(frozen=True)
class Chain:
    """All bulletins of an operation by id, and what superseded each: small, since people wrote them."""

    by_id: Mapping[UUID, Bulletin]
    after: Mapping[UUID, Bulletin]

    def earlier(self, bulletin: Bulletin) -> Sequence[Bulletin]:
        """Those it stands in place of, the newest first."""
        found = []
        while bulletin.supersedes is not None:
            bulletin = self.by_id[bulletin.supersedes]
            found.append(bulletin)
        return found

    def status(self, bulletin: Bulletin) -> str:
        """``current``, ``superseded`` or ``cancelled``."""
        newer = self.after.get(bulletin.id)
        return "current" if newer is None else "cancelled" if newer.kind == "cancel" else "superseded"

    def current(self) -> list[Bulletin]:
        """Those that stand, the oldest first."""
        return sorted((one for one in self.by_id.values() if one.id not in self.after), key=lambda one: one.number)


@dataclass(frozen=True)
class Heard:
    """What became of some bulletins: the answer that stands by (bulletin, unit), who was given which, and their threads."""

    answers: Mapping[tuple[UUID, int], Acknowledgement]
    given: Mapping[UUID, Sequence[Any]]
    threads: Mapping[UUID, Sequence[Answer]]


def one(actor: Actor, code: str, id: UUID) -> dict[str, Any]:
    """A bulletin that reaches the actor; NotFound otherwise."""
    catalogue = operations.find(code)
    return _documents(actor, catalogue, [bulletins.find(actor, catalogue, id)])[0]


def some(actor: Actor, code: str, query: Mapping[str, Any], before: int | None) -> list[dict[str, Any]]:
    """Bulletins that reach the actor, newest first, of those with a number below ``before``; ``query`` may ask for ``current`` alone."""
    catalogue = operations.find(code)
    known = chain(catalogue.id)
    wanted = known.current() if query.get("current") else sorted(known.by_id.values(), key=lambda one: one.number)
    units = bulletins.addressees(wanted)
    reaching = [one for one in wanted if bulletins.reach_of(catalogue, one, units[one.id]).includes(actor)]
    shown = [one for one in reversed(reaching) if before is None or one.number < before][: query["limit"]]
    return _documents(actor, catalogue, shown)


def chain(operation_id: int) -> Chain:
    """The bulletins of an operation."""
    rows = session().scalars(select(Bulletin).where(Bulletin.operation_id == operation_id)).all()
    return Chain({row.id: row for row in rows}, {row.supersedes: row for row in rows if row.supersedes})


def standing_answers(ids: Sequence[UUID]) -> dict[tuple[UUID, int], Acknowledgement]:
    """The answer that stands of each unit to each of these bulletins: its newest."""
    row = Acknowledgement
    place = (row.bulletin_id, row.unit_id)
    said = select(row).ext(distinct_on(*place)).where(row.bulletin_id.in_(ids)).order_by(*place, row.id.desc())
    return {(one.bulletin_id, one.unit_id): one for one in session().scalars(said)}


def content(catalogue: Catalogue, bulletin: Bulletin, known: Chain, units: Sequence[int]) -> dict[str, Any]:
    """What a bulletin says, the same for all whom it reaches: what the stream sends."""
    newer = known.after.get(bulletin.id)
    return {
        "id": str(bulletin.id),
        "number": bulletin.number,
        "kind": bulletin.kind,
        "priority": bulletin.priority,
        "text": bulletin.text,
        "to_all": bulletin.to_all,
        "units": [catalogue.unit_by_id[unit].code for unit in units],
        "acknowledge_by": bulletin.acknowledge_by and moment_text(bulletin.acknowledge_by),
        "order": bulletin.phase,
        "exercise": bulletin.exercise,
        "status": known.status(bulletin),
        "supersedes": bulletin.supersedes and _named(known.by_id[bulletin.supersedes]),
        "superseded_by": newer and _named(newer),
        "by": bulletin.by_name,
        "at": moment_text(bulletin.at),
    }


def _named(bulletin: Bulletin) -> dict[str, Any]:
    return {"id": str(bulletin.id), "number": bulletin.number}


def _documents(actor: Actor, catalogue: Catalogue, shown: Sequence[Bulletin]) -> list[dict[str, Any]]:
    known, units, now = chain(catalogue.id), bulletins.addressees(shown), clock.now()
    everything = [one.id for bulletin in shown for one in (bulletin, *known.earlier(bulletin))]
    heard = _heard(everything)
    return [
        content(catalogue, bulletin, known, units[bulletin.id]) | _became(actor, catalogue, bulletin, units[bulletin.id], known, heard, now)
        for bulletin in shown
    ]


def _heard(ids: Sequence[UUID]) -> Heard:
    given: dict[UUID, list[Any]] = defaultdict(list)
    threads: dict[UUID, list[Answer]] = defaultdict(list)
    query = select(Delivery.bulletin_id, Delivery.way, Delivery.at, Token.id, Token.name, Grant.unit_id)
    query = query.join(Token, Token.id == Delivery.token_id).join(Grant, Grant.token_id == Token.id).order_by(Delivery.at)
    for row in session().execute(query.where(Delivery.bulletin_id.in_(ids))):
        given[row.bulletin_id].append(row)
    for message in session().scalars(select(Answer).where(Answer.bulletin_id.in_(ids)).order_by(Answer.id)):
        threads[message.bulletin_id].append(message)
    return Heard(standing_answers(ids), given, threads)


def _became(
    actor: Actor, catalogue: Catalogue, bulletin: Bulletin, units: Sequence[int], known: Chain, heard: Heard, now: datetime
) -> dict[str, Any]:
    """What became of it, of the units that the actor speaks for."""
    own = [unit for unit in units if catalogue.covers(actor.units, catalogue.unit_by_id[unit])]
    late = bulletin.acknowledge_by is not None and now > bulletin.acknowledge_by and known.status(bulletin) == "current"
    asked = [_unit(catalogue, bulletin, unit, known, heard, late) for unit in own]
    return {
        "asked": asked,
        "acknowledged": sum(one["answer"] is not None for one in asked),
        "messages": [
            bulletins.message(catalogue.unit_by_id[row.unit_id].code, row) for row in heard.threads[bulletin.id] if row.unit_id in own
        ],
    }


def _unit(catalogue: Catalogue, bulletin: Bulletin, unit: int, known: Chain, heard: Heard, late: bool) -> dict[str, Any]:
    said = heard.answers.get((bulletin.id, unit))
    before = next((one.number for one in known.earlier(bulletin) if (one.id, unit) in heard.answers), None)
    entry = catalogue.unit_by_id[unit]
    return {
        "unit": entry.code,
        "name": entry.name,
        "answer": said and said.answer,
        "reason": said and said.reason,
        "channel": said and said.channel,
        "by": said and said.by_name,
        "at": said and moment_text(said.at),
        "late": late and said is None,
        "still_on": None if said else before,
        "given": [
            {"name": row.name, "way": row.way, "at": moment_text(row.at)}
            for row in heard.given[bulletin.id]
            if row.unit_id in entry.lineage or unit in catalogue.lineage(row.unit_id)
        ],
    }
