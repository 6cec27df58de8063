"""Redis holds nothing that matters: a night with it absent, flushed, frozen or killed takes every report, and no slower."""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

import pytest
import redis

from tests.faults.clients import Crowd, check_books, plan
from tests.hubs import LONG, LiveOperation, RealHub

SECONDS = 60.0 if LONG else 3.5
"""How long each kind of weather lasts, and as long the fair one before it."""

PACE = 60.0
MORE_THAN_ENOUGH = int(24 * SECONDS * PACE)
"""Reports that last for longer than all weathers do, also where killing and starting takes its time: clients leave off when it is over."""

PARTS, SLOW = (100, "hundredth") if LONG else (10, "tenth")
"""A short run looks at its slowest tenth: its slowest hundredth is two reports, and says more of the machine than of Redis."""

AT_MOST = 1.5
"""How many times as slow the slowest part may be as in fair weather of the same run."""

NOISE = 0.0 if LONG else 0.1
"""Seconds that a short run forgives besides: a request that waits for Redis waits for one or two."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def flush(hub: RealHub) -> None:
    with redis.Redis.from_url(hub.valkey.url) as client:
        client.flushall()


def kill(hub: RealHub) -> None:
    hub.kill("redis")
    hub.begin("redis")


def nothing(_: RealHub) -> None:
    pass


Weather = tuple[Callable[[RealHub], None], Callable[[RealHub], None], float, Callable[[RealHub], None]]
WEATHERS: dict[str, Weather] = {
    "absent": (lambda hub: hub.kill("redis"), nothing, 1.0, lambda hub: hub.begin("redis")),
    "flushed each second": (nothing, flush, 1.0, nothing),
    "frozen": (lambda hub: hub.freeze("redis"), nothing, 1.0, lambda hub: hub.thaw("redis")),
    "killed every three seconds": (nothing, kill, 3.0, nothing),
}
"""How each begins, what it does again and again and after how many seconds, and how it ends."""


def slowest(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=PARTS)[-1]


def test_no_post_is_refused_or_slowed_and_nothing_is_lost_whatever_becomes_of_redis(operation, seed) -> None:
    hub = operation.hub
    spans: list[tuple[str, float]] = []
    with Crowd(operation, plan(random.Random(seed), MORE_THAN_ENOUGH), pace=PACE) as crowd:
        crowd.until(int(PACE))
        for name, (begin, again, every, over) in WEATHERS.items():
            spans.append(("fair", time.monotonic()))
            crowd.pause(SECONDS)
            spans.append((name, time.monotonic()))
            begin(hub)
            while time.monotonic() < spans[-1][1] + SECONDS:
                again(hub)
                crowd.pause(every)
            over(hub)
        spans.append(("after", time.monotonic()))
        crowd.leave_off()
    assert crowd.statuses.keys() == {"201"}, crowd.answers
    taken = durations(crowd, spans)
    fair = slowest(taken["fair"])
    print(f"the slowest {SLOW}: {', '.join(f'{name} {slowest(taken[name]) * 1000:.0f} ms' for name in ('fair', *WEATHERS))}")
    foul = [seconds for name in WEATHERS for seconds in taken[name]]
    assert slowest(foul) <= AT_MOST * fair + NOISE
    check_books(operation, crowd.planned)


def durations(crowd: Crowd, spans: list[tuple[str, float]]) -> dict[str, list[float]]:
    """From sent to answered, in seconds, by the weather in which each report was sent."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for one in crowd.planned:
        if one.sent_at is not None and one.answered_at is not None:
            weather = [name for name, begins in spans if begins <= one.sent_at]
            found[weather[-1] if weather else "before"].append(one.answered_at - one.sent_at)
    return found
