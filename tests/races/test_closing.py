"""Closing is exact: when it has returned, nothing more gets in, and nothing that was receipted is missing."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.operations import service as operations
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import LONG, eventually
from tests.races.conftest import PATIENCE, at_once, compared, held_open, posted

POSTERS = 8
ROUNDS = 40 if LONG else 10


def recorded(operation_id: int) -> int:
    with transaction() as session:
        return int(session.scalar(text("SELECT count(*) FROM reports WHERE operation_id = :id"), {"id": operation_id}))


@pytest.mark.usefixtures("door")
def test_when_certified_nothing_more_gets_in_and_the_journal_holds_all_that_was_accepted(create_operation, create_token, poster) -> None:
    for _ in range(ROUNDS // 2):
        _close_under_fire(create_operation("reconciling"), create_token, poster)


def _close_under_fire(operation, create_token, poster) -> None:
    liaison = create_token("liaison", operation.code, "KY")
    statuses: Counter[int] = Counter()
    under_fire = threading.Event()

    def post_until_refused() -> None:
        caller, status = poster(liaison), 201
        while status == 201:
            status = caller.post(f"/operations/{operation.code}/reports", report_body()).status_code
            statuses[status] += 1
            if statuses[201] > POSTERS * 2:
                under_fire.set()

    def close() -> int:
        assert under_fire.wait(PATIENCE)
        with transaction():
            operations.set_phase(console(), operation.code, "certified")
        return recorded(operation.id)

    *_, when_closed = at_once(*[post_until_refused] * POSTERS, close)
    assert statuses.keys() == {201, 409} and statuses[409] == POSTERS
    assert recorded(operation.id) == when_closed == statuses[201]
    assert fold_all(operation.id) == when_closed
    assert compared(operation.id).holds


def test_closing_waits_for_a_report_that_is_under_way_and_takes_it_in(create_operation, create_token) -> None:
    operation = create_operation("reconciling")
    actor = actor_of(create_token("desk", operation.code))

    def close() -> int:
        with transaction():
            operations.set_phase(console(), operation.code, "certified")
        return recorded(operation.id)

    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: posted(actor, operation)), transaction() as session:
            closing = pool.submit(close)
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            eventually(lambda: session.scalar(waits), what="closing to wait")
        assert closing.result(PATIENCE) == 1
    assert fold_all(operation.id) == 1
