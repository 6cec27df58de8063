"""Reading reports: one, and lists of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body

UNITS = ("KY", "KY-KSP", "TN", "US", "UNATTRIBUTED")


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The reports of an operation of this test's own."""
    return f"/operations/{operation.code}/reports"


@pytest.fixture
def made(desk: Caller, path: str) -> dict[str, str]:
    """One report of each unit, by unit."""
    return {unit: desk.post(path, report_body(unit=unit)).json["id"] for unit in UNITS}


def ids(answer: Any) -> list[str]:
    """The reports of a page."""
    assert answer.status_code == 200, answer.json
    return [item["id"] for item in answer.json["items"]]


def test_a_report_is_read_with_all_that_is_known_of_it(liaison: Caller, operation: Catalogue, path: str) -> None:
    receipt = liaison.post(path, report_body(note="cleared")).json
    expected = {
        "id": receipt["id"],
        "unit": "KY",
        "basis": "increment",
        "observed_at": "2021-08-27T02:15:00Z",
        "received_at": receipt["received_at"],
        "lines": [{"measure": "arrests", "category": "unspecified", "quantity": 3}],
        "nil": False,
        "note": "cleared",
        "position": None,
        "status": "current",
        "author": {"id": liaison.id, "name": "liaison KY", "role": "liaison"},
        "channel": "api",
        "corrects": None,
        "reason": None,
        "corrected_by": None,
        "withdrawal": None,
        "joint_action": None,
        "credit": False,
        "digest": receipt["digest"],
        "warnings": [],
    }
    assert liaison.get(f"{path}/{receipt['id']}").json == expected
    fold_all(operation.id)
    assert liaison.get(f"{path}/{receipt['id']}").json == expected | {"position": 1}


def test_a_list_holds_what_reading_each_would_give(desk: Caller, path: str, made: dict[str, str]) -> None:
    items = desk.get(path).json["items"]
    assert [item["id"] for item in items] == list(reversed(made.values())), "newest first"
    assert items == [desk.get(f"{path}/{item['id']}").json for item in items]


def test_positions_are_null_until_folded_and_then_without_gaps(desk: Caller, operation: Catalogue, path: str, made: dict[str, str]) -> None:
    assert {item["position"] for item in desk.get(path).json["items"]} == {None}
    assert fold_all(operation.id, most=2) == 5
    assert [item["position"] for item in desk.get(path).json["items"]] == [5, 4, 3, 2, 1]


def test_a_page_goes_on_where_the_last_one_ended(desk: Caller, path: str, made: dict[str, str]) -> None:
    first = desk.get(path, limit=2)
    desk.post(path, report_body())
    second = desk.get(path, limit=2, cursor=first.json["next"])
    third = desk.get(path, limit=2, cursor=second.json["next"])
    assert [*ids(first), *ids(second), *ids(third)] == list(reversed(made.values()))
    assert third.json["next"] is None


def test_a_list_may_be_narrowed_to_a_unit_with_all_below_it(desk: Caller, path: str, made: dict[str, str]) -> None:
    assert ids(desk.get(path, unit="KY")) == [made["KY-KSP"], made["KY"]]
    assert ids(desk.get(path, unit="KY-KSP")) == [made["KY-KSP"]]
    assert ids(desk.get(path, unit="UNATTRIBUTED")) == [made["UNATTRIBUTED"]]


def test_a_list_may_be_narrowed_to_an_author(desk: Caller, liaison: Caller, path: str, made: dict[str, str]) -> None:
    own = liaison.post(path, report_body()).json["id"]
    assert ids(desk.get(path, author=liaison.id)) == [own]
    assert len(ids(desk.get(path, author=desk.id))) == len(made)
    assert ids(desk.get(path, author="00000000-0000-7000-8000-000000000000")) == []


def test_a_list_may_be_narrowed_to_what_was_received_since(desk: Caller, path: str, made: dict[str, str]) -> None:
    since = desk.get(f"{path}/{made['TN']}").json["received_at"]
    assert ids(desk.get(path, since=since)) == [made[unit] for unit in ("UNATTRIBUTED", "US", "TN")], "at that moment or later"
    assert ids(desk.get(path, since="2190-01-01T00:00:00Z")) == []


