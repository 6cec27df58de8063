"""A bad line between a watcher and the hub: it passes on so many bytes of the answer and then fails in one of the ways lines do."""

from __future__ import annotations

import itertools
import random
import select
import socket
import threading
from collections.abc import Callable
from typing import Self

from tests.hubs import Address

WAYS = ("cut", "reset", "silent", "half closed", "dripped")
"""An orderly end; an abrupt one; nothing more for ever; nothing more to the hub, whose answers still come; a few bytes at a time."""


class BadLine(Address):
    """Listens on a port of its own for one hub. Use as a context; ``plan`` says of each connection after how many bytes, and how."""

    def __init__(self, hub: Address, plan: Callable[[], tuple[int, str]]) -> None:
        self._hub, self._plan = hub, plan
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.met: list[str] = []
        super().__init__(f"http://127.0.0.1:{self._listener.getsockname()[1]}")

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="bad-line", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for one in self._open:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._hub.port))
            self._open += [near, far]
            threading.Thread(target=self._carry, args=(near, far), name="bad-line", daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """The request whole, then the answer up to where the line fails."""
        left, way = self._plan()
        try:
            far.sendall(near.recv(65536))
            if way == "half closed":
                far.shutdown(socket.SHUT_WR)
            while left > 0 and (some := self._some(near, far, min(left, 7 if way == "dripped" else 65536))):
                near.sendall(some)
                left -= len(some)
            self.met.append(way)
            if way == "silent":
                return
            if way == "reset":
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        except OSError:
            pass
        far.close()
        near.close()

    def _some(self, near: socket.socket, far: socket.socket, most: int) -> bytes:
        """The next bytes of the answer; none where one of the two has gone."""
        ready, _, _ = select.select([near, far], [], [])
        return far.recv(most) if far in ready else b""


def badly(chance: random.Random, most: int) -> Callable[[], tuple[int, str]]:
    """A plan by chance: fails after up to ``most`` bytes, more often early than late, in each way as often as any other but
    silence, which takes the watcher's patience each time."""
    ways = itertools.cycle(chance.sample(["silent"] + [way for way in WAYS if way != "silent"] * 4, 17))
    return lambda: (int(most * chance.random() ** 2), next(ways))
