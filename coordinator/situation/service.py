"""What can be done with situation reports: make one, approve it, and say how often the hub makes one by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock
from coordinator.access import audit
from coordinator.access.accounts import login_of
from coordinator.access.actor import Actor, console
from coordinator.db import session
from coordinator.errors import ApprovedAlready, Invalid, NotAllowed
from coordinator.fields import moment_text
from coordinator.messages import bulletins, happenings
from coordinator.messages.models import Bulletin
from coordinator.messages.reminding import HUB
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.releases.canonical import canonical
from coordinator.situation import document, reading
from coordinator.situation.document import Head
from coordinator.situation.models import FINAL, INITIAL, UPDATE, SituationApproval, SituationReport, SituationSchedule
from coordinator.totals.reading import standing_position

BY_ITSELF = ("live", "standing_down")
"""The phases in which the hub makes reports by itself."""

BEFORE_THE_END = ("planned", "briefing", "live")
"""The phases in which no report is the final one."""


def make(actor: Actor, code: str, content: Mapping[str, Any], due_at: datetime | None = None) -> dict[str, Any]:
    """Makes the report of the journal's end, and tells all by a bulletin that stands in place of the last report's; answers it.

    ``content``: kind and remarks, both of which may be left out. Refuses with NotFound, OperationNotOpen and Invalid.
    """
    catalogue, now = happenings.begin(code)
    happenings.figures_only("/remarks", content.get("remarks"))
    before = reading.last(catalogue.id)
    kind = _kind(catalogue, before, content.get("kind"))
    head = Head(before.number + 1 if before else 1, kind, _since(catalogue, before), now, actor.name, content.get("remarks"))
    telling = session().get_one(Bulletin, before.bulletin_id) if before else None
    since, position = before.position if before else 0, standing_position(catalogue.id)
    said = document.content(head, reading.known(actor, catalogue, since, position, telling))
    bulletin, number = bulletins.write(actor, catalogue, _telling(said, telling), ())
    session().add(_row(actor, catalogue, said, bulletin, due_at))
    session().flush()
    detail = {"report": head.number, "kind": kind, "position": position, "bulletin": number}
    audit.record(actor, "situation report made", catalogue.id, detail)
    return reading.one(code, head.number)


def approve(actor: Actor, code: str, number: int) -> dict[str, Any]:
    """Someone else than whoever prepared a report approves it; answers it. Refuses with NotFound, NotAllowed, ApprovedAlready."""
    catalogue, _ = happenings.begin(code)
    report = reading.find(catalogue, number)
    earlier = session().get(SituationApproval, (catalogue.id, number))
    if earlier is not None:
        raise ApprovedAlready(f"Situation report {number} was approved by {earlier.by_name} at {moment_text(earlier.at)}.")
    if actor.id is None or not _another(actor, report):
        raise NotAllowed(
            f"{report.prepared_name} prepared this report, and does not approve it: someone else of the desk does, "
            "by an account or a token of another name."
        )
    session().add(SituationApproval(operation_id=catalogue.id, number=number, by_id=actor.id, person=actor.person, by_name=actor.name))
    session().flush()
    audit.record(actor, "situation report approved", catalogue.id, {"report": number})
    return reading.one(code, number)


def approves(actor: Actor, code: str, number: int) -> bool:
    """Whether the actor is another person than whoever prepared the report, as far as rights and names tell. Refuses with NotFound."""
    return _another(actor, reading.find(operations.find(code), number))


def _another(actor: Actor, report: SituationReport) -> bool:
    """A desk can issue itself a token, so a second right of the same name is the same person; the hub itself is no one's twin."""
    if report.person is None:
        return True
    return actor.person != report.person and login_of(actor.name) != login_of(report.prepared_name)


def schedule(code: str) -> dict[str, Any]:
    """How often the hub makes a report by itself, and when the next one is due; both None where it makes none. NotFound."""
    catalogue = operations.find(code)
    found = _schedule(catalogue.id)
    due = _due(catalogue, found, clock.now()) if found and catalogue.phase in BY_ITSELF else None
    following = due and found and due + timedelta(minutes=found.every_minutes)
    return {"every_minutes": found and found.every_minutes, "next_at": following and moment_text(following)}


