"""Folds side by side, reports that commit late, and what would miss them."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from coordinator.db import session, transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import fold, ledger
from coordinator.totals.movements import Said
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import LONG
from tests.races.conftest import PATIENCE, at_once, compared, held_open, posted

FOLDERS = 6
ROUNDS = 20 if LONG else 4


def journal(operation: Catalogue) -> list[tuple[int, UUID]]:
    """The journal as it stands."""
    query = text("SELECT position, report_id FROM journal WHERE operation_id = :id ORDER BY position")
    with transaction() as session:
        return [tuple(row) for row in session.execute(query, {"id": operation.id})]


def total(caller: Any, operation: Catalogue) -> int:
    """The arrests as they stand."""
    return int(caller.get(f"/operations/{operation.code}/totals").json["national"]["arrests"]["total"])


def test_folds_of_one_operation_side_by_side_count_nothing_twice_while_reports_come_in(operation, desk, liaison, poster) -> None:
    over, folded = threading.Event(), []

    def fold_on() -> None:
        while not over.is_set():
            with transaction():
                folded.append(fold.fold(operation.id, 7))

    def post_all(caller) -> None:
        for number in range(25):
            body = report_body(lines=[{"measure": "arrests", "quantity": 1}], basis="to_date" if number == 10 else "increment")
            assert caller.post(f"/operations/{operation.code}/reports", body).status_code == 201

    for round in range(1, ROUNDS + 1):
        over.clear()
        folders = [threading.Thread(target=fold_on) for _ in range(FOLDERS)]
        for thread in folders:
            thread.start()
        at_once(*(partial(post_all, poster(caller)) for caller in (desk, liaison, desk, liaison)))
        over.set()
        for thread in folders:
            thread.join(PATIENCE)
        folded.append(fold_all(operation.id))
        assert sum(folded) == 100 * round
        assert [position for position, _ in journal(operation)] == list(range(1, 100 * round + 1))
        assert compared(operation.id).holds


def test_while_one_fold_is_under_way_another_of_the_same_operation_takes_nothing_and_does_not_wait(operation, desk) -> None:
    actor = actor_of(desk)
    for _ in range(2):
        with transaction():
            posted(actor, operation)
    with transaction():
        assert fold.fold(operation.id, 1) == 1
    with held_open(lambda: fold.fold(operation.id)) as folded:
        with transaction():
            posted(actor, operation)
        with transaction() as session:
            session.execute(text("SET LOCAL lock_timeout = '100ms'"))
            assert fold.fold(operation.id) == 0
    assert folded == 1
    assert fold_all(operation.id) == 1
    assert total(desk, operation) == 9


def test_folds_of_different_operations_run_side_by_side(create_operation, create_token) -> None:
    """Each begins while the other is open: in turn they would wait for ever."""
    one, other = create_operation(), create_operation()
    for operation in (one, other):
        actor = actor_of(create_token("desk", operation.code))
        with transaction():
            posted(actor, operation)
    with held_open(lambda: fold.fold(one.id)) as first, held_open(lambda: fold.fold(other.id)) as second:
        assert (first, second) == (1, 1)
    assert compared(one.id).holds and compared(other.id).holds


def test_reports_are_taken_while_a_fold_is_under_way(operation, desk) -> None:
    actor = actor_of(desk)
    with transaction():
        posted(actor, operation)
    with held_open(lambda: fold.fold(operation.id)):
        assert desk.post(f"/operations/{operation.code}/reports", report_body()).status_code == 201
    assert fold_all(operation.id) == 1


def test_a_report_that_commits_late_is_folded_next_and_leaves_no_gap(operation, desk) -> None:
    late, others = _late_among_others(operation, desk, fold_all)
    assert [report for _, report in journal(operation)] == [*others, late]
    assert [position for position, _ in journal(operation)] == [1, 2, 3, 4]
    assert total(desk, operation) == 12
    assert compared(operation.id).holds


def reading(narrowed: str, operation_id: int, before: int, most: int, **parameters: int) -> list[Said]:
    """What a fold would take that reads the inbox and does not empty it."""
    waiting = f"SELECT id, report_id FROM inbox WHERE operation_id = :operation {narrowed} ORDER BY id LIMIT :most"
    numbered = f"SELECT :before + row_number() OVER (ORDER BY id) AS position, report_id FROM ({waiting}) AS w"
    given = {"operation": operation_id, "before": before, "most": most} | parameters
    return ledger._said(session().execute(text(f"WITH s AS ({numbered}) {ledger._SAID}"), given))


def test_a_fold_that_reads_on_from_the_last_number_seen_would_miss_it(operation, desk, monkeypatch) -> None:
    """The mutant of the test above: without it, that one proves nothing."""
    last_seen = [0]

    def take(operation_id: int, before: int, most: int) -> list[Said]:
        said = reading("AND id > :last", operation_id, before, most, last=last_seen[0])
        query = text("SELECT max(id) FROM inbox WHERE report_id = ANY(:ids)")
        last_seen[0] = session().scalar(query, {"ids": [one.id for one in said]}) or last_seen[0]
        return said

    monkeypatch.setattr(ledger, "take", take)
    late, others = _late_among_others(operation, desk, fold_all)
    assert [report for _, report in journal(operation)] == others
    assert late not in others and total(desk, operation) == 9


def _late_among_others(operation, desk, fold_all) -> tuple[UUID, list[UUID]]:
    """One is posted first and commits last; three others are folded in between."""
    actor, others = actor_of(desk), []
    with held_open(lambda: posted(actor, operation)) as late:
        for _ in range(3):
            with transaction():
                others.append(posted(actor, operation))
            assert fold_all(operation.id) == 1
    fold_all(operation.id)
    return late, others


def test_a_fold_that_forgets_to_empty_the_inbox_counts_nothing_twice_and_does_not_pass(operation, desk, monkeypatch) -> None:
    """The mutant of "nothing counts twice": the journal's own key refuses a report's second place, whatever the code does."""
    actor = actor_of(desk)
    with transaction():
        posted(actor, operation)
    monkeypatch.setattr(ledger, "take", partial(reading, ""))
    with transaction():
        assert fold.fold(operation.id) == 1
    with pytest.raises(Exception, match="uq_journal_report_id"), transaction():
        fold.fold(operation.id)
    assert (total(desk, operation), len(journal(operation))) == (3, 1)
