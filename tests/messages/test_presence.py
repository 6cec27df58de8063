"""Where a unit stands in its night: one pure function, with literals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coordinator.messages.presence import LIFE, Alarm, Facts, Word, due_at, overdue, status, unanswered, whom

LIVE = datetime(2021, 8, 26, 23, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(minutes: float) -> datetime:
    return LIVE + timedelta(minutes=minutes)


def live(word: float | None = None, how: str = "report", **more: object) -> Facts:
    """A unit with an hourly interval in a live operation, last heard of so many minutes into it."""
    heard = None if word is None else Word(at(word), how)
    return Facts(interval=HOUR, word=heard, awaited_since=LIVE, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "minutes", "expected"),
    [
        (Facts(interval=HOUR), 0, "not checked in"),
        (Facts(interval=HOUR, word=Word(LIVE, "check-in"), checked_in_at=LIVE), 600, "checked in"),
        (live(), 60, "not checked in"),
        (live(), 60.1, "overdue"),
        (live(), 120.1, "silent"),
        (live(-30, "check-in", checked_in_at=at(-30)), 59, "checked in"),
        (live(-30, "check-in", checked_in_at=at(-30)), 61, "overdue"),
        (live(10), 70, "current"),
        (live(20, "check-in", spoken=True), 70, "current"),
        (live(10, "nil"), 70, "current"),
        (live(10, "message"), 70.1, "overdue"),
        (live(10), 130, "overdue"),
        (live(10), 130.1, "silent"),
        (live(10, stood_down_at=at(80)), 1000, "stood down"),
        (live(10, stood_down_at=at(80), closing="final in"), 1000, "final in"),
        (live(10, closing="certified"), 1000, "certified"),
        (Facts(interval=HOUR, word=Word(LIVE, "report")), 10_000, "current"),
    ],
)
def test_a_unit_stands_where_its_last_word_and_the_clock_put_it(facts: Facts, minutes: float, expected: str) -> None:
    assert status(facts, at(minutes)) == expected
    assert expected in LIFE


def test_silence_begins_to_count_when_the_operation_is_live_and_not_before() -> None:
    assert due_at(live(-300)) == at(60)
    assert due_at(live(30)) == at(90)
    assert due_at(Facts(interval=HOUR, word=Word(LIVE, "report"))) is None


def test_an_alarm_reaches_the_liaison_then_the_alternate_then_the_desk() -> None:
    steps = [overdue(live(), at(minutes)) for minutes in (60, 60.5, 69.9, 70, 79.9, 80, 500)]
    assert [alarm and alarm.step for alarm in steps] == [None, 1, 1, 2, 2, 3, 3]
    assert [whom(step, alternate=True) for step in (1, 2, 3)] == ["liaison", "alternate", "desk"]
    assert [whom(step, alternate=False) for step in (1, 2, 3)] == ["liaison", "desk", "desk"]


def test_a_unit_with_a_short_interval_is_escalated_faster() -> None:
    short = Facts(interval=timedelta(minutes=8), awaited_since=LIVE)
    assert [overdue(short, at(minutes)) for minutes in (9, 10, 12)] == [Alarm(at(8), 1), Alarm(at(8), 2), Alarm(at(8), 3)]


def test_a_call_silences_an_alarm_until_the_next_interval() -> None:
    called = live(called_at=at(85))
    assert status(called, at(100)) == "overdue"
    assert overdue(called, at(144)) is None
    assert overdue(called, at(146)) == Alarm(at(145), 1)


def test_a_call_long_ago_silences_nothing() -> None:
    assert overdue(live(300, called_at=at(5)), at(361)) == Alarm(at(360), 1)


def test_a_word_ends_an_alarm_whoever_was_called() -> None:
    assert overdue(live(86, called_at=at(85)), at(140)) is None


@pytest.mark.parametrize(("priority", "second", "third"), [("flash", 1, 2), ("immediate", 3, 6), ("routine", 10, 20)])
def test_the_more_urgent_a_bulletin_the_sooner_the_desk_is_to_call(priority: str, second: float, third: float) -> None:
    assert unanswered(priority, LIVE, None, LIVE) is None
    found = [unanswered(priority, LIVE, None, at(minutes)) for minutes in (0.1, second, third)]
    assert [alarm and alarm.step for alarm in found] == [1, 2, 3]
    assert unanswered(priority, LIVE, at(third), at(third + 3 * second - 0.1)) is None
    assert unanswered(priority, LIVE, at(third), at(third + 3 * second + 0.1)) is not None
