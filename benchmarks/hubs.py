"""A hub of a benchmark's own on an empty folder, and an operation on it with a liaison for each unit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.client import Connection

SECONDS_TO_START = 120.0
UNLIMITED = {"TALLYROOM_WRITES_PER_SECOND": "1000000", "TALLYROOM_WRITE_BURST": "1000000"}


@dataclass
class Hub:
    """A running hub: where it is, an admin's token, and how long it took to be ready."""

    folder: Path
    url: str
    token: str
    seconds_to_start: float

    @property
    def note(self) -> dict[str, Any]:
        """What the hub says of itself: pids by name and settings."""
        return dict(json.loads((self.folder / "hub.json").read_text()))

    def connection(self, token: str | None = None) -> Connection:
        """A connection with this token, or the admin's."""
        parts = urlsplit(self.url)
        return Connection(str(parts.hostname), int(parts.port or 0), token or self.token)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Signals one of the hub's processes and those it started."""
        os.killpg(self.note["pids"][name], number)


@contextmanager
def hub(**environment: str) -> Iterator[Hub]:
    """Starts a whole hub, with settings from ``environment``, and ends it."""
    with tempfile.TemporaryDirectory(prefix="tallyroom-bench-") as folder:
        data, started = Path(folder) / "data", time.perf_counter()
        command = [sys.executable, "-m", "coordinator", "up", "--port", "0", "--data", str(data)]
        process = subprocess.Popen(command, env=os.environ | UNLIMITED | environment, stdout=subprocess.DEVNULL)
        try:
            url = _ready(process, data)
            seconds = time.perf_counter() - started
            yield Hub(data, url, _token(data), seconds)
        finally:
            process.terminate()
            process.wait(30)


def _ready(process: subprocess.Popen[bytes], data: Path) -> str:
    deadline = time.perf_counter() + SECONDS_TO_START
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            url = str(json.loads((data / "hub.json").read_text())["url"])
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return url
        except (OSError, ValueError, KeyError):
            time.sleep(0.02)
    raise RuntimeError(f"the hub did not start within {SECONDS_TO_START:g} s")


def _token(data: Path) -> str:
    command = [sys.executable, "-m", "coordinator", "token", "issue", "--role", "admin", "--name", "benchmark", "--data", str(data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class Night:
    """A live operation with ``units`` jurisdictions and a liaison's connection for each."""

    code: str
    liaisons: dict[str, Connection]

    @property
    def reports(self) -> str:
        """The address reports are posted to."""
        return f"/api/v1/operations/{self.code}/reports"


async def night(on: Hub, units: int) -> Night:
    """Makes a live operation that counts arrests."""
    admin, code = on.connection(), f"bench-{time.time_ns()}"
    names = [f"U{number}" for number in range(units)]
    await _create(admin, "/api/v1/operations", _document(code, names))
    for phase in ("briefing", "live"):
        await _create(admin, f"/api/v1/operations/{code}/phase", {"phase": phase}, 200)
    liaisons = {}
    for name in names:
        issued = await _create(admin, "/api/v1/tokens", {"name": name, "role": "liaison", "operation": code, "units": [name]})
        liaisons[name] = on.connection(issued["token"])
    admin.close()
    return Night(code, liaisons)


def _document(code: str, names: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Benchmark",
        "time_zone": "UTC",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2036-01-01T00:00:00Z",
        "exercise": True,
        "measures": [{"code": "arrests", "label": "Arrests made", "unit": "persons"}],
        "units": [{"code": name, "name": name, "kind": "jurisdiction"} for name in names],
    }


async def _create(caller: Connection, path: str, body: dict[str, Any], expected: int = 201) -> dict[str, Any]:
    status, answer = await caller.ask("POST", path, json.dumps(body).encode())
    if status != expected:
        raise RuntimeError(f"{path} answered {status}: {answer[:300]!r}")
    return dict(json.loads(answer))


async def position(on: Hub, code: str) -> int:
    """How far the journal of an operation has been folded."""
    caller = on.connection()
    _, answer = await caller.ask("GET", f"/api/v1/operations/{code}/totals")
    caller.close()
    return int(json.loads(answer)["position"])
