"""From a bare Python to one with every package: makes ``.venv`` beside this folder once, then re-executes inside it.

Nothing but the standard library here. Packages come from lock files with hashes, by uv (pinned and hashed itself) since it
is several times faster, and by pip where uv can't. The project itself is not built: a ``.pth`` file and a script of two lines
do what an editable install does, without fetching an unhashed build backend and without writing into the clone.

Where the clone is someone else's or read-only, the environment goes to the user's cache folder instead of failing: whoever
can read the code can run it. A stamp with the lock's hash makes a later start a matter of milliseconds. One start at a time
installs (a lock on the folder, which the installers inherit, so that it outlasts a start that was killed); one that was
interrupted leaves a mark, and the next begins anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from coordinator.browser import parts

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "requirements"
RUN, TEST = "run.txt", "test.txt"
"""The lock files; what TEST names includes all that RUN names."""
SKIP = "TALLYROOM_NO_BOOTSTRAP"
OLDEST = (3, 11)
PAGES = ("up", "demo", "web", "test", "screenshots", "bench")
"""The verbs that show pages: they try again to fetch the browser's parts where an earlier start could not."""


class NotPrepared(Exception):
    """The packages can't be installed; the message is one line that says what to do."""


def enter(arguments: Sequence[str]) -> None:
    """Returns where everything is installed already; else installs it and re-executes, or exits 2 with the reason."""
    if _set_aside():
        return
    lock = TEST if arguments[:1] in (["test"], ["screenshots"], ["bench"]) else RUN
    try:
        place = choose(lock)
        fresh = place.holds(lock) or not place.prepare(lock)
        if arguments[:1] and arguments[0] in PAGES and place.is_writable():
            place.fetch_parts()
    except (NotPrepared, OSError) as problem:
        _say(str(problem))
        sys.exit(2)
    except KeyboardInterrupt:
        _say("interrupted; the next start installs anew")
        sys.exit(130)
    if not (fresh and place.is_current()):
        os.execv(place.python, [str(place.python), "-P", "-m", "coordinator", *arguments])


def _set_aside() -> bool:
    """An image or environment that brings its packages itself, or an installed copy without lock files."""
    if os.environ.get(SKIP) or not (LOCKS / RUN).exists():
        return True
    foreign = sys.prefix != sys.base_prefix and not Place(Path(sys.prefix)).is_ours()
    return foreign and all(importlib.util.find_spec(name) for name in ("flask", "celery", "psycopg", "gunicorn"))


