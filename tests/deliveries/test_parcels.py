"""When to try again, and what an answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.deliveries.parcels import FIRST_WAIT, LONGEST_WAIT, TRIES, of_status, wait_seconds

DRAWS = st.floats(0, 1)


@given(st.integers(1, 50), DRAWS, st.floats(0, 1e9))
def test_each_wait_lies_between_the_first_and_the_longest(tries: int, draw: float, asked: float) -> None:
    assert FIRST_WAIT <= wait_seconds(tries, draw, asked) <= LONGEST_WAIT


@given(st.integers(1, TRIES - 2), DRAWS, DRAWS)
def test_each_is_longer_than_the_one_before_whatever_is_drawn(tries: int, one: float, other: float) -> None:
    assert wait_seconds(tries + 1, one) > wait_seconds(tries, other) or wait_seconds(tries + 1, one) >= 0.8 * LONGEST_WAIT


@given(st.integers(1, TRIES), DRAWS, st.floats(FIRST_WAIT, LONGEST_WAIT))
def test_a_receiver_that_says_how_long_is_left_alone_for_so_long(tries: int, draw: float, asked: float) -> None:
    assert wait_seconds(tries, draw, asked) >= asked


def test_what_is_given_up_was_tried_for_more_than_an_hour_and_less_than_three() -> None:
    for draw in (0.0, 1.0):
        assert 3600 < sum(wait_seconds(tries, draw) for tries in range(1, TRIES)) < 3 * 3600


@pytest.mark.parametrize(
    ("status", "delivered", "final"),
    [
        (200, True, False),
        (204, True, False),
        (302, False, True),
        (400, False, False),
        (410, False, True),
        (429, False, False),
        (503, False, False),
    ],
)
def test_what_an_answer_means(status: int, delivered: bool, final: bool) -> None:
    outcome = of_status(status, 30.0)
    assert (outcome.delivered, outcome.final) == (delivered, final)
