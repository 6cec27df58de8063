"""The board is never far behind what was acknowledged, whatever is dead, and never ahead of what was sent."""

from __future__ import annotations

import random
import statistics
import time

import pytest

from faults import board
from faults.board import Board, Look
from tests.faults.clients import Crowd, check_books, plan
from tests.hubs import LONG, LiveOperation, RealHub, eventually

NORMALLY, WITHOUT_WORKERS, AFTER_POSTGRES = 2.0, 5.0, 15.0
"""Seconds behind at most: at the 99th percentile in normal running; with every worker and Redis dead; once PostgreSQL is back."""

SECONDS = 60 if LONG else 9
PACE = 100.0
AWAY = 3.0
"""Seconds that PostgreSQL is away."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def watched(operation: LiveOperation) -> Board:
    """The operation's board, looked at all the while."""
    return Board(operation.hub.url, operation.desk.token, operation.code)


def posts(seed: int) -> int:
    """How many reports keep the clients busy for so long."""
    return int(SECONDS * PACE)


def behind(shown: Board, crowd: Crowd) -> list[float]:
    """How far behind the board was at each look; it was never ahead, and looked at often enough to tell."""
    assert not board.ahead(shown.looks, crowd.planned)
    assert len(shown.looks) > SECONDS
    return [seconds for _, seconds in board.behind(shown.looks, crowd.planned)]


def test_in_normal_running_at_a_hundred_posts_a_second(operation, seed) -> None:
    with watched(operation) as shown, Crowd(operation, plan(random.Random(seed), posts(seed)), pace=PACE) as crowd:
        crowd.all_answered()
    late = behind(shown, crowd)
    p99 = statistics.quantiles(late, n=100)[-1]
    print(f"behind by {p99:.2f} s at p99, {max(late):.2f} s at most, in {len(late)} looks")
    assert p99 <= NORMALLY
    check_books(operation, crowd.planned)


def test_with_every_worker_and_redis_dead(operation, seed) -> None:
    hub = operation.hub
    for name in ("worker", "beat", "redis"):
        hub.kill(name)
    with watched(operation) as shown, Crowd(operation, plan(random.Random(seed), posts(seed)), pace=PACE) as crowd:
        crowd.all_answered()
        eventually(lambda: operation.totals()["position"] >= crowd.acknowledged, WITHOUT_WORKERS)
    late = max(behind(shown, crowd))
    print(f"behind by {late:.2f} s at most")
    assert 0 < late <= WITHOUT_WORKERS
    assert crowd.statuses.keys() == {"201"}, crowd.answers
    check_books(operation, crowd.planned)


def test_once_postgresql_is_back(operation, seed) -> None:
    """Killed in the middle of posting, and away for a while: then the board has caught up soon after it takes connections again."""
    hub, many = operation.hub, posts(seed)
    with watched(operation) as shown, Crowd(operation, plan(random.Random(seed), many), pace=PACE) as crowd:
        crowd.until(many // 3)
        hub.kill("postgres")
        crowd.pause(AWAY)
        hub.begin("postgres")
        back = time.monotonic()
        crowd.all_answered()
        eventually(lambda: operation.totals()["position"] >= crowd.acknowledged, AFTER_POSTGRES)
        eventually(lambda: shown.looks[-1].asked > crowd.last_answer)
    behind(shown, crowd)
    caught_up = min(asked for asked, late in board.behind(shown.looks, crowd.planned) if asked > back and not late)
    late = max(late for asked, late in board.behind(shown.looks, crowd.planned) if asked > caught_up)
    print(f"caught up {caught_up - back:.2f} s after PostgreSQL was back, then behind by {late:.2f} s at most")
    assert caught_up - back <= AFTER_POSTGRES
    assert late <= WITHOUT_WORKERS
    check_books(operation, crowd.planned)


def test_a_board_that_lags_or_runs_ahead_is_told_from_one_that_does_not(operation, seed) -> None:
    """The measure itself: three reports were sent at 1, 2 and 3 and acknowledged half a second later."""
    with Crowd(operation, plan(random.Random(seed), 3)) as crowd:
        crowd.all_answered()
    for number, one in enumerate(crowd.planned, 1):
        one.sent_at, one.answered_at = float(number), number + 0.5
    looks = [Look(2.0, 2.1, 1), Look(9.0, 9.1, 1), Look(9.0, 9.1, 3)]
    assert [late for _, late in board.behind(looks, crowd.planned)] == [0.0, 6.5, 0.0]
    assert not board.ahead(looks, crowd.planned)
    assert board.ahead([Look(2.0, 2.1, 3)], crowd.planned)
