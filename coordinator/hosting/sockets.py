"""Short private folders for Unix sockets: their address holds at most 107 bytes, and a data folder may lie deep.

Where the folder is gets written down beside the data, so that the one left by a hub that was killed is removed at the
next start.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

PREFIX = "tallyroom-"
LONGEST = 60
"""Bytes of a temporary folder's path that still leave room for any socket's name (107 in all)."""


def make(record: Path) -> Path:
    """A new folder only this user can enter; ``record`` is the file that remembers it."""
    remove(record)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_parent()))
    record.write_text(f"{folder}\n")
    return folder


def remove(record: Path) -> None:
    """Removes the folder that ``record`` remembers, if there is one and it is of ours."""
    try:
        folder = Path(record.read_text().strip())
    except FileNotFoundError:
        return
    if folder.name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    record.unlink(missing_ok=True)


def _parent() -> str:
    usual = tempfile.gettempdir()
    return usual if len(usual.encode()) <= LONGEST else "/tmp"
