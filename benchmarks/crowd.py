"""A crowd of watchers: how many one machine holds, what each costs, and how soon a change reaches them all."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks.client import report
from benchmarks.figures import Figure, percentile
from benchmarks.hubs import Hub, night
from benchmarks.memory import held

WATCHERS, CHANGES = 2_000, 20


@dataclass
class _Crowd:
    """How many have seen the change that is under way, and when the last of them did."""

    seen: int = 0
    last: float = 0.0


class _Watcher(asyncio.Protocol):
    """Counts itself in for each change; nothing is parsed, since 2,000 parsers would be what is measured."""

    def __init__(self, crowd: _Crowd, request: bytes, opened: asyncio.Future[None]) -> None:
        self._crowd, self._request, self._opened = crowd, request, opened

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if b"event: totals" in data:
            self._crowd.seen += 1
            self._crowd.last = time.perf_counter()
        if b"event: snapshot" in data and not self._opened.done():
            self._opened.set_result(None)


async def measure(on: Hub) -> list[Figure]:
    """Opens all streams, then posts one report after another, each once all have seen the one before."""
    running, crowd = await night(on, 12), _Crowd()
    await _leave(await _open(on, running.code, crowd, 200))  # what is made once is made
    before = held(on, "web")
    watchers = await _open(on, running.code, crowd, WATCHERS)
    each = (held(on, "web") - before) / WATCHERS
    times = []
    unit, caller = next(iter(running.liaisons.items()))
    for _ in range(CHANGES):
        crowd.seen, sent = 0, time.perf_counter()
        await caller.ask("POST", running.reports, report(unit))
        while crowd.seen < WATCHERS and time.perf_counter() < sent + 10:
            await asyncio.sleep(0.005)
        times.append(crowd.last - sent if crowd.seen >= WATCHERS else 10.0)
        await asyncio.sleep(0.5)
    await _leave(watchers)
    few = percentile(times, 0.5) * 1000
    return [
        Figure(f"a change reaches all of {WATCHERS:,} watchers, p99", percentile(times, 0.99) * 1000, "ms", few, 500, limit_is="its p50"),
        Figure("memory of a watcher", each / 1024, "KB", target=20),
    ]


async def _leave(watchers: list[_Watcher]) -> None:
    """All close, and the hub has time to notice."""
    for watcher in watchers:
        watcher.transport.close()
    await asyncio.sleep(2)


async def _open(on: Hub, code: str, crowd: _Crowd, count: int) -> list[_Watcher]:
    """All streams, a hundred at a time, each once its snapshot has come."""
    caller, loop, watchers = on.connection(), asyncio.get_running_loop(), []
    request = caller.request("GET", f"/api/v1/operations/{code}/stream", b"", None, "")
    for _ in range(count // 100):
        opened = [loop.create_future() for _ in range(100)]
        for future in opened:
            make = lambda future=future: _Watcher(crowd, request, future)  # noqa: E731  # asyncio asks for a factory
            watchers.append((await loop.create_connection(make, caller.host, caller.port))[1])
        await asyncio.wait_for(asyncio.gather(*opened), 60)
    return watchers
