"""A 2xx is on disk and counts once, while whatever answers it is killed and started again."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import report_body
from tests.desk.watching import Watcher, equal
from tests.faults.clients import Crowd, Planned, check_books, plan
from tests.hubs import LONG, LiveOperation, RealHub, eventually

POSTS = 5_000 if LONG else 500
TIMES = 20 if LONG else 4


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def children(pid: int) -> list[int]:
    """The processes that this one has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


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
        crowd.finish()
    print(f"answers {dict(crowd.answers)}; the watcher was cut off: {before.ended}")
    assert crowd.answers.total() > crowd.answers["201"], "nothing was interrupted: the test proves nothing"
    check_books(operation, crowd.planned)
    with Watcher(operation.desk, operation.code, before.last_id, before.board) as after:
        after.until_position(POSTS)
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
        crowd.finish()
    assert crowd.answers.keys() == {"201"}, crowd.answers
    check_books(operation, crowd.planned)


@pytest.mark.parametrize("how", ["ended", "killed"])
def test_postgresql_started_again_under_load_is_met_by_503_and_nothing_else_and_all_is_well_after(operation, seed, how) -> None:
    hub = operation.hub
    with Crowd(operation, plan(random.Random(seed), POSTS)) as crowd, Watcher(operation.desk, operation.code) as watcher:
        for third in (1, 2):
            crowd.until(third * POSTS // 3)
            hub.end("postgres") if how == "ended" else hub.kill("postgres")
            eventually(lambda: hub.get("/readyz").status == 503)
            assert hub.get("/healthz").status == 200
            hub.begin("postgres")
        crowd.finish()
        print(f"answers {dict(crowd.answers)}")
        assert crowd.answers.keys() <= {"201", "503"}, crowd.answers
        assert crowd.answers["503"], "no one met the database away: the test proves nothing"
        check_books(operation, crowd.planned)
        watcher.until_position(POSTS)
        equal(watcher, operation.totals)
        assert not watcher.ended


FORGETFUL = """
import sys
from sqlalchemy import text
from coordinator.totals import ledger

EMPTYING = "DELETE FROM inbox WHERE id IN (SELECT id FROM first) RETURNING id, report_id"
READING = "SELECT id, report_id FROM inbox WHERE id IN (SELECT id FROM first)"
assert EMPTYING in ledger._TAKE.text
ledger._TAKE = text(ledger._TAKE.text.replace(EMPTYING, READING))
from celery.__main__ import main
sys.argv = ["celery", *sys.argv[1:]]
main()
"""


@pytest.fixture
def forgetful(hub: RealHub) -> Iterator[RealHub]:
    """The hub with a broken worker; what it has left behind is gone at the end."""
    hub.end("worker")
    moment = hub.moment()
    arguments = ["--quiet", "-A", "workers.app", "worker", "--pool", "prefork", "--concurrency", "1", "-Q", "folds,care"]
    hub.run("worker", [sys.executable, "-c", FORGETFUL, *arguments])
    hub.await_worker(moment)
    yield hub
    hub.end("worker")
    hub.query("DELETE FROM inbox WHERE report_id IN (SELECT report_id FROM journal)")


def test_a_worker_that_forgets_to_empty_the_inbox_is_caught(forgetful) -> None:
    """The mutant: without it, nothing shows that the books above could be wrong. The database keeps such a worker from counting
    a report twice, so the figures stay right; but nothing gets through any more, and that is what the books say."""
    operation, planned = forgetful.create_operation(), []

    def post() -> int:
        one = Planned(f"key-{len(planned)}", report_body(lines=[{"measure": "arrests", "quantity": 1}]))
        planned.append(one)
        one.receipts.append(operation.desk.post(operation.reports, one.body, one.key).body)
        return len(planned)

    def forgotten() -> list:
        operation.settled(post())
        return forgetful.query("SELECT i.id FROM inbox i JOIN journal j ON j.report_id = i.report_id")

    eventually(forgotten, what="a fold by the broken worker and not by the web")
    folded = len(planned)
    post()
    with pytest.raises(AssertionError, match="not within"):
        check_books(operation, planned, seconds=5)
    assert operation.totals()["national"]["arrests"]["total"] == folded
