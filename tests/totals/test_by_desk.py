"""How much of a figure the desk entered for units on the telephone: part of every total, with it at every moment."""

from __future__ import annotations

from typing import Any

import psycopg

from coordinator.db import transaction
from coordinator.totals import recount
from tests.totals.evening import Evening, arrests, money

CALLED: dict[str, Any] = {"channel": "telephone"}


def by_desk(evening: Evening, measure: str = "arrests", **query: Any) -> Any:
    """How much of the nation's figure the desk entered, None where there is none."""
    return evening.totals(**query)["national"][measure].get("by_desk")


def test_it_is_the_standing_figure_if_the_desk_entered_it_and_the_increments_after_it_that_the_desk_entered(evening: Evening) -> None:
    evening.say(arrests(5), at=10, **CALLED)
    evening.say(arrests(2), at=11)
    evening.say(arrests(20), at=12, basis="to_date", **CALLED)
    evening.say(arrests(3), at=13, **CALLED)
    evening.say(arrests(100), at=14)
    evening.say(arrests(123), at=15, basis="to_date")
    evening.say(arrests(1), at=16, **CALLED)
    evening.fold()
    expected = [None, 5, 5, 20, 23, 23, 0, 1]
    assert [by_desk(evening, at=position) for position in range(8)] == expected
    assert [by_desk(evening, as_of=f"2021-08-26T23:{minute:02}:30Z") for minute in range(9, 17)] == expected
    assert (by_desk(evening), evening.unit()["by_desk"], evening.differences()) == (1, 1, [])


def test_of_two_standing_figures_of_one_instant_the_later_decides_whose_it_is(evening: Evening) -> None:
    evening.say(arrests(4), basis="to_date", **CALLED)
    evening.say(arrests(6), basis="to_date")
    evening.fold()
    assert (by_desk(evening), by_desk(evening, at=1), by_desk(evening, at=2)) == (0, 4, 0)
    evening.say(arrests(5), basis="to_date", **CALLED)
    evening.fold()
    assert (by_desk(evening), by_desk(evening, at=3), evening.differences()) == (5, 5, [])


def test_it_rolls_up_and_goes_with_what_is_corrected_or_withdrawn(evening: Evening) -> None:
    called = evening.say(arrests(5), unit="KY-KSP", **CALLED)
    own = evening.say(arrests(2), unit="TN")
    evening.fold()
    assert [evening.unit(code)["by_desk"] for code in ("KY", "KY-KSP", "TN")] == [5, 5, 0]
    evening.correct(called, arrests(4), unit="KY-KSP")
    evening.correct(own, arrests(3), unit="TN", **CALLED)
    evening.fold()
    assert ([evening.unit(code)["by_desk"] for code in ("KY", "TN")], by_desk(evening), evening.differences()) == ([0, 3], 3, [])
    evening.withdraw(evening.say(arrests(9), **CALLED))
    evening.fold()
    assert (by_desk(evening), evening.nation(), evening.differences()) == (3, 7, [])


def test_money_is_exact_and_there_is_none_where_there_is_no_figure(evening: Evening) -> None:
    evening.say(money(None), **CALLED)
    evening.fold()
    assert (by_desk(evening, "currency_seized"), by_desk(evening)) == (None, None)
    evening.say(money("0.10"), **CALLED)
    evening.fold()
    assert (by_desk(evening, "currency_seized"), evening.differences()) == ("0.10", [])


def test_a_rebuild_restores_it_and_a_recount_finds_it_changed(evening: Evening, owner: psycopg.Connection) -> None:
    evening.say(arrests(5), **CALLED)
    evening.fold()
    owner.execute("UPDATE cells SET by_desk = 4 WHERE operation_id = %s", [evening.id])
    assert {one["what"] for one in evening.differences()} == {"by_desk"}
    owner.execute("UPDATE entries SET by_desk = false WHERE operation_id = %s", [evening.id])
    assert {one["what"] for one in evening.differences()} == {"by_desk", "entry"}
    with transaction():
        recount.rebuild(evening.id)
    assert (by_desk(evening), evening.differences()) == (5, [])
