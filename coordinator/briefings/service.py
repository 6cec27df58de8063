"""What can be done with briefings: publish a version, read it, pass its short check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.briefings import packs
from coordinator.briefings.models import READ, RECEIVED, Briefing, Check, File, Receipt
from coordinator.db import session
from coordinator.errors import BriefingNotCurrent, Invalid, NotAllowed, NotFound, OperationNotOpen
from coordinator.fields import LARGEST, moment_text
from coordinator.messages import bulletins, happenings
from coordinator.messages.models import Bulletin
from coordinator.messages.reach import everyone
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import briefed
from coordinator.reports.personal import complaint

Document = dict[str, Any]


def publish(actor: Actor, code: str, content: Mapping[str, Any]) -> int:
    """Makes a version of the pack; answers its number. One that asks is in force when this has committed: from then on no liaison posts
    who has not acknowledged it, and a bulletin says so. Refuses with NotFound, OperationNotOpen and Invalid."""
    catalogue = operations.hold(code)
    if catalogue.certified:
        raise OperationNotOpen(f"{catalogue.name} is {catalogue.phase}: nobody is briefed for it any more.")
    _check(catalogue, content)
    before = newest(catalogue.id)
    version = before.version + 1 if before else 1
    rules, asks = packs.counting_rules(catalogue), content["acknowledge"]
    if not asks:
        _meaning_stands(catalogue, rules)
    by = content.get("acknowledge_by")
    bulletin = _ask(actor, catalogue, version, packs.changed(before.rules if before else None, rules), by) if asks else None
    row = {"operation_id": catalogue.id, "version": version, "rules": rules, "asks": asks, "acknowledge_by": by, "bulletin_id": bulletin}
    row |= {name: content[name] for name in ("pages", "questions", "files")} | {"by_id": actor.id, "by_name": actor.name}
    session().execute(insert(Briefing).values(row))
    audit.record(actor, "briefing published", catalogue.id, {"version": version, "acknowledge": asks})
    return version


def acknowledge(actor: Actor, code: str, version: int, content: Mapping[str, Any]) -> Document:
    """A try at the short check of the version in force, for a unit. Where an answer is wrong, ``wrong`` says which rule to read again, as
    JSON pointers; the try is on record all the same. Who has passed before is answered as then: ``again`` says so.

    Refuses with NotFound, OperationNotOpen, NotAllowed, Invalid, NotYourUnit and BriefingNotCurrent.
    """
    catalogue, _ = happenings.begin(code)
    _for_oneself(actor)
    briefing, unit = find(catalogue, version), happenings.unit_of(actor, catalogue, content["unit"])
    _in_force(catalogue, briefing)
    if (passed := _passed(actor, briefing, unit)) is not None:
        return _acknowledged(unit, passed) | {"again": True}
    if len(content["answers"]) != len(briefing.questions):
        raise Invalid.at("/answers", f"The check has {len(briefing.questions)} questions: send one answer for each.")
    wrong = packs.wrong(briefing.questions, content["answers"], briefing.rules)
    row = {"operation_id": catalogue.id, "version": version, "unit_id": unit.id, "right_id": actor.id, "by_name": actor.name}
    tried = insert(Check).values(row | {"answers": content["answers"], "passed": not wrong}).returning(Check)
    made = session().scalars(tried).one()
    if wrong:
        audit.record(actor, "briefing check not passed", catalogue.id, {"version": version, "unit": unit.code})
        return {"wrong": wrong}
    audit.record(actor, "briefing acknowledged", catalogue.id, {"version": version, "unit": unit.code})
    _answer_bulletin(actor, code, briefing, unit)
    return _acknowledged(unit, made) | {"again": False}


def has(actor: Actor, operation_id: int, version: int, what: str) -> None:
    """Keeps that the actor has received or read a version; only the first time counts."""
    row = {"operation_id": operation_id, "version": version, "right_id": actor.id, "what": what}
    session().execute(insert(Receipt).values(row).on_conflict_do_nothing())


def read(actor: Actor, code: str, version: int) -> Document:
    """The actor says that it has read a version. Refuses with NotFound and NotAllowed."""
    catalogue = operations.find(code)
    _for_oneself(actor)
    find(catalogue, version)
    for what in (RECEIVED, READ):
        has(actor, catalogue.id, version, what)
    row = session().get_one(Receipt, (catalogue.id, version, actor.id, READ))
    return {"version": version, "by": actor.name, "read_at": moment_text(row.at)}


def find(catalogue: Catalogue, version: int) -> Briefing:
    """A version of the pack; NotFound."""
    found = session().get(Briefing, (catalogue.id, version)) if version <= LARGEST else None
    if found is None:
        raise NotFound(f"There is no version {version} of this operation's briefing.")
    return found


def newest(operation_id: int) -> Briefing | None:
    """The newest version, whether it asks or not."""
    versions = select(Briefing).where(Briefing.operation_id == operation_id).order_by(Briefing.version.desc()).limit(1)
    return session().scalars(versions).one_or_none()


def _for_oneself(actor: Actor) -> None:
    if briefed.by_desk(actor):
        raise NotAllowed("The desk reads and acknowledges for nobody else: whoever posts for a unit does it for themselves.")


def _check(catalogue: Catalogue, content: Mapping[str, Any]) -> None:
    errors = {pointer: [problem] for pointer, text in packs.texts(content) if (problem := complaint(text))}
    for at, question in enumerate(content["questions"]):
        if question.get("measure") and question["measure"] not in catalogue.measure_by_code:
            errors[f"/questions/{at}/measure"] = [f"There is no measure {question['measure']} in this operation."]
    known = set(session().scalars(select(File.id).where(File.operation_id == catalogue.id, File.id.in_(content["files"]))))
    errors |= {f"/files/{at}": ["There is no such file: send it first."] for at, id in enumerate(content["files"]) if id not in known}
    if (by := content.get("acknowledge_by")) and by <= clock.now():
        errors["/acknowledge_by"] = ["The time to acknowledge by has passed already: choose one still to come."]
    if errors:
        raise Invalid(errors)


def _meaning_stands(catalogue: Catalogue, rules: packs.Rules) -> None:
    """A version that does not ask must leave the counting rules as they were acknowledged."""
    if catalogue.rules_version is None:
        return
    if different := packs.changed(find(catalogue, catalogue.rules_version).rules, rules):
        what = f"Not counted as in version {catalogue.rules_version} any more: {', '.join(different)}."
        raise Invalid.at("/acknowledge", f"{what} Ask every liaison to acknowledge again.")


def _ask(actor: Actor, catalogue: Catalogue, version: int, changed: Sequence[str], by: Any) -> UUID:
    """Puts the version in force and says so to all, in place of the bulletin that said it of the one before."""
    catalogue = operations.count_by(catalogue.code, version)
    happenings.lock(catalogue.id)
    before = _standing_bulletin(catalogue.id)
    said = {
        "kind": "update" if before else "alert",
        "priority": "immediate",
        "text": _words(catalogue, version, changed),
        "acknowledge_by": by,
        "supersedes": before and before.id,
        "to_all": True,
    }
    had = bulletins.addressees([before])[before.id] if before else []
    units = {unit.id: unit for unit in everyone(catalogue)} | {id: catalogue.unit_by_id[id] for id in had}
    return bulletins.write(actor, catalogue, said, units.values())[0]


def _words(catalogue: Catalogue, version: int, changed: Sequence[str]) -> str:
    labels = ", ".join(changed[:10]) + (" and more" if len(changed) > 10 else "")
    what = f" Changed: {labels}." if changed else ""
    return (
        f"Counting rules, version {version}.{what} Read them and acknowledge them at /operations/{catalogue.code}/briefing."
        " Until then your reports wait."
    )


def _standing_bulletin(operation_id: int) -> Bulletin | None:
    """What was said about the version that asked last, where nothing stands in its place."""
    asked = select(Bulletin).join(Briefing, Briefing.bulletin_id == Bulletin.id).where(Briefing.operation_id == operation_id)
    last = session().scalars(asked.order_by(Briefing.version.desc()).limit(1)).one_or_none()
    return last if last and bulletins.successor(last) is None else None


def _in_force(catalogue: Catalogue, briefing: Briefing) -> None:
    now = catalogue.rules_version
    if not briefing.asks:
        instead = f" Version {now} is the one to acknowledge." if now else ""
        raise BriefingNotCurrent(f"Version {briefing.version} asks for no acknowledgement.{instead}")
    if briefing.version != now:
        raise BriefingNotCurrent(f"Version {briefing.version} was replaced by version {now}: read and acknowledge that one.")


def _passed(actor: Actor, briefing: Briefing, unit: UnitEntry) -> Check | None:
    place = {"operation_id": briefing.operation_id, "version": briefing.version, "right_id": actor.id, "unit_id": unit.id}
    return session().scalars(select(Check).filter_by(**place, passed=True).limit(1)).one_or_none()


def _answer_bulletin(actor: Actor, code: str, briefing: Briefing, unit: UnitEntry) -> None:
    """Who knows the rules has understood the bulletin that asks for it: nobody has to say so twice."""
    id = briefing.bulletin_id
    bulletin = session().get(Bulletin, id) if id else None
    if bulletin and unit.id in bulletins.addressees([bulletin])[bulletin.id] and bulletins.successor(bulletin) is None:
        bulletins.acknowledge(actor, code, bulletin.id, {"unit": unit.code, "answer": "understood"})


def _acknowledged(unit: UnitEntry, row: Check) -> Document:
    return {"version": row.version, "unit": unit.code, "by": row.by_name, "at": moment_text(row.at)}
