"""Someone who watches a stream: reads it as it comes, keeps every event and comment, and brings a board up to date by them.

Written from the contract alone, as a page would be, and not from the code that sends.
"""

from __future__ import annotations

import copy
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Self

from tests.hubs import BROKEN, SOON, Api, eventually

WINDOWS = ("last_15_minutes", "last_60_minutes")
APART = ("generated_at", "as_of", "at")


class Seen(NamedTuple):
    """One event: its id as it came, its name, its content, and when it came (monotonic seconds)."""

    id: str
    name: str
    content: dict[str, Any]
    at: float


class Board:
    """The totals document, brought up to date by events."""

    def __init__(self, document: dict[str, Any] | None = None) -> None:
        self.document = copy.deepcopy(document or {})

    def take(self, name: str, content: dict[str, Any]) -> None:
        """Takes an event in; a kind it does not know changes nothing."""
        if name == "snapshot":
            self.document = copy.deepcopy(content)
        elif name == "totals":
            self._merge(copy.deepcopy(content))
        elif name in ("status", "phase"):
            self.document |= {member: value for member, value in content.items() if member != "position"}

    def _merge(self, content: dict[str, Any]) -> None:
        self.document["national"] |= content.pop("national")
        units = {unit["code"]: unit for unit in self.document["units"]}
        for changed in content.pop("units"):
            unit = units.get(changed["code"])
            if unit is None:  # shown from its first entry on
                self.document["units"].append(changed)
                continue
            unit["measures"] |= changed.pop("measures")
            unit.update(changed)
        self.document |= content


def comparable(document: dict[str, Any]) -> dict[str, Any]:
    """A totals document without what changes by the clock alone.

    A measure of which a unit has nothing left may stand in it as nothing or be absent: both say the same.
    """
    compared = {name: value for name, value in copy.deepcopy(document).items() if name not in APART}
    for measure in compared["national"].values():
        for window in WINDOWS:
            measure.pop(window)
    for unit in compared["units"]:
        unit["measures"] = {code: figures for code, figures in unit["measures"].items() if not _nothing(figures)}
    return compared


def equal(watcher: Watcher, totals: Callable[[], dict[str, Any]], seconds: float = 5.0) -> None:
    """Waits until the watcher's board equals the totals; fails with where they differ."""

    def same() -> bool:
        return comparable(watcher.board.document) == comparable(totals())

    eventually(same, seconds, lambda: list(differences(comparable(watcher.board.document), comparable(totals()))))


def differences(left: Any, right: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two documents differ."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in sorted(left.keys() | right.keys()):
            yield from differences(left.get(name), right.get(name), f"{at}/{name}")
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from differences(one, other, f"{at}/{number}")
    elif left != right:
        yield at, left, right


def _nothing(figures: dict[str, Any]) -> bool:
    return not (figures["categories"] or figures["unquantified"] or float(figures["assisted"]))


NEWS = ("bulletin", "happening")
"""Events that are not of figures: kept apart in ``news``."""


class Watcher:
    """Watches from a thread of its own. Use as a context; inside it is connected and has been answered 200."""

    def __init__(self, caller: Api, code: str, last_event_id: str | None = None, board: Board | None = None) -> None:
        self.seen: list[Seen] = []
        self.news: list[Seen] = []
        self.comments: list[tuple[float, str]] = []
        self.board = board or Board()
        self.ended = False
        self.problem: Exception | None = None
        self.started = time.monotonic()
        self._news = threading.Condition()
        self._resume = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
        self._path, self._token = f"/api/v1/operations/{code}/stream", caller.token
        self._connection = caller.hub.connection()
        self._thread = threading.Thread(target=self._watch, name="watcher", daemon=True)

    def of(self, name: str) -> list[Seen]:
        """The events of this name so far."""
        return [one for one in (*self.seen, *self.news) if one.name == name]

    @property
    def port(self) -> int:
        """Its own end of the connection."""
        return int(self._connection.sock.getsockname()[1])

    @property
    def last_id(self) -> str:
        """What it would come back with."""
        return next((one.id for one in reversed(self.seen) if one.id), "")

    @property
    def position(self) -> int:
        """How far its board has come; -1 before the first event."""
        return int(self.board.document.get("position", -1))

    def until(self, condition: Callable[[], Any], seconds: float = SOON, what: str = "") -> Any:
        """Waits for events until ``condition()`` holds; answers it. Fails after ``seconds``."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not (found := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    heard = [(one.name, one.id) for one in self.seen[-5:]]
                    raise AssertionError(f"not within {seconds:g} s: {what} (last {heard}, ended {self.ended}, {self.problem!r})")
                self._news.wait(left)
            return found

    def until_position(self, position: int, seconds: float = SOON) -> None:
        """Waits until its board has come to this journal position."""
        self.until(lambda: self.position >= position, seconds, f"position {position}")

    def _watch(self) -> None:
        try:
            headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/event-stream", **self._resume}
            self._connection.request("GET", self._path, headers=headers)
            answer = self._connection.getresponse()
            assert answer.status == 200, (answer.status, answer.read())
            self._read(answer)
        except (*BROKEN, AssertionError, ValueError, AttributeError) as problem:  # AttributeError: closed under its own reading
            self.problem = problem
        finally:
            with self._news:
                self.ended = True
                self._news.notify_all()

    def _read(self, answer: http.client.HTTPResponse) -> None:
        fields: dict[str, str] = {}
        while raw := answer.readline():
            line = raw.decode().removesuffix("\n")
            if line.startswith(":"):
                self._comment(line)
            elif line:
                name, _, value = line.partition(": ")
                assert name in ("id", "event", "data"), line
                fields[name] = value
            elif fields:
                self._event(fields)
                fields = {}

    def _comment(self, line: str) -> None:
        with self._news:
            self.comments.append((time.monotonic(), line))
            self._news.notify_all()

    def _event(self, fields: dict[str, str]) -> None:
        content = json.loads(fields["data"])
        with self._news:
            seen = Seen(fields["id"], fields["event"], content, time.monotonic())
            (self.news if seen.name in NEWS else self.seen).append(seen)
            self.board.take(fields["event"], content)
            self._news.notify_all()

    def start(self) -> None:
        """Begins, without waiting for an answer."""
        self._thread.start()

    def hear(self, seconds: float) -> bool:
        """Whether anything comes within so many seconds; not where the stream has ended."""
        with self._news:
            heard = self._heard()
            return self._news.wait_for(lambda: self.ended or self._heard() > heard, seconds) and not self.ended

    def _heard(self) -> int:
        return len(self.seen) + len(self.news) + len(self.comments)

    def leave(self) -> None:
        """Goes away, as a closed page does."""
        try:
            if self._connection.sock is not None:
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join(SOON)
        self._connection.close()

    def __enter__(self) -> Self:
        self.start()
        self.until(lambda: self.seen or self.comments or self.ended, what="an answer")
        assert self.problem is None, self.problem
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()
