"""Stands between the hub and each of its children: takes on who it is to be, ties its life to the hub's, becomes it.

    python -I -S launch.py IDENTITY SIGNAL PARENT PROGRAM [ARGUMENT ...]

A script of its own and not code run between fork and exec: Python after a fork of a process with threads may hang on a
lock nobody holds any more, and a user namespace can only be entered by a process of one thread. It costs 20 ms. It needs
nothing but the standard library.

The order matters: the kernel forgets the death signal whenever a process changes who it is, so that comes first; and a
parent that died before the signal was asked for is noticed by looking once more.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAPABILITY_VERSION_3 = 0x20080522
CAP_DAC_OVERRIDE = 1
NOBODY = 65534
NAMED = ("daemon", "bin", "nobody")
"""Accounts of nearly every system: inside the user namespace the user is one of them, since initdb asks for its name."""


def main(arguments: list[str]) -> int:
    """Becomes the program, or returns the exit status that says why not (126: identity, 127: no such program)."""
    identity, death_signal, parent, *command = arguments
    try:
        become(identity)
    except OSError as problem:
        sys.stderr.write(f"can't run as {identity}: {problem}\n")
        return 126
    if not command:
        return 0
    die_with_parent(int(death_signal), int(parent))
    try:
        os.execvp(command[0], command)  # noqa: S606 (becoming a program is what this script is for)
    except OSError as problem:
        sys.stderr.write(f"can't run {command[0]}: {problem}\n")
    return 127


def become(identity: str) -> None:
    """``self``: as is. ``mapped``: the same user under another number. ``nobody``: that one, able to pass private folders."""
    if identity == "mapped":
        enter_user_namespace()
    elif identity == "nobody":
        drop_to_nobody()


def enter_user_namespace() -> None:
    """The user keeps its own files, but is to itself neither root nor without a name, which is all PostgreSQL asks."""
    user, group, inside = os.geteuid(), os.getegid(), named()
    check(libc().unshare(CLONE_NEWUSER), "user namespaces are not allowed")
    write("/proc/self/setgroups", "deny")
    write("/proc/self/gid_map", f"{inside} {group} 1")
    write("/proc/self/uid_map", f"{inside} {user} 1")


def named() -> int:
    """The number of an account that has a name here and is not root."""
    for name in NAMED:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return NOBODY


def drop_to_nobody() -> None:
    """Gives up root; keeps one capability, since the folders above the database are usually root's alone."""
    check(libc().prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "capabilities can't be kept")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    keep_capability(CAP_DAC_OVERRIDE)


def keep_capability(number: int) -> None:
    """Lets this one capability survive the exec of an ordinary program (an ambient capability)."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << number
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    check(libc().capset(header, sets), "capabilities can't be set")
    check(libc().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0), "capabilities can't be kept")


def die_with_parent(death_signal: int, parent: int) -> None:
    """The kernel sends ``death_signal`` when the thread that started this process ends, however it ends (Linux alone)."""
    if sys.platform != "linux":
        return
    check(libc().prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0), "no death signal")
    if os.getppid() != parent:
        os._exit(0)


def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    """Raises OSError when a C call failed."""
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what} ({os.strerror(ctypes.get_errno())})")


def write(path: str, text: str) -> None:
    """One write, as the kernel wants it for these files."""
    Path(path).write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
