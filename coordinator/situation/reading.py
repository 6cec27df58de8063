"""Reading what a situation report is made of, and the reports that were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Select, select, text, tuple_

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotFound
from coordinator.fields import LARGEST, moment_text
from coordinator.messages import reading as bulletins
from coordinator.messages import watch
from coordinator.messages.models import Bulletin
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import JournalEntry, Report
from coordinator.situation import document
from coordinator.situation.document import Known
from coordinator.situation.models import SituationApproval, SituationReport
from coordinator.situation.reductions import Placed, falls
from coordinator.totals import service as totals
from coordinator.totals.positions import Entry

MOST_BULLETINS = 200
"""Bulletins that stand, at most, in a report: far more than a night has."""


def known(actor: Actor, catalogue: Catalogue, since: int, position: int, telling: Bulletin | None) -> Known:
    """What there is to say between two positions of the journal. ``telling``: the bulletin by which the report before was told, which
    this one stands in place of."""
    presence = watch.document(actor, catalogue.code)["items"]
    current = bulletins.some(actor, catalogue.code, {"current": True, "limit": MOST_BULLETINS}, None)
    return Known(
        catalogue,
        totals.totals(actor, catalogue.code, at=since),
        totals.totals(actor, catalogue.code, at=position),
        _seal(catalogue.id, position),
        _reductions(catalogue, since, position),
        {one["unit"]: one for one in presence},
        document.bulletins(one for one in current if telling is None or one["number"] != telling.number),
    )


def last(operation_id: int) -> SituationReport | None:
    """The newest report."""
    return session().scalars(_reports(operation_id).limit(1)).one_or_none()


def find(catalogue: Catalogue, number: int) -> SituationReport:
    """The report of a number; NotFound where there is none."""
    found = session().get(SituationReport, (catalogue.id, number)) if number <= LARGEST else None
    if found is None:
        raise NotFound(f"There is no situation report {number} of this operation.")
    return found


def listed(code: str, limit: int, before: int | None) -> list[dict[str, Any]]:
    """Reports without what they say, newest first, of those with a number below ``before``."""
    query = _reports(operations.find(code).id).limit(limit)
    return _heads(list(session().scalars(query if before is None else query.where(SituationReport.number < before))))


def one(code: str, number: int) -> dict[str, Any]:
    """A report with all it says. NotFound."""
    found = find(operations.find(code), number)
    return _heads([found])[0] | {"report": said(found)}


def said(report: SituationReport) -> dict[str, Any]:
    """What a report says."""
    content: dict[str, Any] = orjson.loads(report.content)
    return content


def _reports(operation_id: int) -> Select[SituationReport]:
    return select(SituationReport).where(SituationReport.operation_id == operation_id).order_by(SituationReport.number.desc())


def _heads(reports: list[SituationReport]) -> list[dict[str, Any]]:
    told = select(Bulletin.id, Bulletin.number).where(Bulletin.id.in_([one.bulletin_id for one in reports]))
    numbers = {row.id: row.number for row in session().execute(told)}
    places = [(one.operation_id, one.number) for one in reports]
    query = select(SituationApproval).where(tuple_(SituationApproval.operation_id, SituationApproval.number).in_(places))
    approvals = {one.number: one for one in session().scalars(query)}
    return [_head(one, numbers[one.bulletin_id], approvals.get(one.number)) for one in reports]


def _head(report: SituationReport, bulletin: int, approval: SituationApproval | None) -> dict[str, Any]:
    return {
        "number": report.number,
        "kind": report.kind,
        "position": report.position,
        "digest": f"sha-256:{report.digest.hex()}",
        "bulletin": {"id": str(report.bulletin_id), "number": bulletin},
        "prepared_by": report.prepared_name,
        "made_at": moment_text(report.made_at),
        "due_at": report.due_at and moment_text(report.due_at),
        "approved": approval and {"by": approval.by_name, "at": moment_text(approval.at)},
    }


def _seal(operation_id: int, position: int) -> str | None:
    """The journal's seal at the position: by it the report is bound to every entry before it."""
    query = select(JournalEntry.seal).where(JournalEntry.operation_id == operation_id, JournalEntry.position == position)
    found = session().scalar(query)
    return found.hex() if found else None


_PLACED = text("""
    WITH touched AS (
        SELECT DISTINCT unit_id, category_id FROM entries
        WHERE operation_id = :operation AND category_id IS NOT NULL AND NOT credit AND position <= :at
          AND (position > :since AND (standing OR quantity < 0) OR superseded_at > :since AND superseded_at <= :at)
    ), known AS (
        SELECT e.*, CASE WHEN superseded_at <= :at THEN superseded_at END AS ended,
               position <= :since AND (superseded_at IS NULL OR superseded_at > :at) AS lasts
        FROM entries e JOIN touched USING (unit_id, category_id)
        WHERE operation_id = :operation AND NOT credit AND position <= :at AND (superseded_at IS NULL OR superseded_at > :since)
    ), stood AS (
        SELECT unit_id, category_id, max(observed_at) AS stood_at FROM known WHERE lasts AND standing AND quantity IS NOT NULL
        GROUP BY unit_id, category_id
    )
    SELECT position, number, unit_id, category_id, standing, observed_at, quantity, ended
    FROM known LEFT JOIN stood USING (unit_id, category_id) WHERE NOT lasts OR stood_at IS NULL OR observed_at >= stood_at
""")
"""Of every cell in which anything but a plain increment came or went between two positions: its entries that count at either, but
for those that are covered by a to-date figure which counts at both."""


def _reductions(catalogue: Catalogue, since: int, position: int) -> list[dict[str, Any]]:
    """Every fall of a figure between two positions of the journal, in its order, each with its reason."""
    rows = session().execute(_PLACED, {"operation": catalogue.id, "since": since, "at": position})
    found = falls((_placed(row) for row in rows), since)
    reports = _reports_at(catalogue.id, [fall.position for fall in found])
    return [document.reduction(catalogue, fall, reports[fall.position]) for fall in found]


def _placed(row: Any) -> Placed:
    entry = Entry(row.observed_at, (row.position, row.number), row.standing, row.quantity)
    return Placed((row.unit_id, row.category_id), entry, row.ended)


def _reports_at(operation_id: int, positions: list[int]) -> Mapping[int, Any]:
    query = select(JournalEntry.position, Report.kind, Report.channel, Report.reason, Report.note)
    query = query.join(Report, Report.id == JournalEntry.report_id)
    rows = session().execute(query.where(JournalEntry.operation_id == operation_id, JournalEntry.position.in_(positions)))
    return {row.position: row for row in rows}