def set_schedule(actor: Actor, code: str, minutes: int | None) -> dict[str, Any]:
    """The hub makes a report every so many minutes from now on, or none by itself. Refuses with NotFound and OperationNotOpen."""
    catalogue, _ = happenings.begin(code)
    session().execute(delete(SituationSchedule).where(SituationSchedule.operation_id == catalogue.id))
    if minutes is not None:
        session().execute(insert(SituationSchedule).values(operation_id=catalogue.id, every_minutes=minutes))
    audit.record(actor, "situation schedule set", catalogue.id, {"minutes": minutes})
    return schedule(code)


def scheduled() -> list[int]:
    """Ids of the operations of which a report may be due."""
    found = set(session().scalars(select(SituationSchedule.operation_id)))
    return [id for id in operations.in_phases(*BY_ITSELF) if id in found]


def make_due(operation_id: int) -> bool:
    """Makes the report that is due by the schedule, once; whether one was. What was due while nobody made it is one report."""
    happenings.lock(operation_id)
    catalogue, found, before = operations.find_by_id(operation_id), _schedule(operation_id), reading.last(operation_id)
    if found is None or catalogue.phase not in BY_ITSELF or (before and before.kind == FINAL):
        return False
    due, first = _due(catalogue, found, clock.now()), _due(catalogue, found, found.since)
    answered = select(func.max(SituationReport.due_at)).where(SituationReport.operation_id == operation_id)
    if due <= max(first, session().scalar(answered) or first):
        return False
    make(console(HUB), catalogue.code, {}, due)
    return True


def _schedule(operation_id: int) -> SituationSchedule | None:
    query = select(SituationSchedule).where(SituationSchedule.operation_id == operation_id)
    return session().scalars(query.execution_options(populate_existing=True)).one_or_none()


def _due(catalogue: Catalogue, found: SituationSchedule, now: datetime) -> datetime:
    """The last time before now at which a report was due; where the schedule begins, before the first."""
    begin, every = max(found.since, catalogue.live_at or found.since), timedelta(minutes=found.every_minutes)
    return begin + max(0, (now - begin) // every) * every


def _kind(catalogue: Catalogue, before: SituationReport | None, asked: str | None) -> str:
    """Initial, update, final; after a final one there is nothing but a final one again."""
    over = before is not None and before.kind == FINAL
    kind = asked or (FINAL if over else UPDATE if before else INITIAL)
    if kind == INITIAL and before is not None:
        raise Invalid.at("/kind", f"The initial report was made already: this is number {before.number + 1}, an update.")
    if kind == UPDATE and before is None:
        raise Invalid.at("/kind", "There is nothing to update yet: the first report is the initial one.")
    if kind == UPDATE and over:
        raise Invalid.at("/kind", "The final report was made already: what comes after it is final as well.")
    if kind == FINAL and catalogue.phase in BEFORE_THE_END:
        raise Invalid.at("/kind", f"The operation is {catalogue.phase}: the final report is made once it stands down.")
    return kind


def _since(catalogue: Catalogue, before: SituationReport | None) -> datetime:
    """Where the period begins: where the one before ended; the first one's, when the operation was made."""
    return before.made_at if before else catalogue.created_at


def _telling(said: Mapping[str, Any], before: Bulletin | None) -> dict[str, Any]:
    """The bulletin of a report: to all, and to be acknowledged by no one. It supersedes the last report's, unless something has."""
    standing = before if before is not None and bulletins.successor(before) is None else None
    return {
        "kind": "update" if standing else "alert",
        "priority": "routine",
        "text": document.told(said),
        "supersedes": standing and standing.id,
        "to_all": True,
    }


def _row(actor: Actor, catalogue: Catalogue, said: Mapping[str, Any], bulletin: Any, due_at: datetime | None) -> SituationReport:
    content, period = canonical(said), said["period"]
    return SituationReport(
        operation_id=catalogue.id,
        number=said["number"],
        kind=said["kind"],
        from_position=period["from_position"],
        position=period["position"],
        content=content,
        digest=hashlib.sha256(content).digest(),
        bulletin_id=bulletin,
        due_at=due_at,
        prepared_by=actor.id,
        person=actor.person,
        prepared_name=actor.name,
        made_at=datetime.fromisoformat(period["to"]),
    )
