"""The data folder: everything a hub keeps, held by one hub at a time.

    hub.lock    held while a hub runs; says which process holds it
    hub.json    the running hub: address, processes, and the settings by which other verbs find it (they may hold passwords)
    logs/       what web, worker and beat print
    postgres/   the private PostgreSQL: data and log
    metrics/    what the web's processes count, between them
    valkey/     the private Valkey: its log
    signing.key the key that signs checkpoints and bundles, made by the first hub on this folder that was given none

All of it is private to the user who runs the hub.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from config.settings import Settings, SettingsError
from coordinator.hosting.processes import alive, wait_until
from coordinator.hosting.refusals import HostingRefused

SECONDS_TO_LET_GO = 0.5
"""A verb that looks whether a hub runs holds the lock for an instant; a hub that starts waits this long for it."""


@dataclass(frozen=True)
class RunningHub:
    """What other verbs need to know of a hub that runs: ``settings`` are environment variables, ``pids`` by name."""

    url: str
    pid: int
    pids: dict[str, int]
    settings: dict[str, str]


class DataFolder:
    """The folder of one hub. ``hold`` takes it, ``let_go`` gives it back."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.metrics = self.path / "metrics"
        self.postgres = self.path / "postgres"
        self.valkey = self.path / "valkey"
        self.signing_key = self.path / "signing.key"
        self._lock: IO[str] | None = None

    def hold(self) -> None:
        """Makes the folder, private to its user, and takes its lock; HostingRefused with what is in the way."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_foreign()
            self.path.chmod(0o700)
            self._lock = self._locked_file()
            self.logs.mkdir(exist_ok=True)
            shutil.rmtree(self.metrics, ignore_errors=True)
            self.metrics.mkdir()
        except OSError as problem:
            raise HostingRefused(f"{self.path} can't be written ({problem.strerror}): name another folder with --data") from problem

    def keep_key(self, make: Callable[[], str]) -> None:
        """Makes the signing key where there is none, in one step and for this user alone."""
        if not self.signing_key.exists():
            draft = self.signing_key.with_suffix(".new")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(make())
            draft.rename(self.signing_key)

    def let_go(self) -> None:
        """Forgets the running hub and gives the folder back; more than once does no harm."""
        if self._lock is not None:
            self._note_file.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def note(self, hub: RunningHub) -> None:
        """Writes down the running hub, for this user alone, in one step."""
        draft = self.path / "hub.json.new"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(asdict(hub), indent=1) + "\n")
        draft.replace(self._note_file)

    def running(self) -> RunningHub | None:
        """The hub that holds this folder now, if one does and it has said where it is."""
        try:
            hub = RunningHub(**json.loads(self._note_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return hub if alive(hub.pid) and self._is_held() else None

    @property
    def _lock_file(self) -> Path:
        return self.path / "hub.lock"

    @property
    def _note_file(self) -> Path:
        return self.path / "hub.json"

    def _refuse_foreign(self) -> None:
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise HostingRefused(f"{self.path} belongs to {_name(owner)}: run as that user, or name another folder with --data")

    def _locked_file(self) -> IO[str]:
        lock = self._lock_file.open("a+")
        if not wait_until(lambda: _locked(lock, fcntl.LOCK_EX), SECONDS_TO_LET_GO):
            with lock:
                raise HostingRefused(self._held_by(lock))
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        return lock

    def _held_by(self, lock: IO[str]) -> str:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        return f"{self.path} is held by another hub (process {holder}): stop that one, or name another folder with --data"

    def _is_held(self) -> bool:
        try:
            with self._lock_file.open() as lock:
                return not _locked(lock, fcntl.LOCK_SH)
        except OSError:
            return False


def running_settings(data: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Settings of the hub to speak to: what the environment gives, and for the rest the hub that runs on ``data``.

    Raises SettingsError that says what to do when neither tells where the database is.
    """
    given = dict(os.environ if environ is None else environ)
    hub = DataFolder(data).running()
    try:
        return Settings.from_environment((hub.settings if hub else {}) | given)
    except SettingsError as problem:
        if hub is not None:
            raise
        advice = f"no hub runs on {data.absolute()}: start one with `tallyroom up`, name its folder with --data, or set what is missing"
        raise SettingsError(f"{advice} ({problem})") from problem


def _locked(lock: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"
