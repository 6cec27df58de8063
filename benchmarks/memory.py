"""What a hub's processes hold in memory: the proportional set size (PSS), which counts a page shared by n processes n-thly in each."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.hubs import Hub

REST = 10.0
"""Seconds after which a hub that nobody uses is at rest."""


def held(on: Hub, part: str | None = None) -> float:
    """Bytes held by one part of the hub with all its processes, or by all of it."""
    return sum(_pss(pid) for pid in _family(on.note["pids"][part] if part else on.note["pid"]))


async def measure(on: Hub) -> list[Figure]:
    """The whole stack at rest: supervisor, web, worker, beat, Valkey, PostgreSQL."""
    await asyncio.sleep(REST)
    servers = sum(held(on, part) for part in ("postgresql", "valkey"))
    return [Figure("the whole stack at rest", held(on) / 2**20, "MB", servers / 2**20, 400, limit_is="PostgreSQL and Valkey alone")]


def _family(root: int) -> list[int]:
    """A process and all below it."""
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            children[int(stat.read_text().rpartition(")")[2].split()[1])].append(int(stat.parent.name))
        except OSError:
            continue  # it has ended meanwhile
    found = [root]
    for pid in found:
        found.extend(children[pid])
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
