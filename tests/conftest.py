"""What all tests share: real servers of their own, a migrated database, the application, and short ways to make things.

Every test makes its own operation with a code of its own, so one database serves them all and nothing needs clearing, which
the record would refuse anyway. Tests that kill or cut something start a hub or servers of their own.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import random
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config.settings import Settings
from coordinator import asking, db, jobs
from coordinator.access import tokens
from coordinator.access.actor import Actor, console
from coordinator.app import create_app
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.hosting.postgres import PrivatePostgres
from coordinator.hosting.valkey import PrivateValkey
from coordinator.operations import members
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.schemas.operations import OperationIn
from coordinator.schema import upgrade
from coordinator.totals import fold
from coordinator.verification.fresh_key import fresh_key
from tests.sharing import BySharing, dearest_first

OWNER = "tallyroom"
_numbers = itertools.count(1)

if "--long" in sys.argv:  # said once more here: a folder's conftest is imported, and what it imports, before pytest_configure
    os.environ["TALLYROOM_LONG"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the tests take beside pytest's own options."""
    parser.addoption("--long", action="store_true", help="the full counts, and tests for which CI has no time")
    parser.addoption("--seed", type=int, help="play the random tests again from the seed that a run has printed")


def pytest_configure(config: pytest.Config) -> None:
    """Handed on in the environment, because that reaches the processes of ``-n`` as well: all of a run has one seed."""
    if config.option.long:
        os.environ["TALLYROOM_LONG"] = "1"
    if config.option.seed is not None or "SEED" not in os.environ:
        os.environ["SEED"] = str(random.SystemRandom().randrange(10**6) if config.option.seed is None else config.option.seed)


def pytest_report_header() -> str:
    """The first lines of a run."""
    return f"seed {os.environ['SEED']} (--seed), {'the full counts' if os.environ.get('TALLYROOM_LONG') else 'the short form (--long)'}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharing | None:
    """Tests that share a hub go to one process."""
    return BySharing(config, log) if config.option.dist == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the tests, and leaves out what only the full form plays."""
    dearest_first(items)
    if not os.environ.get("TALLYROOM_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="the full form alone: run with --long"))


@pytest.fixture
def seed() -> int:
    """What chance begins with, printed so that what failed can be played again."""
    print(f"seed {os.environ['SEED']}")
    return int(os.environ["SEED"])


@dataclasses.dataclass
class Servers:
    """The private PostgreSQL and Valkey of this test process."""

    postgres: PrivatePostgres
    valkey: PrivateValkey


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Started once for the process, stopped and removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-tests-"))
    folder.chmod(0o755)
    try:
        with PrivatePostgres(folder / "postgres") as postgres, PrivateValkey(folder / "valkey") as valkey:
            yield Servers(postgres, valkey)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def owner_url(servers: Servers) -> str:
    """The migrated database as its owner."""
    url = servers.postgres.url(OWNER, OWNER)
    upgrade(url)
    return url


@pytest.fixture(scope="session")
def settings(servers: Servers, owner_url: str) -> Settings:
    """Settings of the application under test; limits are high, so that only the tests of limits meet them."""
    url = servers.postgres.url()
    limits = {"writes_per_second": 1e6, "write_burst": 10**6, "attempts_per_minute": 1e6}
    own = {"heartbeat_seconds": 1.0, "database_pool": 20, "signing_key": fresh_key()}
    return Settings(database_url=url, owner_url=owner_url, redis_url=servers.valkey.url, **own, **limits)


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """The application, connected; nothing runs beside it, so a test folds when it says so."""
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        engine = db.use(db.database.engine)
    yield app
    engine.dispose()


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[jobs.Job]:
    """Every job enqueued by a transaction that has committed, in order."""
    recorded: list[jobs.Job] = []
    monkeypatch.setattr(asking, "_nudger", type("Recorder", (), {"hand": staticmethod(recorded.append)}))
    return recorded


class Caller:
    """One caller of the API in this process: its token, and short ways to ask."""

    def __init__(self, client: FlaskClient, token: str, id: str) -> None:
        self.client, self.token, self.id = client, token, id
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: Any) -> Any:
        """GET under /api/v1."""
        headers = query.pop("headers", {})
        return self.client.get("/api/v1" + path, query_string=query, headers=self.headers | headers)

    def post(self, path: str, body: Any, key: str | None = "", **headers: str) -> Any:
        """POST JSON; a fresh key by default, none where ``key`` is None."""
        if key is not None:
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        return self.client.post("/api/v1" + path, json=body, headers=self.headers | headers)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH JSON."""
        return self.client.patch("/api/v1" + path, json=body, headers=self.headers)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.client.delete("/api/v1" + path, headers=self.headers)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The application's test client."""
    return app.test_client()


