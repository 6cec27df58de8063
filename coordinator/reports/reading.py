"""Reading the record: reports as the API shows them, with their place in the journal and what became of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from coordinator.access.actor import Actor
from coordinator.access.models import Token
from coordinator.db import session
from coordinator.errors import Invalid, NotFound
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.drafts import figure
from coordinator.reports.models import Assist, JointAction, JournalEntry, Line, Report

_Next, _NextEntry, _NextAuthor = aliased(Report, name="following"), aliased(JournalEntry), aliased(Token)
_REPORTS = (
    select(
        Report,
        JournalEntry.position,
        Token.name.label("author"),
        Token.role,
        _Next,
        _NextEntry.position.label("next_position"),
        _NextAuthor.name.label("next_author"),
        JointAction.code.label("joint_action"),
    )
    .join(Token, Token.id == Report.author_id)
    .outerjoin(JournalEntry, JournalEntry.report_id == Report.id)
    .outerjoin(_Next, _Next.supersedes == Report.id)
    .outerjoin(_NextEntry, _NextEntry.report_id == _Next.id)
    .outerjoin(_NextAuthor, _NextAuthor.id == _Next.author_id)
    .outerjoin(JointAction, JointAction.id == Report.joint_action_id)
    .where(Report.kind != "withdrawal")
)


def one(actor: Actor, code: str, id: UUID) -> dict[str, Any]:
    """A report the actor may see, as a document; NotFound otherwise."""
    catalogue = operations.find(code)
    rows = session().execute(_within(actor, catalogue, _REPORTS).where(Report.id == id)).all()
    if not rows:
        raise NotFound("There is no such report, or it is not of your units.")
    return _documents(catalogue, rows)[0]


def some(actor: Actor, code: str, query: dict[str, Any], after: UUID | None) -> list[dict[str, Any]]:
    """Reports newest first; ``query`` may narrow by unit (with all below it), author, since (received at or after), the key it was
    posted with, at (in the journal by that position) and as_of (observed by then)."""
    catalogue = operations.find(code)
    wanted = _within(actor, catalogue, _REPORTS).order_by(Report.id.desc()).limit(query["limit"])
    if "unit" in query:
        wanted = wanted.where(Report.unit_id.in_(below(catalogue, query["unit"])))
    if "author" in query:
        wanted = wanted.where(Report.author_id == query["author"])
    if "idempotency_key" in query:
        wanted = wanted.where(Report.idempotency_key == query["idempotency_key"])
    if "since" in query:
        wanted = wanted.where(Report.received_at >= query["since"])
    if "at" in query:
        wanted = wanted.where(JournalEntry.position <= query["at"])
    if "as_of" in query:
        wanted = wanted.where(Report.observed_at <= query["as_of"])
    if after:
        wanted = wanted.where(Report.id < after)
    return _documents(catalogue, session().execute(wanted).all())


def _within(actor: Actor, catalogue: Catalogue, query: Any) -> Any:
    query = query.where(Report.operation_id == catalogue.id)
    if not actor.units:
        return query
    return query.where(Report.unit_id.in_([unit.id for unit in catalogue.units if catalogue.covers(actor.units, unit)]))


def below(catalogue: Catalogue, code: str) -> list[int]:
    """The ids of a unit and all below it; Invalid where there is none of this code."""
    top = catalogue.unit_by_code.get(code)
    if top is None:
        raise Invalid.at("/unit", f"There is no unit {code} in this operation.")
    return [unit.id for unit in catalogue.units if top.id in unit.lineage]


def lines_of(catalogue: Catalogue, ids: Sequence[UUID]) -> Mapping[UUID, list[dict[str, Any]]]:
    """The lines of each of these reports, as the API shows them, in their order."""
    lines: dict[UUID, list[dict[str, Any]]] = {id: [] for id in ids}
    assisting: dict[tuple[UUID, int], list[str]] = defaultdict(list)
    for assist in session().scalars(select(Assist).where(Assist.report_id.in_(ids))):
        assisting[assist.report_id, assist.number].append(catalogue.unit_by_id[assist.unit_id].code)
    for line in session().scalars(select(Line).where(Line.report_id.in_(ids)).order_by(Line.report_id, Line.number)):
        lines[line.report_id].append(_line(catalogue, line, sorted(assisting[line.report_id, line.number])))
    return lines


def _documents(catalogue: Catalogue, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    lines = lines_of(catalogue, [row.Report.id for row in rows])
    return [_document(catalogue, row, lines[row.Report.id]) for row in rows]


def _document(catalogue: Catalogue, row: Row[Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    report, following = row.Report, row.following
    corrected = following is not None and following.kind == "correction"
    withdrawn = following is not None and following.kind == "withdrawal"
    return {
        "id": str(report.id),
        "unit": catalogue.unit_by_id[report.unit_id].code,
        "basis": report.basis,
        "observed_at": moment_text(report.observed_at),
        "received_at": moment_text(report.received_at),
        "lines": lines,
        "nil": report.nil,
        "note": report.note,
        "position": row.position,
        "status": "corrected" if corrected else "withdrawn" if withdrawn else "current",
        "author": {"id": str(report.author_id), "name": row.author, "role": row.role},
        "channel": report.channel,
        "corrects": report.supersedes and str(report.supersedes),
        "reason": report.reason,
        "corrected_by": str(following.id) if corrected else None,
        "withdrawal": _withdrawal(row) if withdrawn else None,
        "joint_action": row.joint_action,
        "credit": report.credit,
        "digest": f"sha-256:{report.digest.hex()}",
        "warnings": report.warnings or [],
    } | rules_of(report)


def rules_of(report: Report) -> dict[str, Any]:
    """The version of the counting rules it was counted under, where there were any: else a report reads as it always did."""
    return {} if report.rules_version is None else {"rules_version": report.rules_version}


def _withdrawal(row: Row[Any]) -> dict[str, Any]:
    following = row.following
    return {
        "id": str(following.id),
        "reason": following.reason,
        "received_at": moment_text(following.received_at),
        "author": row.next_author,
        "position": row.next_position,
    }


def _line(catalogue: Catalogue, line: Line, assisting: list[str]) -> dict[str, Any]:
    measure, category = catalogue.measure_of_category[line.category_id]
    document: dict[str, Any] = {"measure": measure.code, "category": category}
    if line.quantity is None:
        document["unquantified"] = line.unquantified
    else:
        document["quantity"] = figure(line.quantity, measure.scale)
    return document | ({"assisting": assisting} if assisting else {})
