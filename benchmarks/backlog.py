"""A backlog: many reports wait because no worker was there; then one comes back."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import uuid

import psycopg

from benchmarks.client import report
from benchmarks.figures import Figure
from benchmarks.hubs import Hub, Night, night, position

BATCH = 10_000


async def measure(on: Hub, reports: int = 100_000) -> list[Figure]:
    """Freezes the worker, posts batches, lets it go on, and times it until the last report is in the journal.

    The hub must have been started with stale_seconds so long that nobody folds in the worker's place.
    """
    running = await night(on, 50)
    on.signal("worker", signal.SIGSTOP)
    try:
        posting = await _post(running, reports)
    finally:
        on.signal("worker", signal.SIGCONT)
    started = time.perf_counter()
    while await position(on, running.code) < reports:
        await asyncio.sleep(0.1)
    folding = time.perf_counter() - started
    inserting = _insert(on, reports)
    return [
        Figure(f"{reports:,} waiting reports folded", folding, "s", inserting, 30, limit_is="the same rows inserted once by one statement"),
        Figure("reports posted in batches", reports / posting, "reports/s", reports / inserting, at_least=True, limit_is="the same"),
    ]


async def _post(running: Night, reports: int) -> float:
    """Posts NDJSON batches one after another; answers the seconds it took."""
    callers = list(running.liaisons.items())
    started = time.perf_counter()
    for first in range(0, reports, BATCH):
        unit, caller = callers[first // BATCH % len(callers)]
        lines = (_line(unit) for _ in range(min(BATCH, reports - first)))
        status, answer = await caller.ask("POST", f"{running.reports}/batch", b"\n".join(lines), media="application/x-ndjson")
        if status != 207 or b'"status":4' in answer:
            raise RuntimeError(f"a batch was answered {status}: {answer[:300]!r}")
    return time.perf_counter() - started


def _line(unit: str) -> bytes:
    return json.dumps(json.loads(report(unit)) | {"idempotency_key": uuid.uuid4().hex}).encode()


def _insert(on: Hub, rows: int) -> float:
    """Seconds in which the same database takes as many rows as a fold writes entries, from one statement."""
    with psycopg.connect(on.note["settings"]["TALLYROOM_OWNER_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE scratch (LIKE entries INCLUDING ALL)")
        started = time.perf_counter()
        connection.execute(
            "INSERT INTO scratch (operation_id, position, number, unit_id, category_id, standing, observed_at, received_at, quantity, by_desk,"
            " credit) SELECT 1, n, 0, mod(n, 50), 1, false, now(), now(), 1, false, false FROM generate_series(1, %s) AS n",
            (rows,),
        )
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE scratch")
    return seconds
