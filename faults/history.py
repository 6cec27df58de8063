"""What a client writes down for itself, a line for each thing that happened, before the next one happens.

Each line is one write to a file opened for adding: what was written is there after a SIGKILL. Times are of the machine's
monotonic clock, which all its processes share.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Event:
    """``number`` is the report's in the plan. ``said`` is the body of a 201, and else in a word what came instead of one."""

    at: float
    number: int
    what: Literal["sent", "answered", "broken"]
    status: int = 0
    said: str = ""


class History:
    """The file of one client, added to."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if path.stat().st_size:
            os.write(self._file, b"\n")  # ends a line that a kill has torn

    def note(self, number: int, what: Literal["sent", "answered", "broken"], status: int = 0, said: str = "") -> None:
        """Adds a line."""
        event = Event(time.monotonic(), number, what, status, said)
        os.write(self._file, json.dumps(asdict(event)).encode() + b"\n")


class Reader:
    """Reads a history as it grows."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0

    def news(self) -> list[Event]:
        """What was added since the last time, in order; a torn line is none."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            whole = file.read().rpartition(b"\n")[0]
        self._offset += len(whole) + 1 if whole else 0
        return [event for line in whole.split(b"\n") if (event := _event(line))]


def _event(line: bytes) -> Event | None:
    try:
        return Event(**json.loads(line))
    except (ValueError, TypeError):
        return None
