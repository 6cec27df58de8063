"""Real hubs for tests: private servers and the hub's own processes, each of which can be stopped, killed, frozen and started alone.

Nothing is started again by itself here, unlike under ``tallyroom up``: a test says what runs. The listening socket is kept by
the test, as ``up`` keeps it, so a caller waits while the web server is away and is not refused.
"""

from __future__ import annotations

import dataclasses
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.settings import variable
from coordinator import db
from coordinator.access import tokens
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.hosting import commands, listening
from coordinator.hosting.hub import ROOT, STEPS_TO_STOP
from coordinator.hosting.postgres import HUB, OWNER, PrivatePostgres
from coordinator.hosting.postgres import STEPS_TO_STOP as POSTGRES_STEPS
from coordinator.hosting.processes import Child, alive, end, end_together, launch
from coordinator.hosting.valkey import PrivateValkey
from coordinator.operations import members
from coordinator.operations import service as operations
from coordinator.schema import upgrade
from coordinator.totals import recount
from tests.conftest import operation_document

LONG = bool(os.environ.get("TALLYROOM_LONG"))
"""The full counts instead of the short ones (``--long``); read at import, because conftest clears such variables for each test."""

BROKEN = (OSError, http.client.HTTPException)
PHASES = ("briefing", "live", "standing_down", "reconciling", "certified", "archived")
PROCESSES = ("web", "worker", "beat")

SETTINGS = {"heartbeat_seconds": 1.0, "recount_seconds": 2.0, "writes_per_second": 1e6, "write_burst": 10**6, "attempts_per_minute": 1e6}
"""Limits no test here is to meet, and a short wait for what comes by the clock; all else as ever."""

SOON = 30.0
"""Seconds an event may take that has no promise of its own: only a broken hub takes as long."""

POLL = 0.02


def eventually(look: Callable[[], Any], seconds: float = SOON, what: object = "") -> Any:
    """What ``look()`` answers as soon as it is true; who can't be reached is looked at again. Fails after ``seconds``."""
    deadline, last = time.monotonic() + seconds, None
    while True:
        try:
            last = look()
            if last:
                return last
        except (*BROKEN, psycopg.OperationalError) as problem:
            last = problem
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what() if callable(what) else what or look} (last: {last!r})")
        time.sleep(POLL)


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def replayed(self) -> bool:
        """Whether it is the first answer over again."""
        return self.headers.get("Idempotent-Replayed") == "true"


class Address:
    """Where a hub answers, and who has a connection to it."""

    def __init__(self, url: str) -> None:
        self.url, self.callers = url, list[Api]()
        self.port = urllib.parse.urlsplit(url).port

    def connection(self, timeout: float = SOON) -> http.client.HTTPConnection:
        """A connection to the web server, to be opened at its first request."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def get(self, path: str) -> Answer:
        """GET by no one, not under /api/v1."""
        connection = self.connection()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def hang_up(self) -> None:
        """Closes every caller's connection; each opens another at its next call."""
        for caller in self.callers:
            caller.close()
        self.callers.clear()


class Api:
    """One caller of a hub over HTTP, its connection kept open. Not for several threads at once: see ``another``."""

    def __init__(self, hub: Address, token: str, id: str = "") -> None:
        self.hub, self.token, self.id = hub, token, id
        self.timeout = SOON
        self._connection: http.client.HTTPConnection | None = None

    def another(self) -> Api:
        """The same caller by a connection of its own."""
        return Api(self.hub, self.token, self.id)

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request under /api/v1; raises one of BROKEN where no answer came, and then connects anew."""
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if body is not None and not isinstance(body, bytes):
            body, sent = json.dumps(body).encode(), {"Content-Type": "application/json", **sent}
        if self._connection is None:
            self._connection = self.hub.connection(self.timeout)
            self.hub.callers.append(self)
        try:
            self._connection.request(method, f"/api/v1{path}", body, sent)
            answer = self._connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        except BROKEN:
            self.close()
            raise

    def get(self, path: str, **query: Any) -> Answer:
        """GET."""
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def post(self, path: str, body: Any, key: str = "") -> Answer:
        """POST; with a fresh key unless one is given."""
        return self.call("POST", path, body, {"Idempotency-Key": key or uuid.uuid4().hex})

    def patch(self, path: str, body: Any) -> Answer:
        """PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        """DELETE."""
        return self.call("DELETE", path)

    def close(self) -> None:
        """Hangs up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclasses.dataclass
class LiveOperation:
    """An operation on a hub that takes reports, and who speaks in it."""

    hub: RealHub
    code: str
    desk: Api

    @property
    def reports(self) -> str:
        """Where its reports go."""
        return f"/operations/{self.code}/reports"

    def caller(self, role: str, *units: str, name: str = "") -> Api:
        """Someone new: a liaison of these units, a desk, an observer."""
        asked = {"name": name or role, "role": role, "operation": self.code, "units": list(units), "expires_at": None}
        issued = self.hub.admin.post("/tokens", asked)
        assert issued.status == 201, issued.body
        return Api(self.hub, issued.json["token"], issued.json["id"])

    def step(self, phase: str) -> None:
        """Goes to the next phase."""
        if phase == "certified":
            self.certify()
            return
        answer = self.desk.post(f"/operations/{self.code}/phase", {"phase": phase})
        assert answer.status == 200, answer.body

    def certify(self) -> None:
        """Waives whatever is open and signs for the desk by two people, once nothing moves any more."""
        for caller in (self.desk, self.hub.admin):
            eventually(lambda caller=caller: self._signed(caller), what="the desk's signature")

    def _signed(self, caller: Api) -> bool:
        """Whether the desk's signature under what there is now was taken; it is refused while reports wait to be folded."""
        place = f"/operations/{self.code}"
        seen = caller.get(f"{place}/certification").json
        waived = [
            self.desk.post(f"{place}/waivers", {"item": one["item"], "reason": "nobody signs in this test"})
            for one in seen["open"]
            if one["waiver"] is None
        ]
        if waived:
            return False
        answer = caller.post(f"{place}/certification/signatures", {"position": seen["position"], "digest": seen["draft"]["digest"]})
        assert answer.status == 201 or answer.json["type"] in ("/problems/position-moved", "/problems/still-open"), answer.body
        return answer.status == 201

    def totals(self) -> dict[str, Any]:
        """The totals as they stand."""
        answer = self.desk.get(f"/operations/{self.code}/totals")
        if answer.status == 503:
            raise ConnectionError("the database is away")
        assert answer.status == 200, answer.body
        return dict(answer.json)

    def settled(self, position: int, seconds: float = SOON) -> dict[str, Any]:
        """The totals once the journal has come to this position."""
        return eventually(lambda: (now := self.totals())["position"] >= position and now, seconds, f"position {position} of {self.code}")

    def recounted(self) -> recount.Comparison:
        """A recount of its record, compared with its totals."""
        with self.hub.connected():
            with transaction():
                id = operations.find(self.code).id
            with transaction(snapshot=True):
                return recount.compare(id)


