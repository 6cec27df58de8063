"""Posting: how many reports a second are durable, how long one takes, and what the same machine gives without us."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from benchmarks.callers import post_for
from benchmarks.client import Connection, report
from benchmarks.figures import Figure, percentile
from benchmarks.hubs import Hub, Night, night, settled
from coordinator.hosting.postgres_programs import binaries

CALLERS, SECONDS = 200, 8.0


async def measure(on: Hub) -> list[Figure]:
    """Throughput beside its two limits, the time of one report at a steady rate, and batches."""
    running = await night(on, 50)
    callers = list(running.liaisons.items())
    await post_for(1, running.reports, callers, CALLERS)  # what is made once is made
    posted = len((await post_for(SECONDS, running.reports, callers, CALLERS)).times) / SECONDS
    async with _hollow(on) as port:
        elsewhere = [(unit, dataclasses.replace(caller, port=port)) for unit, caller in callers]
        await post_for(1, running.reports, elsewhere, CALLERS)
        hollow = len((await post_for(SECONDS, running.reports, elsewhere, CALLERS)).times) / SECONDS
    inserted = await asyncio.to_thread(_pgbench, on, running.code)
    await asyncio.to_thread(settled, on)
    steady, batched = await _steady(running, 100, 10.0), await _batched(running)
    middle, late = (percentile(steady, part) * 1000 for part in (0.5, 0.99))
    name, same = f"single-line reports, {CALLERS} callers at once", "the same, validated and not stored"
    return [
        Figure(name, posted, "reports/s", hollow, 1800, at_least=True, limit_is=same),
        Figure("the same as a part of its limit", posted / hollow, "", target=0.5, at_least=True),
        Figure("the same beside the database alone", posted, "reports/s", inserted, at_least=True, limit_is="single inserts by pgbench"),
        Figure("a report, 100 a second, p99", late, "ms", middle, 50, limit_is="its p50"),
        Figure("batches of 1,000", batched, "reports/s", inserted, 6000, at_least=True, limit_is="single inserts by pgbench"),
    ]


@asynccontextmanager
async def _hollow(on: Hub) -> AsyncIterator[int]:
    """A web server of the same settings that stores nothing; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = dict(
        line.split("=", 1) for line in Path(f"/proc/{on.note['pids']['web']}/environ").read_text().split("\0") if "=" in line
    )
    environment |= {"TALLYROOM_BIND": f"127.0.0.1:{port}", "PROMETHEUS_MULTIPROC_DIR": ""}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:config.server", "benchmarks.hollow:app()"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await _answering(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


async def _answering(port: int, seconds: float = 30.0) -> None:
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        try:
            await Connection("127.0.0.1", port, "").ask("GET", "/healthz")
            return
        except OSError:
            await asyncio.sleep(0.05)
    raise RuntimeError("the web server that stores nothing did not start")


_ONE = """
WITH stored AS (
    INSERT INTO reports (id, operation_id, unit_id, kind, author_id, channel, idempotency_key, asked, basis, observed_at, received_at,
                         nil, digest)
    SELECT gen_random_uuid(), {operation}, {unit}, 'report', '{author}', 'api', gen_random_uuid()::text, sha256('x'), 'increment',
           now(), now(), false, sha256('y')
    RETURNING id, operation_id
), line AS (
    INSERT INTO lines (report_id, number, operation_id, category_id, quantity) SELECT id, 0, operation_id, {category}, 1 FROM stored
) INSERT INTO inbox (operation_id, report_id, received_at) SELECT operation_id, id, now() FROM stored;
"""


def _pgbench(on: Hub, code: str, seconds: int = 6) -> float:
    """Rows of the same kind inserted by the database's own load generator, one statement and one commit for each, a second."""
    url = on.note["settings"]["TALLYROOM_OWNER_URL"]
    with psycopg.connect(url) as connection:
        operation, unit, category, author = (
            connection.execute(
                "SELECT o.id, (SELECT min(id) FROM units WHERE operation_id = o.id AND code = 'U0'),"
                " (SELECT min(id) FROM categories WHERE operation_id = o.id),"
                " (SELECT id FROM tokens WHERE operation_id = o.id LIMIT 1) FROM operations o WHERE code = %s",
                (code,),
            ).fetchone()
            or (None,) * 4
        )
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_ONE.format(operation=operation, unit=unit, category=category, author=author).replace("\n", " "))
        script.flush()
        arguments = ["-n", "-c", "16", "-j", "1", "-T", str(seconds), "-M", "prepared", "-f", script.name, url]
        said = subprocess.run([binaries() / "pgbench", *arguments], capture_output=True, text=True, check=True).stdout
    return float(next(line for line in said.splitlines() if line.startswith("tps")).split()[2])


async def _steady(running: Night, posts_a_second: int, seconds: float) -> list[float]:
    """Seconds of each report, posted on time whether those before it have been answered or not."""
    callers, times = list(running.liaisons.items()), []
    locks = {unit: asyncio.Lock() for unit in running.liaisons}
    started = time.perf_counter()

    async def one(unit: str, caller: Connection) -> None:
        async with locks[unit]:
            sent = time.perf_counter()
            await caller.ask("POST", running.reports, report(unit))
            times.append(time.perf_counter() - sent)

    posts = []
    for number in range(int(posts_a_second * seconds)):
        await asyncio.sleep(max(0.0, started + number / posts_a_second - time.perf_counter()))
        posts.append(asyncio.create_task(one(*callers[number % len(callers)])))
    await asyncio.gather(*posts)
    return times


async def _batched(running: Night, batches: int = 30, size: int = 1_000) -> float:
    """Reports a second in batches, two under way at a time: one for each web process."""
    waiting = iter(range(batches))

    async def post(unit: str, caller: Connection) -> None:
        for _ in waiting:
            body = b"\n".join(json.dumps(json.loads(report(unit)) | {"idempotency_key": uuid.uuid4().hex}).encode() for _ in range(size))
            status, answer = await caller.ask("POST", f"{running.reports}/batch", body, media="application/x-ndjson")
            if status != 207 or answer.count(b'"status":201') != size:
                raise RuntimeError(f"a batch was answered {status}: {answer[:300]!r}")

    started = time.perf_counter()
    await asyncio.gather(*(post(*one) for one in list(running.liaisons.items())[:2]))
    return batches * size / (time.perf_counter() - started)
