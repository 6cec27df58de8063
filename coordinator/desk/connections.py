"""Connections of streams: the sockets themselves, taken over from the web server once the request is answered.

Thousands watch for hours and are told something now and then. A thread or greenlet for each would cost more than all that is
said, so none of them has one: whoever has news writes it into every socket, and a socket that does not take it at once gets a
thread for as long as it is behind.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from contextlib import suppress
from functools import lru_cache

LAST = b"0\r\n\r\n"
"""The end of a chunked body (RFC 9112 section 7.1)."""


@lru_cache(maxsize=16)
def _framed(chunk: bytes) -> bytes:
    """A chunk as HTTP/1.1 writes it: made once, however many it goes to."""
    return b"%x\r\n%b\r\n" % (len(chunk), chunk)


class Connection:
    """A socket that is only written to. Chunks arrive whole and in order, or the connection ends; ``chunked`` is how the body is
    written, as its head says."""

    def __init__(self, taken: socket.socket, chunked: bool) -> None:
        self._socket = taken
        self._chunked = chunked
        self._socket.setblocking(False)
        self._behind: deque[bytes] = deque()
        self._ending = False
        self._lock = threading.Lock()
        self.closed = False

    @property
    def behind(self) -> int:
        """How many chunks still wait."""
        return len(self._behind)

    def send(self, chunk: bytes) -> None:
        """Sends what the socket takes at once; the rest follows as it takes it. Nothing is sent after the end."""
        with self._lock:
            self._write(_framed(chunk) if self._chunked else chunk)

    def end(self) -> None:
        """Closes the connection after what waits already."""
        with self._lock:
            if self._chunked:
                self._write(LAST)
            self._ending = True
            if not self._behind:
                self._close()

    def cut(self) -> None:
        """Closes it now, whoever is still writing."""
        with suppress(OSError):  # it has gone by itself
            self._socket.shutdown(socket.SHUT_RDWR)

    def _write(self, chunk: bytes) -> None:
        if self._ending:
            return
        if self._behind:
            self._behind.append(chunk)
            return
        rest = self._try(chunk)
        if rest:
            self._behind.append(rest)
            threading.Thread(target=self._catch_up, name="behind", daemon=True).start()

    def _try(self, chunk: bytes) -> bytes:
        """What is left of it."""
        try:
            return chunk[self._socket.send(chunk) :]
        except BlockingIOError:
            return chunk
        except OSError:  # whoever watched has gone
            self._close()
            return b""

    def _catch_up(self) -> None:
        """Sends what waits, for as long as it takes."""
        self._socket.setblocking(True)
        while True:
            try:
                self._socket.sendall(self._behind[0])
            except OSError:
                self._close()
                return
            with self._lock:
                self._behind.popleft()
                if not self._behind:
                    self._socket.setblocking(False)
                    if self._ending:
                        self._close()
                    return

    def _close(self) -> None:
        self.closed = self._ending = True
        self._behind.clear()
        self._socket.close()
