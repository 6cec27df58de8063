"""Python loads this at the start of a process that has this folder in its path: the process's clock is then wrong.

How wrong is read from a file whenever the process asks for the time, so that a test can let the clock step. The clock that
measures durations (time.monotonic) goes on as ever, as it does on a machine whose time is set. Forked processes inherit it.
"""

import os
from pathlib import Path

import time_machine


class _Wrong:
    """The right time and so many seconds as stand in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def time_ns(self) -> int:
        """Nanoseconds since 1970."""
        return time_machine.escape_hatch.time.time_ns() + int(self._file.read_text()) * 10**9


time_machine.travel(0.0).start().time_ns = _Wrong(Path(os.environ["WRONG_CLOCK"])).time_ns  # type: ignore[method-assign]
