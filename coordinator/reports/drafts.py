"""From what a liaison sent to what will be recorded: every rule of a report, pure.

A draft has passed them all; the only questions left are the database's own (is the operation open, has the key been used).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from coordinator.access.actor import Actor
from coordinator.access.answers import digest as digest_of_request
from coordinator.errors import Invalid, NotAllowed, NotYourUnit
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry
from coordinator.reports.personal import complaint

ADJUSTMENT = "adjustment"
"""The channel of what the hub itself writes at OVERLAP."""

FUTURE = timedelta(minutes=5)
"""How far ahead of the hub's clock a phone's may be."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it will be recorded; ``quantity`` in units of 10^-scale, None where ``unquantified`` says why."""

    category_id: int
    quantity: int | None
    unquantified: str | None
    assisting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A report, correction or withdrawal as it will be recorded."""

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


def report(catalogue: Catalogue, actor: Actor, content: Mapping[str, Any], key: str, id: UUID, now: datetime) -> Draft:
    """A draft of a report or correction. Refuses with Invalid (all mistakes at once), NotYourUnit and NotAllowed."""
    unit = catalogue.taking_part.get(content["unit"])
    errors: dict[str, list[str]] = {} if unit else {"/unit": [f"There is no unit {content['unit']} in this operation."]}
    if content["observed_at"] > now + FUTURE:
        errors["/observed_at"] = [f"The time lies in the future. The hub's clock says {moment_text(now)}."]
    lines = _lines(catalogue, content, errors)
    _check_texts(content, errors)
    if unit is not None and not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"This token does not post for {unit.code}.")
    if content.get("channel") and not actor.may("reports.telephone"):
        raise NotAllowed("Only the desk enters what a unit says by telephone. Leave the channel out.")
    if errors or unit is None:
        raise Invalid(errors)
    corrects = content["corrects"]
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
        warnings=tuple(_warnings(catalogue, unit, content["observed_at"])),
        lines=lines,
        channel=content.get("channel") or actor.channel,
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


def _lines(catalogue: Catalogue, content: Mapping[str, Any], errors: dict[str, list[str]]) -> tuple[DraftLine, ...]:
    drafts, standing = [], set()
    for number, line in enumerate(content["lines"]):
        at = f"/lines/{number}"
        category = category_of(catalogue, line, at, errors)
        quantity = quantity_of(catalogue.measure_by_code.get(line["measure"]), line.get("quantity"), at, errors)
        assisting = _assisting(catalogue, content, line, at, errors)
        if content["basis"] == "to_date" and category in standing:
            errors[at] = ["Gives a second standing figure for the same measure and category."]
        standing.add(category)
        drafts.append(DraftLine(category, quantity, line.get("unquantified"), assisting))
    return tuple(drafts)


def category_of(catalogue: Catalogue, line: Mapping[str, Any], at: str, errors: dict[str, list[str]]) -> int:
    """The id of the category that ``line`` names; 0, and a sentence in ``errors``, where there is none."""
    measure = catalogue.measure_by_code.get(line["measure"])
    if measure is None:
        errors[f"{at}/measure"] = [f"There is no measure {line['measure']} in this operation."]
        return 0
    if line["category"] not in measure.categories:
        errors[f"{at}/category"] = [f"{measure.code} has no category {line['category']}. It has: {', '.join(measure.categories)}."]
    return measure.categories.get(line["category"], 0)


def quantity_of(measure: MeasureEntry | None, given: int | Decimal | None, at: str, errors: dict[str, list[str]]) -> int | None:
    """The figure in units of 10^-scale; a decimal string only where the measure has a scale."""
    if measure is None or given is None:
        return None
    scaled = Decimal(given).scaleb(measure.scale)
    if isinstance(given, Decimal) and not measure.scale:
        errors[f"{at}/quantity"] = [f"{measure.code} is counted in whole {measure.unit}: send a whole number."]
    elif scaled != scaled.to_integral_value():
        errors[f"{at}/quantity"] = [f"{measure.code} has {measure.scale} decimal places at most."]
    return int(scaled)


def _assisting(
    catalogue: Catalogue, content: Mapping[str, Any], line: Mapping[str, Any], at: str, errors: dict[str, list[str]]
) -> tuple[int, ...]:
    codes = line["assisting"]
    problems = [f"There is no unit {code} in this operation." for code in codes if code not in catalogue.taking_part]
    if codes and content["basis"] != "increment":
        problems.append("Only an increment can name units that assisted.")
    if codes and "unquantified" in line:
        problems.append("Only a line with a quantity can name units that assisted.")
    if content["unit"] in codes:
        problems.append("The unit that reports leads; it does not assist itself.")
    if len(set(codes)) < len(codes):
        problems.append("Names a unit twice.")
    if problems:
        errors[f"{at}/assisting"] = problems
        return ()
    return tuple(sorted(catalogue.unit_by_code[code].id for code in codes))


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
    window = f"{moment_text(starts)} to {moment_text(ends)}"
    return [{"code": "outside-window", "detail": f"{moment_text(observed_at)} lies outside the window, {window}. It counts all the same."}]


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
