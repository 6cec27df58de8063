"""Corrections and withdrawals: a report has one successor at most, of its own unit, and the record keeps them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The reports of an operation of this test's own."""
    return f"/operations/{operation.code}/reports"


@pytest.fixture
def first(liaison: Caller, path: str) -> str:
    """Kentucky's three arrests."""
    return liaison.post(path, report_body()).json["id"]


def correct(caller: Caller, path: str, id: str, quantity: int = 2, **members: Any) -> Any:
    """Corrects a report's arrests."""
    body = report_body(corrects=id, reason="miscounted", lines=[{"measure": "arrests", "quantity": quantity}])
    return caller.post(path, body | members)


def withdraw(caller: Caller, path: str, id: str, reason: Any = "sent twice", key: str | None = "") -> Any:
    """Withdraws a report."""
    return caller.post(f"{path}/{id}/withdrawal", {"reason": reason}, key)


def arrests(caller: Caller, operation: Catalogue) -> int:
    """The nation's arrests, once everything is folded."""
    fold_all(operation.id)
    return caller.get(f"/operations/{operation.code}/totals").json["national"]["arrests"]["total"]


def test_a_correction_takes_the_place_of_what_it_corrects(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    second = correct(liaison, path, first).json["id"]
    assert arrests(liaison, operation) == 2
    corrected, correction = (liaison.get(f"{path}/{id}").json for id in (first, second))
    assert (corrected["status"], corrected["corrected_by"], corrected["corrects"], corrected["lines"][0]["quantity"]) == (
        "corrected",
        second,
        None,
        3,
    )
    assert (correction["status"], correction["corrects"], correction["corrected_by"], correction["reason"]) == (
        "current",
        first,
        None,
        "miscounted",
    )
    assert (corrected["position"], correction["position"]) == (1, 2)


def test_a_correction_may_be_corrected_and_then_the_last_one_counts(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    chain = [first]
    for quantity in (5, 4, 9):
        chain.append(correct(liaison, path, chain[-1], quantity).json["id"])
    assert arrests(liaison, operation) == 9
    read = [liaison.get(f"{path}/{id}").json for id in chain]
    assert [one["status"] for one in read] == ["corrected"] * 3 + ["current"]
    assert [one["corrects"] for one in read] == [None, *chain[:-1]]
    assert [one["corrected_by"] for one in read] == [*chain[1:], None]


def test_a_correction_may_change_everything_but_the_unit(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    changed = correct(
        liaison, path, first, basis="to_date", observed_at="2021-08-26T20:00:00Z", lines=[{"measure": "victims_rescued", "quantity": 1}]
    )
    assert changed.status_code == 201
    assert [warning["code"] for warning in changed.json["warnings"]] == ["outside-window"]
    assert arrests(liaison, operation) == 0


def test_a_report_may_be_corrected_to_nil(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    assert correct(liaison, path, first, lines=[], nil=True).status_code == 201
    assert arrests(liaison, operation) == 0


def test_a_report_has_one_successor(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    assert correct(liaison, path, first).status_code == 201
    late = [correct(liaison, path, first, 7), withdraw(liaison, path, first)]
    assert [(one.status_code, one.json["type"]) for one in late] == [(409, "/problems/report-not-current")] * 2
    assert "has been corrected or withdrawn already" in late[0].json["detail"]
    assert arrests(liaison, operation) == 2


def test_what_is_withdrawn_was_never_sent_and_stays_on_record(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    assert arrests(liaison, operation) == 3
    answer = withdraw(liaison, path, first)
    assert answer.status_code == 201
    assert (answer.json["unit"], set(answer.json)) == ("KY", {"id", "unit", "received_at", "digest", "warnings"})
    pending = liaison.get(f"{path}/{first}").json
    assert (pending["status"], pending["withdrawal"]["position"]) == ("withdrawn", None), "at once, and not yet in the journal"
    assert arrests(liaison, operation) == 0
    read = liaison.get(f"{path}/{first}").json
    assert read["withdrawal"] == {
        "id": answer.json["id"],
        "reason": "sent twice",
        "received_at": answer.json["received_at"],
        "author": "liaison KY",
        "position": 2,
    }
    assert (read["position"], read["lines"][0]["quantity"], read["corrected_by"]) == (1, 3, None)
    assert [item["id"] for item in liaison.get(path).json["items"]] == [first], "a withdrawal is no report of its own"


def test_nothing_is_withdrawn_twice_or_corrected_once_it_is(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    withdraw(liaison, path, first)
    late = [withdraw(liaison, path, first), withdraw(liaison, path, first, key=None), correct(liaison, path, first)]
    assert [(one.status_code, one.json["type"]) for one in late] == [(409, "/problems/report-not-current")] * 3


def test_a_correction_withdrawn_takes_what_it_corrected_with_it(liaison: Caller, operation: Catalogue, path: str, first: str) -> None:
    second = correct(liaison, path, first).json["id"]
    assert withdraw(liaison, path, second).status_code == 201
    assert arrests(liaison, operation) == 0
    assert [liaison.get(f"{path}/{id}").json["status"] for id in (first, second)] == ["corrected", "withdrawn"]


def test_a_withdrawal_can_not_be_withdrawn_or_corrected(liaison: Caller, path: str, first: str) -> None:
    id = withdraw(liaison, path, first).json["id"]
    assert [one.status_code for one in (withdraw(liaison, path, id), correct(liaison, path, id), liaison.get(f"{path}/{id}"))] == [404] * 3


def test_a_report_of_another_unit_of_ones_own_is_not_corrected_by_this_one(liaison: Caller, desk: Caller, path: str, first: str) -> None:
    """Even by whoever speaks for both: the report names the unit, and a correction does not move figures between units."""
    for caller, unit in ((desk, "TN"), (desk, "KY-KSP"), (liaison, "KY-KSP")):
        answer = correct(caller, path, first, unit=unit)
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/report-not-current")
        assert f"That report is KY's; a correction names a report of its own unit, here {unit}." == answer.json["detail"]
    assert liaison.get(f"{path}/{first}").json["status"] == "current"


def test_a_report_of_a_foreign_unit_is_the_same_as_none(
    create_token: Callable[..., Caller], operation: Catalogue, path: str, first: str
) -> None:
    tennessee = create_token("liaison", operation.code, "TN")
    for id in (first, UNKNOWN):
        answers = [correct(tennessee, path, id, unit="TN"), withdraw(tennessee, path, id)]
        assert [(one.status_code, one.json["detail"]) for one in answers] == [
            (404, "There is no such report, or it is not of your units.")
        ] * 2
    assert correct(tennessee, path, first).status_code == 403, "for Kentucky it does not speak at all"


def test_a_report_of_another_operation_is_the_same_as_none(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], first: str
) -> None:
    other = create_operation()
    admin, elsewhere = create_token(), f"/operations/{other.code}/reports"
    assert [correct(admin, elsewhere, first).status_code, withdraw(admin, elsewhere, first).status_code] == [404, 404]


def test_the_desk_corrects_and_withdraws_what_a_liaison_sent(liaison: Caller, desk: Caller, path: str, first: str) -> None:
    second = correct(desk, path, first)
    assert second.status_code == 201
    assert liaison.get(f"{path}/{second.json['id']}").json["author"]["role"] == "desk"
    assert withdraw(desk, path, second.json["id"]).status_code == 201
    assert liaison.get(f"{path}/{second.json['id']}").json["withdrawal"]["author"] == "desk"


@pytest.mark.parametrize("reason", ["", "  ", None, 5, "x" * 501, "a\x00b", "call 816-555-0123", "half \ud800"])
def test_a_withdrawal_gives_a_reason_that_can_be_shown(liaison: Caller, path: str, first: str, reason: Any) -> None:
    answer = withdraw(liaison, path, first, reason)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/reason"])
    assert liaison.get(f"{path}/{first}").json["status"] == "current"


@pytest.mark.parametrize("body", [{}, {"reason": "x", "force": True}, [], {"reason": "x", "note": "y"}])
def test_a_withdrawal_has_a_reason_and_nothing_else(liaison: Caller, path: str, first: str, body: Any) -> None:
    assert liaison.post(f"{path}/{first}/withdrawal", body).status_code == 422


def test_a_correction_waits_behind_what_it_corrects_though_neither_is_folded(liaison: Caller, operation: Catalogue, path: str) -> None:
    first = liaison.post(path, report_body()).json["id"]
    second = correct(liaison, path, first, 1).json["id"]
    withdraw(liaison, path, second)
    assert [item["position"] for item in liaison.get(path).json["items"]] == [None, None]
    assert arrests(liaison, operation) == 0
    assert [(item["id"], item["position"]) for item in liaison.get(path).json["items"]] == [(second, 2), (first, 1)]


def test_the_id_of_what_is_corrected_may_be_written_in_capitals(liaison: Caller, path: str, first: str) -> None:
    answer = correct(liaison, path, first.upper())
    assert liaison.get(f"{path}/{answer.json['id']}").json["corrects"] == first
