"""A part of the hub that is kept running: started again when it ends, after a pause that grows while it ends at once each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from subprocess import TimeoutExpired

from coordinator.hosting.processes import Child, Steps, end, sweep
from coordinator.hosting.refusals import HostingRefused

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""The longest one, such as after an hour of a full disk, is part of the 30 seconds within which the hub is well again."""

SECONDS_TO_TRUST = 10.0
"""A part that ran this long was healthy, and was ended from outside: its next end counts as the first."""


class Part:
    """One child by name. ``start`` begins it and returns the new child; ``steps`` say how it is ended."""

    def __init__(self, name: str, start: Callable[[], Child], steps: Steps) -> None:
        self.name = name
        self.steps = steps
        self._start = start
        self._failures = 0
        self._started = self._due = 0.0
        self._waiting = False
        self.child = self._begin()

    @property
    def ended(self) -> bool:
        """Whether the child is not running now."""
        return self.child.poll() is not None

    def tend(self) -> str | None:
        """Starts the child again if it has ended and its pause is over; returns what happened, if anything did."""
        if not self.ended:
            return None
        if not self._waiting:
            return self._pause()
        if time.monotonic() < self._due:
            return None
        try:
            sweep(self.child.pid)
            self.child = self._begin()
        except (OSError, HostingRefused) as problem:  # no memory for a process, a full disk: it may pass, and the others go on
            self._pause()
            return f"{self.name} can't be started: {problem}"
        return f"{self.name} started again"

    def replace(self) -> None:
        """Ends a child that no longer does its work, at once and with all it started: ``tend`` starts another."""
        with suppress(TimeoutExpired):  # not even that ends it yet, as where its disk hangs: it is looked at again
            end(self.child)

    def _begin(self) -> Child:
        self._waiting = False
        self._started = time.monotonic()
        return self._start()

    def _pause(self) -> str:
        now = time.monotonic()
        self._failures = 1 if now - self._started > SECONDS_TO_TRUST else self._failures + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._failures - 1))
        self._waiting, self._due = True, now + pause
        return f"{self.name} ended ({_manner(self.child.returncode)}); it is started again in {pause:g} s"


def _manner(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"
