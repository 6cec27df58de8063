"""What can be done with reports: post, correct, withdraw. Each is recorded with its place in the inbox, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import KeyReused, NotFound, OperationNotOpen, Refusal, ReportNotCurrent
from coordinator.jobs import FoldInbox, enqueue
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import drafts, record
from coordinator.reports.drafts import Draft, receipt
from coordinator.reports.models import Report

Posted = tuple[dict[str, Any], bool]
"""A receipt, and whether it was given before."""


def post(actor: Actor, code: str, content: Mapping[str, Any], key: str) -> Posted:
    """Records one report or correction; the receipt is good once the transaction has committed.

    Refuses with Invalid, NotYourUnit, NotFound, OperationNotOpen, ReportNotCurrent, KeyReused.
    """
    result = post_all(actor, code, [(content, key)])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def post_all(actor: Actor, code: str, items: Sequence[tuple[Mapping[str, Any], str] | Refusal]) -> list[Posted | Refusal]:
    """The same for many, in order; a refusal among them, given or found, stops no other."""
    catalogue = operations.find(code)
    gate.enter(catalogue.id)
    now = clock.now()
    drafted = [item if isinstance(item, Refusal) else _draft(catalogue, actor, *item, now) for item in items]
    return _record(actor, catalogue, drafted)


def withdraw(actor: Actor, code: str, id: UUID, reason: str, key: str | None) -> Posted:
    """Records that a report counts as never sent. Refuses with NotFound, OperationNotOpen, ReportNotCurrent, KeyReused."""
    catalogue = operations.find(code)
    gate.enter(catalogue.id)
    target = find(actor, catalogue, id)
    unit = catalogue.unit_by_id[target.unit_id]
    draft = drafts.withdrawal(catalogue, actor, unit, id, reason, key, uuid7(), clock.now())
    result = _record(actor, catalogue, [draft])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def find(actor: Actor, catalogue: Catalogue, id: UUID) -> Report:
    """A report or correction the actor may see; NotFound otherwise, and for withdrawals, which have no address."""
    found = session().scalars(select(Report).where(Report.operation_id == catalogue.id, Report.id == id)).one_or_none()
    if found is None or found.kind == "withdrawal" or not catalogue.covers(actor.units, catalogue.unit_by_id[found.unit_id]):
        raise NotFound("There is no such report, or it is not of your units.")
    return found


def _draft(catalogue: Catalogue, actor: Actor, content: Mapping[str, Any], key: str, now: datetime) -> Draft | Refusal:
    try:
        return drafts.report(catalogue, actor, content, key, uuid7(), now)
    except Refusal as refusal:
        return refusal


def _record(actor: Actor, catalogue: Catalogue, drafted: Sequence[Draft | Refusal]) -> list[Posted | Refusal]:
    """Records all drafts that can be, then says of each what became of it."""
    good = [draft for draft in drafted if isinstance(draft, Draft) and _target_problem(actor, catalogue, draft) is None]
    stored = record.store(catalogue.id, good)
    if stored:
        enqueue(FoldInbox(catalogue.id))
    return [one if isinstance(one, Refusal) else _outcome(actor, catalogue, one, stored) for one in drafted]


def _outcome(actor: Actor, catalogue: Catalogue, draft: Draft, stored: set[UUID]) -> Posted | Refusal:
    if draft.id in stored:
        return receipt(draft, draft.unit.code), False
    twin = _twin(draft)
    if twin is not None:
        if bytes(twin.asked) == draft.asked:
            return receipt(twin, catalogue.unit_by_id[twin.unit_id].code), True
        return KeyReused("This Idempotency-Key came with another report before. Use a fresh key for a new report.")
    if not operations.find_by_id(catalogue.id).open:
        return OperationNotOpen(_not_open(operations.find_by_id(catalogue.id)))
    return _target_problem(actor, catalogue, draft) or ReportNotCurrent(
        "The report has been corrected or withdrawn already. Read it again."
    )


def _twin(draft: Draft) -> Report | None:
    """What was recorded under the same caller's same key."""
    if draft.key is None:
        return None
    return session().scalars(select(Report).where(Report.author_id == draft.author_id, Report.idempotency_key == draft.key)).one_or_none()


def _target_problem(actor: Actor, catalogue: Catalogue, draft: Draft) -> Refusal | None:
    """What stands against superseding the report that the draft names; whether another came first, the unique key decides."""
    if draft.supersedes is None:
        return None
    try:
        target = find(actor, catalogue, draft.supersedes)
    except NotFound as refusal:
        return refusal
    return _unit_problem(catalogue.unit_by_id[target.unit_id], draft.unit)


def _unit_problem(theirs: UnitEntry, ours: UnitEntry) -> Refusal | None:
    if theirs.id != ours.id:
        return ReportNotCurrent(f"That report is {theirs.code}'s; a correction names a report of its own unit, here {ours.code}.")
    return None


def _not_open(catalogue: Catalogue) -> str:
    return f"{catalogue.name} is {catalogue.phase.replace('_', ' ')}; reports are taken while it is live, standing down or reconciling."
