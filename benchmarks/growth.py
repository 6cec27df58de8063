"""What grows with the journal, and what must not: the same measured at 10,000 entries and at 1,000,000.

Reports are made by the database, as the record has them, and folded by the hub's own worker. What is measured is then asked as
callers ask, over HTTP, or done as a worker does it.
"""

from __future__ import annotations

import asyncio
import random
import resource
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg

from benchmarks.client import report
from benchmarks.figures import Figure, percentile
from benchmarks.hubs import Hub, Night, night, settled
from coordinator import db
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.totals import fold, recount

FEW, MANY = 10_000, 1_000_000
ALIKE = 1.2
"""How much longer something may take with a hundred times as many entries."""

UNITS = 200

_MAKE = """
WITH o AS (SELECT id FROM operations WHERE code = %(code)s),
u AS (SELECT array_agg(id ORDER BY id) AS ids FROM units WHERE operation_id = (SELECT id FROM o) AND kind = 'jurisdiction'),
made AS (
    INSERT INTO reports (id, operation_id, unit_id, kind, author_id, channel, idempotency_key, asked, basis, observed_at, received_at,
                         nil, digest)
    SELECT gen_random_uuid(), o.id, u.ids[1 + n %% cardinality(u.ids)], 'report',
           (SELECT id FROM tokens WHERE operation_id = o.id LIMIT 1), 'api', gen_random_uuid()::text, sha256('x'),
           CASE WHEN n %% 20 = 0 THEN 'to_date' ELSE 'increment' END, now() - interval '12 hours' + n * interval '12 hours' / %(all)s,
           now(), false, sha256(n::text::bytea)
    FROM o, u, generate_series(%(first)s + 1, %(last)s) AS n
    RETURNING id, operation_id, received_at
), said AS (
    INSERT INTO lines (report_id, number, operation_id, category_id, quantity)
    SELECT id, 0, operation_id, (SELECT min(id) FROM categories WHERE operation_id = made.operation_id), 1 FROM made
) INSERT INTO inbox (operation_id, report_id, received_at) SELECT operation_id, id, clock_timestamp() + interval '1 hour' FROM made
"""
"""They have not waited long, so that nobody folds them in the worker's place; one report over HTTP then asks it to."""


async def measure(on: Hub) -> list[Figure]:
    """Both sizes in one hub and one operation."""
    running = await night(on, UNITS)
    db.connect(on.note["settings"]["TALLYROOM_DATABASE_URL"])
    await _grow(on, running, 0, FEW)
    few = await _measured(on, running)
    folding = await _grow(on, running, FEW, MANY)
    many = await _measured(on, running)
    figures = [Figure(f"{name}, {MANY:,} entries", many[name], "ms", few[name], few[name] * ALIKE, limit_is=f"{FEW:,}") for name in few]
    figures.append(Figure("fold of a backlog", (MANY - FEW) / folding, "reports/s", target=10_000, at_least=True))
    figures += await _moments(on, running)
    return figures + await asyncio.to_thread(_recounted, running.code)


async def _grow(on: Hub, running: Night, first: int, last: int) -> float:
    """Adds reports until the journal has ``last`` entries; answers the seconds in which they were folded."""
    await asyncio.to_thread(_ask, on, _MAKE, {"code": running.code, "first": first, "last": last, "all": MANY})
    unit, caller = next(iter(running.liaisons.items()))
    started = time.perf_counter()
    await caller.ask("POST", running.reports, report(unit))
    await asyncio.to_thread(settled, on, 600)
    folding = time.perf_counter() - started
    await asyncio.to_thread(_ask, on, "VACUUM ANALYZE", None)  # as autovacuum would have, by and by
    return folding


def _ask(on: Hub, statement: str, parameters: dict[str, Any] | None) -> None:
    with psycopg.connect(on.note["settings"]["TALLYROOM_OWNER_URL"], autocommit=True) as connection:
        connection.execute(statement, parameters)


async def _measured(on: Hub, running: Night) -> dict[str, float]:
    """Milliseconds, at the middle, of what must not grow."""
    unit, caller = next(iter(running.liaisons.items()))
    admin = on.connection()
    posts = await _timed(lambda: caller.ask("POST", running.reports, report(unit)), 200)
    await asyncio.to_thread(settled, on)
    totals = await _timed(lambda: admin.ask("GET", f"/api/v1/operations/{running.code}/totals"), 50)
    snapshots = await _timed(lambda: _snapshot(on, running.code), 50)
    folds = await asyncio.to_thread(_folds, running.code)
    return {"a post": posts, "the fold of one": folds, "totals": totals, "a stream's snapshot": snapshots}


async def _timed(ask: Callable[[], Awaitable[object]], times: int) -> float:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        await ask()
        found.append(time.perf_counter() - started)
    return percentile(found, 0.5) * 1000


async def _snapshot(on: Hub, code: str) -> None:
    """Opens a stream, reads its snapshot, and leaves."""
    caller = on.connection()
    reader, writer = await asyncio.open_connection(caller.host, caller.port)
    writer.write(caller.request("GET", f"/api/v1/operations/{code}/stream", b"", None, ""))
    while not (await reader.readline()).startswith(b"data: "):
        pass
    writer.close()


def _folds(code: str) -> float:
    """Milliseconds of a fold of one report, at the middle, each begun before the worker hears of it."""
    found = []
    with transaction():
        operation_id = operations.find(code).id
    for _ in range(100):
        with transaction() as session:
            connection: Any = session.connection().connection.driver_connection
            _put(connection, code)
            started = time.perf_counter()
            fold.fold(operation_id)
            found.append(time.perf_counter() - started)
    return percentile(found, 0.5) * 1000


def _put(connection: psycopg.Connection, code: str) -> None:
    """One more report in the inbox, within the transaction that folds it."""
    connection.execute(_MAKE, {"code": code, "first": MANY, "last": MANY + 1, "all": MANY})


async def _moments(on: Hub, running: Night) -> list[Figure]:
    """The slowest of ten moments anywhere: of the night, of the journal, of both."""
    admin, chance, slowest = on.connection(), random.Random(4), dict.fromkeys(("as_of", "at", "as_of and at"), 0.0)
    for _ in range(10):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - chance.random() * 12 * 3600))
        place = chance.randrange(1, MANY)
        for name, query in {"as_of": f"as_of={moment}", "at": f"at={place}", "as_of and at": f"as_of={moment}&at={place}"}.items():
            started = time.perf_counter()
            status, answer = await admin.ask("GET", f"/api/v1/operations/{running.code}/totals?{query}")
            if status != 200:
                raise RuntimeError(f"{query} was answered {status}: {answer[:300]!r}")
            slowest[name] = max(slowest[name], time.perf_counter() - started)
    return [Figure(f"{name} anywhere in {MANY:,} entries, slowest of 10", seconds, "s", target=1) for name, seconds in slowest.items()]


def _recounted(code: str) -> list[Figure]:
    """The whole record counted again and compared, and what that adds to the process that does it."""
    with transaction():
        operation_id = operations.find(code).id
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with transaction(snapshot=True):
        found = recount.compare(operation_id)
    seconds = time.perf_counter() - started
    if not found.holds:
        raise RuntimeError(f"the recount differs: {found.differences[:3]}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return [
        Figure(f"recount of {MANY:,} entries", seconds, "s", target=20),
        Figure("what the recount adds to its process", grown, "MB", target=100),
    ]
