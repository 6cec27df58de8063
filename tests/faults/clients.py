"""The clients of ``faults`` at a hub of the tests, whose parts are stopped and started by the test itself."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from coordinator.hosting.postgres import OWNER
from faults import checker
from faults.checker import Finding
from faults.clients import Clients, Outcome, Target
from tests.hubs import SOON, LiveOperation


@dataclass(frozen=True)
class Plan:
    """So many reports, drawn from a seed."""

    seed: int
    count: int


def plan(chance: random.Random, count: int) -> Plan:
    """Reports of every kind, some of which must be refused."""
    return Plan(chance.randrange(10**6), count)


def target(operation: LiveOperation) -> Target:
    """Where clients post."""
    return Target((operation.hub.url,), operation.desk.token, operation.code)


class Crowd(Clients):
    """Several clients that share a plan. Every tenth report is sent twice. ``pace``: reports a second of all together."""

    def __init__(self, operation: LiveOperation, planned: Plan, clients: int = 4, pace: float = 150.0, keep: bool = True) -> None:
        super().__init__(target(operation), planned.seed, planned.count, clients=clients, pace=pace, keep=keep)

    @property
    def planned(self) -> list[Outcome]:
        """What was to be sent, and what has become of each."""
        return self.outcomes

    @property
    def acknowledged(self) -> int:
        """How many reports a client has been told that the hub has, so far."""
        self.tend()
        return sum(one.acknowledged for one in self.outcomes)

    @property
    def statuses(self) -> Counter[str]:
        """How often each status, or each way of getting none, was met so far; the refusals that were planned aside."""
        self.tend()
        met: Counter[str] = Counter()
        for name, count in self.answers.items():
            met[name.split()[0]] += 0 if name == "422 invalid" else count
        return +met

    def all_answered(self) -> None:
        """Waits until every report has been answered for good, as it should be."""
        self.finish()
        assert not wrong(checker.of_clients(self.outcomes, self.answers))


def wrong(findings: Sequence[Finding]) -> list[Finding]:
    """What was found."""
    return [one for one in findings if one.count]


def check_books(operation: LiveOperation, planned: Sequence[Outcome], seconds: float = SOON) -> None:
    """Acknowledged and missing 0, never sent but stored 0, altered 0, twice 0; and totals, series and journal as a recount has them."""
    found = checker.check(target(operation), operation.hub.postgres.url(user=OWNER), planned, seconds=seconds)
    assert not wrong(found)
    comparison = operation.recounted()
    assert comparison.holds, comparison.differences[:5]