@pytest.fixture
def create_token(client: FlaskClient, app: Flask) -> Callable[..., Caller]:
    """Makes a token: ``create_token("liaison", "night-1", "KY")``."""

    def create(role: str = "admin", operation: str | None = None, *units: str, **content: Any) -> Caller:
        actor = dataclasses.replace(console(), secret=tokens.fresh_secret())
        name = f"{role} {' '.join(units)}".strip()
        asked = {"role": role, "name": name, "operation": operation, "units": list(units), "expires_at": None} | content
        with transaction():
            issued = members.issue(actor, asked)
        return Caller(client, tokens.text_of(actor, uuid.UUID(issued["id"])), issued["id"])

    return create


def operation_document(**members: Any) -> dict[str, Any]:
    """An operation as POST /operations takes it: two states with agencies, persons and money, a rule and a derived measure."""
    return {
        "code": f"night-{next(_numbers)}-{uuid.uuid4().hex[:6]}",
        "name": "A night",
        "time_zone": "America/Chicago",
        "starts_at": "2021-08-26T18:00:00-05:00",
        "ends_at": "2021-08-27T06:00:00-05:00",
        "measures": [
            {"code": "arrests", "label": "Arrests made", "unit": "persons"},
            {"code": "victims_rescued", "label": "Victims rescued", "unit": "persons", "categories": ["minor"]},
            {"code": "currency_seized", "label": "Currency seized", "unit": "USD", "scale": 2},
        ],
        "rules": [{"code": "fewer-victims", "expression": "victims_rescued <= arrests", "message": "More victims than arrests"}],
        "derived": [{"code": "difference", "label": "Arrests less victims", "expression": "arrests - victims_rescued"}],
        "units": [
            {"code": "KY", "name": "Kentucky", "kind": "jurisdiction"},
            {"code": "KY-KSP", "name": "Kentucky State Police", "kind": "agency", "parent": "KY", "level": "state"},
            {"code": "TN", "name": "Tennessee", "kind": "jurisdiction"},
            {"code": "US", "name": "Federal partners", "kind": "jurisdiction", "expected": False},
        ],
    } | members


@pytest.fixture
def create_operation(app: Flask) -> Callable[..., Catalogue]:
    """Makes an operation and steps it to ``phase`` (live by default)."""

    def create(phase: str = "live", **members: Any) -> Catalogue:
        with transaction():
            catalogue = operations.create(console(), load(OperationIn(), operation_document(**members)))
        for step in ("briefing", "live", "standing_down", "reconciling", "certified", "archived"):
            if catalogue.phase != phase:
                with transaction():
                    catalogue = operations.set_phase(console(), catalogue.code, step)
        return catalogue

    return create


@pytest.fixture
def operation(create_operation: Callable[..., Catalogue]) -> Catalogue:
    """A live operation."""
    return create_operation()


@pytest.fixture
def desk(create_token: Callable[..., Caller], operation: Catalogue) -> Caller:
    """A desk of ``operation``."""
    return create_token("desk", operation.code)


@pytest.fixture
def liaison(create_token: Callable[..., Caller], operation: Catalogue) -> Caller:
    """Kentucky's liaison in ``operation``."""
    return create_token("liaison", operation.code, "KY")


def report_body(**members: Any) -> dict[str, Any]:
    """A report of three arrests in Kentucky."""
    lines = [{"measure": "arrests", "quantity": 3}]
    return {"unit": "KY", "basis": "increment", "observed_at": "2021-08-26T22:15:00-04:00", "lines": lines} | members


def fold_all(operation_id: int, most: int = fold.MOST) -> int:
    """Folds until the inbox is empty, as the worker does; answers how many."""
    total = 0
    while True:
        with transaction():
            folded = fold.fold(operation_id, most)
        total += folded
        if not folded:
            return total


def actor_of(caller: Caller) -> Actor:
    """The actor behind a caller, for tests that go through a service."""
    with transaction():
        return tokens.recognise(caller.token, "test")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own hub is never what a test speaks to."""
    for name in list(os.environ):
        if name.startswith("TALLYROOM_") and name != "TALLYROOM_NO_BOOTSTRAP":
            monkeypatch.delenv(name)
