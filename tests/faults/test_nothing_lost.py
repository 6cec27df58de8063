"""A 2xx is on disk and counts once, while whatever answers it is killed and started again."""

from __future__ import annotations

import os
import random
import signal

import pytest

from faults.nemesis import children
from tests.desk.watching import Watcher, equal
from tests.faults.clients import Crowd, check_books, plan
from tests.hubs import LONG, LiveOperation, RealHub, eventually

POSTS = 5_000 if LONG else 500
TIMES = 20 if LONG else 4


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def test_web_killed_in_the_middle_of_posting_loses_nothing_and_counts_nothing_twice(operation, seed) -> None:
    hub, chance = operation.hub, random.Random(seed)
    with Crowd(operation, plan(chance, POSTS)) as crowd, Watcher(operation.desk, operation.code) as before:
        for number in range(1, TIMES + 1):
            crowd.until(number * POSTS // (TIMES + 2) + chance.randrange(POSTS // (TIMES * 3)))
            if number % 2:
                os.kill(chance.choice(eventually(lambda: children(hub.children["web"].pid))), signal.SIGKILL)
            else:
                hub.kill("web")
                hub.begin("web")
        crowd.all_answered()
    print(f"answers {dict(crowd.answers)}; the watcher was cut off: {before.ended}")
    assert crowd.statuses.total() > crowd.statuses["201"], "nothing was interrupted: the test proves nothing"
    check_books(operation, crowd.planned)
    with Watcher(operation.desk, operation.code, before.last_id, before.board) as after:
        after.until_position(crowd.acknowledged)
        equal(after, operation.totals)


def test_workers_killed_in_the_middle_of_folding_lose_nothing_and_count_nothing_twice(operation, seed) -> None:
    hub, chance = operation.hub, random.Random(seed)
    with Crowd(operation, plan(chance, POSTS)) as crowd:
        for number in range(1, TIMES + 1):
            crowd.until(number * POSTS // (TIMES + 2))
            if number % 2:
                pool = eventually(lambda: children(hub.children["worker"].pid), what="the worker's pool")
                os.kill(chance.choice(pool), signal.SIGKILL)
            else:
                hub.kill("worker")
                hub.begin("worker")
        crowd.all_answered()
    assert crowd.statuses.keys() == {"201"}, crowd.answers
    check_books(operation, crowd.planned)


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_postgresql_started_again_under_load_is_met_by_503_and_nothing_else_and_all_is_well_after(operation, seed, how) -> None:
    hub = operation.hub
    with Crowd(operation, plan(random.Random(seed), POSTS)) as crowd, Watcher(operation.desk, operation.code) as watcher:
        for quarter in (1, 2):
            crowd.until(quarter * POSTS // 4)
            met = crowd.statuses["503"]
            hub.end("postgres") if how == "ended" else hub.kill("postgres")
            eventually(lambda: hub.get("/readyz").status == 503)
            assert hub.get("/healthz").status == 200
            eventually(lambda met=met: crowd.tend() or crowd.statuses["503"] > met, what="someone to meet the database away")
            hub.begin("postgres")
        crowd.all_answered()
        print(f"answers {dict(crowd.answers)}")
        assert crowd.statuses.keys() <= {"201", "503"}, crowd.answers
        check_books(operation, crowd.planned)
        watcher.until_position(crowd.acknowledged)
        equal(watcher, operation.totals)
        assert not watcher.ended
