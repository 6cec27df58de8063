"""Those who watch while it goes on: one asks for the board, one reads the journal, each from a thread of its own."""

from __future__ import annotations

import http.client
import json
import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import psycopg

from faults.clients import Outcome

BETWEEN_LOOKS = 0.2
TIMEOUT = 10.0


@dataclass(frozen=True)
class Look:
    """One look at the board: when it was asked for and answered (monotonic), and at which position it stood."""

    asked: float
    answered: float
    position: int


class _Looker:
    """Looks again and again until its context ends; what breaks off is tried again."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(2 * TIMEOUT)
        self._close()

    def _run(self) -> None:
        while not self._over.is_set():
            self._look()
            self._over.wait(BETWEEN_LOOKS)

    def _look(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        """Lets go of what it looks through."""


class Board(_Looker):
    """Asks for an operation's totals; ``looks`` are those that were answered."""

    def __init__(self, url: str, token: str, code: str) -> None:
        super().__init__()
        self.looks: list[Look] = []
        self._address, self._token, self._path = urlsplit(url), token, f"/api/v1/operations/{code}/totals"
        self._connection: http.client.HTTPConnection | None = None

    def _look(self) -> None:
        asked = time.monotonic()
        if self._connection is None:
            self._connection = http.client.HTTPConnection(str(self._address.hostname), self._address.port, timeout=TIMEOUT)
        try:
            self._connection.request("GET", self._path, headers={"Authorization": f"Bearer {self._token}"})
            answer = self._connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            self._close()
            return
        if answer.status == 200:
            self.looks.append(Look(asked, time.monotonic(), int(json.loads(body)["position"])))

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def behind(looks: Sequence[Look], outcomes: Sequence[Outcome]) -> list[tuple[float, float]]:
    """For each look: when it was asked for, and for how long the oldest report it lacks had been acknowledged then (0: none lacks).

    By their number alone: a report that is stored and whose answer was lost may stand in for one that was acknowledged.
    """
    times = sorted(one.answered_at for one in outcomes if one.acknowledged and one.answered_at is not None)
    return [
        (look.asked, max(0.0, look.asked - times[look.position]) if look.position < bisect_right(times, look.asked) else 0.0)
        for look in looks
    ]


def ahead(looks: Sequence[Look], outcomes: Sequence[Outcome]) -> list[str]:
    """The looks at a board that showed more reports than had been sent by the time it was shown."""
    times = sorted(one.sent_at for one in outcomes if one.planned.good and one.sent_at is not None)
    return [
        f"position {look.position} where {sent} reports had been sent"
        for look in looks
        if look.position > (sent := bisect_right(times, look.answered))
    ]


class Journal(_Looker):
    """Reads an operation's journal on from the last position it has seen; ``gaps`` says where what it had not seen lay below."""

    def __init__(self, database_url: str, code: str) -> None:
        super().__init__()
        self.seen = 0
        self.gaps: list[str] = []
        self._url, self._code = database_url, code

    def _look(self) -> None:
        try:
            with psycopg.connect(self._url, connect_timeout=3, autocommit=True, options="-c statement_timeout=10s") as connection:
                self._read_on(connection)
        except psycopg.Error:
            return

    def _read_on(self, connection: psycopg.Connection) -> None:
        """First what it has seen must be there still; then each new look must go on where the last one ended."""
        self._expect(self.seen, connection.execute(_SEEN, (self._code, self.seen)).fetchone())
        while not self._over.is_set():
            row = connection.execute(_NEW, (self._code, self.seen)).fetchone()
            last = int(row[1]) if row else 0
            if last:
                self._expect(last - self.seen, row)
                self.seen = last
            self._over.wait(BETWEEN_LOOKS)

    def _expect(self, count: int, row: tuple[int, int] | None) -> None:
        if row and row[0] != count:
            self.gaps.append(f"{row[0]} entries where there should be {count}, after position {self.seen}")


_FROM = "FROM journal j JOIN operations o ON o.id = j.operation_id WHERE o.code = %s"
_SEEN = f"SELECT count(*), 0 {_FROM} AND j.position <= %s".encode()
_NEW = f"SELECT count(*), coalesce(max(j.position), 0) {_FROM} AND j.position > %s".encode()
