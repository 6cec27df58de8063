"""Every process in turn is asked to stop and comes back, while clients post: none is told anything but yes or come back later."""

from __future__ import annotations

import os
import signal

from coordinator.hosting.lookout import answer_age
from faults import checker
from faults.clients import Clients, said_together
from faults.hubs import Hub
from faults.nemesis import children
from faults.stage import open_operation
from tests.faults.clients import wrong
from tests.hubs import LONG, eventually

ROUNDS = 20 if LONG else 1
PARTS = ("web", "worker", "beat", "redis", "postgres")
PACE = 60.0
MORE_THAN_ENOUGH = ROUNDS * 120 * int(PACE)
"""Reports that would last for longer than the rolling does: the clients leave off when it is over."""

MAY_BE_MET = {"201", "422 invalid", "503 unavailable, Retry-After", "409 idempotency-key-in-use", "ConnectionRefusedError"}


def restart(on: Hub, name: str) -> None:
    """Asks a part to stop, PostgreSQL in its own fast way, and waits until another is there and all works."""
    before = on.pid(name)
    os.kill(before, signal.SIGINT if name == "postgres" else signal.SIGTERM)
    eventually(lambda: on.pid(name) not in (0, before), 60)
    eventually(lambda: answer_age(on.url, "/readyz") == 0, 60)


def restart_web_processes(on: Hub) -> None:
    """The same for those behind the web server's first, one after the other."""
    for pid in children(on.pid("web")):
        os.kill(pid, signal.SIGTERM)
        eventually(lambda pid=pid: pid not in children(on.pid("web")), 60)
        eventually(lambda: answer_age(on.url, "/readyz") == 0, 60)


def test_a_rolling_restart_under_load_meets_no_caller_with_anything_but_yes_or_come_back_later(own_hub, seed) -> None:
    """Each request has a connection of its own: one that breaks in the middle of it would be a report cut short."""
    target = open_operation(own_hub.url, own_hub.token)
    with Clients(target, seed, MORE_THAN_ENOUGH, pace=PACE, keep=False) as clients:
        clients.until(int(PACE))
        for number in range(ROUNDS):
            for name in PARTS:
                restart(own_hub, name)
            restart_web_processes(own_hub)
            clients.tend()
            print(f"round {number + 1}: {said_together(clients.answers)}")
        clients.leave_off()
    assert clients.answers.keys() <= MAY_BE_MET, clients.answers
    assert not wrong(checker.check(target, own_hub.owner_url, clients.outcomes, clients.answers))
