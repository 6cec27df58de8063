"""Many callers at once, each with one report under way at a time: what a load generator costs itself is kept as small as it can be.

A protocol for each connection instead of a pair of streams, requests as bytes, no parsing but of the status and the length.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.client import Connection, report


@dataclass
class Load:
    """What many callers were answered: seconds of each answer, and the first that was not the one expected."""

    ends: float
    times: list[float] = field(default_factory=list)
    bad: bytes = b""


class _Caller(asyncio.Protocol):
    """Sends what ``make()`` gives, waits for the whole answer, and sends the next, until the load's time is over."""

    def __init__(self, make: Callable[[], bytes], load: Load, over: asyncio.Future[None]) -> None:
        self._make, self._load, self._over, self._answer = make, load, over, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(b"\r\n\r\n")
        if head < 0 or len(self._answer) < head + 4 + _length(self._answer[:head]):
            return
        self._load.times.append(time.perf_counter() - self._sent)
        if self._answer[9:12] != b"201":
            self._load.bad = self._load.bad or self._answer
        self._answer = b""
        self._send()

    def connection_lost(self, _problem: Exception | None) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        if self._sent > self._load.ends:
            self._transport.close()
        else:
            self._transport.write(self._make())


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    return int(head[place + 15 :].split(b"\r", 1)[0])


async def post_for(seconds: float, path: str, callers: Sequence[tuple[str, Connection]], count: int) -> Load:
    """Posts single-line reports from ``count`` connections at once for so many seconds. ``callers``: unit and connection."""
    load, loop = Load(time.perf_counter() + seconds), asyncio.get_running_loop()
    over = [loop.create_future() for _ in range(count)]
    for number, future in enumerate(over):
        unit, caller = callers[number % len(callers)]
        await loop.create_connection(partial(_Caller, _maker(path, unit, caller), load, future), caller.host, caller.port)
    await asyncio.gather(*over)
    if load.bad:
        raise RuntimeError(f"a report was answered {load.bad[:300]!r}")
    return load


def _maker(path: str, unit: str, caller: Connection) -> Callable[[], bytes]:
    """Makes one request after another; all but the key and the time is written once."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {caller.host}", f"Authorization: Bearer {caller.token}", "Content-Type: application/json", ""]
    head = "\r\n".join(lines).encode()

    def make() -> bytes:
        body = report(unit)
        return b"%bIdempotency-Key: %b\r\nContent-Length: %d\r\n\r\n%b" % (head, uuid.uuid4().hex.encode(), len(body), body)

    return make
