"""A small HTTP client that costs little: the load generator shares the machine with what it measures.

One connection, requests written out as bytes, one at a time; asyncio runs many of them side by side.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

IDLE = 60.0
"""Seconds after which a connection is not used again: the hub ends one that is silent for 75."""


@dataclass
class Connection:
    """A keep-alive connection of one caller."""

    host: str
    port: int
    token: str
    _used: float = 0.0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, repr=False)

    async def ask(
        self, method: str, path: str, body: bytes = b"", key: str | None = None, media: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body of one request, on a new connection where the hub has closed an idle one."""
        if time.monotonic() - self._used > IDLE:
            self.close()
        reader, writer = self._streams or await self._connect()
        writer.write(self.request(method, path, body, key, media))
        answer = await _answer(reader)
        self._used = time.monotonic()
        return answer

    def request(self, method: str, path: str, body: bytes, key: str | None, media: str) -> bytes:
        """The request's bytes."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Authorization: Bearer {self.token}"]
        if body:
            lines += [f"Content-Type: {media}", f"Content-Length: {len(body)}", f"Idempotency-Key: {key or uuid.uuid4().hex}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def close(self) -> None:
        """Ends the connection; the next question opens another."""
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection(self.host, self.port)
        return self._streams


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    place = head.find(b"content-length:")
    length = int(head[place + 15 : head.index(b"\r", place)]) if place >= 0 else 0
    return status, await reader.readexactly(length)


def report(unit: str, quantity: int = 1, observed_at: datetime | None = None, **members: Any) -> bytes:
    """A single-line report as sent."""
    moment = (observed_at or datetime.now(UTC)).isoformat()
    body = {"unit": unit, "basis": "increment", "observed_at": moment, "lines": [{"measure": "arrests", "quantity": quantity}]}
    return json.dumps(body | members).encode()
