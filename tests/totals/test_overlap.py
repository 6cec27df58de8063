"""What two units counted and the nation counts once: the built-in unit OVERLAP, whose figures lie below 0."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from coordinator.db import transaction
from coordinator.desk.picture import Picture
from coordinator.operations import service as operations
from coordinator.releases import statistics
from coordinator.totals import recount
from tests.conftest import Caller, report_body
from tests.desk.watching import Board, comparable
from tests.totals.evening import Evening, arrests, money

UNUSED = ["KY", "KY-KSP", "TN", "US", "UNATTRIBUTED"]


def shown_units(evening: Evening, **query: Any) -> list[str]:
    """The codes of the units in the totals document."""
    return [unit["code"] for unit in evening.totals(**query)["units"]]


def test_an_adjustment_takes_out_of_the_nation_what_two_units_counted_and_moves_neither(evening: Evening) -> None:
    evening.say(arrests(5), at=10)
    evening.say(arrests(4), unit="TN", at=10)
    evening.adjust(-3, at=20)
    evening.fold()
    national = evening.totals()["national"]["arrests"]
    assert (national["total"], national["categories"], national["overlap"]) == (6, {"unspecified": 6}, -3)
    assert [evening.unit(code)["total"] for code in ("KY", "TN", "OVERLAP")] == [5, 4, -3]
    assert evening.new() == {10: 9, 20: -3}
    assert evening.new(unit="OVERLAP") == {20: -3}
    assert [evening.nation(at=position) for position in range(4)] == [0, 5, 9, 6]
    assert [evening.nation(as_of=f"2021-08-26T23:{minute}:00Z") for minute in (19, 20)] == [9, 6]
    assert evening.differences() == []


def test_overlap_is_in_the_documents_from_its_first_entry_on_and_stays_when_that_is_withdrawn(evening: Evening) -> None:
    evening.say(arrests(5))
    evening.fold()
    assert shown_units(evening) == UNUSED
    assert "overlap" not in evening.totals()["national"]["arrests"]
    evening.withdraw(evening.adjust(-2))
    evening.fold()
    assert (shown_units(evening), shown_units(evening, at=1), shown_units(evening, at=2)) == (
        [*UNUSED, "OVERLAP"],
        UNUSED,
        [*UNUSED, "OVERLAP"],
    )
    assert (evening.nation(), evening.nation(at=2), evening.unit("OVERLAP"), evening.differences()) == (5, 3, {}, [])
    assert "overlap" not in evening.totals()["national"]["arrests"]
    operation = evening.desk.get(evening.path).json
    assert [unit["code"] for unit in operation["units"]] == UNUSED, "it is not planned, so the plan does not show it"


def test_a_watcher_hears_of_it_as_of_any_unit_though_it_was_not_shown_before(evening: Evening) -> None:
    evening.say(arrests(5))
    evening.fold()
    board = Board(evening.totals())
    with transaction(snapshot=True):
        picture = Picture(evening.id)
    for step in (lambda: evening.adjust(-2), lambda: evening.adjust(-1), lambda: evening.withdraw(evening.adjust(-1))):
        step()
        evening.fold()
        with transaction(snapshot=True):
            events = picture.look(anyway=False)
        for one in events:
            board.take(one.name, json.loads(one.chunk.split(b"data: ")[1]))
        assert comparable(board.document) == comparable(evening.totals())
    assert board.document["national"]["arrests"]["overlap"] == -3


def test_money_taken_out_is_exact_and_the_nation_may_fall_below_what_was_taken_out(evening: Evening) -> None:
    sent = evening.say(money("10.00"))
    evening.adjust(Decimal("-0.05"), "currency_seized")
    evening.fold()
    assert (evening.nation("currency_seized"), evening.unit("OVERLAP", "currency_seized")["own"]) == ("9.95", "-0.05")
    evening.withdraw(sent)
    evening.fold()
    assert (evening.nation("currency_seized"), evening.differences()) == ("-0.05", [])


def test_a_rebuild_and_the_statistics_know_it(evening: Evening) -> None:
    evening.say(arrests(5))
    evening.adjust(-2)
    evening.fold()
    before = evening.totals()["national"]
    with transaction():
        recount.rebuild(evening.id)
    assert (evening.totals()["national"], evening.differences()) == (before, [])
    rows = [row for row in statistics.rows(evening.catalogue, evening.totals()) if row["category"] == "all" and row["measure"] == "arrests"]
    assert [(row["unit"], row["quantity"]) for row in rows] == [("KY", 5), ("OVERLAP", -2), ("NATIONAL", 3)]


def test_its_sources_name_the_adjustment(evening: Evening) -> None:
    evening.adjust(-2)
    evening.fold()
    answer = evening.desk.get(f"{evening.path}/sources", measure="arrests", unit="OVERLAP")
    (item,) = answer.json["items"]
    assert (item["channel"], item["adds"], item["state"], item["note"]) == ("adjustment", -2, "counts", "counted by both")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"unit": "OVERLAP"}, "/unit"),
        ({"lines": [{"measure": "arrests", "quantity": 1, "assisting": ["OVERLAP"]}]}, "/lines/0/assisting"),
        ({"lines": [{"measure": "arrests", "quantity": -1}]}, "/lines/0/quantity"),
        ({"lines": [{"measure": "currency_seized", "quantity": "-1.00"}]}, "/lines/0/quantity"),
    ],
)
def test_nobody_posts_to_it_and_nobody_posts_below_0(evening: Evening, members: dict[str, Any], pointer: str) -> None:
    answer = evening.desk.post(f"{evening.path}/reports", report_body(**members))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_an_adjustment_is_not_corrected_by_a_report(evening: Evening) -> None:
    adjusted = evening.adjust(-2)
    answer = evening.desk.post(f"{evening.path}/reports", report_body(corrects=adjusted, reason="counted again"))
    assert answer.status_code == 409, answer.json


def test_nobody_speaks_for_it_and_the_plan_leaves_it_alone(evening: Evening, create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    asked = {"role": "liaison", "name": "Nobody", "operation": evening.catalogue.code, "units": ["OVERLAP"]}
    assert list(admin.post("/tokens", asked).json["errors"]) == ["/units/0"]
    for changes, status in [
        ({"units": [{"code": "OVERLAP", "name": "Mine", "kind": "jurisdiction"}]}, 422),
        ({"units": [{"code": "A", "name": "Mine", "kind": "agency", "parent": "OVERLAP"}]}, 422),
        ({"remove": {"units": ["OVERLAP"]}}, 409),
    ]:
        assert evening.desk.patch(evening.path, changes).status_code == status
    assert operations.overlap_unit(evening.catalogue).kind == "overlap"
