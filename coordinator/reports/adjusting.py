"""Adjustments in the record: what more than one unit counted is taken out of the nation by a report at OVERLAP, which falls away
as soon as one of its sources changes.

It falls by an ordinary withdrawal, written in the transaction of the very report that changes the source and put into the
inbox before it: so there is no position in the journal, and no moment, at which an adjustment stands on a figure it was not
made of. Adjustments are made while an operation is reconciling alone, behind its closed gate. Until then reports go the short
way, which the statement that stores them holds to by itself: it stores nothing where the phase is a later one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from uuid_utils.compat import uuid7

from coordinator.access.actor import Actor
from coordinator.asking import enqueue
from coordinator.db import session
from coordinator.errors import NotReconciling
from coordinator.jobs import FoldInbox
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import OPEN_PHASES, RECONCILING
from coordinator.reports import drafts, record
from coordinator.reports.drafts import ADJUSTMENT, Draft
from coordinator.reports.models import Adjusted, Adjustment, Line, Report
from coordinator.reports.personal import complaint

WITHOUT = tuple(phase for phase in OPEN_PHASES if phase != RECONCILING)
"""The phases in which no adjustment stands."""

_TURN = 7463


class Made(NamedTuple):
    """What an adjustment is of: a category, its sources with their figures by the id of their unit, and what they come to, in
    units of 10^-scale; ``at`` is the last moment of which those figures speak."""

    category_id: int
    sources: Mapping[int, int]
    method: str
    result: int
    at: datetime
    reason: str
    note: str


def make(actor: Actor, catalogue: Catalogue, made: Made, now: datetime) -> UUID:
    """Records an adjustment; answers its report's id. The gate must be closed, and nothing wait in the inbox.

    Refuses with NotReconciling and Invalid.
    """
    unit, id = operations.overlap_unit(catalogue), uuid7()
    quantities = {made.category_id: made.result - sum(made.sources.values())}
    draft = drafts.adjustment(catalogue, actor, unit, quantities, made.at, made.note, id, now)
    if not record.store(catalogue.id, [draft], (RECONCILING,)):
        raise NotReconciling("Overlaps are settled while the operation is reconciling.")
    columns = {"category_id": made.category_id, "method": made.method, "result": made.result, "reason": made.reason}
    session().add(Adjustment(report_id=id, operation_id=catalogue.id, **columns))
    session().flush()
    sources = made.sources.items()
    session().add_all(Adjusted(report_id=id, unit_id=unit, operation_id=catalogue.id, quantity=quantity) for unit, quantity in sources)
    session().flush()
    enqueue(FoldInbox(catalogue.id))
    return id


def store(catalogue: Catalogue, drafted: Sequence[tuple[Actor, Draft]]) -> set[UUID]:
    """Records drafts of one operation as ``record.store`` does, each after the withdrawals of the adjustments it makes fall."""
    if catalogue.phase != RECONCILING:
        stored = record.store(catalogue.id, [draft for _, draft in drafted], WITHOUT)
        if stored:
            return stored
    return _store_reconciling(catalogue, drafted) if drafted else set()


def _store_reconciling(catalogue: Catalogue, drafted: Sequence[tuple[Actor, Draft]]) -> set[UUID]:
    if not _standing(catalogue.id):
        return record.store(catalogue.id, [draft for _, draft in drafted], (RECONCILING,))
    session().execute(text("SELECT pg_advisory_xact_lock(:turn, :id)"), {"turn": _TURN, "id": catalogue.id})
    return {id for actor, draft in drafted for id in _store_one(catalogue, actor, draft)}


def _store_one(catalogue: Catalogue, actor: Actor, draft: Draft) -> set[UUID]:
    """One draft with what it makes fall, both or neither: a draft that is left out, as one sent twice is, changes no source."""
    falling = [withdrawal for one in _standing(catalogue.id) if (withdrawal := _fallen(catalogue, actor, draft, one))]
    savepoint = session().begin_nested()
    stored = record.store(catalogue.id, [*falling, draft], (RECONCILING,))
    if draft.id not in stored:
        savepoint.rollback()
        return set()
    savepoint.commit()
    return {draft.id}


_STANDING = text("""
    SELECT a.report_id, a.category_id, array_agg(s.unit_id) AS units FROM adjustments a JOIN adjusted s ON s.report_id = a.report_id
    WHERE a.operation_id = :operation AND NOT EXISTS (SELECT FROM reports r WHERE r.supersedes = a.report_id)
    GROUP BY a.report_id, a.category_id
""")


def _standing(operation_id: int) -> Sequence[Any]:
    """The adjustments that nothing has ended: report, category, and the units they are made of."""
    return session().execute(_STANDING, {"operation": operation_id}).all()


def _fallen(catalogue: Catalogue, actor: Actor, draft: Draft, one: Any) -> Draft | None:
    """The withdrawal of an adjustment one of whose sources the draft changes, with its figures or by taking earlier ones away."""
    if draft.supersedes == one.report_id or set(one.units).isdisjoint(draft.unit.lineage):
        return None
    if one.category_id not in _categories(draft):
        return None
    by = dataclasses.replace(actor, channel=ADJUSTMENT)
    unit = operations.overlap_unit(catalogue)
    return drafts.withdrawal(catalogue, by, unit, one.report_id, _why(draft), None, uuid7(), draft.received_at)


def _categories(draft: Draft) -> set[int]:
    """The categories in which the draft moves its unit's figure; what is mere credit moves none."""
    own = set() if draft.credit else {line.category_id for line in draft.lines}
    if draft.supersedes is None:
        return own
    earlier = select(Line.category_id).join(Report, Report.id == Line.report_id).where(Report.id == draft.supersedes, ~Report.credit)
    return own.union(session().scalars(earlier))


def _why(draft: Draft) -> str:
    """The reason of the withdrawal. A unit's code may look like a plate's number: what would be refused is left unsaid."""
    said = f"{draft.unit.code} has changed, by the {draft.kind} {draft.id}."
    return said if complaint(said) is None else f"A source has changed, by the {draft.kind} {draft.id}."
