"""A hub of a benchmark's own on an empty folder, and an operation on it with a liaison for each unit."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.client import Connection
from faults import hubs


@dataclass
class Hub(hubs.Hub):
    """A running hub, and connections to it."""

    def connection(self, token: str | None = None) -> Connection:
        """A connection with this token, or the admin's."""
        parts = urlsplit(self.url)
        return Connection(str(parts.hostname), int(parts.port or 0), token or self.token)


@contextmanager
def hub(**environment: str) -> Iterator[Hub]:
    """Starts a whole hub, with settings from ``environment``, and ends it."""
    with hubs.hub(**environment) as on:
        yield Hub(**vars(on))


@dataclass
class Night:
    """A live operation with ``units`` jurisdictions and a liaison's connection for each."""

    code: str
    liaisons: dict[str, Connection]
    measures: list[str]

    @property
    def reports(self) -> str:
        """The address reports are posted to."""
        return f"/api/v1/operations/{self.code}/reports"


async def night(on: Hub, units: int, measures: int = 1) -> Night:
    """Makes a live operation that counts arrests, and where there are more ``measures`` other things as well."""
    admin, code = on.connection(), f"bench-{time.time_ns()}"
    names = [f"U{number}" for number in range(units)]
    counted = ["arrests", *(f"m{number}" for number in range(1, measures))]
    await _create(admin, "/api/v1/operations", _document(code, names, counted))
    for phase in ("briefing", "live"):
        await _create(admin, f"/api/v1/operations/{code}/phase", {"phase": phase}, 200)
    liaisons = {}
    for name in names:
        issued = await _create(admin, "/api/v1/tokens", {"name": name, "role": "liaison", "operation": code, "units": [name]})
        liaisons[name] = on.connection(issued["token"])
    admin.close()
    return Night(code, liaisons, counted)


def _document(code: str, names: list[str], measures: list[str]) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Benchmark",
        "time_zone": "UTC",
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2036-01-01T00:00:00Z",
        "exercise": True,
        "measures": [{"code": one, "label": f"Counted: {one}", "unit": "persons"} for one in measures],
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


def settled(on: Hub, seconds: float = 120.0) -> None:
    """Returns once nothing waits to be folded."""
    with psycopg.connect(on.note["settings"]["TALLYROOM_OWNER_URL"], autocommit=True) as connection:
        deadline = time.perf_counter() + seconds
        while connection.execute("SELECT id FROM inbox ORDER BY id LIMIT 1").fetchone():
            if time.perf_counter() > deadline:
                raise RuntimeError(f"reports still wait after {seconds:g} s")
            time.sleep(0.05)
