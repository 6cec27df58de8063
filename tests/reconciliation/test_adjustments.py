"""Adjustments: what more than one unit counted is taken out of the nation, in the open, and only for as long as its sources stand."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import Caller, report_body
from tests.reconciliation.conftest import Desk
from tests.totals.evening import arrests, victims

JOINT = "joint-action:KY:TN:arrests:unspecified"


@pytest.fixture
def both(room: Desk) -> Desk:
    """Kentucky has 8, with Tennessee assisting; Tennessee has 5 of the same hour."""
    room.say(arrests(8, "TN"))
    room.say(arrests(5), unit="TN")
    return room


@pytest.mark.parametrize(("method", "number", "nation"), [("maximum", {}, 8), ("number", {"number": 10}, 10), ("sum", {}, 13)])
def test_it_takes_out_what_is_more_than_they_come_to_and_settles_the_check(both: Desk, method: str, number: dict, nation: int) -> None:
    assert JOINT in both.open()
    made = both.make("KY", "TN", method=method, **number)
    assert (made["result"], made["reduction"], made["standing"]) == (nation, 13 - nation, True)
    assert made["sources"] == [{"unit": "KY", "quantity": 8}, {"unit": "TN", "quantity": 5}]
    assert (both.nation(), both.unit("KY")["total"], both.unit("TN")["total"]) == (nation, 8, 5)
    assert both.unit("OVERLAP")["own"] == nation - 13
    assert (both.check(JOINT)["settled_by"], JOINT in both.open()) == ("adjustment", False)
    assert both.nation(as_of="2021-08-26T23:10:00Z") == 0, "it is as old as what it is of"
    assert both.recounts()


def test_the_journal_says_what_it_is_of(both: Desk) -> None:
    made = both.make("KY", "TN")
    entry = both.desk.get(f"{both.path}/journal", limit=1).json["items"][0]
    assert (entry["unit"], entry["channel"], entry["position"]) == ("OVERLAP", "adjustment", made["position"])
    assert entry["lines"] == [{"measure": "arrests", "category": "unspecified", "quantity": -5}]
    assert entry["note"] == "Arrests made: KY 8, TN 5; together 8 (maximum). one raid, counted twice"


def test_it_falls_when_a_source_reports_and_at_no_position_does_it_stand_on_what_it_was_not_made_of(both: Desk) -> None:
    both.make("KY", "TN")
    sent = both.say(arrests(1), unit="TN")
    assert (both.adjustments(), both.nation(), JOINT in both.open()) == ([False], 14, True)
    assert [both.nation(at=position) for position in range(6)] == [0, 8, 13, 8, 13, 14]
    fallen = both.read()["adjustments"][0]["fallen"]
    assert (fallen["reason"], fallen["position"]) == (f"TN has changed, by the report {sent}.", 4)
    assert both.recounts()


def test_it_falls_with_a_unit_below_a_source_with_a_correction_and_with_a_withdrawal(both: Desk) -> None:
    both.make("KY", "TN")
    below = both.say(arrests(1), unit="KY-KSP")
    both.make("KY", "TN")
    corrected = both.correct(below, victims(1), unit="KY-KSP")
    assert both.adjustments() == [False, False], "the correction takes the arrest away"
    both.make("KY", "TN")
    both.withdraw(corrected)
    both.settle()
    assert both.adjustments() == [False, False, True], "that was of victims"
    first = both.desk.get(f"{both.path}/reports", unit="TN").json["items"][0]["id"]
    both.withdraw(first)
    both.settle()
    assert (both.adjustments(), both.nation()) == ([False, False, False], 8)


def test_another_measure_another_unit_and_a_report_that_is_refused_or_repeated_leave_it(both: Desk) -> None:
    key = "the-same-again"
    both.say(arrests(2), unit="TN", key=key)
    both.make("KY", "TN")
    both.say(arrests(2), unit="TN", key=key)
    both.say(victims(2))
    both.say(arrests(2), unit="US")
    other = {"unit": "TN", "basis": "increment", "observed_at": "2021-08-26T23:15:00Z", "lines": [arrests(9)]}
    assert both.desk.post(f"{both.path}/reports", other, key).json["type"] == "/problems/idempotency-key-reused"
    both.settle()
    assert (both.adjustments(), both.nation()) == ([True], 10)


def test_a_report_that_is_mere_credit_changes_no_source(both: Desk) -> None:
    action = both.ask("/joint-actions", {"unit": "KY", "name": "Warehouse, south side"})["code"]
    both.make("KY", "TN")
    both.say(arrests(2), unit="TN", joint_action=action)
    assert (both.adjustments(), both.unit("TN")["assisted"]) == ([True], 10)
    both.say(arrests(2), unit="KY", joint_action=action)
    assert both.adjustments() == [False]


def test_a_batch_makes_it_fall_once_and_records_all(both: Desk) -> None:
    both.make("KY", "TN")
    said = [report_body(unit=unit, lines=[arrests(1)], idempotency_key=str(n)) for n, unit in enumerate(("KY", "US", "TN", "KY"))]
    body = "\n".join(json.dumps(one) for one in said)
    headers = both.desk.headers | {"Content-Type": "application/x-ndjson"}
    answer = both.desk.client.post(f"/api/v1{both.path}/reports/batch", data=body, headers=headers)
    assert [json.loads(one)["status"] for one in answer.text.strip().split("\n")] == [201] * 4
    both.settle()
    assert (both.adjustments(), both.nation(), both.totals()["position"]) == ([False], 17, 8)
    assert both.recounts()


def test_the_desk_withdraws_it_with_a_reason(both: Desk) -> None:
    made = both.make("KY", "TN")
    ended = both.ask(f"/adjustments/{made['id']}/withdrawal", {"reason": "two raids after all"})
    assert (ended["standing"], ended["fallen"]["reason"], both.nation()) == (False, "two raids after all", 13)
    assert both.ask(f"/adjustments/{made['id']}/withdrawal", {"reason": "again"}, 409)["type"] == "/problems/report-not-current"
    report = both.desk.get(f"{both.path}/reports", unit="KY").json["items"][0]["id"]
    both.ask(f"/adjustments/{report}/withdrawal", {"reason": "no adjustment"}, 404)


@pytest.mark.parametrize(
    ("sources", "members", "at", "sentence"),
    [
        (["KY", "KY-KSP"], {}, "/sources", "KY and KY-KSP lie within each other. Correct the report that counts too much instead."),
        (["KY", "OVERLAP"], {}, "/sources", "There is no unit OVERLAP that reports in this operation."),
        (["KY", "US"], {}, "/sources", "US has no figure of it."),
        (["KY", "KY"], {}, "/sources", "Names a unit twice."),
        (["KY", "TN"], {"method": "number", "number": 14}, "/number", "at most"),
        (["KY", "TN"], {"method": "number", "number": 7}, "/number", "They come to 8 at least, the largest of them, and to 13 at most."),
        (["KY", "TN"], {"method": "number"}, "/number", "A number goes with the method number"),
        (["KY", "TN"], {"reason": "see case no. 21-00415"}, "/reason", "a case number"),
        (["KY", "TN"], {"measure": "rescues"}, "/measure", "There is no measure rescues"),
    ],
)
def test_what_can_not_be_is_refused_with_what_to_do(both: Desk, sources: list[str], members: dict, at: str, sentence: str) -> None:
    errors = both.make(*sources, status=422, **members)["errors"]
    assert sentence in errors[at][0]
    assert (both.read()["adjustments"], both.nation()) == ([], 13)


def test_figures_of_one_unit_stand_in_one_adjustment_at_a_time(both: Desk) -> None:
    both.say(arrests(2), unit="US")
    both.say(arrests(1), unit="KY-KSP")
    both.make("KY", "TN")
    refused = both.make("KY-KSP", "US", status=422)
    assert refused["errors"]["/sources"] == [
        "KY-KSP stands in an adjustment already, of KY, TN. Withdraw that, and make one over all of them."
    ]


def test_what_waits_is_counted_before_an_adjustment_is_made_of_it(both: Desk) -> None:
    super(Desk, both).say(arrests(1), unit="TN")
    assert both.make("KY", "TN")["sources"][1] == {"unit": "TN", "quantity": 6}


def test_it_is_the_desks_and_only_while_reconciling(
    room: Desk, kentucky: Caller, create_operation: Callable, create_token: Callable
) -> None:
    body = {"measure": "arrests", "sources": ["KY", "TN"], "method": "sum", "reason": "x"}
    room.ask("/adjustments", body, 403, kentucky)
    live = create_operation()
    answer = create_token("desk", live.code).post(f"/operations/{live.code}/adjustments", body)
    assert answer.json["type"] == "/problems/not-reconciling"
