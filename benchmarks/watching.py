"""From the receipt of a report to the watcher who sees it."""

from __future__ import annotations

import asyncio
import re
import time

from benchmarks.client import Connection, report
from benchmarks.figures import Figure, percentile
from benchmarks.hubs import Hub, Night, night


async def measure(on: Hub, posts_a_second: int = 100, watchers: int = 50, seconds: float = 15.0) -> list[Figure]:
    """Posts at a steady rate to one operation and times each from being sent to being seen by every watcher."""
    seen, floor = await _seen(on, posts_a_second, watchers, seconds)
    slower, _ = await _seen(on, 50, 10, seconds)
    name, limit = f"report to watcher, {posts_a_second} posts a second, {watchers} watchers", percentile(floor, 0.5) * 1000
    less = "an answer that does nothing, p50"
    return [
        Figure(f"{name}, p50", percentile(seen, 0.5) * 1000, "ms", limit, 25, limit_is=less),
        Figure(f"{name}, p99", percentile(seen, 0.99) * 1000, "ms", limit, 200, limit_is=less),
        Figure("the same, 50 posts a second, 10 watchers, p50", percentile(slower, 0.5) * 1000, "ms", limit, 50, limit_is=less),
    ]


async def _seen(on: Hub, posts_a_second: int, watchers: int, seconds: float) -> tuple[list[float], list[float]]:
    """Seconds from each report's being sent to its being seen, by each watcher; and of answers that do nothing."""
    running = await night(on, 12)
    sent: dict[int, float] = {}
    seen: list[float] = []
    total = int(posts_a_second * seconds)
    tasks = [asyncio.create_task(_watch(on, running, sent, seen, total)) for _ in range(watchers)]
    await asyncio.sleep(1)
    floor = await _round_trips(on.connection(), 200)
    await _post(running, posts_a_second, total, sent)
    await asyncio.wait_for(asyncio.gather(*tasks), 60)
    return seen, floor


async def _post(running: Night, posts_a_second: int, total: int, sent: dict[int, float]) -> None:
    """Each post on time, whether those before it have been answered or not; the n-th brings the national total to n at most."""
    callers = list(running.liaisons.items())
    locks = {unit: asyncio.Lock() for unit in running.liaisons}
    started = time.perf_counter()

    async def one(number: int) -> None:
        unit, caller = callers[number % len(callers)]
        async with locks[unit]:
            sent[number] = time.perf_counter()
            status, answer = await caller.ask("POST", running.reports, report(unit))
        if status != 201:
            raise RuntimeError(f"a report was answered {status}: {answer[:200]!r}")

    posts = []
    for number in range(total):
        await asyncio.sleep(max(0.0, started + number / posts_a_second - time.perf_counter()))
        posts.append(asyncio.create_task(one(number)))
    await asyncio.gather(*posts)


async def _watch(on: Hub, running: Night, sent: dict[int, float], seen: list[float], total: int) -> None:
    """Reads the stream until the total is reached. When the total shows n, the n-th report sent is taken as seen."""
    caller, shown = on.connection(), 0
    reader, writer = await asyncio.open_connection(caller.host, caller.port)
    writer.write(caller.request("GET", f"/api/v1/operations/{running.code}/stream", b"", None, ""))
    while shown < total:
        line = await reader.readline()
        if line.startswith(b"data: ") and b'"national"' in line:
            figure = shown if (found := _NATIONAL.search(line)) is None else int(found[1])
            now = time.perf_counter()
            seen.extend(now - sent[number] for number in range(shown, figure) if number in sent)
            shown = figure
    writer.close()


_NATIONAL = re.compile(rb'"national":{"arrests":{"total":(\d+)')
"""The figure alone, since fifty watchers that each parse every document would be most of what is measured."""


async def _round_trips(caller: Connection, count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        await caller.ask("GET", "/healthz")
        times.append(time.perf_counter() - started)
    caller.close()
    return times
