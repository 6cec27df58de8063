"""Series: where steps begin, what falls into them, and that they end at the total."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from coordinator.errors import Invalid
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.totals.series import MOST_STEPS, boundaries, points_of, step_of
from tests.conftest import Caller
from tests.totals.evening import Evening, arrests, moment, money, victims

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


def utc(text: str) -> datetime:
    """``2021-08-26 23:15`` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(first: str, last: str, step: timedelta, zone: str = "America/Chicago") -> list[str]:
    """The starts of steps, as texts in UTC."""
    return [start.strftime("%Y-%m-%d %H:%M") for start in boundaries(utc(first), utc(last), step, zone)]


@pytest.mark.parametrize(
    ("text", "step"),
    [("1m", timedelta(minutes=1)), ("15m", QUARTER), ("1h", HOUR), ("90m", timedelta(minutes=90)), ("1d", DAY), ("7d", 7 * DAY)],
)
def test_a_step_is_a_number_of_minutes_hours_or_days(text: str, step: timedelta) -> None:
    assert step_of(text) == step


@pytest.mark.parametrize(
    "text", ["", "m", "15", "0m", "8d", "169h", "10081m", "-5m", "1.5h", "15M", "1w", "5 m", "٥m", "²m", "99999d", "15mm"]
)
def test_any_other_step_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        step_of(text)
    assert list(refusal.value.errors) == ["/step"]


def test_steps_run_from_the_one_that_holds_the_first_moment_to_the_one_that_holds_the_last() -> None:
    quarters = ["2021-08-26 23:15", "2021-08-26 23:30", "2021-08-26 23:45", "2021-08-27 00:00"]
    assert starts("2021-08-26 23:15", "2021-08-27 00:00", QUARTER) == quarters
    assert starts("2021-08-26 23:29", "2021-08-27 00:14", QUARTER) == quarters
    assert starts("2021-08-26 23:29", "2021-08-26 23:29", HOUR) == ["2021-08-26 23:00"]


def test_a_step_that_does_not_divide_the_hour_keeps_its_places_whatever_the_range() -> None:
    long = starts("2021-08-26 20:00", "2021-08-26 23:00", timedelta(minutes=7))
    short = starts("2021-08-26 22:00", "2021-08-26 23:00", timedelta(minutes=7))
    assert set(short) < set(long)


def test_a_day_begins_at_midnight_where_the_operation_is() -> None:
    assert starts("2021-08-26 23:15", "2021-08-27 11:00", DAY) == ["2021-08-26 05:00", "2021-08-27 05:00"]
    assert starts("2021-08-27 04:59", "2021-08-27 05:00", DAY) == ["2021-08-26 05:00", "2021-08-27 05:00"]
    assert starts("2021-08-26 23:15", "2021-08-27 11:00", DAY, "Pacific/Guam") == ["2021-08-26 14:00"]


def test_the_day_the_clock_goes_back_has_25_hours() -> None:
    days = starts("2021-11-06 12:00", "2021-11-08 12:00", DAY)
    assert days == ["2021-11-06 05:00", "2021-11-07 05:00", "2021-11-08 06:00"]
    assert starts("2021-11-08 05:59", "2021-11-08 05:59", DAY) == ["2021-11-07 05:00"]


def test_the_day_the_clock_goes_forward_has_23_hours() -> None:
    days = starts("2021-03-13 12:00", "2021-03-15 05:00", DAY)
    assert days == ["2021-03-13 06:00", "2021-03-14 06:00", "2021-03-15 05:00"]


def test_hours_are_hours_through_a_night_of_clock_change() -> None:
    """Between 1 and 2 in the morning there are two hours in Chicago that night; each is a step."""
    assert starts("2021-11-07 05:30", "2021-11-07 08:30", HOUR) == [f"2021-11-07 0{hour}:00" for hour in (5, 6, 7, 8)]


def test_weeks_cross_a_clock_change_from_midnight_to_midnight() -> None:
    assert starts("2021-11-03 12:00", "2021-11-18 12:00", 7 * DAY) == ["2021-11-03 05:00", "2021-11-10 06:00", "2021-11-17 06:00"]


def test_days_begin_with_the_first_instant_where_midnight_itself_is_skipped() -> None:
    """Havana's clock goes from 0 to 1 in the morning of 13 March 2022: that day begins at 1."""
    assert starts("2022-03-12 12:00", "2022-03-14 12:00", DAY, "America/Havana") == [
        "2022-03-12 05:00", "2022-03-13 05:00", "2022-03-14 04:00"
    ]  # fmt: skip


