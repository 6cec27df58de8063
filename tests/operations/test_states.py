"""The table of states, held against what is known of it from elsewhere."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from coordinator.operations.states import STATES, State

TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}


def test_fifty_states_the_district_and_five_territories_are_there() -> None:
    assert len(STATES) == 56
    assert len(STATES.keys() - TERRITORIES - {"DC"}) == 50


@pytest.mark.parametrize("known_by", ["code", "fips", "name"])
def test_no_two_states_are_known_by_the_same(known_by: str) -> None:
    assert len({getattr(state, known_by) for state in STATES.values()}) == 56


def test_no_two_states_share_a_tile() -> None:
    assert len({(state.row, state.column) for state in STATES.values()}) == 56


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_every_state_is_written_and_timed_as_it_should_be(state: State) -> None:
    assert STATES[state.code] is state
    assert len(state.code) == 2 and state.code.isupper()
    assert len(state.fips) == 2 and state.fips.isdigit()
    assert ZoneInfo(state.time_zone).utcoffset(datetime(2021, 8, 26)) is not None


@pytest.mark.parametrize(
    ("code", "hours"),
    [("KY", -4), ("MO", -5), ("SD", -5), ("AZ", -7), ("HI", -10), ("AK", -8), ("GU", 10), ("AS", -11), ("PR", -4), ("ID", -6)],
)
def test_summer_time_in_august_2021_is_what_clocks_there_showed(code: str, hours: int) -> None:
    offset = ZoneInfo(STATES[code].time_zone).utcoffset(datetime(2021, 8, 26))
    assert offset is not None and offset.total_seconds() == hours * 3600


@pytest.mark.parametrize(
    ("north", "south"), [("MN", "IA"), ("IA", "MO"), ("WI", "IL"), ("IL", "KY"), ("KY", "TN"), ("NE", "KS"), ("OK", "TX")]
)
def test_a_state_lies_right_below_its_northern_neighbour(north: str, south: str) -> None:
    above, below = STATES[north], STATES[south]
    assert (below.row, below.column) == (above.row + 1, above.column)


@pytest.mark.parametrize(
    ("west", "east"), [("SD", "IA"), ("NE", "MO"), ("IA", "IL"), ("MO", "KY"), ("IL", "IN"), ("IN", "OH"), ("MN", "WI")]
)
def test_a_state_lies_right_beside_its_eastern_neighbour(west: str, east: str) -> None:
    left, right = STATES[west], STATES[east]
    assert (right.row, right.column) == (left.row, left.column + 1)
