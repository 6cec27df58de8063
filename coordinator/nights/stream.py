"""Watching a hub's stream: server-sent events, read until told to stop, taken up again where they broke off."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from coordinator.nights.caller import BROKEN, Caller, connect

SILENCE, REST = 45.0, 1.0
"""Seconds without a byte after which the stream is taken for broken (the hub sends one every 15), and before it is tried anew."""


@dataclass(frozen=True)
class Event:
    """One event: its kind, its content, and its id, the journal position."""

    kind: str
    content: dict[str, Any]
    id: str = ""


def events(lines: Iterator[bytes]) -> Iterator[Event]:
    """The events in the lines of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html); comments are none."""
    fields: dict[str, str] = {}
    for raw in lines:
        line = raw.decode(errors="replace").rstrip("\r\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value
            continue
        if "data" in fields:
            yield Event(fields.get("event", "message"), json.loads(fields["data"]), fields.get("id", ""))
        fields = {}


class Watch:
    """Calls ``heard`` with each event of an operation, from a thread of its own. Use as a context; it ends with it."""

    def __init__(self, caller: Caller, code: str, heard: Callable[[Event], None]) -> None:
        self._caller, self._heard = caller, heard
        self._path = f"{caller.address.path}/api/v1/operations/{code}/stream"
        self._over = threading.Event()
        self._last = ""
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def _watch(self) -> None:
        while not self._over.is_set():
            # Gone, or cut in the middle of an event: both are mended by asking again from the last one.
            with suppress(*BROKEN, ValueError):
                self._read()
            self._over.wait(REST)

    def _read(self) -> None:
        connection = connect(self._caller.address, SILENCE)
        try:
            connection.connect()
            self._socket = connection.sock
            resume = {"Last-Event-ID": self._last} if self._last else {}
            connection.request("GET", self._path, headers=self._caller.headers | resume | {"Accept": "text/event-stream"})
            with connection.getresponse() as answer:
                if answer.status == 200:
                    self._follow(events(iter(answer.readline, b"")))
        finally:
            connection.close()

    def _follow(self, stream: Iterator[Event]) -> None:
        for event in stream:
            if self._over.is_set():
                return
            self._heard(event)
            self._last = event.id or self._last

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wakes the thread where it waits for the next byte, so that it leaves nothing open."""
        self._over.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(REST)
