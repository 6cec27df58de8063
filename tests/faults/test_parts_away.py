"""One part after the other is stopped, frozen, killed or flushed: reports are taken all the while, and the board follows."""

from __future__ import annotations

import json
import os
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import report_body
from tests.desk.watching import Watcher, equal
from tests.hubs import LiveOperation, RealHub, eventually

BEHIND = 5.0
"""Seconds the board may be behind what was acknowledged, whatever else is dead."""

NEARLY_AT_ONCE = 1.0
"""Seconds that only a worker's fold can keep: without one, a report waits two before anyone else takes it."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def freeze_between_folds(hub: RealHub) -> None:
    """Stops the workers where they hold nothing. (In the middle of a fold they hold its lock, for as long as PostgreSQL lets
    a silent transaction stand.)"""

    def stopped() -> bool:
        eventually(lambda: not _in_transaction(hub))
        hub.freeze("worker")
        if not _in_transaction(hub):
            return True
        hub.thaw("worker")
        return False

    eventually(stopped)


def _in_transaction(hub: RealHub) -> bool:
    return bool(hub.query("SELECT 1 FROM pg_locks WHERE relation = 'heads'::regclass AND mode = 'RowShareLock'"))


Fault = Callable[[RealHub], Any]
FAULTS: dict[str, Fault] = {
    "the worker frozen": lambda hub: freeze_between_folds(hub),
    "the worker ended": lambda hub: hub.end("worker"),
    "Redis killed": lambda hub: hub.kill("redis"),
    "Redis frozen": lambda hub: hub.freeze("redis"),
    "beat killed": lambda hub: hub.kill("beat"),
    "worker, beat and Redis killed": lambda hub: [hub.kill(name) for name in ("worker", "beat", "redis")],
}


def follows(operation: LiveOperation, watcher: Watcher, count: int) -> float:
    """Posts one report; returns how many seconds after its acknowledgement both board and stream had it."""
    answer = operation.desk.post(operation.reports, report_body())
    acknowledged = time.monotonic()
    assert answer.status == 201, answer.body
    operation.settled(count, BEHIND)
    watcher.until_position(count, max(0.1, acknowledged + BEHIND - time.monotonic()))
    return time.monotonic() - acknowledged


def until_workers_fold(operation: LiveOperation, watcher: Watcher, count: int) -> int:
    """Posts until a report is folded faster than any but a worker would; returns the position reached."""
    deadline = time.monotonic() + 60
    while follows(operation, watcher, count) > NEARLY_AT_ONCE:
        assert time.monotonic() < deadline, "no worker folds"
        count += 1
    return count


@pytest.mark.parametrize("what", FAULTS)
def test_reports_are_taken_and_the_board_follows_within_five_seconds_without(operation, what) -> None:
    hub = operation.hub
    with Watcher(operation.desk, operation.code) as watcher:
        count = until_workers_fold(operation, watcher, 1)
        FAULTS[what](hub)
        behind = []
        for _ in range(2):
            count += 1
            behind.append(follows(operation, watcher, count))
        burst = [operation.desk.post(operation.reports, report_body()).status for _ in range(30)]
        assert burst == [201] * 30
        operation.settled(count + 30, BEHIND)
        print(f"without ({what}): {max(behind):.2f} s behind at most")
        hub.mend()
        count = until_workers_fold(operation, watcher, count + 31)
        assert operation.totals()["national"]["arrests"]["total"] == 3 * count
        equal(watcher, operation.totals)
    assert operation.recounted().holds


def test_a_backlog_that_no_worker_folds_is_on_the_board_within_five_seconds_too(operation) -> None:
    freeze_between_folds(operation.hub)
    lines = [json.dumps(report_body() | {"idempotency_key": f"key-{number}"}) for number in range(2_000)]
    sent = operation.desk.call("POST", f"{operation.reports}/batch", "\n".join(lines).encode(), {"Content-Type": "application/x-ndjson"})
    assert sent.status == 207
    assert operation.settled(2_000, BEHIND)["national"]["arrests"]["total"] == 6_000


@pytest.mark.parametrize("worker", ["with", "without"])
def test_an_operation_that_can_not_be_folded_keeps_no_other_from_being(hub, worker) -> None:
    """A report that stands in the journal already and in the inbox again: no fold of that operation can succeed."""
    jammed, others = hub.create_operation(), [hub.create_operation() for _ in range(3)]
    assert jammed.desk.post(jammed.reports, report_body()).status == 201
    jammed.settled(1)
    if worker == "without":
        freeze_between_folds(hub)
    id = hub.query("SELECT id FROM operations WHERE code = %s", jammed.code)[0][0]
    again = "SELECT operation_id, report_id, folded_at FROM journal WHERE operation_id = %s"
    hub.query(f"INSERT INTO inbox (operation_id, report_id, received_at) {again}", id)
    try:
        for count in (1, 2):
            hub.kill("redis") if worker == "with" and count == 2 else None
            for operation in others:
                assert operation.desk.post(operation.reports, report_body()).status == 201
            for operation in others:
                operation.settled(count, BEHIND)
        assert jammed.totals()["national"]["arrests"]["total"] == 3
    finally:
        hub.query("DELETE FROM inbox WHERE operation_id = %s", id)


def test_a_frozen_redis_slows_no_request(operation) -> None:
    """The slowest of a hundred before and during, in the same run: a request that waited for Redis would take seconds."""
    posts, reads = _slowest(operation), _slowest(operation)
    operation.hub.freeze("redis")
    posts_then, reads_then = _slowest(operation), _slowest(operation)
    print(f"the slowest before {max(posts, reads) * 1000:.0f} ms, while Redis is frozen {max(posts_then, reads_then) * 1000:.0f} ms")
    assert max(posts_then, reads_then) < 3 * max(posts, reads) + 0.25


def _slowest(operation: LiveOperation, count: int = 100) -> float:
    """The 99th percentile of posting and reading in turn, in seconds."""
    seconds = []
    for number in range(count):
        began = time.perf_counter()
        answer = (
            operation.desk.get(f"/operations/{operation.code}/totals")
            if number % 2
            else operation.desk.post(operation.reports, report_body())
        )
        seconds.append(time.perf_counter() - began)
        assert answer.status in (200, 201), answer.body
    return statistics.quantiles(seconds, n=100)[-1]


def test_a_frozen_web_process_keeps_new_callers_from_nothing(operation) -> None:
    """Who is connected to it waits; all others are answered by the one that runs, workers fold, and streams roll."""
    hub = operation.hub
    frozen = int(Path(f"/proc/{hub.children['web'].pid}/task/{hub.children['web'].pid}/children").read_text().split()[0])
    os.kill(frozen, signal.SIGSTOP)
    try:
        hub.hang_up()
        with Watcher(operation.desk, operation.code) as watcher:
            for count in range(1, 11):
                operation.desk.close()
                assert follows(operation, watcher, count) < BEHIND
            equal(watcher, operation.totals)
    finally:
        os.kill(frozen, signal.SIGCONT)
