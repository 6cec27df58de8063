"""The nemesis: from a seed, one fault after another against a running hub and its clients; what it freezes it lets go again.

It finds what to hit by the processes' numbers, at the moment it hits; who brings it back is the hub's own affair. A fault
with nothing to hit (what it would kill is dead just now) is put off, and another one is taken.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import redis

from coordinator.hosting.processes import alive, send, working_in
from faults.clients import Clients
from faults.proxy import Proxy

LONGEST_FROZEN = 4.0
"""Seconds at most that something stays frozen, stalled or dripping."""


class Prey(Protocol):
    """A hub as the nemesis sees it. ``pid`` answers the number of web, worker, beat, redis or postgres, 0 where it has ended."""

    @property
    def postgres_data(self) -> Path: ...

    @property
    def redis_url(self) -> str: ...

    def pid(self, name: str) -> int: ...


@dataclass
class Reach:
    """All that a fault can touch. ``frozen`` is what must be let go again, and when (monotonic)."""

    prey: Prey
    chance: random.Random
    clients: Clients | None = None
    proxy: Proxy | None = None

    def __post_init__(self) -> None:
        self.frozen: list[tuple[float, list[int]]] = []

    def hit(self, pids: Iterable[int], number: signal.Signals) -> bool:
        """Signals them; whether there was anyone."""
        there = [pid for pid in pids if pid and alive(pid)]
        send(there, number)
        return bool(there)

    def freeze(self, pids: Iterable[int]) -> bool:
        """Stops them for a while; whether there was anyone."""
        there = [pid for pid in pids if pid and alive(pid)]
        self.frozen.append((time.monotonic() + self.some_seconds(), there))
        send(there, signal.SIGSTOP)
        return bool(there)

    def some_seconds(self) -> float:
        """How long a fault lasts that lasts."""
        return self.chance.uniform(1.0, LONGEST_FROZEN)

    def one(self, pids: list[int]) -> list[int]:
        """One of them, if there are any."""
        return [self.chance.choice(pids)] if pids else []

    def child(self, name: str) -> list[int]:
        """One of the processes that this part has started, other than those that only share memory with it."""
        return self.one(children(self.prey.pid(name)))

    def family(self, name: str) -> list[int]:
        """A part with its children."""
        pid = self.prey.pid(name)
        return [pid, *children(pid)] if pid else []

    def backend(self) -> list[int]:
        """One of PostgreSQL's processes that serve the hub's connections."""
        return self.one([pid for pid in children(self.prey.pid("postgres")) if b"tallyroom_hub" in _command(pid)])

    def postgres(self) -> list[int]:
        """All of PostgreSQL's processes."""
        return [self.prey.pid("postgres"), *working_in(self.prey.postgres_data)] if self.prey.pid("postgres") else []


Fault = Callable[[Reach], bool]


def _flush(reach: Reach) -> bool:
    try:
        with redis.Redis.from_url(reach.prey.redis_url, socket_connect_timeout=1, socket_timeout=1) as client:
            return bool(client.flushall())
    except (redis.RedisError, OSError):
        return False


def _wire(act: Callable[[Proxy, float], object]) -> Fault:
    def fault(reach: Reach) -> bool:
        if reach.proxy is None:
            return False
        act(reach.proxy, reach.some_seconds())
        return True

    return fault


def _client(reach: Reach) -> list[int]:
    return reach.one(reach.clients.pids) if reach.clients else []


KILL, TERM = signal.SIGKILL, signal.SIGTERM

GENTLE: dict[str, Fault] = {
    "a worker's process killed": lambda on: on.hit(on.child("worker"), KILL),
    "worker killed": lambda on: on.hit([on.prey.pid("worker")], KILL),
    "worker asked to stop": lambda on: on.hit([on.prey.pid("worker")], TERM),
    "worker frozen": lambda on: on.freeze(on.family("worker")),
    "beat killed": lambda on: on.hit([on.prey.pid("beat")], KILL),
    "beat asked to stop": lambda on: on.hit([on.prey.pid("beat")], TERM),
    "Redis killed": lambda on: on.hit([on.prey.pid("redis")], KILL),
    "Redis asked to stop": lambda on: on.hit([on.prey.pid("redis")], TERM),
    "Redis frozen": lambda on: on.freeze([on.prey.pid("redis")]),
    "Redis flushed": _flush,
}
"""What no caller may notice at all."""

