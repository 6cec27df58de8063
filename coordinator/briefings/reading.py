"""Briefings as the API shows them, and who has heard: by unit and person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from coordinator import clock
from coordinator.access.actor import LIAISON, Actor
from coordinator.access.models import Token
from coordinator.briefings import markdown, packs, service
from coordinator.briefings.models import READ, RECEIVED, Briefing, Check, File, Receipt
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import briefed

Document = dict[str, Any]


def some(code: str, limit: int, before: int | None) -> list[Document]:
    """Versions newest first, of those with a number below ``before``."""
    catalogue = operations.find(code)
    rows = session().scalars(select(Briefing).where(Briefing.operation_id == catalogue.id).order_by(Briefing.version)).all()
    earlier = [None, *rows]
    shown = [head(catalogue, row, last) for row, last in zip(rows, earlier, strict=False) if before is None or row.version < before]
    return shown[::-1][:limit]


def asked(actor: Actor, code: str) -> Document | None:
    """What is asked of the actor: the version in force, and which it has acknowledged for each of its units; None where nothing is."""
    catalogue = operations.find(code)
    if catalogue.rules_version is None:
        return None
    own = briefed.by_rights(catalogue.id, [actor.id])[actor.id] if actor.id else {}
    units = [catalogue.unit_by_id[id] for id in sorted(actor.units)]
    bulletin = service.find(catalogue, catalogue.rules_version).bulletin_id
    return {
        "version": catalogue.rules_version,
        "bulletin": bulletin and str(bulletin),
        "units": [_standing(catalogue, unit, own) for unit in units],
    }


def rendered(pages: Sequence[Mapping[str, Any]]) -> list[Document]:
    """Pages with their HTML, as whoever is briefed reads them."""
    return [{**page, "html": markdown.html(page["markdown"])} for page in pages]


def one(actor: Actor, code: str, version: int) -> Document:
    """A version with its pages, rules, files and questions, whose right answers the desk alone sees. NotFound."""
    catalogue = operations.find(code)
    row = service.find(catalogue, version)
    before = service.find(catalogue, version - 1) if version > 1 else None
    hidden = () if actor.may("briefings.publish") else ("right",)
    return head(catalogue, row, before) | {
        "pages": rendered(row.pages),
        "questions": [{name: value for name, value in one.items() if name not in hidden} for one in row.questions],
        "rules": row.rules,
        "files": files(row.files),
    }


def head(catalogue: Catalogue, row: Briefing, before: Briefing | None) -> Document:
    """A version in a list."""
    return {
        "version": row.version,
        "acknowledge": row.asks,
        "acknowledge_by": row.acknowledge_by and moment_text(row.acknowledge_by),
        "in_force": row.version == catalogue.rules_version,
        "changed": packs.changed(before.rules if before else None, row.rules),
        "by": row.by_name,
        "at": moment_text(row.at),
    }


def files(ids: Sequence[UUID]) -> list[Document]:
    """Files in the order of these ids."""
    rows = {row.id: row for row in session().scalars(select(File).where(File.id.in_(ids)))}
    return [file(rows[id]) for id in ids]


def file(row: File) -> Document:
    """A file without its content."""
    return {"id": str(row.id), "name": row.name, "kind": row.kind, "size": row.size, "sha256": row.digest.hex()}


def receipts(code: str, version: int) -> Document:
    """Who has received, read and acknowledged a version: by unit, and for each by person. NotFound."""
    catalogue = operations.find(code)
    row, now = service.find(catalogue, version), clock.now()
    people = liaisons(catalogue.id)
    heard = _heard(catalogue.id, version)
    shown = [_of_unit(catalogue, unit, people, heard, row, now) for unit in asked_units(catalogue, people)]
    done = sum(one["acknowledged"] for one in shown)
    return {"version": version, "acknowledge": row.asks, "acknowledged": done, "asked": len(shown), "units": shown}


def liaisons(operation_id: int) -> list[Token]:
    """The rights to post that stand, the oldest first."""
    good = or_(Token.expires_at.is_(None), Token.expires_at > func.clock_timestamp())
    of = (Token.operation_id == operation_id, Token.role == LIAISON, Token.revoked_at.is_(None), good)
    return list(session().scalars(select(Token).where(*of).order_by(Token.id)))


def asked_units(catalogue: Catalogue, people: Sequence[Token]) -> list[UnitEntry]:
    """The units that are expected, and every other that someone speaks for by name, in the operation's order."""
    named = {grant.unit_id for one in people for grant in one.grants} | {unit.id for unit in catalogue.expected}
    return [unit for unit in catalogue.units if unit.id in named]


def speaks_for(person: Token, unit: UnitEntry) -> bool:
    """Whether a right reaches the unit."""
    return any(grant.unit_id in unit.lineage for grant in person.grants)


Heard = Mapping[UUID, Mapping[str, Any]]
"""Right -> when it ``received`` and ``read`` a version, its ``passed`` checks by unit, and how many ``tries`` it made."""


def _heard(operation_id: int, version: int) -> Heard:
    found: dict[UUID, dict[str, Any]] = defaultdict(lambda: {RECEIVED: None, READ: None, "passed": {}, "tries": 0})
    of = {"operation_id": operation_id, "version": version}
    for receipt in session().scalars(select(Receipt).filter_by(**of)):
        found[receipt.right_id][receipt.what] = receipt.at
    for check in session().scalars(select(Check).filter_by(**of).order_by(Check.id)):
        found[check.right_id]["tries"] += 1
        if check.passed:
            found[check.right_id]["passed"].setdefault(check.unit_id, check.at)
    return found


def _of_unit(catalogue: Catalogue, unit: UnitEntry, people: Sequence[Token], heard: Heard, row: Briefing, now: datetime) -> Document:
    shown = [_person(one, unit, heard[one.id]) for one in people if speaks_for(one, unit)]
    acknowledged = any(one["acknowledged_at"] for one in shown)
    late = row.version == catalogue.rules_version and row.acknowledge_by is not None and now > row.acknowledge_by and not acknowledged
    return {"unit": unit.code, "name": unit.name, "acknowledged": acknowledged, "late": late, "people": shown}


def _person(one: Token, unit: UnitEntry, heard: Mapping[str, Any]) -> Document:
    passed = min((at for id, at in heard["passed"].items() if id in unit.lineage), default=None)
    moments = {"received_at": heard[RECEIVED], "read_at": heard[READ], "acknowledged_at": passed}
    told = {name: at and moment_text(at) for name, at in moments.items()}
    return {"id": str(one.id), "name": one.name, "tries": heard["tries"]} | told


def _standing(catalogue: Catalogue, unit: UnitEntry, own: briefed.Versions) -> Document:
    version = briefed.newest(own, unit)
    return {"unit": unit.code, "version": version, "acknowledged": version == catalogue.rules_version}
