"""Everything a report must not be, with the place that is told; and that nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import PHASES
from tests.conftest import Caller, report_body
from tests.structure.worlds import step

ARREST = {"measure": "arrests", "quantity": 3}
MONEY = {"measure": "currency_seized", "quantity": "1.00"}


def arrest(**members: Any) -> dict[str, Any]:
    """A report of one line, changed."""
    return {"lines": [ARREST | members]}


def money(quantity: Any) -> dict[str, Any]:
    """A report of money."""
    return {"lines": [MONEY | {"quantity": quantity}]}


def counted(quantity: Any) -> dict[str, Any]:
    """A report of a count."""
    return arrest(quantity=quantity)


QUANTITY = "/lines/0/quantity"

REFUSED: list[tuple[dict[str, Any], str]] = [
    # the report
    ({"unit": "XX"}, "/unit"),
    ({"unit": "NATIONAL"}, "/unit"),
    ({"unit": "ky"}, "/unit"),
    ({"unit": "KY\n"}, "/unit"),
    ({"unit": "KY\x00"}, "/unit"),
    ({"unit": ""}, "/unit"),
    ({"unit": None}, "/unit"),
    ({"unit": 5}, "/unit"),
    ({"unit": ["KY"]}, "/unit"),
    ({"basis": "sum"}, "/basis"),
    ({"basis": "Increment"}, "/basis"),
    ({"basis": None}, "/basis"),
    ({"basis": True}, "/basis"),
    ({"observed_at": "2021-08-26T22:15:00"}, "/observed_at"),
    ({"observed_at": "2021-08-26"}, "/observed_at"),
    ({"observed_at": "2021-08-26T22:15:00-0400"}, "/observed_at"),
    ({"observed_at": "2016-12-31T23:59:60Z"}, "/observed_at"),
    ({"observed_at": "2021-02-30T00:00:00Z"}, "/observed_at"),
    ({"observed_at": "0001-01-01T00:00:00Z"}, "/observed_at"),
    ({"observed_at": "9999-12-31T23:59:59Z"}, "/observed_at"),
    ({"observed_at": "2190-01-01T00:00:00Z"}, "/observed_at"),
    ({"observed_at": 1630030500}, "/observed_at"),
    ({"observed_at": None}, "/observed_at"),
    ({"observed_at": ""}, "/observed_at"),
    ({"note": ""}, "/note"),
    ({"note": "   "}, "/note"),
    ({"note": "x" * 1001}, "/note"),
    ({"note": "a\x00b"}, "/note"),
    ({"note": "half \ud83d"}, "/note"),
    ({"note": "\udc00"}, "/note"),
    ({"note": "evil\u202egpj"}, "/note"),
    ({"note": 5}, "/note"),
    ({"note": {"text": "x"}}, "/note"),
    ({"nil": "true"}, "/nil"),
    ({"nil": 1}, "/nil"),
    ({"nil": None}, "/nil"),
    ({"nil": True}, "/nil"),
    ({"lines": []}, "/lines"),
    ({"lines": [], "nil": False}, "/lines"),
    ({"lines": None}, "/lines"),
    ({"lines": ARREST}, "/lines"),
    ({"lines": "arrests: 3"}, "/lines"),
    ({"lines": [ARREST] * 101}, "/lines"),
    ({"lines": [ARREST, None]}, "/lines/1"),
    ({"lines": [ARREST, [ARREST]]}, "/lines/1"),
    ({"person": "someone"}, "/person"),
    ({"id": "mine"}, "/id"),
    ({"received_at": "2021-08-26T22:15:00Z"}, "/received_at"),
    ({"idempotency_key": "k"}, "/idempotency_key"),
    ({"": 1}, "/"),
    ({"a/b~c": 1}, "/a~1b~0c"),
    ({"reason": "without a report to correct"}, "/reason"),
    ({"corrects": "not-an-id"}, "/corrects"),
    ({"corrects": 5}, "/corrects"),
    ({"corrects": "00000000-0000-7000-8000-000000000000"}, "/reason"),
    ({"corrects": "00000000-0000-7000-8000-000000000000", "reason": None}, "/reason"),
    ({"corrects": "00000000-0000-7000-8000-000000000000", "reason": ""}, "/reason"),
    ({"corrects": "00000000-0000-7000-8000-000000000000", "reason": "x" * 501}, "/reason"),
    # a line
    ({"lines": [{"quantity": 3}]}, "/lines/0/measure"),
    ({"lines": [{}]}, "/lines/0/measure"),
    ({"lines": [{"measure": "arrests"}]}, "/lines/0"),
    (arrest(measure="nothing"), "/lines/0/measure"),
    (arrest(measure="Arrests"), "/lines/0/measure"),
    (arrest(measure=None), "/lines/0/measure"),
    (arrest(measure=["arrests"]), "/lines/0/measure"),
    (arrest(category="minor"), "/lines/0/category"),
    (arrest(category="Unspecified"), "/lines/0/category"),
    (arrest(category=None), "/lines/0/category"),
    (arrest(category=""), "/lines/0/category"),
    (arrest(category="x" * 81), "/lines/0/category"),
    (arrest(category="mi\x00nor"), "/lines/0/category"),
    (arrest(unit="KY"), "/lines/0/unit"),
    (arrest(unquantified="some"), "/lines/0"),
    ({"lines": [{"measure": "arrests", "unquantified": ""}]}, "/lines/0/unquantified"),
    ({"lines": [{"measure": "arrests", "unquantified": "x" * 201}]}, "/lines/0/unquantified"),
    ({"lines": [{"measure": "arrests", "unquantified": True}]}, "/lines/0/unquantified"),
    ({"lines": [{"measure": "arrests", "unquantified": None}]}, "/lines/0/unquantified"),
    # a figure
    (counted(-1), QUANTITY),
    (counted(10**12 + 1), QUANTITY),
    (counted(10**18), QUANTITY),
    (counted(2**63), QUANTITY),
    (counted(2**64), QUANTITY),
    (counted(10**100), QUANTITY),
    (counted(-(10**100)), QUANTITY),
    (counted(1.5), QUANTITY),
    (counted(0.1), QUANTITY),
    (counted(1e300), QUANTITY),
    (counted(True), QUANTITY),
    (counted(False), QUANTITY),
    (counted(None), QUANTITY),
    (counted("3"), QUANTITY),
    (counted("three"), QUANTITY),
    (counted(""), QUANTITY),
    (counted([3]), QUANTITY),
    (counted({}), QUANTITY),
    (money("1.001"), QUANTITY),
    (money("-1.00"), QUANTITY),
    (money("+1.00"), QUANTITY),
    (money("1,000.00"), QUANTITY),
    (money("$5"), QUANTITY),
    (money("1e3"), QUANTITY),
    (money("01.00"), QUANTITY),
    (money(".50"), QUANTITY),
    (money("5."), QUANTITY),
    (money(" 5.00"), QUANTITY),
    (money("5.00\n"), QUANTITY),
    (money("٥.00"), QUANTITY),
    (money("1٣"), QUANTITY),
    (money("NaN"), QUANTITY),
    (money("Infinity"), QUANTITY),
    (money("1000000000000.01"), QUANTITY),
    (money("9" * 5000), QUANTITY),
    (money(12.5), QUANTITY),
    (money(True), QUANTITY),
    (money(10**12 + 1), QUANTITY),
    # units that assisted
    (arrest(assisting=["KY"]), "/lines/0/assisting"),
    (arrest(assisting=["XX"]), "/lines/0/assisting"),
    (arrest(assisting=["NATIONAL"]), "/lines/0/assisting"),
    (arrest(assisting=["TN", "TN"]), "/lines/0/assisting"),
    (arrest(assisting=["TN"] * 51), "/lines/0/assisting"),
    (arrest(assisting=["tn"]), "/lines/0/assisting/0"),
    (arrest(assisting="TN"), "/lines/0/assisting"),
    (arrest(assisting=None), "/lines/0/assisting"),
    (arrest(assisting=["TN"]) | {"basis": "to_date"}, "/lines/0/assisting"),
    ({"lines": [{"measure": "arrests", "unquantified": "some", "assisting": ["TN"]}]}, "/lines/0/assisting"),
    # standing figures
    ({"basis": "to_date", "lines": [ARREST, MONEY, ARREST]}, "/lines/2"),
    ({"basis": "to_date", "lines": [ARREST, {"measure": "arrests", "unquantified": "more"}]}, "/lines/1"),
    ({"basis": "to_date", "lines": [ARREST, ARREST | {"category": "unspecified", "quantity": 4}]}, "/lines/1"),
]


@pytest.mark.parametrize(("members", "pointer"), REFUSED)
def test_what_breaks_a_rule_is_422_with_the_place_and_leaves_no_trace(
    hub: Caller, reports: str, members: dict[str, Any], pointer: str, leaves_no_trace: Callable[[], bool]
) -> None:
    answer = hub.post(reports, report_body(**members))
    assert (answer.status_code, answer.content_type, answer.json["type"]) == (422, "application/problem+json", "/problems/invalid"), (
        answer.json
    )
    assert list(answer.json["errors"]) == [pointer]
    assert answer.json["instance"] == f"/api/v1{reports}"
    assert all(message.endswith(".") for message in answer.json["errors"][pointer])
    assert leaves_no_trace()


@pytest.mark.parametrize("member", ["unit", "basis", "observed_at", "lines"])
def test_what_must_be_there_is_missed(hub: Caller, reports: str, member: str) -> None:
    body = report_body()
    del body[member]
    assert hub.post(reports, body).json["errors"] == {f"/{member}": ["Missing data for required field."]}


def test_all_mistakes_are_told_at_once(hub: Caller, reports: str) -> None:
    body = report_body(unit="XX", note="call 816-555-0123", observed_at="2190-01-01T00:00:00Z")
    body["lines"] = [
        arrest(measure="nothing")["lines"][0],
        ARREST | {"category": "minor", "assisting": ["YY", "ZZ"]},
        MONEY | {"quantity": "0.001"},
    ]
    errors = hub.post(reports, body).json["errors"]
    assert set(errors) == {
        "/unit",
        "/note",
        "/observed_at",
        "/lines/0/measure",
        "/lines/1/category",
        "/lines/1/assisting",
        "/lines/2/quantity",
    }
    assert len(errors["/lines/1/assisting"]) == 2


def test_a_refusal_names_what_there_is_instead(hub: Caller, reports: str) -> None:
    errors = hub.post(reports, report_body(lines=[{"measure": "victims_rescued", "category": "adult", "quantity": 1}])).json["errors"]
    assert errors == {"/lines/0/category": ["victims_rescued has no category adult. It has: minor, unspecified."]}


def test_money_in_binary_is_told_how_it_is_written(hub: Caller, reports: str) -> None:
    [message] = hub.post(reports, report_body(**money(12.5))).json["errors"][QUANTITY]
    assert '"12500.00"' in message


def test_another_units_mistakes_are_not_looked_at(kentucky: Caller, reports: str) -> None:
    answer = kentucky.post(reports, report_body(unit="TN", lines=[{"measure": "nothing", "quantity": 1}]))
    assert (answer.status_code, answer.json["type"]) == (403, "/problems/not-your-unit")


@pytest.mark.parametrize("phase", ["planned", "briefing", "certified", "archived"])
def test_an_operation_that_is_not_open_takes_nothing(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], phase: str
) -> None:
    closed = create_operation(phase)
    desk, path = create_token("desk", closed.code), f"/operations/{closed.code}/reports"
    answers = [desk.post(path, report_body()), desk.post(path, report_body(lines=[], nil=True))]
    assert [(one.status_code, one.json["type"]) for one in answers] == [(409, "/problems/operation-not-open")] * 2
    assert "reports are taken while it is live, standing down or reconciling" in answers[0].json["detail"]
    assert desk.get(path).json["items"] == []


def test_when_it_closes_reports_corrections_and_withdrawals_all_end(operation: Catalogue, desk: Caller) -> None:
    path = f"/operations/{operation.code}/reports"
    ids = [desk.post(path, report_body()).json["id"] for _ in range(2)]
    step(operation.code, *PHASES[3:6])
    late = [
        desk.post(path, report_body()),
        desk.post(path, report_body(corrects=ids[0], reason="miscounted")),
        desk.post(f"{path}/{ids[1]}/withdrawal", {"reason": "twice"}),
    ]
    assert [(one.status_code, one.json["type"]) for one in late] == [(409, "/problems/operation-not-open")] * 3
    assert {item["status"] for item in desk.get(path).json["items"]} == {"current"}


def test_an_operation_that_is_not_there_is_404_even_for_an_admin(create_token: Callable[..., Caller]) -> None:
    assert create_token().post("/operations/no-such-operation/reports", report_body()).status_code == 404
