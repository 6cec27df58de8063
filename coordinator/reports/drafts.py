"""From what a liaison sent to what will be recorded: every rule of a report, pure.

A draft has passed them all; the only questions left are the database's own (is the operation open, has the key been used).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from coordinator.access.actor import Actor
from coordinator.access.answers import digest as digest_of_request
from coordinator.browser.wording import moment_words
from coordinator.errors import Invalid, NotAllowed, NotYourUnit
from coordinator.fields import moment_text, zone
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports.lines import DraftLine, read
from coordinator.reports.personal import complaint
from coordinator.reports.saying import EARLY, mark

ADJUSTMENT = "adjustment"
"""The channel of what the hub itself writes at OVERLAP."""


Rules = Callable[[Actor, UnitEntry], int | None]
"""The version of the counting rules under which an actor counts for a unit; None where there is none."""


class Led(NamedTuple):
    """A joint action: its id and code, and the id of the unit that leads it."""

    id: int
    code: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A report, correction or withdrawal as it will be recorded; ``credit`` where it moves no figure, ``mark`` where a spoken line can
    have said it before, ``unbriefed`` where whoever posts it has not acknowledged the counting rules it would have to be counted under.
    ``in_force`` is the version it was drafted under, 0 where there was none: another one in force by now keeps it from being recorded;
    None for what counts nothing."""

    id: UUID
    operation_id: int
    unit: UnitEntry
    kind: str
    supersedes: UUID | None
    author_id: UUID
    channel: str
    key: str | None
    asked: bytes
    basis: str | None
    observed_at: datetime | None
    received_at: datetime
    nil: bool
    note: str | None
    reason: str | None
    warnings: tuple[dict[str, str], ...]
    digest: bytes
    lines: tuple[DraftLine, ...]
    joint_action: Led | None = None
    credit: bool = False
    mark: str | None = None
    rules_version: int | None = None
    unbriefed: bool = False
    in_force: int | None = None


def report(
    catalogue: Catalogue,
    actor: Actor,
    content: Mapping[str, Any],
    key: str,
    id: UUID,
    now: datetime,
    joint: Mapping[str, Led],
    rules: Rules,
) -> Draft:
    """A draft of a report or correction; ``joint`` has the joint action it names, ``rules`` says under which
    counting rules the actor counts. Refuses with Invalid (all mistakes at once), NotYourUnit and NotAllowed."""
    unit = catalogue.taking_part.get(content["unit"])
    errors: dict[str, list[str]] = {} if unit else {"/unit": [f"There is no unit {content['unit']} in this operation."]}
    if content["observed_at"] > now + EARLY:
        errors["/observed_at"] = [f"The time lies in the future. The hub's clock says {moment_words(now, zone(catalogue.time_zone))}."]
    action = joint.get(content.get("joint_action", ""))
    credit = action is not None and unit is not None and action.unit_id not in unit.lineage
    _check_joint_action(content, action, credit, errors)
    lines = read(catalogue, content, errors)
    _check_texts(content, errors)
    if unit is not None and not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"This token does not post for {unit.code}.")
    if content.get("channel") and not actor.may("reports.telephone"):
        raise NotAllowed("Only the desk enters what a unit says by telephone. Leave the channel out.")
    if errors or unit is None:
        raise Invalid(errors)
    corrects, rules_version = content["corrects"], rules(actor, unit)
    unbriefed = rules_version != catalogue.rules_version
    by_desk = actor.may("reports.telephone")
    return _sealed(
        catalogue,
        id=id,
        unit=unit,
        kind="correction" if corrects else "report",
        supersedes=corrects,
        actor=actor,
        key=key,
        asked=digest_of_request("report", catalogue.id, content),
        basis=content["basis"],
        observed_at=content["observed_at"],
        now=now,
        nil=content["nil"],
        note=content["note"],
        reason=content["reason"],
        warnings=(*_warnings(catalogue, unit, content["observed_at"]), *(_unbriefed(catalogue, unit) if unbriefed and by_desk else ())),
        lines=lines,
        channel=content.get("channel") or actor.channel,
        joint_action=action,
        credit=credit,
        mark=None if corrects else mark(content["observed_at"], key),
        rules_version=rules_version,
        unbriefed=unbriefed and not by_desk,
        in_force=catalogue.rules_version or 0,
    )


def adjustment(
    catalogue: Catalogue, actor: Actor, unit: UnitEntry, quantities: Mapping[int, int], at: datetime, reason: str, id: UUID, now: datetime
) -> Draft:
    """A draft of what is taken out of the nation because more than one unit counted it: ``quantities`` by category, in units of
    10^-scale and below 0, at the built-in ``unit`` OVERLAP, observed ``at``. Refuses with Invalid."""
    if problem := complaint(reason):
        raise Invalid.at("/reason", problem)
    lines = tuple(DraftLine(category, quantity, None, ()) for category, quantity in quantities.items())
    return _sealed(
        catalogue,
        id=id,
        unit=unit,
        kind="report",
        supersedes=None,
        actor=actor,
        key=None,
        asked=digest_of_request("adjustment", catalogue.id, id),
        basis="increment",
        observed_at=at,
        now=now,
        nil=False,
        note=reason,
        reason=None,
        warnings=(),
        lines=lines,
        channel=ADJUSTMENT,
    )


