"""A private PostgreSQL: durable as the real one, reached by a Unix socket alone, tied to the life of who started it.

Which programs it is made of and who it runs as: ``postgres_programs``.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from coordinator.hosting.launch import NOBODY
from coordinator.hosting.postgres_programs import binaries, major_version, suitable_identity
from coordinator.hosting.processes import Child, Identity, end, last_lines, launch, runs_with, send, wait_until, working_in
from coordinator.hosting.refusals import HostingRefused
from coordinator.hosting.sockets import SocketFolder

OWNER, HUB, APPLICATION = "tallyroom", "tallyroom_hub", "tallyroom_app"
"""The login that owns the tables, the login of the hub's processes, and the role that says what the latter may do."""

SECONDS_TO_START = 60.0
"""Long, because a server that was killed first replays what it had not written."""

STEPS_TO_STOP = ((signal.SIGINT, 8.0), (signal.SIGQUIT, 6.0))
"""Fast shutdown, which writes a checkpoint; then immediate, which leaves that to the next start."""

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
"""Given on the command line, so that no file in the data folder can quietly weaken them."""


class PrivatePostgres:
    """One server; ``folder`` is made if missing and holds data and log. Use as a context, or ``start`` and ``stop``.

    ``options`` add to or replace SETTINGS. ``identity`` is who it runs as; what suits the present user if not given.
    """

    name = "PostgreSQL"

    def __init__(self, folder: Path, *, options: Mapping[str, str] | None = None, identity: Identity | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self._options = {**SETTINGS, **(options or {})}
        self._identity = identity
        self._sockets: SocketFolder | None = None
        self._initdb: Child | None = None
        self._child: Child | None = None

    def url(self, database: str = OWNER, user: str = HUB) -> str:
        """Where clients connect; the same after ``kill`` and ``start``."""
        return f"postgresql://{user}@/{database}?host={self._socket_folder}"

    @property
    def child(self) -> Child:
        """The running postmaster as a process to be watched."""
        if self._child is None:
            raise RuntimeError("this server has not been started")
        return self._child

    @property
    def pid(self) -> int:
        """The postmaster's process number."""
        return self.child.pid

    def start(self) -> None:
        """Starts the server, making its data first if there are none, and waits until it takes connections."""
        self.begin()
        self.await_ready()

    def begin(self) -> None:
        """The first step of starting, without waiting for it: so that others can start meanwhile."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sockets = self._sockets or SocketFolder()
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_version()
            self._stop_leftover()
            self._serve()
        else:
            self._initialise()

    def await_ready(self) -> None:
        """The rest of starting; HostingRefused when the server does not come up."""
        if self._initdb is not None:
            self._await_initdb()
            self._serve()
        ready = wait_until(lambda: self._child_ended or self._takes_connections(), SECONDS_TO_START)
        if self._child_ended or not ready:
            raise HostingRefused(f"PostgreSQL did not start: {last_lines(self.log)}; its log is {self.log}")
        self._make_roles()

    def stop(self) -> None:
        """Ends the server with everything written, and removes its socket; harmless where it was not started."""
        for child in (self._initdb, self._child):
            if child is not None:
                end(child, STEPS_TO_STOP)
        if self._sockets is not None:
            self._sockets.remove()
        self._initdb = self._child = self._sockets = None

    def kill(self) -> None:
        """Ends all its processes as a crash would; ``start`` brings it back at the same address."""
        send([self.pid, *working_in(self.data)], signal.SIGKILL)
        self.child.wait()
        wait_until(lambda: not working_in(self.data), 10)

    def create_database(self, name: str, template: str | None = None) -> None:
        """A new database of the owner's, as a copy of ``template`` if given (nobody may be connected to that one)."""
        form = "CREATE DATABASE {} OWNER {} TEMPLATE {}"
        self.execute(sql.SQL(form).format(*map(sql.Identifier, (name, OWNER, template or "template0"))))

    def drop_database(self, name: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def execute(self, statement: sql.Composed | sql.SQL) -> None:
        """Runs one statement as the server's superuser, outside any transaction."""
        with psycopg.connect(self.url("postgres", OWNER), autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _socket_folder(self) -> Path:
        if self._sockets is None:
            raise RuntimeError("this server has not been started")
        return self._sockets.path

    @property
    def _child_ended(self) -> bool:
        return self.child.poll() is not None

    def _who(self) -> Identity:
        return self._identity or suitable_identity()

    def _launch(self, program: str, *arguments: str) -> Child:
        return launch(
            [binaries() / program, *arguments],
            output=self.log,
            folder=self.folder,
            environment=_environment(),
            death_signal=signal.SIGINT,
            identity=self._who(),
        )

    def _initialise(self) -> None:
        """Starts making the data in a folder beside; it gets its name when complete, so a half-made one is never served."""
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._unfinished.mkdir(mode=0o700)
        self._give_to_server(self._unfinished)
        unicode = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        place = (f"--pgdata={self._unfinished}", f"--username={OWNER}", "--auth=trust", "--no-instructions")
        self._initdb = self._launch("initdb", *place, *unicode)

    @property
    def _unfinished(self) -> Path:
        return self.folder / "data.unfinished"

    def _await_initdb(self) -> None:
        initdb, self._initdb = self._initdb, None
        if initdb is None or initdb.wait(SECONDS_TO_START) != 0:
            raise HostingRefused(f"PostgreSQL's data can't be made: {last_lines(self.log)}; the log is {self.log}")
        self._unfinished.rename(self.data)

    def _serve(self) -> None:
        self._give_to_server(self._socket_folder)
        self._give_to_server(self.data)
        settings = {**self._options, "unix_socket_directories": str(self._socket_folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._child = self._launch("postgres", "-D", str(self.data), *options)

    def _give_to_server(self, folder: Path) -> None:
        """Makes the folder belong to whom the server runs as; nothing to do unless root's and nobody's turns change."""
        owner = NOBODY if self._who() == "nobody" else os.geteuid()
        if folder.stat().st_uid == owner:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, owner, owner, follow_symlinks=False)

    def _refuse_other_version(self) -> None:
        made, brought = (self.data / "PG_VERSION").read_text().strip(), major_version()
        if made != brought:
            raise HostingRefused(
                f"{self.data} was made by PostgreSQL {made} and the hub brings {brought}: "
                "start the hub that made it and dump the database, or name another folder with --data"
            )

    def _stop_leftover(self) -> None:
        """Ends a server whose parent was killed: cleanly if it can, and before another one touches its data."""
        for number, seconds in (*STEPS_TO_STOP, (signal.SIGKILL, 6.0)):
            left = self._leftover()
            if left:
                send(left if number == signal.SIGKILL else left[:1], number)
                wait_until(lambda: not self._leftover(), seconds)
        self._forget_stranger()

    def _leftover(self) -> list[int]:
        """What runs on this data: the postmaster first, which passes signals on by itself, all but SIGKILL."""
        postmaster = self._noted_pid()
        ours = [postmaster] if runs_with(postmaster, f"-D\0{self.data}") else []
        return [*ours, *(pid for pid in working_in(self.data) if pid not in ours)]

    def _forget_stranger(self) -> None:
        """Removes a noted process number that PostgreSQL would take for a running server, and refuse to start.

        It may be someone else's since a reboot, or that of a dead one nobody has asked after (as in many containers).
        """
        noted = self._noted_pid()
        if noted and Path(f"/proc/{noted}").exists() and not self._leftover():
            (self.data / "postmaster.pid").unlink()

    def _noted_pid(self) -> int:
        lines = self._notes()
        return int(lines[0]) if lines else 0

    def _notes(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _takes_connections(self) -> bool:
        """What ``pg_ctl`` looks at: the eighth line of the postmaster's notes."""
        notes = self._notes()
        return len(notes) >= 8 and int(notes[0]) == self.pid and notes[7].strip() == "ready"

    def _make_roles(self) -> None:
        """The roles and the hub's database, if they are not there yet."""
        with psycopg.connect(self.url("postgres", OWNER), autocommit=True) as connection:
            names = "SELECT rolname FROM pg_roles UNION SELECT 'database ' || datname FROM pg_database"
            there = {row[0] for row in connection.execute(names)}
            if APPLICATION not in there:
                connection.execute(f"CREATE ROLE {APPLICATION} NOLOGIN")
            if HUB not in there:
                connection.execute(f"CREATE ROLE {HUB} LOGIN IN ROLE {APPLICATION}")
            if f"database {OWNER}" not in there:
                connection.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _environment() -> dict[str, str]:
    """The environment without PGDATA, PGPORT and the like, which are meant for another server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}
