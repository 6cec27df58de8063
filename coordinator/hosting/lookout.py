"""Looking whether a part still does its work: a process that is alive may be stopped, hang, or have lost its way to the others.

Each look may take its time, so it is made from a thread; whoever keeps the parts running asks ``silent`` and is answered at once.
"""

from __future__ import annotations

import http.client
import math
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

LOOK_SECONDS = 1.0
LONGEST_LOOK = 10.0
"""Who was away for longer between two looks, stopped or waiting for a server, has missed signs and judges nobody by them."""


class Lookout:
    """Looks after one part. ``age`` answers how many seconds ago the process of a number gave a sign of life (infinite: never).

    It may be silent for ``longest`` seconds, and for ``to_start`` before its first sign.
    """

    def __init__(self, age: Callable[[int], float], longest: float, to_start: float) -> None:
        self._age, self._longest, self._to_start = age, longest, to_start
        self._lock = threading.Lock()
        self._pid = 0
        self._since = self._allowed = 0.0
        self._over = threading.Event()

    def start(self) -> None:
        """Begins to look."""
        threading.Thread(target=self._run, name="lookout", daemon=True).start()

    def stop(self) -> None:
        """Looks no more."""
        self._over.set()

    def silent(self, pid: int) -> float | None:
        """For how many seconds the part that now has this number has been silent, where that is too long; 0 as ``pid``: none runs."""
        with self._lock:
            now = time.monotonic()
            if pid != self._pid:
                self._pid, self._since, self._allowed = pid, now, self._to_start
            return now - self._since if pid and now - self._since > self._allowed else None

    def _run(self) -> None:
        last = time.monotonic()
        while not self._over.wait(LOOK_SECONDS):
            pid = self._pid
            age = self._age(pid) if pid else 0.0
            now = time.monotonic()
            self._heard(pid, 0.0 if now - last > LONGEST_LOOK else age, now)
            last = now

    def _heard(self, pid: int, age: float, now: float) -> None:
        with self._lock:
            if pid == self._pid and age < math.inf:
                self._since = max(self._since, now - age)
                self._allowed = self._longest


def answer_age(url: str, path: str = "/healthz", seconds: float = 5.0) -> float:
    """0 where the web server answers within so many seconds, infinite where it does not."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", path)
        return 0.0 if connection.getresponse().status == 200 else math.inf
    except (OSError, http.client.HTTPException):
        return math.inf
    finally:
        connection.close()