def withdrawal(
    catalogue: Catalogue, actor: Actor, unit: UnitEntry, report_id: UUID, reason: str, key: str | None, id: UUID, now: datetime
) -> Draft:
    """A draft of a withdrawal. Refuses with Invalid."""
    if problem := complaint(reason):
        raise Invalid.at("/reason", problem)
    return _sealed(
        catalogue,
        id=id,
        unit=unit,
        kind="withdrawal",
        supersedes=report_id,
        actor=actor,
        key=key,
        asked=digest_of_request("withdrawal", catalogue.id, report_id, reason),
        basis=None,
        observed_at=None,
        now=now,
        nil=False,
        note=None,
        reason=reason,
        warnings=(),
        lines=(),
        channel=actor.channel,
    )


def receipt(draft: Any, unit: str) -> dict[str, Any]:
    """What the liaison gets, from a draft or a recorded report: the same for ever."""
    return {
        "id": str(draft.id),
        "unit": unit,
        "received_at": moment_text(draft.received_at),
        "digest": f"sha-256:{bytes(draft.digest).hex()}",
        "warnings": list(draft.warnings or ()),
    }


def figure(quantity: int, scale: int) -> int | str:
    """A quantity of 10^-scale units as the API shows it: 12500 for scale 0, "125.00" for scale 2."""
    if not scale:
        return int(quantity)
    sign, digits = "-" if quantity < 0 else "", str(abs(int(quantity))).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def _check_joint_action(content: Mapping[str, Any], action: Led | None, credit: bool, errors: dict[str, list[str]]) -> None:
    if "joint_action" in content and action is None:
        errors["/joint_action"] = [f"There is no joint action {content['joint_action']} in this operation."]
    if credit and content["basis"] != "increment":
        errors["/joint_action"] = ["Another unit leads it: what it comes to stands there. Send what yours took part in as increments."]
    if credit and any(line["assisting"] for line in content["lines"]):
        errors["/lines"] = ["The unit that leads a joint action names those that assisted; this report credits its own unit alone."]


def _check_texts(content: Mapping[str, Any], errors: dict[str, list[str]]) -> None:
    texts = {"/note": content["note"], "/reason": content["reason"]}
    texts |= {f"/lines/{number}/unquantified": line.get("unquantified") for number, line in enumerate(content["lines"])}
    errors.update((at, [problem]) for at, text in texts.items() if (problem := complaint(text)))


def _warnings(catalogue: Catalogue, unit: UnitEntry, observed_at: datetime) -> list[dict[str, str]]:
    starts, ends = catalogue.starts_at, catalogue.ends_at
    if unit.conducted_separately:
        starts = min(starts, datetime.fromisoformat(unit.conducted_separately["starts_at"]))
        ends = max(ends, datetime.fromisoformat(unit.conducted_separately["ends_at"]))
    if starts <= observed_at <= ends:
        return []
    seen, begins, over = (moment_words(one, zone(unit.time_zone or catalogue.time_zone)) for one in (observed_at, starts, ends))
    return [{"code": "outside-window", "detail": f"{seen} lies outside the window, {begins} to {over}. It counts all the same."}]


def _unbriefed(catalogue: Catalogue, unit: UnitEntry) -> list[dict[str, str]]:
    """The mark on what the desk enters for a unit that does not know the rules."""
    said = f"{unit.code} has not acknowledged version {catalogue.rules_version} of the counting rules. The desk entered this for it."
    return [{"code": "briefing-not-acknowledged", "detail": said}]


def _sealed(catalogue: Catalogue, *, actor: Actor, now: datetime, lines: tuple[DraftLine, ...], **members: Any) -> Draft:
    """The draft with its digest over everything it says."""
    if actor.id is None:
        raise NotYourUnit("The command line posts no reports: use a token.")
    common: dict[str, Any] = {"author_id": actor.id, "received_at": now, "lines": lines}
    digest = hashlib.sha256(canonical(catalogue, common | members)).digest()
    return Draft(operation_id=catalogue.id, digest=digest, **common, **members)


def canonical(catalogue: Catalogue, members: Mapping[str, Any]) -> bytes:
    """What a report's digest is taken over: JSON with sorted members and no spaces (RFC 8785), all ids as codes, times in UTC.

    Anyone who holds the operation's catalogue can compute it again from an export.
    """
    document = {
        "form": "tallyroom-report-1",
        "operation": catalogue.code,
        "id": str(members["id"]),
        "kind": members["kind"],
        "supersedes": members["supersedes"] and str(members["supersedes"]),
        "unit": members["unit"].code,
        "author": str(members["author_id"]),
        "channel": members["channel"],
        "basis": members["basis"],
        "observed_at": members["observed_at"] and moment_text(members["observed_at"]),
        "received_at": moment_text(members["received_at"]),
        "nil": members["nil"],
        "note": members["note"],
        "reason": members["reason"],
        "lines": [_canonical_line(catalogue, line) for line in members["lines"]],
    }
    if members.get("joint_action"):  # where there is none it leaves no trace, so what was sealed before keeps its digest
        document |= {"joint_action": members["joint_action"].code, "credit": members["credit"]}
    if members.get("rules_version") is not None:
        document |= {"rules_version": members["rules_version"]}
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _canonical_line(catalogue: Catalogue, line: DraftLine) -> dict[str, Any]:
    measure, category = catalogue.measure_of_category[line.category_id]
    return {
        "measure": measure.code,
        "category": category,
        "quantity": None if line.quantity is None else figure(line.quantity, measure.scale),
        "unquantified": line.unquantified,
        "assisting": sorted(catalogue.unit_by_id[id].code for id in line.assisting),
    }
