"""The journal as it is read: every word in its one order, with what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The journal of an operation of this test's own."""
    return f"/operations/{operation.code}/journal"


@pytest.fixture
def told(desk: Caller, operation: Catalogue) -> dict[str, str]:
    """The ids of a report, its correction, the withdrawal of that, one of an agency and one of another state, all folded, in order."""
    reports = f"/operations/{operation.code}/reports"
    first = desk.post(reports, report_body(note="cleared")).json["id"]
    second = desk.post(reports, report_body(corrects=first, reason="miscounted")).json["id"]
    third = desk.post(f"{reports}/{second}/withdrawal", {"reason": "sent twice"}).json["id"]
    agency = desk.post(reports, report_body(unit="KY-KSP")).json["id"]
    state = desk.post(reports, report_body(unit="TN", lines=[], nil=True)).json["id"]
    fold_all(operation.id)
    return {"report": first, "correction": second, "withdrawal": third, "agency": agency, "state": state}


def positions(answer: Any) -> list[int]:
    """The places of a page."""
    assert answer.status_code == 200, answer.json
    return [item["position"] for item in answer.json["items"]]


def test_an_entry_tells_what_was_said_and_what_became_of_it(desk: Caller, path: str, told: dict[str, str], operation: Catalogue) -> None:
    items = desk.get(path, order="oldest").json["items"]
    seals = {entry.pop("seal") for entry in items}
    assert len(seals) == 5
    assert all(len(bytes.fromhex(seal)) == 32 for seal in seals)
    first, second, third = items[:3]
    read = desk.get(f"/operations/{operation.code}/reports/{told['report']}").json
    assert first.pop("folded_at") >= read["received_at"]
    assert first == {
        "position": 1,
        "kind": "report",
        "id": told["report"],
        "unit": "KY",
        "author": "desk",
        "channel": "api",
        "basis": "increment",
        "observed_at": "2021-08-27T02:15:00Z",
        "received_at": read["received_at"],
        "nil": False,
        "lines": [{"measure": "arrests", "category": "unspecified", "quantity": 3}],
        "note": "cleared",
        "reason": None,
        "joint_action": None,
        "credit": False,
        "supersedes": None,
        "superseded_by": {"id": told["correction"], "kind": "correction", "position": 2},
    }
    assert (second["kind"], second["reason"], second["supersedes"]) == ("correction", "miscounted", {"id": told["report"], "position": 1})
    assert second["superseded_by"] == {"id": told["withdrawal"], "kind": "withdrawal", "position": 3}
    assert (third["kind"], third["reason"], third["basis"], third["observed_at"]) == ("withdrawal", "sent twice", None, None)
    assert (third["lines"], third["supersedes"]) == ([], {"id": told["correction"], "position": 2})


def test_a_withdrawal_not_yet_folded_has_no_position(desk: Caller, path: str, told: dict[str, str], operation: Catalogue) -> None:
    late = desk.post(f"/operations/{operation.code}/reports/{told['agency']}/withdrawal", {"reason": "not theirs"}).json["id"]
    assert desk.get(path).json["items"][1]["superseded_by"] == {"id": late, "kind": "withdrawal", "position": None}


def test_it_is_read_newest_first_or_oldest_first_page_by_page(desk: Caller, path: str, told: dict[str, str]) -> None:
    for order, expected in (("newest", [5, 4, 3, 2, 1]), ("oldest", [1, 2, 3, 4, 5])):
        found, cursor = [], {}
        while cursor is not None:
            answer = desk.get(path, order=order, limit=2, **cursor)
            found += positions(answer)
            cursor = answer.json["next"] and {"cursor": answer.json["next"]}
        assert found == expected


def test_it_is_narrowed_by_unit_with_all_below_by_kind_and_by_when_the_hub_knew(desk: Caller, path: str, told: dict[str, str]) -> None:
    assert positions(desk.get(path, unit="KY")) == [4, 3, 2, 1]
    assert positions(desk.get(path, unit="KY-KSP")) == [4]
    assert positions(desk.get(path, kind="withdrawal")) == [3]
    assert positions(desk.get(path, kind="report", unit="TN")) == [5]
    folded = desk.get(path).json["items"][0]["folded_at"]
    assert positions(desk.get(path, since=folded)) == [5, 4, 3, 2, 1], "one fold, one moment"
    assert positions(desk.get(path, since="2190-01-01T00:00:00Z")) == []


@pytest.mark.parametrize(
    "query", [{"unit": "NOWHERE"}, {"kind": "rumour"}, {"since": "2021-08-27"}, {"order": "any"}, {"cursor": "eA"}, {"cursor": "MS4y"}]
)
def test_what_it_can_not_be_asked_is_said(desk: Caller, path: str, query: dict[str, str]) -> None:
    answer = desk.get(path, **query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [f"/{next(iter(query))}"])


def test_what_has_not_changed_is_not_sent_again(desk: Caller, path: str, told: dict[str, str]) -> None:
    tag = desk.get(path).headers["ETag"]
    assert desk.get(path, headers={"If-None-Match": tag}).status_code == 304
