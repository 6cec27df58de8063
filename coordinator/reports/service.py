"""What can be done with reports: post, correct, withdraw. Each is recorded with its place in the inbox, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from coordinator.access.actor import Actor
from coordinator.asking import enqueue
from coordinator.db import session
from coordinator.errors import BriefingNotAcknowledged, KeyReused, NotFound, OperationNotOpen, Refusal, ReportNotCurrent
from coordinator.jobs import FoldInbox
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.reports import adjusting, briefed, drafts, heard, joint
from coordinator.reports.drafts import Draft, Led, Rules, receipt
from coordinator.reports.models import Report

Posted = tuple[dict[str, Any], bool]
"""A receipt, and whether it was given before."""


class Post(NamedTuple):
    """A report as sent: by whom, to which operation, its content as the schema loads it, and its key."""

    actor: Actor
    code: str
    content: Mapping[str, Any]
    key: str


def post(actor: Actor, code: str, content: Mapping[str, Any], key: str) -> Posted:
    """Records one report or correction; the receipt is good once the transaction has committed.

    Refuses with Invalid, NotYourUnit, NotFound, OperationNotOpen, BriefingNotAcknowledged, ReportNotCurrent, KeyReused.
    """
    result = post_all([Post(actor, code, content, key)])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def post_all(posts: Sequence[Post | Refusal]) -> list[Posted | Refusal]:
    """The same for many, of any operations, in order; a refusal among them, given or found, stops no other."""
    outcomes: dict[int, Posted | Refusal] = {n: post for n, post in enumerate(posts) if isinstance(post, Refusal)}
    by_code: dict[str, list[tuple[int, Post]]] = defaultdict(list)
    for number, one in enumerate(posts):
        if isinstance(one, Post):
            by_code[one.code].append((number, one))
    for code in sorted(by_code):
        numbers, same = zip(*by_code[code], strict=True)
        outcomes.update(zip(numbers, _post_to(code, same), strict=True))
    return [outcomes[number] for number in range(len(posts))]


def post_batch(code: str, posts: Sequence[Post | Refusal]) -> list[Posted | Refusal]:
    """The same for one operation; NotFound as a whole where it is not there."""
    operations.find(code)
    return post_all(posts)


def _post_to(code: str, posts: Sequence[Post]) -> Sequence[Posted | Refusal]:
    """Posts to one operation, which need not be there."""
    try:
        catalogue, now = enter(code)
    except NotFound as refusal:
        return [refusal] * len(posts)
    return _post_by(catalogue, posts, now)


def _post_by(catalogue: Catalogue, posts: Sequence[Post], now: datetime) -> Sequence[Posted | Refusal]:
    """Posts under the counting rules of this catalogue. Whoever waited at the gate while others were published may have come through
    with a catalogue from before: then nothing is recorded, and all is drafted anew. Nobody publishes while this is inside: once will do."""
    named = joint.led(catalogue, {post.content["joint_action"] for post in posts if "joint_action" in post.content})
    rules = briefed.rules(catalogue, [(post.actor, post.content["unit"]) for post in posts])
    drafted = [(post.actor, _draft(catalogue, post, now, named, rules)) for post in posts]
    stored = _store(catalogue, drafted)
    if not stored and (today := operations.find_by_id(catalogue.id)).rules_version != catalogue.rules_version:
        return _post_by(today, posts, now)
    return _outcomes(catalogue, drafted, stored)


def enter(code: str) -> tuple[Catalogue, datetime]:
    """Through the operation's gate: its catalogue and the database's time. Refuses with NotFound."""
    entered = gate.enter(code)
    if entered is None:
        raise NotFound("There is no such operation, or it is not yours.")
    id, version, now = entered
    return operations.at_version(id, version), now


def withdraw(actor: Actor, code: str, id: UUID, reason: str, key: str | None) -> Posted:
    """Records that a report counts as never sent. Refuses with NotFound, OperationNotOpen, ReportNotCurrent, KeyReused."""
    catalogue, now = enter(code)
    target = find(actor, catalogue, id)
    unit = catalogue.unit_by_id[target.unit_id]
    draft = drafts.withdrawal(catalogue, actor, unit, id, reason, key, uuid7(), now)
    result = record(catalogue, [(actor, draft)])[0]
    if isinstance(result, Refusal):
        raise result
    return result


def find(actor: Actor, catalogue: Catalogue, id: UUID) -> Report:
    """A report or correction the actor may see; NotFound otherwise, and for withdrawals, which have no address."""
    found = session().scalars(select(Report).where(Report.operation_id == catalogue.id, Report.id == id)).one_or_none()
    if found is None or found.kind == "withdrawal" or not catalogue.covers(actor.units, catalogue.unit_by_id[found.unit_id]):
        raise NotFound("There is no such report, or it is not of your units.")
    return found


def _draft(catalogue: Catalogue, post: Post, now: datetime, named: Mapping[str, Led], rules: Rules) -> Draft | Refusal:
    try:
        return drafts.report(catalogue, post.actor, post.content, post.key, uuid7(), now, named, rules)
    except Refusal as refusal:
        return refusal


def record(catalogue: Catalogue, drafted: Sequence[tuple[Actor, Draft | Refusal]]) -> list[Posted | Refusal]:
    """Records all drafts that can be, then says of each what became of it."""
    return _outcomes(catalogue, drafted, _store(catalogue, drafted))


def _store(catalogue: Catalogue, drafted: Sequence[tuple[Actor, Draft | Refusal]]) -> set[UUID]:
    """Records all drafts that can be; answers the ids of those that were."""
    good = [(actor, draft) for actor, draft in drafted if isinstance(draft, Draft) and _recordable(actor, catalogue, draft)]
    stored = adjusting.store(catalogue, good)
    if stored:
        enqueue(FoldInbox(catalogue.id))
    return stored


def _outcomes(catalogue: Catalogue, drafted: Sequence[tuple[Actor, Draft | Refusal]], stored: set[UUID]) -> list[Posted | Refusal]:
    """What became of each."""
    return [one if isinstance(one, Refusal) else _outcome(actor, catalogue, one, stored) for actor, one in drafted]


def _recordable(actor: Actor, catalogue: Catalogue, draft: Draft) -> bool:
    return not draft.unbriefed and _target_problem(actor, catalogue, draft) is None


def _outcome(actor: Actor, catalogue: Catalogue, draft: Draft, stored: set[UUID]) -> Posted | Refusal:
    if draft.id in stored:
        return receipt(draft, draft.unit.code), False
    twin = _twin(draft)
    if twin is not None:
        if bytes(twin.asked) == draft.asked:
            return receipt(twin, catalogue.unit_by_id[twin.unit_id].code), True
        return KeyReused("This Idempotency-Key came with another report before. Use a fresh key for a new report.")
    told = heard.outcome(actor, catalogue, draft)
    if told is not None:
        return told
    if not operations.find_by_id(catalogue.id).open:
        return OperationNotOpen(_not_open(operations.find_by_id(catalogue.id)))
    if draft.unbriefed:
        return BriefingNotAcknowledged(briefed.what_to_do(catalogue, draft.unit), draft.unit.code, catalogue.rules_version or 0)
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
