"""Processes and their descendants, told apart from later ones that get the same number."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from coordinator.hosting.processes import alive, wait_until


@dataclass(frozen=True)
class Member:
    """One process: its number, its name and the moment it started, in ticks since boot."""

    pid: int
    name: str
    started: str


def family(pid: int) -> set[Member]:
    """A process and all its descendants, as they are now."""
    everyone = {int(entry.name): stat for entry in Path("/proc").glob("[0-9]*") if (stat := _stat(entry))}
    found, grown = set(), {pid}
    while grown:
        found |= grown
        grown = {number for number, stat in everyone.items() if int(stat[2]) in found} - found
    return {Member(number, everyone[number][0], everyone[number][20]) for number in found if number in everyone}


def left(members: set[Member]) -> set[Member]:
    """Those that still run."""
    return {one for one in members if alive(one.pid) and (stat := _stat(Path(f"/proc/{one.pid}"))) and stat[20] == one.started}


AT_ONCE = 5.0
"""Seconds in which a crowded machine clears away what has been killed, or has ended, already."""


def all_gone(members: set[Member], seconds: float = AT_ONCE) -> bool:
    """Whether all of them end within so many seconds."""
    return wait_until(lambda: not left(members), seconds)


def _stat(entry: Path) -> list[str] | None:
    """The fields of ``stat`` with the name first: 1 is the state, 2 the parent, 20 the start."""
    try:
        before, _, after = (entry / "stat").read_text().rpartition(")")
    except OSError:
        return None
    return [before.partition("(")[2], *after.split()]
