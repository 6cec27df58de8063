"""Taking a report by telephone as one line: the desk types it, the hub says what it heard or what was misheard, and takes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import Invalid, Refusal
from coordinator.fields import moment_text, zone
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import briefed, drafts, heard, joint, saying, service
from coordinator.reports.drafts import Draft
from coordinator.reports.models import Heard, Report
from coordinator.reports.saying import EARLY, Book, Cell, Misheard, Said

TELEPHONE = "telephone"


def check(actor: Actor, code: str, line: str) -> dict[str, Any]:
    """What the hub hears in a line: read back in words where it is good, else what is wrong and which groups are doubtful.

    Refuses with NotFound alone: a line that is wrong is what this is for.
    """
    catalogue, now = operations.find(code), clock.now()
    try:
        said = saying.read(book(catalogue), line, now + EARLY)
        draft = _draft(catalogue, actor, said, now)
    except Misheard as problem:
        return _wrong(str(problem), problem.doubtful)
    except Refusal as refusal:
        return _wrong(_sentence(refusal), [])
    there = heard.find(catalogue.id, draft.unit.id, said.mark) or _arrived(catalogue, draft, said)
    return {"good": True, "problem": None, "doubtful": []} | _reading(catalogue, draft, said, there)


def take(actor: Actor, code: str, line: str) -> dict[str, Any]:
    """Records the report of a line, or finds that it is recorded already, by an earlier telephone call or by the phone itself.

    Answers its receipt, with what was read. Refuses with Invalid (misheard, or against a rule), NotFound, OperationNotOpen,
    HeardOtherwise.
    """
    gate.close(operations.find(code).id)
    catalogue, now = service.enter(code)
    try:
        said = saying.read(book(catalogue), line, now + EARLY)
    except Misheard as problem:
        raise Invalid.at("/line", str(problem)) from None
    draft = _draft(catalogue, actor, said, now)
    there = heard.find(catalogue.id, draft.unit.id, said.mark) or _arrived(catalogue, draft, said)
    result = heard.same(catalogue, there, draft) if there else _recorded(catalogue, actor, draft, said)
    if isinstance(result, Refusal):
        raise result
    receipt, before = result
    return {"receipt": receipt, "before": before} | _reading(catalogue, draft, said, there)


def book(catalogue: Catalogue) -> Book:
    """What lines of an operation are written in."""
    cells = {
        letter: Cell(measure.code, category, measure.scale)
        for measure in catalogue.measures
        for category, letter in measure.letters.items()
    }
    return Book(catalogue.code, frozenset(catalogue.taking_part), cells)


def _draft(catalogue: Catalogue, actor: Actor, said: Said, now: datetime) -> Draft:
    content = said.content | {"channel": TELEPHONE}
    named = joint.led(catalogue, {content["joint_action"]} if "joint_action" in content else ())
    rules = briefed.rules(catalogue, [(actor, content["unit"])])
    return drafts.report(catalogue, actor, content, f"spoken:{content['unit']}:{said.mark}", uuid7(), now, named, rules)


def _arrived(catalogue: Catalogue, draft: Draft, said: Said) -> Report | None:
    return heard.arrived(catalogue.id, draft.unit.id, said.mark, said.content["observed_at"])


def _recorded(catalogue: Catalogue, actor: Actor, draft: Draft, said: Said) -> service.Posted | Refusal:
    result = service.record(catalogue, [(actor, draft)])[0]
    if not isinstance(result, Refusal):
        place = {"operation_id": catalogue.id, "unit_id": draft.unit.id, "mark": said.mark}
        session().add(Heard(**place, report_id=UUID(result[0]["id"]), line=said.line))
        session().flush()
    return result


def _wrong(problem: str, doubtful: list[str]) -> dict[str, Any]:
    nothing = dict.fromkeys(("line", "unit", "observed_at", "says", "there"))
    return {"good": False, "problem": problem, "doubtful": doubtful} | nothing


def _sentence(refusal: Refusal) -> str:
    return " ".join(text for texts in refusal.errors.values() for text in texts) if isinstance(refusal, Invalid) else refusal.detail


def _reading(catalogue: Catalogue, draft: Draft, said: Said, there: Report | None) -> dict[str, Any]:
    """What is read back, with the report that is there already, if one is."""
    at = said.content["observed_at"]
    return {
        "line": said.line,
        "unit": draft.unit.code,
        "observed_at": moment_text(at),
        "says": f"{draft.unit.name}, {_local(catalogue, draft.unit, at)}, {heard.words(catalogue, heard.drafted(draft))}.",
        "there": str(there.id) if there else None,
    }


def _local(catalogue: Catalogue, unit: UnitEntry | None, at: datetime) -> str:
    """The moment as a clock shows it where the unit is: ``26 August 10:15:07 pm EDT``."""
    while unit is not None and unit.time_zone is None:
        unit = catalogue.unit_by_code.get(unit.parent or "")
    own = at.astimezone(zone(unit.time_zone if unit and unit.time_zone else catalogue.time_zone))
    return f"{own.day} {own:%B} {own:%I:%M:%S}".replace(" 0", " ") + f" {own:%p} {own:%Z}".replace("AM", "am").replace("PM", "pm")
