"""Reading the journal: every report, correction and withdrawal in the one order in which the hub came to know them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from coordinator.access.models import Token
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import JointAction, JournalEntry, Report
from coordinator.reports.reading import below, lines_of, rules_of

_Before, _BeforeEntry = aliased(Report), aliased(JournalEntry)
_Next, _NextEntry = aliased(Report), aliased(JournalEntry)
_ENTRIES = (
    select(
        JournalEntry,
        Report,
        Token.name.label("author"),
        _BeforeEntry.position.label("before_position"),
        _Next.id.label("next_id"),
        _Next.kind.label("next_kind"),
        _NextEntry.position.label("next_position"),
        JointAction.code.label("joint_action"),
    )
    .join(Report, Report.id == JournalEntry.report_id)
    .join(Token, Token.id == Report.author_id)
    .outerjoin(_BeforeEntry, _BeforeEntry.report_id == Report.supersedes)
    .outerjoin(_Next, _Next.supersedes == Report.id)
    .outerjoin(_NextEntry, _NextEntry.report_id == _Next.id)
    .outerjoin(JointAction, JointAction.id == Report.joint_action_id)
)


def entries(code: str, query: dict[str, Any], after: int | None) -> list[dict[str, Any]]:
    """Entries in the order asked for, from the position ``after`` on; ``query`` may narrow by unit (with all below it), kind and
    since (known to the hub at or after). Refuses with NotFound, Invalid."""
    catalogue = operations.find(code)
    wanted = _ordered(_ENTRIES.where(JournalEntry.operation_id == catalogue.id), query["order"] == "newest", after)
    if "unit" in query:
        wanted = wanted.where(Report.unit_id.in_(below(catalogue, query["unit"])))
    if "kind" in query:
        wanted = wanted.where(Report.kind == query["kind"])
    if "since" in query:
        wanted = wanted.where(JournalEntry.folded_at >= query["since"])
    rows = session().execute(wanted.limit(query["limit"])).all()
    lines = lines_of(catalogue, [row.Report.id for row in rows])
    return [_document(catalogue, row, lines[row.Report.id]) for row in rows]


def _ordered(wanted: Any, newest: bool, after: int | None) -> Any:
    position = JournalEntry.position
    if after is not None:
        wanted = wanted.where(position < after if newest else position > after)
    return wanted.order_by(position.desc() if newest else position)


def _document(catalogue: Catalogue, row: Row[Any], lines: list[dict[str, Any]]) -> dict[str, Any]:
    entry, report = row.JournalEntry, row.Report
    return {
        "position": entry.position,
        "folded_at": moment_text(entry.folded_at),
        "kind": report.kind,
        "id": str(report.id),
        "unit": catalogue.unit_by_id[report.unit_id].code,
        "author": row.author,
        "channel": report.channel,
        "basis": report.basis,
        "observed_at": report.observed_at and moment_text(report.observed_at),
        "received_at": moment_text(report.received_at),
        "nil": report.nil,
        "lines": lines,
        "note": report.note,
        "reason": report.reason,
        "joint_action": row.joint_action,
        "credit": report.credit,
        "supersedes": report.supersedes and {"id": str(report.supersedes), "position": row.before_position},
        "superseded_by": row.next_id and {"id": str(row.next_id), "kind": row.next_kind, "position": row.next_position},
        "seal": entry.seal.hex(),
    } | rules_of(report)
