"""A hub of one's own on an empty folder, as anyone starts it: for what is measured and what is tried."""

from __future__ import annotations

import json
import os
import shutil
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

from coordinator.hosting.folder import DataFolder
from coordinator.hosting.hub import ROOT
from coordinator.hosting.processes import Child, end, launch
from coordinator.hosting.refusals import HostingRefused

SECONDS_TO_START, SECONDS_TO_STOP = 120.0, 60.0
UNLIMITED = {"TALLYROOM_WRITES_PER_SECOND": "1000000", "TALLYROOM_WRITE_BURST": "1000000"}
NAMES = {"redis": "valkey", "postgres": "postgresql"}
"""What the hub calls its private servers."""


@dataclass
class Hub:
    """A running hub: its data folder, where it answers, an admin's token, and how long it took to be ready."""

    folder: Path
    url: str
    token: str
    seconds_to_start: float

    @property
    def note(self) -> dict[str, Any]:
        """What the hub says of itself: pids by name and settings."""
        return dict(json.loads((self.folder / "hub.json").read_text()))

    @property
    def owner_url(self) -> str:
        """Its database, as the owner of the tables."""
        return str(self.note["settings"]["TALLYROOM_OWNER_URL"])

    @property
    def redis_url(self) -> str:
        """Its Redis."""
        return str(self.note["settings"]["TALLYROOM_REDIS_URL"])

    @property
    def postgres_data(self) -> Path:
        """Where its PostgreSQL works."""
        return self.folder / "postgres" / "data"

    def pid(self, name: str) -> int:
        """The process number of web, worker, beat, redis or postgres; 0 where it is not known now."""
        return int(self.note["pids"].get(NAMES.get(name, name), 0))

    def signal(self, name: str, number: signal.Signals) -> None:
        """Signals one of the hub's processes and those it started."""
        os.killpg(self.pid(name), number)


@contextmanager
def hub(**environment: str) -> Iterator[Hub]:
    """Starts a whole hub, with settings from ``environment``, and ends it; nothing of it is left, also where this process is killed."""
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-own-"))
    folder.chmod(0o755)  # so that a PostgreSQL that runs as nobody finds its way
    data, started = folder / "data", time.perf_counter()
    process = _start(data, folder / "up.log", environment)
    try:
        url = _ready(process, data)
        seconds = time.perf_counter() - started
        yield Hub(data, url, _token(data), seconds)
    finally:
        end(process, ((signal.SIGTERM, SECONDS_TO_STOP),))
        shutil.rmtree(folder, ignore_errors=True)


def running(data: Path) -> Hub:
    """The hub that runs on a folder already, with private servers; HostingRefused where there is none."""
    found = DataFolder(data).running()
    if found is None or not {*NAMES.values()} <= found.pids.keys():
        raise HostingRefused(f"no hub with servers of its own runs on {data.absolute()}: start one with `tallyroom up --data {data}`")
    return Hub(data.absolute(), found.url, "", 0.0)


def _start(data: Path, log: Path, environment: dict[str, str]) -> Child:
    command = [sys.executable, "-m", "coordinator", "up", "--port", "0", "--data", str(data)]
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("TALLYROOM_")}
    paths = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH")]))
    ours = UNLIMITED | environment | {"TALLYROOM_NO_BOOTSTRAP": "1", "PYTHONPATH": paths, "TMPDIR": str(log.parent)}
    return launch(command, output=log, environment=foreign | ours, folder=log.parent, death_signal=signal.SIGTERM)


def _ready(process: Child, data: Path) -> str:
    deadline = time.perf_counter() + SECONDS_TO_START
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            url = str(json.loads((data / "hub.json").read_text())["url"])
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return url
        except (OSError, ValueError, KeyError):
            time.sleep(0.02)
    said = (data.parent / "up.log").read_text(errors="replace")[-500:]
    raise RuntimeError(f"the hub did not start within {SECONDS_TO_START:g} s: {said}")


def _token(data: Path) -> str:
    command = [sys.executable, "-m", "coordinator", "token", "issue", "--role", "admin", "--name", "trial", "--data", str(data)]
    environment = os.environ | {"TALLYROOM_NO_BOOTSTRAP": "1", "PYTHONPATH": str(ROOT)}
    issued = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return issued.stdout.split()[-1]
