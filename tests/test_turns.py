"""Turns: a burst of reports asks for one fold, and nothing that Redis does keeps the next from being asked for."""

from __future__ import annotations

import itertools

import pytest
import redis

from config.settings import Settings
from coordinator import live
from coordinator.live import Turns

_ids = itertools.count(10**9)


@pytest.fixture
def turns(settings: Settings) -> Turns:
    return Turns(settings.redis_url)


@pytest.fixture
def operation_id() -> int:
    return next(_ids)


def test_of_many_who_ask_one_has_the_turn_until_it_is_ended(settings: Settings, turns: Turns, operation_id: int) -> None:
    others = [Turns(settings.redis_url) for _ in range(3)]
    assert [one.begin(operation_id) for one in (turns, *others)] == [True, False, False, False]
    others[0].end(operation_id)
    assert [one.begin(operation_id) for one in others] == [True, False, False]


def test_each_operation_has_turns_of_its_own(turns: Turns, operation_id: int) -> None:
    assert turns.begin(operation_id)
    assert turns.begin(next(_ids))


def test_a_turn_that_is_never_ended_ends_by_itself(settings: Settings, turns: Turns, operation_id: int) -> None:
    assert turns.begin(operation_id)
    with redis.Redis.from_url(settings.redis_url) as client:
        assert 0 < client.pttl(live._turn(operation_id)) <= live.LONGEST_TURN_MILLISECONDS


def test_a_flushed_redis_has_forgotten_every_turn(settings: Settings, turns: Turns, operation_id: int) -> None:
    assert turns.begin(operation_id)
    with redis.Redis.from_url(settings.redis_url) as client:
        client.delete(live._turn(operation_id))
    assert turns.begin(operation_id)


def test_ending_a_turn_where_redis_is_away_is_no_error(operation_id: int) -> None:
    Turns("redis://127.0.0.1:1/0").end(operation_id)
