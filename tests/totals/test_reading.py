"""Reading totals through the door: now, as of a time, as the journal stood, and both; what is new, and who is overdue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.totals.evening import START, Evening, arrests, moment, money, victims


def clock(at: float) -> str:
    """That many minutes into the window, as the API takes it."""
    return moment_text(moment(at))


def test_at_a_position_the_totals_are_what_was_known_then(evening: Evening) -> None:
    said = evening.say(arrests(3))
    evening.withdraw(evening.correct(said, arrests(5), victims(1)))
    evening.say(arrests(7), unit="TN")
    assert evening.fold() == 4
    assert [evening.nation(at=at) for at in range(5)] == [0, 3, 5, 0, 7]
    assert [evening.nation("victims_rescued", at=at) for at in range(5)] == [0, 0, 1, 0, 0]
    assert [evening.totals(at=at)["reporting"]["heard"] for at in range(5)] == [0, 1, 1, 0, 1]
    assert [evening.totals(at=at)["position"] for at in range(5)] == [0, 1, 2, 3, 4]


def test_as_of_a_time_the_totals_are_what_had_been_observed(evening: Evening) -> None:
    evening.say(arrests(3), at=10)
    evening.say(arrests(4), at=20, basis="to_date")
    evening.say(arrests(1), at=30, unit="KY-KSP")
    evening.fold()
    assert [evening.nation(as_of=clock(at)) for at in (9, 10, 19.9, 20, 29, 30, 99)] == [0, 3, 3, 4, 4, 5, 5]
    assert evening.unit("KY-KSP", as_of=clock(29)) == {}
    assert evening.unit(as_of=clock(30))["total"] == 5
    assert evening.nation(as_of="2021-08-26T18:30:00-05:00") == 5


def test_both_together_answer_what_was_believed_then_about_that_moment(evening: Evening) -> None:
    evening.say(arrests(10), at=30, basis="to_date")
    evening.say(arrests(4), at=20)
    evening.say(money(None), at=25)
    evening.fold()
    believed = [[evening.nation(as_of=clock(minute), at=at) for minute in (19, 20, 30)] for at in (0, 1, 2)]
    assert believed == [[0, 0, 0], [0, 0, 10], [0, 4, 10]]
    questions = [{"as_of": clock(minute), "at": at} for minute, at in ((24, 3), (25, 2), (25, 3))]
    owes = [evening.totals(**question)["national"]["currency_seized"]["unquantified"] for question in questions]
    assert owes == [[], [], ["KY"]]
    answer = evening.totals(as_of=clock(20), at=2)
    assert (answer["as_of"], answer["at"], answer["position"]) == (clock(20), 2, 2)


def test_the_newest_position_says_what_now_says(evening: Evening) -> None:
    evening.say(arrests(3, "TN"), victims(2, "minor"), money("0.10"))
    evening.say(unit="TN")
    evening.fold()
    apart = {"generated_at", "alarms", "as_of", "at"}
    now, then = evening.totals(), evening.totals(at=2)
    assert {name: now[name] for name in now.keys() - apart} == {name: then[name] for name in then.keys() - apart}


def test_who_was_heard_and_nil_follow_the_journal_and_the_clock(evening: Evening) -> None:
    evening.say(at=10, unit="TN")
    evening.say(arrests(1), at=20, unit="TN")
    evening.fold()
    questions: list[dict[str, Any]] = [{"at": 0}, {"at": 1}, {"at": 2}, {"as_of": clock(9)}, {"as_of": clock(10)}]
    reporting = [evening.totals(**question)["reporting"] for question in questions]
    assert [one["heard"] for one in reporting] == [0, 1, 1, 0, 1]
    assert [one["nil"] for one in reporting] == [[], ["TN"], [], [], ["TN"]]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"at": 3}, "/at"),
        ({"at": 2**62}, "/at"),
        ({"at": -1}, "/at"),
        ({"at": 2**63}, "/at"),
        ({"at": "two"}, "/at"),
        ({"at": 3, "as_of": clock(0)}, "/at"),
        ({"as_of": "2021-08-26T23:00:00"}, "/as_of"),
        ({"as_of": "yesterday"}, "/as_of"),
        ({"asof": clock(0)}, "/asof"),
    ],
)
def test_a_position_that_is_not_there_yet_or_a_time_that_is_none_is_refused(evening: Evening, query: dict[str, Any], pointer: str) -> None:
    for _ in range(2):
        evening.say(arrests(1))
    evening.fold()
    evening.say(arrests(1))
    answer = evening.desk.get(f"{evening.path}/totals", **query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_a_document_made_later_without_a_new_figure_has_the_same_etag(evening: Evening) -> None:
    evening.say(arrests(3))
    evening.fold()
    first, second = (evening.desk.get(f"{evening.path}/totals") for _ in range(2))
    assert first.json["generated_at"] < second.json["generated_at"]
    assert first.headers["ETag"] == second.headers["ETag"]
    unchanged = evening.desk.get(f"{evening.path}/totals", headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_a_new_figure_a_mere_word_and_a_phase_change_the_etag(evening: Evening) -> None:
    tags = [evening.desk.get(f"{evening.path}/totals").headers["ETag"]]
    for act in (lambda: evening.say(arrests(0)), lambda: evening.say(unit="TN"), lambda: phase(evening, "standing_down")):
        act()
        evening.fold()
        answer = evening.desk.get(f"{evening.path}/totals", headers={"If-None-Match": tags[-1]})
        assert answer.status_code == 200
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 4


def test_what_waits_in_the_inbox_is_in_no_answer(evening: Evening) -> None:
    before = evening.desk.get(f"{evening.path}/totals").headers["ETag"]
    evening.say(arrests(3))
    assert evening.desk.get(f"{evening.path}/totals", headers={"If-None-Match": before}).status_code == 304


def test_the_last_minutes_count_from_whole_minutes_up_to_the_moment_asked_for(evening: Evening) -> None:
    """As of 30 seconds past half past: the fifteenth minute back begins at 16, the sixtieth at 31 minutes past the hour before."""
    for at, quantity in ((-29 - 1 / 60, 1), (-29, 2), (15.99, 4), (16, 8), (30.4, 16), (30.6, 32)):
        evening.say(arrests(quantity), at=at)
    evening.fold()
    national = evening.totals(as_of=clock(30.5))["national"]["arrests"]
    assert (national["total"], national["last_15_minutes"], national["last_60_minutes"]) == (31, 24, 30)


def test_what_is_new_now_is_what_is_new_as_of_the_same_moment(evening: Evening, owner: psycopg.Connection) -> None:
    for ago, quantity in ((0, 1), (5, 2), (30, 4), (90, 8)):
        evening.say(arrests(quantity), victims(quantity, "minor"), at=now(owner) - timedelta(minutes=ago))
    evening.say(money("7.25"), at=now(owner) - timedelta(minutes=40), unit="TN")
    evening.say(money("3.00"), at=now(owner) - timedelta(minutes=4), unit="TN", basis="to_date")
    evening.fold()
    live = evening.totals()
    assert recent(live, "arrests") == recent(live, "victims_rescued") == (3, 7)
    assert recent(live, "currency_seized") == ("-4.25", "3.00")
    assert evening.totals(as_of=live["generated_at"])["national"] == live["national"]
    assert evening.totals(at=6)["national"] == live["national"]


def test_the_last_minutes_begin_and_end_with_the_same_minute_now_as_then(evening: Evening, owner: psycopg.Connection) -> None:
    """Around both ends of both windows: whatever minute it is when the totals are read, both ways must agree on it."""
    this = now(owner).replace(second=0, microsecond=0)
    for power, ago in enumerate((0, 12, 13, 14, 15, 57, 58, 59, 60)):
        evening.say(arrests(2**power), at=this - timedelta(minutes=ago))
    evening.fold()
    live = evening.totals()
    assert evening.totals(as_of=live["generated_at"])["national"] == live["national"]
    elapsed = (datetime.fromisoformat(live["generated_at"]) - this) // timedelta(minutes=1)
    if elapsed <= 1:
        assert recent(live, "arrests") == [(0b1111, 0b11111111), (0b111, 0b1111111)][elapsed]


def test_the_totals_of_a_position_are_of_the_moment_it_was_folded(evening: Evening, owner: psycopg.Connection) -> None:
    evening.say(arrests(1), at=now(owner))
    evening.fold()
    folded = owner.execute("SELECT folded_at FROM journal WHERE operation_id = %s", [evening.id]).fetchone()
    assert folded is not None
    then = evening.totals(at=1)
    assert (then["generated_at"], recent(then, "arrests")) == (moment_text(folded[0]), (1, 1))


def test_whoever_is_silent_for_longer_than_the_interval_is_overdue(evening: Evening, owner: psycopg.Connection) -> None:
    live_since(evening, owner, "live_at - interval '59 minutes'")
    assert overdue(evening) == []
    live_since(evening, owner, "live_at - interval '2 minutes'")
    assert overdue(evening) == ["KY", "TN"]
    evening.say(unit="KY-KSP")
    evening.fold()
    assert overdue(evening) == ["TN"], "an agency's word is its state's, and a nil report is a word"
    owner.execute("UPDATE hearings SET last_report_at = last_report_at - interval '61 minutes' WHERE operation_id = %s", [evening.id])
    assert overdue(evening) == ["KY", "TN"]
    phase(evening, "standing_down")
    assert overdue(evening) == ["KY", "TN"]
    phase(evening, "reconciling")
    assert overdue(evening) == []


def test_who_was_overdue_as_of_a_time_is_told_by_that_time(evening: Evening, owner: psycopg.Connection) -> None:
    live_since(evening, owner, f"timestamptz '{START.isoformat()}'")
    evening.say(arrests(1), at=15)
    evening.fold()
    assert [overdue(evening, as_of=clock(at)) for at in (60, 60.5, 75, 75.5)] == [[], ["TN"], ["TN"], ["KY", "TN"]]


def test_who_acted_at_another_time_is_never_overdue(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], owner: psycopg.Connection
) -> None:
    apart = {"starts_at": "2021-08-12T00:00:00Z", "ends_at": "2021-08-13T00:00:00Z", "footnote": "At the rally."}
    units = [{"code": code, "name": code, "kind": "jurisdiction"} for code in ("KY", "SD")]
    catalogue = create_operation(units=[units[0], units[1] | {"conducted_separately": apart}])
    evening = Evening(catalogue, create_token("desk", catalogue.code))
    live_since(evening, owner, "live_at - interval '2 hours'")
    assert overdue(evening) == ["KY"]


def test_liaisons_and_observers_read_the_whole_nation(evening: Evening, create_token: Callable[..., Caller]) -> None:
    evening.say(arrests(2), unit="TN")
    evening.fold()
    for caller in (create_token("liaison", evening.catalogue.code, "KY"), create_token("observer", evening.catalogue.code)):
        assert caller.get(f"{evening.path}/totals").json["national"]["arrests"]["total"] == 2
        assert caller.get(f"{evening.path}/series", measure="arrests").status_code == 200


def recent(document: dict[str, Any], measure: str) -> tuple[Any, Any]:
    """What is new in the nation in the last 15 and 60 minutes."""
    return document["national"][measure]["last_15_minutes"], document["national"][measure]["last_60_minutes"]


def overdue(evening: Evening, **query: Any) -> list[str]:
    """Who is overdue."""
    return list(evening.totals(**query)["reporting"]["overdue"])


def now(owner: psycopg.Connection) -> datetime:
    """The database's clock."""
    row = owner.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    return datetime.fromisoformat(row[0].isoformat())


def live_since(evening: Evening, owner: psycopg.Connection, when: str) -> None:
    """Moves when the operation went live; its version grows, as with every change."""
    owner.execute(f"UPDATE operations SET live_at = {when}, version = version + 1 WHERE id = %s", [evening.id])


def phase(evening: Evening, name: str) -> None:
    """Steps to the next phase."""
    assert evening.desk.post(f"{evening.path}/phase", {"phase": name}).status_code == 200