class Place:
    """A virtual environment: the folder, what is installed in it and how that is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self._stamp = folder / "tallyroom.json"
        self._unfinished = folder / "tallyroom.unfinished"

    def is_current(self) -> bool:
        """Whether this very process runs in it."""
        return Path(sys.prefix).resolve() == self.folder.resolve()

    def is_ours(self) -> bool:
        """Whether it is one of those that ``choose`` picks from."""
        return self.folder.resolve() in [place.folder.resolve() for place in places()]

    def holds(self, lock: str) -> bool:
        """Whether exactly this lock file's packages are installed, for this clone and by a Python that is still there."""
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return False
        same = stamp.get("root") == str(ROOT) and stamp.get("python") == os.path.realpath(self.python)
        return same and stamp.get("locks", {}).get(lock) == _digest(lock) and self._runs()

    def is_writable(self) -> bool:
        """Whether this user may install into it. Root may write anywhere, but not into another user's."""
        if self.folder.exists():
            return self.folder.stat().st_uid == os.geteuid() and os.access(self.folder, os.W_OK)
        above = next(parent for parent in self.folder.parents if parent.exists())
        return os.access(above, os.W_OK | os.X_OK)

    def prepare(self, lock: str) -> bool:
        """Installs what the lock file names; returns whether there was anything to do, once it was this start's turn."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _turn(self.folder) as turn:
            if self.holds(lock):
                return False
            self._make(turn)
            self._install(lock, turn)
            self._link()
            self._note(lock)
            self._unfinished.unlink()
        self.fetch_parts()
        if not self.holds(lock):
            raise NotPrepared(f"{self.folder} is not as it was left a moment ago: remove that folder and start again")
        _say("installed")
        return True

    def fetch_parts(self) -> None:
        """Fetches what pages need in a browser, where it is not there. Only the pages do without: it is said, and no more."""
        place = parts.folder(self.folder)
        if parts.held(place):
            return
        with _turn(self.folder) as turn:
            try:
                if not parts.held(place):
                    _say("fetching the browser's parts")
                    parts.fetch(place, (turn,))
            except (parts.NotFetched, OSError) as problem:
                _say(f"no browser's parts: pages will not be shown, all else works, a later start tries again ({problem})")

    def _sound(self) -> bool:
        """Whether what is there can be built upon: complete, and its Python not gone or too old."""
        return not self._unfinished.exists() and self._runs() and self._site_packages() is not None and self._version() >= OLDEST

    def _runs(self) -> bool:
        return os.access(self.python, os.X_OK)

    def _version(self) -> tuple[int, ...]:
        """The Python version its making noted, such as (3, 11)."""
        notes = self.folder / "pyvenv.cfg"
        for line in notes.read_text().splitlines() if notes.exists() else []:
            name, _, value = line.partition("=")
            if name.strip() in ("version", "version_info"):
                return tuple(int(part) for part in value.strip().split(".")[:2])
        return (0,)

    def _site_packages(self) -> Path | None:
        return next(iter(sorted(self.folder.glob("lib/python3*/site-packages"))), None)

    def _make(self, turn: int) -> None:
        """The environment itself, without pip: that takes seconds, and the Python at hand usually has one."""
        sound = self._sound()
        self._stamp.unlink(missing_ok=True)
        self._unfinished.touch()
        if sound:
            _say(f"the list of packages has changed: bringing {self.folder} up to date")
            return
        _say(f"first start here: installing Python packages into {self.folder} (about a minute; later starts are immediate)")
        if importlib.util.find_spec("venv") is None:
            raise NotPrepared(f"this Python has no venv module: {_advice()}")
        _run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(self.folder)], turn, "the environment can't be made")
        self._unfinished.touch()

    def _install(self, lock: str, turn: int) -> None:
        """By uv; by pip where uv can't be had or can't reach the index that pip is configured for."""
        pip = self._pip(turn)
        hashed = ["install", "--quiet", "--require-hashes"]
        try:
            _say("fetching the installer")
            _run([*pip, *hashed, "--only-binary", ":all:", "-r", str(LOCKS / "uv.txt")], turn, "uv can't be installed")
            _say("fetching and installing the packages")
            uv = [str(self.folder / "bin" / "uv"), "pip", "install", "--require-hashes", "--compile-bytecode"]
            _run([*uv, "--python", str(self.python), "-r", str(LOCKS / lock)], turn, "uv did not succeed", _uv_environment())
        except NotPrepared as problem:
            _say(f"{problem}; trying pip, which takes longer")
            _run([*pip, *hashed, "-r", str(LOCKS / lock)], turn, "packages can't be installed (is there a network, or a proxy to be set?)")

    def _pip(self, turn: int) -> list[str]:
        """How pip is called for this environment: its own, else that of the Python at hand, else one unpacked from there."""
        own = [str(self.python), "-m", "pip", "--disable-pip-version-check", "--no-input"]
        site = self._site_packages()
        if site is not None and (site / "pip").is_dir():
            return own
        if importlib.util.find_spec("pip") is not None:
            return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--python", str(self.python)]
        if importlib.util.find_spec("ensurepip") is None:
            raise NotPrepared(f"this Python has neither pip nor ensurepip: {_advice()}")
        _run([str(self.python), "-m", "ensurepip"], turn, "pip can't be unpacked")
        return own

    def _link(self) -> None:
        """What an editable install would do: the rooms can be imported, and ``tallyroom`` is a command."""
        site = self._site_packages()
        if site is None:
            raise NotPrepared(f"{self.folder} has no site-packages: remove that folder and start again")
        (site / "tallyroom.pth").write_text(f"{ROOT}\n")
        command = self.folder / "bin" / "tallyroom"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(self.python))} -P -m coordinator "$@"\n')
        command.chmod(0o755)

    def _note(self, lock: str) -> None:
        """The stamp, written last and in one step."""
        locks = {name: _digest(name) for name in {RUN, lock}}
        draft = self._stamp.with_suffix(".new")
        draft.write_text(json.dumps({"root": str(ROOT), "python": os.path.realpath(self.python), "locks": locks}))
        draft.replace(self._stamp)


def choose(lock: str) -> Place:
    """The environment that has everything, else the first that can be written; NotPrepared where none can."""
    candidates = places()
    for place in candidates:
        if place.holds(lock):
            return place
    for place in candidates:
        if place.is_writable():
            return place
    folders = " nor ".join(str(place.folder) for place in candidates)
    raise NotPrepared(f"neither {folders} can be written: make one of them writable, or set XDG_CACHE_HOME to a folder of yours")


def places() -> list[Place]:
    """Beside the rooms; else in the user's cache, one for each clone."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    clone = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return [Place(ROOT / ".venv"), Place(cache / "tallyroom" / f"venv-{clone}")]


@contextmanager
def _turn(folder: Path) -> Iterator[int]:
    """One start at a time; the file number it yields is to be inherited by whoever writes into the folder."""
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another start is installing; waiting for it")
            fcntl.flock(number, fcntl.LOCK_EX)
        yield number
    finally:
        os.close(number)


def _run(command: list[str], turn: int, failure: str, environment: dict[str, str] | None = None) -> None:
    """Runs an installer, quietly unless it fails; NotPrepared with the last thing it said."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    answer = subprocess.run(command, pass_fds=(turn,), env=environment, text=True, check=False, **quiet)  # type: ignore[call-overload]
    if answer.returncode != 0:
        said = [line.strip() for line in answer.stdout.splitlines() if line.strip()]
        raise NotPrepared(f"{failure}: {' '.join(said[-3:]) or f'status {answer.returncode}'}")


def _uv_environment() -> dict[str, str]:
    """uv does not read pip's settings: those that say where packages are and whom to trust are passed on."""
    pairs = {"UV_DEFAULT_INDEX": "PIP_INDEX_URL", "UV_INDEX": "PIP_EXTRA_INDEX_URL", "SSL_CERT_FILE": "PIP_CERT"}
    passed = {ours: os.environ[pips] for ours, pips in pairs.items() if os.environ.get(pips)}
    return passed | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"} | os.environ


def _digest(lock: str) -> str:
    return hashlib.sha256((LOCKS / lock).read_bytes()).hexdigest()


def _advice() -> str:
    return "install python3-venv (Debian, Ubuntu: apt install python3-venv) and start again"


def _say(sentence: str) -> None:
    print(f"tallyroom: {sentence}", file=sys.stderr, flush=True)
