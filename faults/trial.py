"""All of it together: a hub, clients that post to it, the nemesis at work on both, and then what was found."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from faults import board, checker
from faults.board import Board, Journal
from faults.checker import Finding
from faults.clients import Clients, said_together
from faults.hubs import Hub
from faults.nemesis import Fault, Nemesis, Reach
from faults.proxy import Proxy
from faults.stage import open_operation

LEAST_BETWEEN = 0.5
"""Seconds between two faults at least."""


@dataclass(frozen=True)
class Trial:
    """How much of it: ``posts`` at ``pace`` a second, and ``faults`` spread over them; ``kinds`` None: all there are."""

    seed: int
    posts: int = 5_000
    faults: int = 20
    pace: float = 100.0
    clients: int = 4
    kinds: dict[str, Fault] | None = None
    seconds_to_settle: float = checker.SECONDS_TO_SETTLE


@dataclass
class Result:
    """What was done, what was answered, and what was found."""

    trial: Trial
    findings: list[Finding]
    faults: Counter[str]
    answers: Counter[str]
    seconds: float
    longest_behind: float

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not any(one.count for one in self.findings)

    @property
    def wrong(self) -> list[Finding]:
        """What was found."""
        return [one for one in self.findings if one.count]


def run(trial: Trial, on: Hub, say: Callable[[str], None] = print) -> Result:
    """Tries ``on``, which must be kept running by whoever started it. From the main thread."""
    target, began, owner = open_operation(on.url, on.token), time.monotonic(), on.owner_url
    with ExitStack() as stack:
        proxy = stack.enter_context(Proxy(on.url))
        shown = stack.enter_context(Board(on.url, target.token, target.code))
        read = stack.enter_context(Journal(owner, target.code))
        through = replace(target, urls=(on.url, proxy.url))
        clients = stack.enter_context(Clients(through, trial.seed, trial.posts, clients=trial.clients, pace=trial.pace))
        reach = Reach(on, random.Random(f"nemesis {trial.seed}"), clients, proxy)
        with Nemesis(reach, trial.kinds) as nemesis:
            _let_loose(trial, clients, nemesis, say)
        say(f"all was sent and answered; {said_together(clients.answers)}")
        findings = checker.check(target, owner, clients.outcomes, clients.answers, shown, read, trial.seconds_to_settle)
    late = max((seconds for _, seconds in board.behind(shown.looks, clients.outcomes)), default=0.0)
    return Result(trial, findings, nemesis.tally, clients.answers, time.monotonic() - began, late)


def _let_loose(trial: Trial, clients: Clients, nemesis: Nemesis, say: Callable[[str], None]) -> None:
    """Fault after fault, spread evenly over the posts; returns when all posts have been settled or given up."""
    last = 0.0

    def meanwhile() -> None:
        nonlocal last
        nemesis.tend()
        struck = nemesis.tally.total()
        due = clients.settled * (trial.faults + 1) >= (struck + 1) * trial.posts and struck < trial.faults
        if due and time.monotonic() - last > LEAST_BETWEEN and (name := nemesis.strike()):
            last = time.monotonic()
            say(f"{clients.settled:7,} of {trial.posts:,} posted, fault {struck + 1:3}: {name}")

    clients.finish(meanwhile)
