"""A whole hub on one machine under one parent: servers, migrations, web, worker and beat, kept running until asked to stop."""

from __future__ import annotations

import math
import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from config.settings import Settings, variable
from coordinator.hosting import commands, listening, postgres
from coordinator.hosting.checkup_database import refuse_unfit
from coordinator.hosting.folder import DataFolder, RunningHub
from coordinator.hosting.lookout import Lookout, answer_age
from coordinator.hosting.parts import Part
from coordinator.hosting.postgres import PrivatePostgres
from coordinator.hosting.processes import Child, end_together, last_lines, launch, wait_until
from coordinator.hosting.pulse import Pulses
from coordinator.hosting.refusals import HostingRefused
from coordinator.hosting.valkey import PrivateValkey
from coordinator.verification.fresh_key import fresh_key

ROOT = Path(__file__).parents[2]
"""The folder the rooms are in: children find them there, wherever they run."""

SECONDS_TO_BE_READY = 60.0
SECONDS_WITHOUT_BEAT = 15.0
SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_WITHOUT_ANSWER = 15.0
"""A web server that answers no one for so long is replaced."""
OWNER = (variable("owner_url"), variable("owner_url") + "_FILE")
SIGNING_KEY_FILE = variable("signing_key") + "_FILE"
STEPS_TO_STOP = {
    "web": ((signal.SIGTERM, 8.0),),
    "worker": ((signal.SIGTERM, 4.0), (signal.SIGQUIT, 4.0)),
    "beat": ((signal.SIGTERM, 2.0),),
}
"""A worker finishes its tasks on SIGTERM, however long they take; SIGQUIT lets them go back to the queue."""

Migration = Callable[[str], None]


