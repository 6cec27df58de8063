"""A wire between clients and a hub that can be cut, stalled, or made to drip: one thread, plain TCP, loopback alone."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Coroutine
from typing import Any, Self
from urllib.parse import urlsplit

PIECE = 64 * 1024
DROP_SECONDS = 0.01
"""Between two bytes while it drips."""
LONGEST_TO_CONNECT = 15.0


class Proxy:
    """Listens on a free port and passes on to ``url``. Use as a context."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._behind = (str(parts.hostname), int(parts.port or 80))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts = 0
        self._dripping_until = self._stalled_until = 0.0
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._serve())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> int:
        """Breaks every connection off where it stands, with a reset; answers how many ends there were."""
        return int(self._run(self._cut()))

    def drip(self, seconds: float) -> None:
        """For so long bytes pass one at a time."""
        self._dripping_until = time.monotonic() + seconds

    def stall(self, seconds: float) -> None:
        """For so long nothing passes, and nobody is told."""
        self._stalled_until = time.monotonic() + seconds

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST_TO_CONNECT)

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(self._connected, sock=self._listener)

    async def _close(self) -> None:
        self._server.close()
        await self._cut()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def _cut(self) -> int:
        cut, self._writers = self._writers, set()
        for writer in cut:
            wire = writer.get_extra_info("socket")
            if wire is not None and wire.fileno() >= 0:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        self.cuts += len(cut)
        return len(cut)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            behind_reader, behind = await asyncio.wait_for(asyncio.open_connection(*self._behind), LONGEST_TO_CONNECT)
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(behind)
        try:
            await asyncio.gather(self._pass(reader, behind), self._pass(behind_reader, writer))
        except (OSError, asyncio.CancelledError):
            pass  # one end is gone, so the other goes too; or all of it is over
        finally:
            for end in (writer, behind):
                end.close()
                self._writers.discard(end)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(PIECE):
            await asyncio.sleep(max(0.0, self._stalled_until - time.monotonic()))
            await self._write(piece, writer)
        if writer.can_write_eof():
            writer.write_eof()

    async def _write(self, piece: bytes, writer: asyncio.StreamWriter) -> None:
        at = 0
        while at < len(piece) and time.monotonic() < self._dripping_until:
            writer.write(piece[at : at + 1])
            at += 1
            await asyncio.sleep(DROP_SECONDS)
        writer.write(piece[at:])
        await writer.drain()
