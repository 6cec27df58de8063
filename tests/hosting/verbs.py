"""``tallyroom VERB`` as a process of its own, the way anyone runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).parents[2]
SECONDS = 120
LINE = [sys.executable, "-P", "-m", "coordinator"]


def environment(**settings: str) -> dict[str, str]:
    """The environment without any hub's settings, and with these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TALLYROOM_")}
    return clean | {"TALLYROOM_NO_BOOTSTRAP": "1", "PYTHONPATH": str(ROOT)} | settings


def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a verb to its end."""
    line = [*LINE, *map(str, arguments)]
    return subprocess.run(line, env=environment(**settings), capture_output=True, text=True, timeout=SECONDS, check=False)


class Up:
    """``tallyroom up --port 0`` on a folder, ready when entered; whatever is left of it is ended at the end."""

    def __init__(self, data: Path, *arguments: str, **settings: str) -> None:
        self.data = data
        line = [*LINE, "up", "--port", "0", "--data", str(data), *arguments]
        self.process = subprocess.Popen(line, env=environment(**settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self.url = ""

    def __enter__(self) -> Up:
        self.url = self.hear("is ready at").split()[-1]
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.end()

    def end(self) -> int:
        """Waits for its end and closes its pipes; returns the exit status."""
        try:
            return self.process.wait(30)
        finally:
            self.process.kill()
            self.process.communicate()

    def hear(self, words: str) -> str:
        """Reads what it says up to a line with these words, and returns that line; ends it where that does not come."""
        assert self.process.stdout is not None
        guard = threading.Timer(SECONDS, self.process.kill)
        guard.start()
        try:
            for line in self.process.stdout:
                self.said.append(line)
                if words in line:
                    return line
        finally:
            guard.cancel()
        raise AssertionError(f"ended without saying {words!r}: {self.said} {self.process.stderr.read() if self.process.stderr else ''}")

    def notes(self) -> dict[str, dict[str, Any]]:
        """What the hub says of itself."""
        return dict(json.loads((self.data / "hub.json").read_text()))