def test_a_list_may_be_of_what_the_hub_knew_then_or_of_what_had_happened_by_then(
    desk: Caller, operation: Catalogue, path: str, made: dict[str, str]
) -> None:
    fold_all(operation.id)
    late = desk.post(path, report_body(observed_at="2021-08-27T02:20:00Z")).json["id"]
    assert ids(desk.get(path, at=2)) == [made["KY-KSP"], made["KY"]]
    assert ids(desk.get(path, at=99)) == [made[unit] for unit in reversed(UNITS)], "what waits is not in the journal yet"
    assert ids(desk.get(path, as_of="2021-08-27T02:20:00Z", limit=1)) == [late]
    assert late not in ids(desk.get(path, as_of="2021-08-27T02:19:59Z"))


def test_narrowings_go_together_and_pages_keep_them(desk: Caller, path: str, made: dict[str, str]) -> None:
    first = desk.get(path, unit="KY", author=desk.id, limit=1)
    second = desk.get(path, unit="KY", author=desk.id, limit=1, cursor=first.json["next"])
    assert [*ids(first), *ids(second)] == [made["KY-KSP"], made["KY"]]


def test_a_liaison_sees_the_reports_of_its_units_and_no_others(
    liaison: Caller, create_token: Callable[..., Caller], operation: Catalogue, path: str, made: dict[str, str]
) -> None:
    assert ids(liaison.get(path)) == [made["KY-KSP"], made["KY"]]
    assert ids(liaison.get(path, unit="TN")) == [], "the unit is known to it, what it said is not"
    patrol = create_token("liaison", operation.code, "KY-KSP")
    assert ids(patrol.get(path)) == [made["KY-KSP"]]
    assert patrol.get(f"{path}/{made['KY']}").status_code == 404
    assert patrol.get(f"{path}/{made['KY-KSP']}").status_code == 200


def test_an_observer_reads_totals_and_no_reports(
    create_token: Callable[..., Caller], operation: Catalogue, path: str, made: dict[str, str]
) -> None:
    observer = create_token("observer", operation.code)
    assert [observer.get(one).status_code for one in (path, f"{path}/{made['KY']}")] == [403, 403]
    assert observer.get(f"/operations/{operation.code}/totals").status_code == 200


def test_a_list_holds_corrected_and_withdrawn_reports_with_what_became_of_them(desk: Caller, path: str) -> None:
    first, second = (desk.post(path, report_body()).json["id"] for _ in range(2))
    third = desk.post(path, report_body(corrects=first, reason="miscounted")).json["id"]
    desk.post(f"{path}/{second}/withdrawal", {"reason": "twice"})
    found = {item["id"]: item for item in desk.get(path).json["items"]}
    assert {id: item["status"] for id, item in found.items()} == {first: "corrected", second: "withdrawn", third: "current"}
    assert (found[first]["corrected_by"], found[third]["corrects"], found[second]["withdrawal"]["reason"]) == (third, first, "twice")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"unit": "XX"}, "/unit"),
        ({"unit": "ky"}, "/unit"),
        ({"unit": "NATIONAL"}, "/unit"),
        ({"unit": ""}, "/unit"),
        ({"author": "me"}, "/author"),
        ({"since": "yesterday"}, "/since"),
        ({"since": "2021-08-26T22:15:00"}, "/since"),
        ({"since": "0001-01-01T00:00:00Z"}, "/since"),
        ({"at": -1}, "/at"),
        ({"as_of": "then"}, "/as_of"),
        ({"limit": 0}, "/limit"),
        ({"limit": 201}, "/limit"),
        ({"limit": "all"}, "/limit"),
        ({"cursor": "x"}, "/cursor"),
        ({"cursor": "bm90LWEtdXVpZA"}, "/cursor"),
        ({"cursor": "\x00"}, "/cursor"),
        ({"status": "current"}, "/status"),
    ],
)
def test_a_query_that_can_not_be_is_refused_with_its_name(hub: Caller, reports: str, query: dict[str, Any], pointer: str) -> None:
    answer = hub.get(reports, **query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_what_has_not_changed_is_304_until_it_has(desk: Caller, operation: Catalogue, path: str, made: dict[str, str]) -> None:
    for one in (path, f"{path}/{made['TN']}"):
        tag = desk.get(one).headers["ETag"]
        again = desk.get(one, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        fold_all(operation.id)
        assert desk.get(one, headers={"If-None-Match": tag}).status_code == (200 if one == path else 304), "folded by the first round"
    desk.post(f"{path}/{made['TN']}/withdrawal", {"reason": "twice"})
    assert desk.get(f"{path}/{made['TN']}", headers={"If-None-Match": tag}).status_code == 200
