"""Children that never outlive their parent: started apart, watched, ended step by step.

Start them from the main thread: the kernel ties a child's life to the thread that started it, not to the process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from coordinator.hosting import launch as launcher

Identity = Literal["self", "mapped", "nobody"]
"""Who a child runs as: see ``launch.become``."""

Child = subprocess.Popen[bytes]
LONGEST_LOG = 16 * 1024 * 1024
"""Bytes; looked at when a child starts."""
PROC = Path("/proc/self")
POLL = 0.01
"""Seconds between two looks at something the kernel does not tell us about."""


def launch(
    command: Sequence[str | Path],
    *,
    output: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    identity: Identity = "self",
    keep: Sequence[int] = (),
) -> Child:
    """Starts ``command`` in a session of its own, so that Ctrl-C in the terminal reaches the parent alone.

    What it prints is added to the file ``output``. It gets ``death_signal`` when the thread that calls this ends, and of
    the parent's open files only those that ``keep`` names by number.
    """
    _keep_short(output)
    before = [sys.executable, "-I", "-S", launcher.__file__, identity, str(int(death_signal)), str(os.getpid())]
    with output.open("ab") as log:
        return subprocess.Popen(
            [*before, *map(str, command)],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=keep,
        )


def _keep_short(output: Path) -> None:
    """A log that has grown long makes room for a new one; the one before it is kept."""
    if output.exists() and output.stat().st_size > LONGEST_LOG:
        output.replace(output.with_suffix(".old"))


def allowed(identity: Identity) -> bool:
    """Whether this machine lets a child take on that identity; tried, not guessed."""
    attempt = [sys.executable, "-I", "-S", launcher.__file__, identity, "0", "0"]
    return subprocess.run(attempt, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


Steps = Sequence[tuple[signal.Signals, float]]
"""How to end a child: a signal and the seconds it has to take effect, then the next; SIGKILL comes last by itself."""

AT_ONCE: Steps = ()


def end(child: Child, steps: Steps = AT_ONCE) -> int:
    """Ends a child and whatever is left of its process group; returns its exit status."""
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if child.poll() is None:
            child.send_signal(number)
        if wait_until(lambda: child.poll() is not None, seconds):
            break
    sweep(child.pid)
    return child.wait(1)


def end_together(children: Mapping[Child, Steps]) -> None:
    """Ends several children side by side: the first step of each at once, the rest only for those that need it."""
    running = {child: steps for child, steps in children.items() if steps and child.poll() is None}
    for child, steps in running.items():
        child.send_signal(steps[0][0])
    longest = max((steps[0][1] for steps in running.values()), default=0.0)
    wait_until(lambda: all(child.poll() is not None for child in running), longest)
    for child, steps in children.items():
        end(child, steps[1:])


def sweep(group: int) -> None:
    """Kills what a child left behind in its process group, such as the processes of a worker that was killed."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def wait_until(condition: Callable[[], object], seconds: float, pause: float = POLL) -> bool:
    """Looks every ``pause`` until ``condition()`` holds or the time is over; returns whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True


def alive(pid: int) -> bool:
    """Whether a process of that number runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return not PROC.exists() and _exists(pid)


def _exists(pid: int) -> bool:
    """All that can be learned without /proc, as on macOS."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def runs_with(pid: int, arguments: str) -> bool:
    """Whether that process runs and was started with these arguments, NUL between them. Anyone may ask, of anyone's."""
    try:
        return alive(pid) and f"\0{arguments}\0".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def working_in(folder: Path) -> list[int]:
    """The processes whose current folder this is: how a PostgreSQL is found whose parent was killed."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _works_in(entry, folder) and alive(int(entry.name))]


def _works_in(entry: Path, folder: Path) -> bool:
    try:
        return (entry / "cwd").readlink() == folder
    except OSError:
        return False


def send(pids: Sequence[int], number: signal.Signals) -> None:
    """Sends a signal to those that are still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def last_lines(output: Path, count: int = 3) -> str:
    """The end of a log, on one line: what a child said before it gave up."""
    try:
        lines = output.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return " | ".join(line.strip() for line in lines[-count:])
