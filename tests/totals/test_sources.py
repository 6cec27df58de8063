"""Where a figure comes from: its entries add up to it, and what no longer counts says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.totals.positions import Entry, position
from coordinator.totals.tracing import shares
from tests.conftest import Caller
from tests.totals.evening import Evening, arrests, money, victims

NOON = datetime(2021, 8, 26, 12, 0, tzinfo=UTC)


def entries_of(drawn: list[tuple[int, bool, int | None]]) -> list[Entry]:
    """Entries of one cell from minute, whether to date, and quantity."""
    return [Entry(NOON + timedelta(minutes=at), (n, 0), standing, quantity) for n, (at, standing, quantity) in enumerate(drawn, 1)]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.none() | st.integers(0, 9)), max_size=12))
def test_what_the_entries_add_is_the_figure(drawn: list[tuple[int, bool, int | None]]) -> None:
    entries = entries_of(drawn)
    assert sum(shares(entries).values()) == position(entries).quantity


def test_what_a_later_standing_figure_covers_adds_nothing(evening: Evening) -> None:
    evening.say(arrests(3), at=10)
    evening.say(arrests(5), at=20, basis="to_date")
    evening.say(arrests(2), at=30)
    evening.fold()
    document = sources(evening)
    assert document["total"] == evening.nation() == 7
    assert [(item["adds"], item["state"]) for item in document["items"]] == [(2, "counts"), (5, "counts"), (0, "covered")]


def test_what_was_corrected_or_withdrawn_is_shown_with_the_reason(evening: Evening) -> None:
    first = evening.say(arrests(9))
    evening.correct(first, arrests(7))
    evening.withdraw(evening.say(arrests(4), at=40))
    evening.fold()
    shown = [(item["quantity"], item["adds"], item["state"], item["reason"], item["dropped_because"]) for item in sources(evening)["items"]]
    assert shown == [
        (4, 0, "withdrawn", None, "another night's"),
        (7, 7, "counts", "counted again", None),
        (9, 0, "corrected", None, "counted again"),
    ]


def test_an_earlier_position_shows_what_was_known_then(evening: Evening) -> None:
    first = evening.say(arrests(9))
    evening.correct(first, arrests(7))
    evening.fold()
    document = sources(evening, at=1)
    assert (document["total"], document["position"]) == (9, 1)
    assert [item["state"] for item in document["items"]] == ["counts"]
    assert document["items"][0]["dropped_because"] is None


def test_an_earlier_moment_leaves_out_what_had_not_happened(evening: Evening) -> None:
    evening.say(arrests(1), at=10)
    evening.say(arrests(2), at=20)
    evening.fold()
    assert sources(evening, as_of="2021-08-26T23:15:00Z")["total"] == 1


def test_a_category_and_a_unit_narrow_it(evening: Evening) -> None:
    evening.say(victims(2), victims(1, "minor"))
    evening.say(victims(4, "minor"), unit="TN")
    evening.say(victims(3), unit="KY-KSP")
    evening.fold()
    assert sources(evening, "victims_rescued")["total"] == 10
    assert sources(evening, "victims_rescued", category="minor")["total"] == 5
    assert sources(evening, "victims_rescued", unit="KY")["total"] == 6
    assert [item["unit"] for item in sources(evening, "victims_rescued", unit="KY-KSP")["items"]] == ["KY-KSP"]


def test_money_is_exact_and_what_is_not_yet_known_says_so(evening: Evening) -> None:
    evening.say(money("1234567890.05"))
    evening.say(money(None), unit="TN")
    evening.fold()
    document = sources(evening, "currency_seized")
    assert document["total"] == "1234567890.05"
    assert [(item["quantity"], item["unquantified"], item["adds"]) for item in document["items"]] == [
        (None, "a large amount", "0.00"),
        ("1234567890.05", None, "1234567890.05"),
    ]


def test_it_comes_in_pages_whose_items_are_all_and_once(evening: Evening) -> None:
    for number in range(5):
        evening.say(victims(number), victims(1, "minor"))
    evening.fold()
    seen, cursor = [], None
    while cursor or not seen:
        document = sources(evening, "victims_rescued", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [(item["position"], item["number"]) for item in document["items"]]
        cursor = document["next"]
    assert document["count"] == len(seen) == 10
    assert seen == sorted(set(seen), reverse=True)


def test_a_liaison_sees_the_sources_of_its_own_units_alone(evening: Evening, create_token: Callable[..., Caller]) -> None:
    evening.say(arrests(3))
    evening.fold()
    kentucky = create_token("liaison", evening.catalogue.code, "KY")
    for unit in ("KY", "KY-KSP"):
        assert kentucky.get(f"{evening.path}/sources", measure="arrests", unit=unit).status_code == 200
    for query in ({}, {"unit": "TN"}):
        answer = kentucky.get(f"{evening.path}/sources", measure="arrests", **query)
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/not-your-unit")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"measure": "joy"}, "/measure"),
        ({"unit": "ZZ"}, "/unit"),
        ({"category": "tall"}, "/category"),
        ({"at": 99}, "/at"),
        ({"cursor": "x"}, "/cursor"),
    ],
)
def test_what_is_not_there_is_refused_by_name(evening: Evening, query: dict[str, str], pointer: str) -> None:
    answer = evening.desk.get(f"{evening.path}/sources", **({"measure": "arrests"} | query))
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [pointer]


def sources(evening: Evening, measure: str = "arrests", **query: object) -> dict[str, object]:
    """The sources of a figure, of the nation unless a unit is named."""
    answer = evening.desk.get(f"{evening.path}/sources", measure=measure, **query)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)
