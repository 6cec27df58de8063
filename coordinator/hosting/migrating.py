"""Migrating in a process of its own, so that what it needs in memory is gone when it is done: ``up`` runs for weeks.

It is begun while the servers start, imports meanwhile, and gets the owner's URL by its standard input, where no list of processes
shows it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from coordinator.hosting.refusals import HostingRefused

ROOT = Path(__file__).parents[2]


def begin() -> Callable[[str], None]:
    """Starts the process; the answer migrates the database of an owner's URL, with HostingRefused where that fails."""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {__name__} import main; main()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def migrate(owner_url: str) -> None:
        _, said = process.communicate(owner_url)
        if process.returncode:
            raise HostingRefused(f"the database could not be brought up to date: {(said.strip().splitlines() or ['no reason given'])[-1]}")

    return migrate


def main() -> None:
    """Imports, waits for the URL, migrates; ends with nothing done where none comes."""
    from coordinator.schema import upgrade

    if owner_url := sys.stdin.read():
        upgrade(owner_url)
