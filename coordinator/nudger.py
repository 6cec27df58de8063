"""A background thread that delivers small messages briefly, or not at all.

No request waits for Redis. After a commit the message is put here, equal ones together, and the thread tries once. What
it can't deliver is lost on purpose: every message only says "look at the database", and someone looks there anyway.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

import structlog

log = structlog.get_logger(__name__)

GAP = 0.004
"""Seconds between two deliveries: the first goes at once, a burst that follows goes as one."""

REST = 1.0
"""Seconds of rest after a failed delivery, so that a dead Redis costs one attempt a second."""


class Nudger:
    """Hands messages (hashable, equal ones are one) to ``deliver`` from a thread of its own, started at the first message."""

    def __init__(self, deliver: Callable[[Hashable], None]) -> None:
        self._deliver = deliver
        self._pending: dict[Hashable, None] = {}
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def hand(self, message: Hashable) -> None:
        """Takes a message and returns at once."""
        with self._lock:
            self._pending[message] = None
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="nudger", daemon=True)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                pending, self._pending = self._pending, {}
            time.sleep(GAP if all(self._try(message) for message in pending) else REST)

    def _try(self, message: Hashable) -> bool:
        try:
            self._deliver(message)
            return True
        except Exception as problem:  # whatever is wrong with Redis, the promise is in the database
            log.warning("nudge_not_delivered", nudge=str(message), problem=repr(problem))
            return False
