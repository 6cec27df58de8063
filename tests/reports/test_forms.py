"""Every form a report may take, what comes back, and what it comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body


def taken(caller: Caller, path: str, **members: Any) -> dict[str, Any]:
    """Posts a report that must be taken; answers it as it is read back."""
    answer = caller.post(path, report_body(**members))
    assert answer.status_code == 201, answer.json
    return caller.get(f"{path}/{answer.json['id']}").json


def line(measure: str = "arrests", **members: Any) -> dict[str, Any]:
    """One line."""
    return {"measure": measure, **members}


def test_a_receipt_says_what_was_taken_and_where_it_can_be_read(kentucky: Caller, reports: str) -> None:
    answer = kentucky.post(reports, report_body(unit="KY-KSP"))
    receipt = answer.json
    assert set(receipt) == {"id", "unit", "received_at", "digest", "warnings"}
    assert (receipt["unit"], receipt["warnings"]) == ("KY-KSP", [])
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", receipt["id"])
    assert re.fullmatch(r"sha-256:[0-9a-f]{64}", receipt["digest"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", receipt["received_at"])
    assert answer.headers["Location"] == f"/api/v1{reports}/{receipt['id']}"
    read = kentucky.get(f"{reports}/{receipt['id']}").json
    assert {name: read[name] for name in receipt} == receipt


def test_an_increment_is_kept_as_it_was_said(kentucky: Caller, reports: str) -> None:
    lines = [line(quantity=3, assisting=["TN", "KY-KSP"]), line("victims_rescued", category="minor", quantity=0), line(quantity=2)]
    read = taken(kentucky, reports, lines=lines, note="second location cleared")
    assert (read["basis"], read["observed_at"], read["nil"], read["note"]) == (
        "increment",
        "2021-08-27T02:15:00Z",
        False,
        "second location cleared",
    )
    assert read["lines"] == [
        {"measure": "arrests", "category": "unspecified", "quantity": 3, "assisting": ["KY-KSP", "TN"]},
        {"measure": "victims_rescued", "category": "minor", "quantity": 0},
        {"measure": "arrests", "category": "unspecified", "quantity": 2},
    ]


def test_a_standing_figure_names_each_cell_once(kentucky: Caller, reports: str) -> None:
    lines = [line("victims_rescued", quantity=5), line("victims_rescued", category="minor", quantity=2)]
    assert taken(kentucky, reports, basis="to_date", lines=lines)["basis"] == "to_date"


def test_a_nil_report_has_no_lines(kentucky: Caller, reports: str) -> None:
    read = taken(kentucky, reports, lines=[], nil=True)
    assert (read["nil"], read["lines"]) == (True, [])


def test_nil_may_be_said_to_be_false(kentucky: Caller, reports: str) -> None:
    assert taken(kentucky, reports, nil=False)["nil"] is False


@pytest.mark.parametrize("basis", ["increment", "to_date"])
def test_some_may_be_reported_without_knowing_how_much(kentucky: Caller, reports: str, basis: str) -> None:
    read = taken(kentucky, reports, basis=basis, lines=[line("currency_seized", unquantified="large amount")])
    assert read["lines"] == [{"measure": "currency_seized", "category": "unspecified", "unquantified": "large amount"}]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("12500.00", "12500.00"),
        ("12500.5", "12500.50"),
        ("12500", "12500.00"),
        (12500, "12500.00"),
        (12500.0, "12500.00"),
        ("0", "0.00"),
        ("0.00", "0.00"),
        (0, "0.00"),
        ("0.01", "0.01"),
        ("0.10", "0.10"),
        ("0.100000", "0.10"),
        ("1000000000000", "1000000000000.00"),
        ("999999999999.99", "999999999999.99"),
        (10**12, "1000000000000.00"),
    ],
)
def test_money_is_text_with_its_decimal_places_or_a_whole_number(kentucky: Caller, reports: str, given: Any, shown: str) -> None:
    assert taken(kentucky, reports, lines=[line("currency_seized", quantity=given)])["lines"][0]["quantity"] == shown


@pytest.mark.parametrize(("given", "shown"), [(0, 0), (3, 3), (3.0, 3), (10**12, 10**12), (1e12, 10**12), (-0.0, 0), (2.5e1, 25)])
def test_a_count_is_a_whole_number_however_it_is_written(kentucky: Caller, reports: str, given: Any, shown: int) -> None:
    assert taken(kentucky, reports, lines=[line(quantity=given)])["lines"][0]["quantity"] == shown


def test_a_hundred_lines_are_taken_in_their_order(kentucky: Caller, reports: str) -> None:
    read = taken(kentucky, reports, lines=[line(quantity=n) for n in range(100)])
    assert [one["quantity"] for one in read["lines"]] == list(range(100))


@pytest.mark.parametrize("unit", ["KY", "KY-KSP", "TN", "US", "UNATTRIBUTED"])
def test_the_desk_reports_for_every_unit_and_for_none(hub: Caller, reports: str, unit: str) -> None:
    read = taken(hub, reports, unit=unit)
    assert (read["unit"], read["author"]["role"], read["channel"]) == (unit, "desk", "api")


def test_a_liaison_reports_for_its_unit_and_all_below_and_for_no_other(
    kentucky: Caller, reports: str, leaves_no_trace: Callable[[], bool]
) -> None:
    for unit in ("TN", "US", "UNATTRIBUTED"):
        answer = kentucky.post(reports, report_body(unit=unit))
        assert (answer.status_code, answer.json["type"]) == (403, "/problems/not-your-unit")
        assert unit in answer.json["detail"]
    assert leaves_no_trace()
    for unit in ("KY", "KY-KSP"):
        assert taken(kentucky, reports, unit=unit)["author"]["id"] == kentucky.id


def test_a_liaison_of_an_agency_does_not_report_for_the_state_above(
    create_token: Callable[..., Caller], night: Catalogue, reports: str
) -> None:
    patrol = create_token("liaison", night.code, "KY-KSP", "TN")
    assert [patrol.post(reports, report_body(unit=unit)).status_code for unit in ("KY-KSP", "TN", "KY")] == [201, 201, 403]


def test_an_admin_reports_in_every_operation(create_token: Callable[..., Caller], reports: str) -> None:
    assert taken(create_token(), reports)["author"]["role"] == "admin"


@pytest.mark.parametrize("observed_at", ["2021-08-26T22:59:59Z", "2021-08-27T11:00:01Z", "1950-01-01T00:00:00Z"])
def test_what_was_observed_outside_the_window_counts_and_is_warned_of(kentucky: Caller, reports: str, observed_at: str) -> None:
    answer = kentucky.post(reports, report_body(observed_at=observed_at))
    assert answer.status_code == 201
    [warning] = answer.json["warnings"]
    assert warning["code"] == "outside-window"
    assert "Thu, Aug 26, 2021, 6:00:00 pm CDT to Fri, Aug 27, 2021, 6:00:00 am CDT" in warning["detail"]


@pytest.mark.parametrize("observed_at", ["2021-08-26T18:00:00-05:00", "2021-08-27T11:00:00Z", "2021-08-27T13:00:00.000+02:00"])
def test_the_window_holds_both_its_ends(kentucky: Caller, reports: str, observed_at: str) -> None:
    assert kentucky.post(reports, report_body(observed_at=observed_at)).json["warnings"] == []


def test_a_unit_that_ran_apart_has_a_window_of_its_own(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    apart = {"starts_at": "2021-08-06T00:00:00-06:00", "ends_at": "2021-08-15T00:00:00-06:00", "footnote": "Earlier, at another event"}
    night = create_operation(units=[{"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": apart}])
    desk = create_token("desk", night.code)
    for observed_at, warnings in (("2021-08-10T12:00:00Z", []), ("2021-08-05T12:00:00Z", ["outside-window"])):
        answer = desk.post(f"/operations/{night.code}/reports", report_body(unit="SD", observed_at=observed_at))
        assert [warning["code"] for warning in answer.json["warnings"]] == warnings


def test_a_phones_clock_may_be_five_minutes_ahead_and_no_more(kentucky: Caller, reports: str) -> None:
    with transaction() as session:
        from coordinator import clock

        assert session is not None
        now = clock.now()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=30)
    ahead = {minutes: (now + timedelta(minutes=minutes)).isoformat() for minutes in (4.5, 5.5)}
    assert kentucky.post(reports, report_body(observed_at=ahead[4.5])).status_code == 201
    refused = kentucky.post(reports, report_body(observed_at=ahead[5.5]))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["/observed_at"])
    assert re.search(r"The time lies in the future\. The hub's clock says .* [ap]m C[DS]T\.", refused.json["errors"]["/observed_at"][0])


def test_two_reports_never_have_the_same_id_or_digest(kentucky: Caller, reports: str) -> None:
    receipts = [kentucky.post(reports, report_body()).json for _ in range(5)]
    assert len({one["id"] for one in receipts}) == len({one["digest"] for one in receipts}) == 5


def test_what_was_taken_is_what_counts(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    night = create_operation()
    desk, path = create_token("desk", night.code), f"/operations/{night.code}/reports"
    taken(desk, path, lines=[line(quantity=3, assisting=["TN"]), line("currency_seized", quantity="0.10")])
    taken(desk, path, lines=[line("currency_seized", quantity="0.20")])
    taken(desk, path, unit="TN", lines=[line("currency_seized", unquantified="large amount")])
    taken(desk, path, unit="UNATTRIBUTED", lines=[line(quantity=2)])
    fold_all(night.id)
    national = desk.get(f"/operations/{night.code}/totals").json["national"]
    assert (national["arrests"]["total"], national["currency_seized"]["total"], national["currency_seized"]["unquantified"]) == (
        5,
        "0.30",
        ["TN"],
    )