def test_every_step_is_present_and_each_starts_from_what_stood_before() -> None:
    at = [utc(f"2021-08-26 23:{minute:02}") for minute in range(0, 60, 15)]
    changes = [(at[0], 5), (at[1] - timedelta(minutes=1), 2), (at[3], -4)]
    assert points_of(at, 10, changes) == [(at[0], 7, 17), (at[1], 0, 17), (at[2], 0, 17), (at[3], -4, 13)]
    assert points_of(at[:1], 0, []) == [(at[0], 0, 0)]


def test_a_change_on_a_boundary_belongs_to_the_step_it_begins_and_the_last_step_takes_all_that_is_left() -> None:
    at = [utc("2021-08-26 23:00"), utc("2021-08-26 23:15")]
    assert points_of(at, 0, [(at[1], 1), (at[1] + HOUR, 2)]) == [(at[0], 0, 0), (at[1], 3, 3)]


def test_a_series_ends_at_the_total(evening: Evening) -> None:
    for minute, quantity in ((0, 1), (14.99, 2), (15, 4), (200, 8)):
        evening.say(arrests(quantity), at=minute)
    evening.say(arrests(3), unit="TN", at=100, basis="to_date")
    evening.fold()
    points = evening.points(step="15m")
    assert points[0] == ["2021-08-26T23:00:00Z", 3, 3]
    assert points[1] == ["2021-08-26T23:15:00Z", 4, 7]
    assert points[6] == ["2021-08-27T00:30:00Z", 3, 10]
    assert [point[2] for point in (points[12], points[13], points[-1])] == [10, 18, evening.nation()]
    assert starts_of(points) == [moment_text(moment(15 * number)) for number in range(len(points))]


def test_a_series_runs_from_the_windows_start_to_its_end_and_further_where_there_are_figures(evening: Evening) -> None:
    evening.say(arrests(1), at=-90)
    evening.say(arrests(2), at=60 * 13)
    evening.fold()
    assert evening.points(step="1h")[0] == ["2021-08-26T21:00:00Z", 1, 1]
    assert evening.points(step="1h")[-1] == ["2021-08-27T12:00:00Z", 2, 3]
    assert evening.points("victims_rescued", step="12h") == [["2021-08-26T12:00:00Z", 0, 0], ["2021-08-27T00:00:00Z", 0, 0]]
    assert evening.points("victims_rescued", step="1h")[-1][0] == "2021-08-27T11:00:00Z"


def test_a_range_starts_from_what_stood_before_it_and_ends_with_its_last_minute(evening: Evening) -> None:
    for minute, quantity in ((5, 1), (20, 2), (40, 4), (50, 8)):
        evening.say(arrests(quantity), at=minute)
    evening.fold()
    cut = {"from": moment_text(moment(20)), "to": moment_text(moment(40))}
    assert evening.points(**cut, step="15m") == [["2021-08-26T23:15:00Z", 2, 3], ["2021-08-26T23:30:00Z", 4, 7]]
    assert evening.points(**cut, step="20m")[-1] == ["2021-08-26T23:40:00Z", 4, 7]
    after = {"from": moment_text(moment(55)), "to": moment_text(moment(55))}
    assert evening.points(**after, step="1m") == [["2021-08-26T23:55:00Z", 0, 15]]


def test_a_series_of_a_category_or_unit_has_what_is_its_own_and_below_it(evening: Evening) -> None:
    evening.say(victims(2), victims(1, "minor"), at=10)
    evening.say(victims(4, "minor"), at=20, unit="KY-KSP")
    evening.say(victims(8), at=30, unit="TN")
    evening.fold()
    measure = "victims_rescued"
    assert evening.new(measure) == {10: 3, 20: 4, 30: 8}
    assert evening.new(measure, category="minor") == {10: 1, 20: 4}
    assert evening.new(measure, unit="KY") == {10: 3, 20: 4}
    assert evening.new(measure, unit="KY-KSP", category="minor") == {20: 4}
    assert evening.new(measure, unit="KY-KSP", category="unspecified") == {}
    assert evening.new(measure, unit="UNATTRIBUTED") == {}


