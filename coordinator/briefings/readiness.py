"""Readiness: one page that says what is still missing before the operation is live, by unit and as a whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select

from coordinator import clock
from coordinator.access.actor import DESK, LIAISON
from coordinator.access.models import Invitation, Token
from coordinator.briefings import packs, reading, service
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.messages import practice
from coordinator.messages.models import CheckIn, Contact
from coordinator.operations import exercising, zeros
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import briefed

TO_CERTIFY = 2
"""People of the desk who must sign in the end."""


@dataclass
class Found:
    """What is known of every unit, by its id; ``practised`` by its code, None where there is no exercise of the operation."""

    people: Sequence[Token]
    invited: Mapping[int, int]
    checked_in: Mapping[int, datetime]
    contacts: Mapping[int, Contact]
    acknowledged: briefed.Versions
    practised: frozenset[str] | None


def document(code: str) -> dict[str, Any]:
    """Everything that is still missing. NotFound."""
    catalogue = operations.find(code)
    found = _found(catalogue)
    units = [_unit(catalogue, unit, found) for unit in reading.asked_units(catalogue, found.people)]
    missing = list(_missing_in_all(catalogue))
    return {
        "operation": catalogue.code,
        "phase": catalogue.phase,
        "rules_version": catalogue.rules_version,
        "ready": not missing and all(one["ready"] for one in units),
        "missing": missing,
        "units": units,
    }


def _found(catalogue: Catalogue) -> Found:
    of = CheckIn.operation_id == catalogue.id
    first = select(CheckIn.unit_id, func.max(CheckIn.at)).where(of).group_by(CheckIn.unit_id)
    contacts = session().scalars(select(Contact).where(Contact.operation_id == catalogue.id))
    return Found(
        people=reading.liaisons(catalogue.id),
        invited=_invited(catalogue.id),
        checked_in={row[0]: row[1] for row in session().execute(first)},
        contacts={one.unit_id: one for one in contacts},
        acknowledged=briefed.by_anyone(catalogue.id),
        practised=_practised(catalogue),
    )


def _practised(catalogue: Catalogue) -> frozenset[str] | None:
    """Units that have sent a report, and acknowledged something, in an exercise of this operation."""
    exercises = [one.code for one in exercising.of(catalogue.code)]
    return frozenset.intersection(*practice.seen(exercises)) if exercises else None


def _invited(operation_id: int) -> Mapping[int, int]:
    """How many invitations to post for each unit are open."""
    now, found = clock.now(), defaultdict[int, int](int)
    of = (Invitation.operation_id == operation_id, Invitation.role == LIAISON, Invitation.expires_at > now)
    for one in session().scalars(select(Invitation).where(*of, Invitation.revoked_at.is_(None), Invitation.taken_at.is_(None))):
        for unit in one.units:
            found[unit.unit_id] += 1
    return found


def _unit(catalogue: Catalogue, unit: UnitEntry, found: Found) -> dict[str, Any]:
    people = [one for one in found.people if reading.speaks_for(one, unit)]
    invited = sum(number for id, number in found.invited.items() if id in unit.lineage)
    contact, at = found.contacts.get(unit.id), found.checked_in.get(unit.id)
    version = briefed.newest(found.acknowledged, unit)
    facts = {
        "liaisons": [{"name": one.name, "by": _holder(one)} for one in people],
        "invited": invited,
        "checked_in_at": at and moment_text(at),
        "telephone": contact is not None,
        "alternate": bool(contact and contact.alternate),
        "rules_version": version,
        "practised": None if found.practised is None else unit.code in found.practised,
    }
    missing = list(_missing(catalogue, facts))
    return {"unit": unit.code, "name": unit.name, "ready": not missing, "missing": missing} | facts


def _holder(one: Token) -> str:
    """How a liaison comes in."""
    return "account" if one.account_id else "device" if one.device_id else "token"


def _missing(catalogue: Catalogue, facts: Mapping[str, Any]) -> Iterator[str]:
    if not facts["liaisons"]:
        yield "The invitation has not been taken." if facts["invited"] else "Nobody is invited to post."
    if catalogue.rules_version and facts["rules_version"] != catalogue.rules_version:
        yield "The counting rules are not acknowledged."
    if not facts["checked_in_at"]:
        yield "It has not checked in."
    if not facts["telephone"]:
        yield "Nobody is named to call."
    elif not facts["alternate"]:
        yield "Nobody is named to stand in."
    if facts["practised"] is False:
        yield "It has not practised: a report and an acknowledgement in the exercise."


def _missing_in_all(catalogue: Catalogue) -> Iterator[str]:
    version = catalogue.rules_version
    if version is None:
        yield "No counting rules are published: nobody is asked to acknowledge any."
    elif changed := packs.changed(service.find(catalogue, version).rules, packs.counting_rules(catalogue)):
        yield f"The plan has changed since version {version} of the counting rules: {', '.join(changed)}. Publish another version."
    if bare := [one.label for one in catalogue.measures if not one.definition]:
        yield f"Nothing says what exactly is counted as: {', '.join(bare)}."
    if not catalogue.expected:
        yield "No state is expected to report."
    if (there := _at_the_desk(catalogue.id)) < TO_CERTIFY:
        yield f"{TO_CERTIFY} people of the desk sign in the end, and {there or 'none'} can."
    if zeros.needed(catalogue.code) and not zeros.signed(catalogue.id):
        yield "The desk has not signed that every counter is at zero."
    if catalogue.ends_at <= clock.now():
        yield "The window has ended already."


def _at_the_desk(operation_id: int) -> int:
    """How many can act for the desk of the operation, by an account, a device or a token."""
    good = or_(Token.expires_at.is_(None), Token.expires_at > clock.now())
    of = (Token.operation_id == operation_id, Token.role == DESK, Token.revoked_at.is_(None), good)
    return session().scalar(select(func.count()).select_from(Token).where(*of)) or 0
