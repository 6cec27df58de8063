"""Where a figure comes from: its entries add up to it, and what no longer counts says why."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from coordinator.fields import moment_text
from tests.conftest import Caller
from tests.totals.evening import Evening, arrests, moment, money, victims


def test_what_the_entries_add_is_the_figure_of_any_night_at_any_moment(evening: Evening, seed: int) -> None:
    chance = Random(seed)
    told = [(evening.say(*some_lines(chance), unit=unit, at=at, basis=basis), unit) for unit, at, basis in some_reports(chance)]
    for id, unit in chance.sample(told, 8):
        evening.correct(id, *some_lines(chance), unit=unit) if chance.random() < 0.5 else evening.withdraw(id)
    evening.fold()
    for query in ({}, {"at": 20}, {"as_of": moment_text(moment(3))}, {"at": 30, "as_of": moment_text(moment(4))}):
        for measure in ("arrests", "victims_rescued", "currency_seized"):
            assert sources(evening, measure, **query)["total"] == evening.nation(measure, **query)
            items = all_sources(evening, measure, **query)
            assert sum(Decimal(item["adds"]) for item in items) == Decimal(evening.nation(measure, **query))


def some_reports(chance: Random) -> list[tuple[str, int, str]]:
    """Forty units, minutes and bases, few enough of each that they meet in the same cells at the same instants."""
    return [(chance.choice(("KY", "KY-KSP", "TN")), chance.randint(0, 6), chance.choice(("increment", "to_date"))) for _ in range(40)]


def some_lines(chance: Random) -> list[dict[str, object]]:
    """Lines of different cells, one of them now and then without a number."""
    lines = [arrests(chance.randint(0, 9)), victims(chance.randint(0, 9)), victims(chance.randint(0, 9), "minor")]
    lines.append(money(chance.choice((None, f"{chance.randint(0, 99)}.25"))))
    return chance.sample(lines, chance.randint(1, 4))


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
    seen = [(item["position"], item["number"]) for item in all_sources(evening, "victims_rescued")]
    assert sources(evening, "victims_rescued")["count"] == len(seen) == 10
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


def sources(evening: Evening, measure: str = "arrests", **query: object) -> dict[str, Any]:
    """The sources of a figure, of the nation unless a unit is named."""
    answer = evening.desk.get(f"{evening.path}/sources", measure=measure, **query)
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def all_sources(evening: Evening, measure: str, **query: object) -> list[dict[str, Any]]:
    """The items of every page, three on each."""
    document = sources(evening, measure, limit=3, **query)
    items = list(document["items"])
    while document["next"]:
        document = sources(evening, measure, limit=3, cursor=document["next"], **query)
        items += document["items"]
    return items