def test_money_is_written_with_its_decimals_and_a_step_down_below_0(evening: Evening) -> None:
    evening.say(money("10.05"), at=1)
    evening.say(money("0.50"), at=16, basis="to_date")
    evening.fold()
    assert [point[1:] for point in evening.points("currency_seized", step="15m")[:3]] == [
        ["10.05", "10.05"],
        ["-9.55", "0.50"],
        ["0.00", "0.50"],
    ]


def test_the_answer_says_what_was_asked(evening: Evening) -> None:
    answer = evening.desk.get(f"{evening.path}/series", measure="arrests", unit="KY").json
    assert {name: answer[name] for name in ("step", "measure", "unit")} == {"step": "15m", "measure": "arrests", "unit": "KY"}
    assert evening.desk.get(f"{evening.path}/series", measure="arrests").json["unit"] is None


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"measure": "arests"}, "/measure"),
        ({"unit": "OH"}, "/unit"),
        ({"unit": "NATIONAL"}, "/unit"),
        ({"category": "minor"}, "/category"),
        ({"step": "0m"}, "/step"),
        ({"step": "1m", "from": "2001-01-01T00:00:00Z"}, "/step"),
        ({"from": "2021-08-27T00:00:00Z", "to": "2021-08-26T23:59:59Z"}, "/to"),
        ({"from": "2021-08-27T00:00:00"}, "/from"),
        ({"at": "3"}, "/at"),
        ({"measure": ""}, "/measure"),
    ],
)
def test_what_can_not_be_shown_is_refused_and_says_where(evening: Evening, query: dict[str, Any], pointer: str) -> None:
    answer = evening.desk.get(f"{evening.path}/series", **({"measure": "arrests"} | query))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_a_window_too_long_for_its_steps_shows_the_last_of_them(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], owner: psycopg.Connection
) -> None:
    catalogue = create_operation(starts_at="2021-08-01T00:00:00Z", ends_at="2021-08-27T00:00:00Z")
    evening = Evening(catalogue, create_token("desk", catalogue.code))
    evening.say(arrests(1), at=utc("2021-08-02 00:00"))
    evening.say(arrests(2), at=utc("2021-08-26 12:00"))
    evening.fold()
    points = evening.points(step="1m")
    assert len(points) == MOST_STEPS
    assert points[0][1:] == [0, 1]
    assert points[-1] == ["2021-08-27T00:00:00Z", 0, 3]


def test_days_of_a_night_of_clock_change_through_the_door(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    catalogue = create_operation(starts_at="2021-11-06T18:00:00-05:00", ends_at="2021-11-08T06:00:00-06:00")
    evening = Evening(catalogue, create_token("desk", catalogue.code))
    evening.say(arrests(1), at=utc("2021-11-07 05:00"))
    evening.say(arrests(2), at=utc("2021-11-08 05:59"))
    evening.say(arrests(4), at=utc("2021-11-08 06:00"))
    evening.fold()
    assert evening.points(step="1d") == [
        ["2021-11-06T05:00:00Z", 0, 0],
        ["2021-11-07T05:00:00Z", 3, 3],
        ["2021-11-08T06:00:00Z", 4, 7],
    ]


@pytest.mark.parametrize("step", ["1m", "1h", "1d", "7d"])
@pytest.mark.parametrize("end", ["1900-01-01T00:00:00Z", "9998-12-31T23:59:59.999999Z"])
def test_the_ends_of_time_can_be_asked_for(evening: Evening, step: str, end: str) -> None:
    evening.say(arrests(3))
    evening.fold()
    assert len(evening.points(step=step, **{"from": end, "to": end})) == 1
    assert evening.points(step=step, to=end)[-1][2] == (3 if end > "2021" else 0)


def test_a_series_has_an_etag_and_an_unchanged_one_is_not_sent_again(evening: Evening) -> None:
    """Of a range that lies in the past; one that ends now grows by itself."""
    query = {"measure": "arrests", "from": moment_text(moment(0)), "to": moment_text(moment(60))}
    tag = evening.desk.get(f"{evening.path}/series", **query).headers["ETag"]
    again = evening.desk.get(f"{evening.path}/series", **query, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    evening.say(arrests(1))
    evening.fold()
    assert evening.desk.get(f"{evening.path}/series", **query, headers={"If-None-Match": tag}).status_code == 200


def starts_of(points: list[list[Any]]) -> list[str]:
    """The starts of points."""
    return [point[0] for point in points]
