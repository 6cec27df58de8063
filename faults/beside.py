"""The gentle nemesis, beside something else that goes on: what no caller may notice at all."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from rich.console import Console

from coordinator.nights import playing, tables
from coordinator.nights.caller import Caller
from faults.hubs import Hub
from faults.nemesis import GENTLE, Fault, Nemesis, Reach

SECONDS_BETWEEN = 2.5
SLICE = 0.1


class Gentle:
    """Strikes every few seconds for as long as its ``wait`` is called. A context: what is frozen goes on at its end."""

    def __init__(self, on: Hub, seed: int, say: Callable[[str], None], kinds: dict[str, Fault] | None = None) -> None:
        self.nemesis = Nemesis(Reach(on, random.Random(f"gentle {seed}")), GENTLE if kinds is None else kinds)
        self._say, self._due = say, time.monotonic() + 1.0

    def __enter__(self) -> Gentle:
        return self

    def __exit__(self, *problem: object) -> None:
        self.nemesis.__exit__(*problem)

    def wait(self, seconds: float) -> None:
        """Sleeps for so long, and strikes where one is due."""
        until = time.monotonic() + seconds
        while True:
            self.nemesis.tend()
            if time.monotonic() >= self._due and (name := self.nemesis.strike()):
                self._due = time.monotonic() + SECONDS_BETWEEN
                self._say(f"fault {self.nemesis.tally.total():3}: {name}")
            if (left := until - time.monotonic()) <= 0:
                return
            time.sleep(min(SLICE, left))


def play_night(
    facts: str, on: Hub, seed: int, seconds: float, console: Console, kinds: dict[str, Fault] | None = None
) -> tuple[Nemesis, bool]:
    """Plays the night of published facts (a template's name, or a file) beside it; whether every figure is the published one."""
    ready = playing.prepare(facts, seed)
    with Gentle(on, seed, lambda line: console.print(line, highlight=False), kinds) as gentle:
        stage, comparison = playing.play(ready, Caller(on.url, on.token, gentle.wait), seconds, console, wait=gentle.wait)
    tables.show(console, ready.document, stage.totals(), comparison)
    stage.close()
    return gentle.nemesis, comparison.equal


def trouble(on: Hub, seed: int, seconds: float, say: Callable[[str], None], kinds: dict[str, Fault] | None = None) -> Nemesis:
    """Nothing but the faults, for so long: whoever tries the hub meanwhile is somebody else."""
    with Gentle(on, seed, say, kinds) as gentle:
        gentle.wait(seconds)
    return gentle.nemesis
