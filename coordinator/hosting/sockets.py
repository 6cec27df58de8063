"""Short private folders for Unix sockets: their address holds at most 107 bytes, and a data folder may lie deep.

Each is locked by whoever made it for as long as that process lives, however it ends. So the next start can tell the folders
of those that were killed and remove them, and cleaners of temporary files leave alone those that are in use.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX, DRAFT = "tallyroom-sockets-", ".tallyroom-sockets-"
LONGEST = 50
"""Bytes of a temporary folder's path that still leave room for any socket's name (107 in all)."""


class SocketFolder:
    """A folder that only this user can enter; ``remove`` it when its sockets are no longer needed."""

    def __init__(self) -> None:
        """Makes it under another name first: it must be locked before anyone who looks for abandoned ones can see it."""
        remove_abandoned()
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=_parent()))
        self._lock = os.open(draft, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = draft.rename(draft.with_name(PREFIX + draft.name.removeprefix(DRAFT)))

    def remove(self) -> None:
        """Removes it with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def remove_abandoned() -> None:
    """Removes the folders whose makers are gone, as far as this user may."""
    for folder in Path(_parent()).glob(f"{PREFIX}*"):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)


def _parent() -> str:
    usual = tempfile.gettempdir()
    return usual if len(usual.encode()) <= LONGEST else "/tmp"
