"""The arithmetic of one cell, with literals."""

from datetime import UTC, datetime, timedelta

from coordinator.totals.positions import Entry, Position, change, minute, position, steps

START = datetime(2021, 8, 26, 23, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def increment(minute: float, quantity: int | None, place: int = 1) -> Entry:
    return Entry(at(minute), (place, 0), False, quantity)


def standing(minute: float, quantity: int, place: int = 1) -> Entry:
    return Entry(at(minute), (place, 0), True, quantity)


def test_a_cell_no_one_has_reported_has_no_figures() -> None:
    assert position([]) == Position(0, 0, 0, None)


def test_increments_add_up() -> None:
    assert position([increment(1, 2), increment(2, 3)]).quantity == 5


def test_a_standing_figure_covers_what_was_observed_up_to_its_instant() -> None:
    entries = [increment(1, 2), increment(10, 4), standing(10, 7), increment(10.1, 1)]
    assert position(entries).quantity == 8


def test_of_two_standing_figures_at_one_instant_the_later_in_the_journal_stands() -> None:
    assert position([standing(5, 9, place=2), standing(5, 4, place=1)]).quantity == 9


def test_a_zero_is_a_figure() -> None:
    assert position([increment(1, 0)]) == Position(0, 1, 0, None)


def test_an_unquantified_line_is_open_until_a_standing_figure_covers_it() -> None:
    assert position([increment(1, None)]).unquantified == 1
    assert position([increment(1, None), standing(2, 500)]).unquantified == 0
    assert position([increment(3, None), standing(2, 500)]).unquantified == 1


def test_steps_add_up_to_the_position_and_a_standing_figure_can_step_down() -> None:
    entries = [increment(1, 5), standing(2, 3), increment(3, 1)]
    assert steps(entries) == [(at(1), 5), (at(2), -2), (at(3), 1)]


def test_of_two_standing_figures_at_one_instant_the_later_in_the_journal_makes_the_step() -> None:
    assert steps([standing(5, 9, place=2), increment(5, 7), standing(5, 4, place=1)]) == [(at(5), 9)]


def test_steps_pass_over_what_has_no_quantity() -> None:
    assert steps([increment(1, None), increment(2, 3)]) == [(at(2), 3)]
    assert change([increment(1, None)], []).minutes == {}


def test_a_late_increment_under_a_standing_figure_moves_the_past_alone() -> None:
    before = [increment(1, 5), standing(10, 8)]
    moved = change(before, [*before, increment(4, 2, place=3)])
    assert (moved.quantity, moved.minutes) == (0, {at(4): 2, at(10): -2})


def test_a_minute_holds_its_first_instant_and_not_the_next_ones() -> None:
    assert {minute(at(7) + timedelta(seconds=seconds)) for seconds in (0, 30, 59.999999)} == {at(7)}
    assert minute(at(8)) == at(8)


def test_what_falls_into_one_minute_is_one_change() -> None:
    assert change([], [increment(3, 1), increment(3.5, 2), increment(3.99, 4)]).minutes == {at(3): 7}
    assert change([], [increment(3, 1), standing(3.5, 0)]).minutes == {}, "what comes to nothing is not kept"