WEB: dict[str, Fault] = {
    "web killed": lambda on: on.hit([on.prey.pid("web")], KILL),
    "web asked to stop": lambda on: on.hit([on.prey.pid("web")], TERM),
    "a web process killed": lambda on: on.hit(on.child("web"), KILL),
    "a web process asked to stop": lambda on: on.hit(on.child("web"), TERM),
    "a web process frozen": lambda on: on.freeze(on.child("web")),
}

POSTGRES: dict[str, Fault] = {
    "a connection of PostgreSQL ended": lambda on: on.hit(on.backend(), TERM),
    "a process of PostgreSQL killed": lambda on: on.hit(on.backend(), KILL),
    "PostgreSQL killed": lambda on: on.hit(on.postgres(), KILL),
    "PostgreSQL stopped": lambda on: on.hit([on.prey.pid("postgres")], signal.SIGINT),
    "PostgreSQL frozen": lambda on: on.freeze(on.postgres()),
}
"""Stopped by SIGINT, which is its own fast way: on SIGTERM it waits for ever for the hub to hang up."""

CLIENTS: dict[str, Fault] = {
    "a client killed": lambda on: on.hit(_client(on), KILL),
    "a client frozen": lambda on: on.freeze(_client(on)),
    "connections cut": _wire(lambda proxy, _: proxy.cut()),
    "connections dripping": _wire(lambda proxy, seconds: proxy.drip(seconds)),
    "connections stalled": _wire(lambda proxy, seconds: proxy.stall(seconds)),
}

ALL = GENTLE | WEB | POSTGRES | CLIENTS


def only(words: Sequence[str], faults: dict[str, Fault]) -> dict[str, Fault]:
    """Those whose names have one of the words in them; all where there are no words. ValueError where that leaves none."""
    chosen = {name: fault for name, fault in faults.items() if not words or any(word.lower() in name.lower() for word in words)}
    if not chosen:
        raise ValueError(f"no fault has {' or '.join(words)} in its name: they are {', '.join(faults)}")
    return chosen


class Nemesis:
    """Commits ``faults`` in an order drawn from ``seed``: each kind comes once before any comes twice.

    Use as a context: whatever is frozen goes on at its end. ``tally`` counts what was done.
    """

    def __init__(self, reach: Reach, faults: dict[str, Fault] | None = None) -> None:
        self.tally: Counter[str] = Counter()
        self._reach, self._faults = reach, dict(ALL if faults is None else faults)
        self._left: list[str] = []

    def __enter__(self) -> Nemesis:
        return self

    def __exit__(self, *_: object) -> None:
        self._thaw(float("inf"))

    def strike(self) -> str:
        """Commits the next fault that has something to hit; answers its name, empty where none has."""
        fresh = self._reach.chance.sample(list(self._faults), len(self._faults))
        order = [*self._left, *(name for name in fresh if name not in self._left)]
        struck = next((name for name in order if self._faults[name](self._reach)), "")
        if struck:
            self._left = [name for name in (self._left if struck in self._left else order) if name != struck]
            self.tally[struck] += 1
        return struck

    def tend(self) -> None:
        """Lets go on what was frozen long enough."""
        self._thaw(time.monotonic())

    def _thaw(self, now: float) -> None:
        due = [pids for until, pids in self._reach.frozen if until <= now]
        self._reach.frozen = [(until, pids) for until, pids in self._reach.frozen if until > now]
        for pids in due:
            send(pids, signal.SIGCONT)


def children(pid: int) -> list[int]:
    """The processes that this one has started and that run."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in found if alive(int(child))]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