class Hub:
    """One hub on the folder ``data``. Use as a context from the main thread, and ``watch`` inside it.

    ``load_migration`` returns what migrates a database, given its owner's URL; it is called while the servers start, so
    that its imports cost no time. ``say`` gets each line of progress. ``port`` replaces that of TALLYROOM_BIND (0: any).
    Whatever the environment names (TALLYROOM_DATABASE_URL, TALLYROOM_REDIS_URL) is used; the rest runs privately.
    """

    def __init__(
        self,
        data: Path,
        load_migration: Callable[[], Migration],
        *,
        port: int | None = None,
        say: Callable[[str], None] = print,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = DataFolder(data)
        self.url = ""
        self._environ = dict(os.environ if environ is None else environ)
        self._load_migration = load_migration
        self._port = port
        self._say = say
        self._listener: socket.socket | None = None
        self._postgres = None if _given("database_url", self._environ) else PrivatePostgres(self.folder.postgres)
        self._valkey = None if _given("redis_url", self._environ) else PrivateValkey(self.folder.valkey)
        if self._postgres is not None:
            self._environ = {name: value for name, value in self._environ.items() if name not in OWNER}
        self._addresses: dict[str, str] = {}
        self._parts: list[Part] = []
        self._lookouts: dict[str, Lookout] = {}
        self._to_note = False

    @property
    def settings(self) -> Settings:
        """The hub's settings, private servers included; SettingsError where the environment's are wrong."""
        addresses = {} if self._addresses else self._placeholders()
        return Settings.from_environment(addresses | self._environ | self._addresses)

    def start(self) -> None:
        """Starts everything and returns when the hub is ready for its first caller; HostingRefused when it can't be.

        What takes longest are imports, so they go on beside each other: the migration's while the servers start, the web
        server's while the database is made (it answers 503 until then). Beat comes last, for nobody waits for it; but
        where the worker's first sign of life was lost, it is beat that asks for the next.
        """
        self._listener = listening.listen(self.settings.bind, self._port)
        self.url = listening.url(self._listener)
        self.folder.hold()
        if not _given("signing_key", self._environ):
            self.folder.keep_key(fresh_key)
            self._environ[SIGNING_KEY_FILE] = str(self.folder.signing_key)
        if self._postgres is None:
            refuse_unfit(self.settings.database_url)
        servers = self._begin_servers()
        migrate = self._load_migration()
        self._say("starting web, worker and beat")
        self._begin("web", commands.web())
        self._await_servers(servers)
        migrate(self.settings.migration_url)
        self._begin("worker", commands.worker())
        self._note()
        ready = self._becomes_ready(SECONDS_WITHOUT_BEAT)
        self._begin("beat", commands.beat())
        self._note()
        if not ready and not self._becomes_ready(SECONDS_TO_BE_READY):
            raise HostingRefused(self._why_not_ready())
        self._look_out()

    def watch(self) -> None:
        """Keeps everything running until something is raised, such as StopAsked by a signal."""
        while True:
            self.tend()
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def tend(self) -> None:
        """Looks once at every part, ends what no longer does its work, and starts again what has ended."""
        said = [line for part in self._parts for line in (self._replace_silent(part), part.tend()) if line]
        for line in said:
            self._say(line)
        self._to_note = self._to_note or bool(said)
        if self._to_note:
            with suppress(OSError):  # a disk that is full now: the hub runs on, and this is written when there is room
                self._note()
                self._to_note = False

    def stop(self) -> None:
        """Ends the processes, then the servers they used; more than once does no harm."""
        if self._listener is not None:
            self._listener.close()
        for lookout in self._lookouts.values():
            lookout.stop()
        processes = {part.child: part.steps for part in self._parts if part.name in STEPS_TO_STOP}
        end_together(processes)
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.stop()
        self._parts.clear()
        self.folder.let_go()

    def _look_out(self) -> None:
        """From now on they must do their work and not only be there. Not PostgreSQL, whose silence may be work: it recovers."""
        stuck = self.settings.stuck_seconds
        slow, quick = (stuck, max(SECONDS_TO_BE_READY, stuck)), (SECONDS_WITHOUT_ANSWER, SECONDS_TO_BE_READY)
        workers, beats = Pulses(self.settings), Pulses(self.settings)
        self._lookouts = {
            "web": Lookout(lambda _: answer_age(self.url), *quick),
            "worker": Lookout(workers.age, *slow),
            "beat": Lookout(lambda _: beats.beat_age(self._part("worker").child.pid), *slow),
        }
        if (valkey := self._valkey) is not None:
            self._lookouts[valkey.name] = Lookout(lambda _: 0.0 if valkey.answers() else math.inf, *quick)
        for lookout in self._lookouts.values():
            lookout.start()

    def _part(self, name: str) -> Part:
        return next(part for part in self._parts if part.name == name)

    def _replace_silent(self, part: Part) -> str | None:
        lookout = self._lookouts.get(part.name)
        silent = lookout.silent(0 if part.ended else part.child.pid) if lookout else None
        if silent is None:
            return None
        part.replace()
        return f"{part.name} has given no sign of life for {silent:.0f} s and is replaced"

    def _begin_servers(self) -> list[PrivatePostgres | PrivateValkey]:
        """Starts the private servers without waiting for them."""
        servers = [server for server in (self._valkey, self._postgres) if server is not None]
        if servers:
            self._say(f"starting {' and '.join(server.name for server in servers)} in {self.folder.path}")
        for server in servers:
            server.begin()
        self._addresses = self._private_addresses()
        return servers

    def _await_servers(self, servers: list[PrivatePostgres | PrivateValkey]) -> None:
        for server in servers:
            server.await_ready()
            self._parts.append(Part(server.name, _restart(server), ()))

    def _begin(self, name: str, command: list[str]) -> None:
        self._parts.append(Part(name, self._process(name, command), STEPS_TO_STOP[name]))

    def _process(self, name: str, command: list[str]) -> Callable[[], Child]:
        """How that process is started, now and again. The web server alone gets the listening socket."""
        listener = self._held_listener.fileno()
        environment = self._environment() | ({variable("bind"): f"fd://{listener}"} if name == "web" else {})
        output = self.folder.logs / f"{name}.log"
        keep = (listener,) if name == "web" else ()
        return lambda: launch(command, output=output, environment=environment, folder=self.folder.path, keep=keep)

    @property
    def _held_listener(self) -> socket.socket:
        if self._listener is None:
            raise RuntimeError("the hub listens before it starts its processes")
        return self._listener

    def _environment(self) -> dict[str, str]:
        """What processes get: everything but the owner's login, which is for migrations alone."""
        paths = [str(ROOT), *filter(None, [self._environ.get("PYTHONPATH")])]
        ours = {"PYTHONPATH": os.pathsep.join(paths), "PROMETHEUS_MULTIPROC_DIR": str(self.folder.metrics)}
        everything = self._environ | self._addresses | ours
        return {name: value for name, value in everything.items() if name not in OWNER}

    def _private_addresses(self) -> dict[str, str]:
        addresses = {}
        if self._postgres is not None:
            addresses[variable("database_url")] = self._postgres.url(user=postgres.HUB)
            addresses[variable("owner_url")] = self._postgres.url(user=postgres.OWNER)
        if self._valkey is not None:
            addresses[variable("redis_url")] = self._valkey.url
        return addresses

    def _placeholders(self) -> dict[str, str]:
        """Stand-ins for the private servers' addresses until they are known: so that every other setting is read first."""
        private = {"database_url": self._postgres, "redis_url": self._valkey}
        return {variable(name): "unknown" for name, server in private.items() if server is not None}

    def _becomes_ready(self, seconds: float) -> bool:
        """Whether the hub is ready within so many seconds; no longer waited for once its web server has ended."""
        web = self._part("web")
        return wait_until(lambda: web.ended or answer_age(self.url, "/readyz", 2) == 0, seconds, 0.05) and not web.ended

    def _why_not_ready(self) -> str:
        said = " ".join(f"{name}: {last_lines(self.folder.logs / f'{name}.log', 1)}" for name in ("web", "worker"))
        return f"the hub did not become ready ({said}): see {self.folder.logs}"

    def _note(self) -> None:
        """Tells other verbs where this hub is."""
        names = ("database_url", "owner_url", "redis_url")
        settings = {variable(name): value for name in names if (value := getattr(self.settings, name))}
        settings |= {SIGNING_KEY_FILE: path} if (path := self._environ.get(SIGNING_KEY_FILE)) else {}
        pids = {part.name.lower(): part.child.pid for part in self._parts}
        self.folder.note(RunningHub(url=self.url, pid=os.getpid(), pids=pids, settings=settings))

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _given(name: str, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(variable(name)) or environ.get(f"{variable(name)}_FILE"))


def _restart(server: PrivatePostgres | PrivateValkey) -> Callable[[], Child]:
    """The server's present child the first time, a new one after that."""

    def start() -> Child:
        if server.child.poll() is not None:
            server.begin()
        return server.child

    return start