class RealHub(Address):
    """One hub: PostgreSQL, Redis, web, worker and beat. ``processes`` says which of the last three run; ``settings`` by their names.

    ``apart`` is what a process gets in its environment that the others don't.
    """

    def __init__(self, folder: Path, processes: tuple[str, ...] = PROCESSES, **settings: Any) -> None:
        self.folder, self.processes = folder, processes
        self.postgres, self.valkey = PrivatePostgres(folder / "postgres"), PrivateValkey(folder / "valkey")
        self.children: dict[str, Child] = {}
        self.apart: dict[str, dict[str, str]] = {}
        self._settings = SETTINGS | settings
        self._listener = listening.listen("127.0.0.1:0")
        super().__init__(listening.url(self._listener))

    def start(self) -> None:
        """Starts everything and returns when it is ready. From the main thread: see ``processes.launch``."""
        for server in (self.valkey, self.postgres):
            server.begin()
        self.begin("web")
        for server in (self.valkey, self.postgres):
            server.await_ready()
        upgrade(self.postgres.url(user=OWNER))
        moment = self.moment()
        for name in self.processes[1:]:
            self.begin(name)
        eventually(lambda: self.get("/healthz").status == 200)
        if "worker" in self.processes:
            self.await_worker(moment)
        self.admin = self._first_admin()

    def stop(self) -> None:
        """Ends everything, whatever state it is in."""
        self.hang_up()
        for name in ("redis", *self.children):
            self.thaw(name)
        end_together({child: STEPS_TO_STOP[name] for name, child in self.children.items()})
        self.valkey.stop()
        self.postgres.stop()
        self._listener.close()

    def begin(self, name: str) -> None:
        """Starts web, worker, beat, redis or postgres, and does not wait for it but for the two servers."""
        if name in ("redis", "postgres"):
            (self.valkey if name == "redis" else self.postgres).start()
            return
        self.run(name, getattr(commands, name)())

    def run(self, name: str, command: list[str]) -> None:
        """Starts a process of the hub by another command line."""
        listener = self._listener.fileno()
        environment = self.environment() | self.apart.get(name, {}) | ({variable("bind"): f"fd://{listener}"} if name == "web" else {})
        keep = (listener,) if name == "web" else ()
        self.children[name] = launch(command, output=self.log(name), environment=environment, folder=self.folder, keep=keep)

    def end(self, name: str) -> None:
        """Ends a process or server as whoever operates it would, with SIGTERM or PostgreSQL's own way, and waits for it."""
        if name == "postgres":
            end(self.postgres.child, POSTGRES_STEPS)
        else:
            end(self._child(name), ((signal.SIGTERM, 15.0),))

    def kill(self, name: str) -> None:
        """Ends a process or server as a crash would, and waits for it."""
        if name in ("redis", "postgres"):
            (self.valkey if name == "redis" else self.postgres).kill()
        else:
            end(self._child(name))

    def freeze(self, name: str) -> None:
        """Stops a process with its children where it stands; it keeps its connections and answers nothing."""
        os.killpg(self._child(name).pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Lets it go on, if it is still there."""
        try:
            os.killpg(self._child(name).pid, signal.SIGCONT)
        except (ProcessLookupError, RuntimeError):
            return

    def mend(self) -> None:
        """Lets what is frozen go on, starts what has ended, and returns when all of it works."""
        for name in ("redis", *self.processes):
            self.thaw(name)
        for name in ("redis", "postgres", *self.processes):
            if self._child(name).poll() is not None:
                self.begin(name)
        eventually(lambda: self.get("/readyz").status == 200)

    def moment(self) -> datetime:
        """The database's time."""
        return self.query("SELECT clock_timestamp()")[0][0]

    def await_worker(self, moment: datetime) -> None:
        """Returns when a worker has been heard from after ``moment``: it says so when it is ready, and at beat's asking."""
        eventually(lambda: self.query("SELECT 1 FROM heartbeats WHERE name = 'worker' AND at > %s", moment), 60.0, "a worker's heartbeat")

    def send_room(self, size: int) -> None:
        """How many bytes the web server's side holds for a caller that does not read, from the next connection on."""
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size)

    def log(self, name: str) -> Path:
        """What web, worker or beat print."""
        return self.folder / f"{name}.log"

    def environment(self) -> dict[str, str]:
        """What the processes get."""
        mine = {"database_url": self.postgres.url(user=HUB), "redis_url": self.valkey.url, **self._settings}
        foreign = {name: value for name, value in os.environ.items() if not name.startswith("TALLYROOM_")}
        ours = {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.folder)}  # what a killed process leaves goes with the folder
        return foreign | {variable(name): str(value) for name, value in mine.items()} | ours

    def verb(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A verb of the command line, run to its end where the environment names this hub's servers."""
        environment = self.environment() | {"TALLYROOM_NO_BOOTSTRAP": "1"}
        return subprocess.run(
            [sys.executable, "-m", "coordinator", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

    def query(self, statement: str, *values: Any) -> list[Any]:
        """Rows of a statement run as the owner of the tables; none where it gives none."""
        with psycopg.connect(self.postgres.url(user=OWNER), autocommit=True) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def create_operation(self, phase: str = "live", **members: Any) -> LiveOperation:
        """An operation over HTTP, stepped to ``phase``."""
        document = operation_document(**members)
        # a connection that the test before has ended is noticed by whoever uses it next
        created = eventually(lambda: (answer := self.admin.post("/operations", document)).status != 503 and answer)
        assert created.status == 201, created.body
        operation = LiveOperation(self, document["code"], self.admin)
        operation.desk = operation.caller("desk")
        for step in PHASES[: PHASES.index(phase) + 1]:
            operation.step(step)
        return operation

    @contextmanager
    def connected(self) -> Iterator[None]:
        """This process speaks to the hub's database inside it, as the command line would."""
        before, known = list(db._engines), dict(operations._catalogues)
        operations._catalogues.clear()
        engine = db.connect(self.postgres.url(user=HUB), pool=2)
        try:
            yield
        finally:
            engine.dispose()
            db._engines[:] = before
            operations._catalogues.clear()
            operations._catalogues.update(known)

    def _first_admin(self) -> Api:
        actor = dataclasses.replace(console(), secret=tokens.fresh_secret())
        with self.connected(), transaction():
            issued = members.issue(actor, {"role": "admin", "name": "admin", "operation": None, "units": [], "expires_at": None})
        return Api(self, tokens.text_of(actor, uuid.UUID(issued["id"])), issued["id"])

    def _child(self, name: str) -> Child:
        if name in ("redis", "postgres"):
            return self.valkey.child if name == "redis" else self.postgres.child
        return self.children[name]


@contextmanager
def real_hub(*processes: str, **settings: Any) -> Iterator[RealHub]:
    """A hub in a folder of its own, both gone at the end; all three processes unless some are named (web first)."""
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-hub-"))
    folder.chmod(0o755)
    hub = RealHub(folder, processes or PROCESSES, **settings)
    try:
        hub.start()
        yield hub
    except BaseException:
        _show_logs(hub)
        raise
    finally:
        pids = [child.pid for child in hub.children.values()]
        hub.stop()
        shutil.rmtree(folder, ignore_errors=True)
        assert not [pid for pid in pids if alive(pid)]


def _show_logs(hub: RealHub) -> None:
    """The end of each log, for whoever reads the failure: the folder is gone by then."""
    for name in hub.processes:
        if hub.log(name).exists():
            print(f"--- {name}.log\n" + "\n".join(hub.log(name).read_text(errors="replace").splitlines()[-150:]))


@pytest.fixture(scope="package")
def shared_hub() -> Iterator[RealHub]:
    """One hub for all tests of a folder."""
    with real_hub() as hub:
        yield hub


@pytest.fixture
def hub(shared_hub: RealHub, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[RealHub]:
    """The folder's hub, all of it running; whatever the test has stopped runs again for the next one."""
    failed = request.session.testsfailed
    yield shared_hub
    if request.session.testsfailed > failed:
        with capsys.disabled():
            _show_logs(shared_hub)
    shared_hub.hang_up()
    shared_hub.mend()
    shared_hub.hang_up()
