"""Joint actions through the API: opened by whoever leads, named by whoever takes part, counted once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import recount
from tests.conftest import Caller, fold_all, report_body
from tests.structure.worlds import step

WAREHOUSE = {"unit": "KY", "name": "Warehouse, south side"}


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The operation's address."""
    return f"/operations/{operation.code}"


@pytest.fixture
def opened(liaison: Caller, path: str) -> str:
    """The code of a joint action that Kentucky leads."""
    answer = liaison.post(f"{path}/joint-actions", WAREHOUSE)
    assert answer.status_code == 201, answer.json
    return str(answer.json["code"])


@pytest.fixture
def tennessee(create_token: Callable[..., Caller], operation: Catalogue) -> Caller:
    """Tennessee's liaison."""
    return create_token("liaison", operation.code, "TN")


def took_part(code: str, quantity: int = 3, **members: Any) -> dict[str, Any]:
    """Tennessee's report of what it took part in."""
    return report_body(unit="TN", joint_action=code, lines=[{"measure": "arrests", "quantity": quantity}]) | members


def said(caller: Caller, path: str, body: dict[str, Any]) -> str:
    """Posts a report; answers its id."""
    answer = caller.post(f"{path}/reports", body)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def books(desk: Caller, path: str, operation: Catalogue) -> tuple[int, int, dict[str, tuple[int, int]]]:
    """Folds, and answers of arrests: the nation's total, its credit, and each unit's total and credit; a recount agrees."""
    fold_all(operation.id)
    shown = desk.get(f"{path}/totals").json
    with transaction(snapshot=True):
        assert recount.compare(operation.id).differences == []
    nation = shown["national"]["arrests"]
    units = {one["code"]: one["measures"]["arrests"] for one in shown["units"] if "arrests" in one["measures"]}
    return nation["total"], nation["credited"], {code: (one["total"], one["assisted"]) for code, one in units.items()}


def test_what_the_unit_that_leads_and_those_below_it_report_counts_and_what_others_report_is_credit(
    liaison: Caller, tennessee: Caller, desk: Caller, path: str, operation: Catalogue, opened: str
) -> None:
    said(liaison, path, report_body(joint_action=opened))
    said(liaison, path, report_body(unit="KY-KSP", joint_action=opened))
    said(tennessee, path, took_part(opened, 5))
    assert books(desk, path, operation) == (6, 5, {"KY": (6, 0), "KY-KSP": (3, 0), "TN": (0, 5)})
    shown = desk.get(f"{path}/totals").json
    assert (shown["reporting"]["heard"], shown["reporting"]["nil"]) == (2, []), "Tennessee is heard from"
    assert next(unit for unit in shown["units"] if unit["code"] == "TN")["measures"]["arrests"]["categories"] == {}


def test_a_unit_above_the_one_that_leads_only_took_part(liaison: Caller, desk: Caller, path: str, operation: Catalogue) -> None:
    code = liaison.post(f"{path}/joint-actions", WAREHOUSE | {"unit": "KY-KSP"}).json["code"]
    said(liaison, path, report_body(joint_action=code))
    assert books(desk, path, operation) == (0, 3, {"KY": (0, 3)})


def test_credit_is_corrected_and_withdrawn_like_any_report(
    tennessee: Caller, desk: Caller, path: str, operation: Catalogue, opened: str
) -> None:
    first = said(tennessee, path, took_part(opened))
    assert books(desk, path, operation)[1] == 3
    second = said(tennessee, path, took_part(opened, 4, corrects=first, reason="counted again"))
    assert books(desk, path, operation)[:2] == (0, 4)
    third = said(tennessee, path, took_part(opened, 6, corrects=second, reason="not of it after all") | {"joint_action": opened})
    body = {key: value for key, value in took_part(opened, 6, corrects=third, reason="not of it").items() if key != "joint_action"}
    fourth = said(tennessee, path, body)
    assert books(desk, path, operation) == (6, 0, {"TN": (6, 0)})
    fifth = said(tennessee, path, took_part(opened, 7, corrects=fourth, reason="of it"))
    assert books(desk, path, operation)[:2] == (0, 7)
    assert tennessee.post(f"{path}/reports/{fifth}/withdrawal", {"reason": "sent twice"}).status_code == 201
    assert books(desk, path, operation) == (0, 0, {})
    assert [desk.get(f"{path}/totals", at=at).json["national"]["arrests"]["credited"] for at in range(7)] == [0, 3, 4, 6, 0, 7, 0]


def test_credit_stays_though_a_later_standing_figure_covers_the_time(
    tennessee: Caller, desk: Caller, path: str, operation: Catalogue, opened: str
) -> None:
    said(tennessee, path, took_part(opened))
    said(tennessee, path, report_body(unit="TN", basis="to_date", observed_at="2021-08-26T23:15:00-04:00"))
    assert books(desk, path, operation) == (3, 3, {"TN": (3, 3)})


@pytest.mark.parametrize(
    ("members", "pointer", "words"),
    [
        ({"basis": "to_date"}, "/joint_action", "as increments"),
        ({"lines": [{"measure": "arrests", "quantity": 1, "assisting": ["US"]}]}, "/lines", "its own unit alone"),
        ({"joint_action": "0000-1"}, "/joint_action", "misheard"),
        ({"joint_action": "0000-0"}, "/joint_action", "There is no joint action 0000-0"),
        ({"joint_action": "warehouse"}, "/joint_action", "five letters and digits"),
        ({"joint_action": None}, "/joint_action", "null"),
    ],
)
def test_what_can_not_name_a_joint_action_is_told_why(
    tennessee: Caller, path: str, opened: str, members: dict[str, Any], pointer: str, words: str
) -> None:
    answer = tennessee.post(f"{path}/reports", took_part(opened) | members)
    assert answer.status_code == 422
    assert words in " ".join(answer.json["errors"][pointer])


def test_the_unit_that_leads_may_say_what_stands(liaison: Caller, desk: Caller, path: str, operation: Catalogue, opened: str) -> None:
    said(liaison, path, report_body(joint_action=opened, basis="to_date"))
    assert books(desk, path, operation)[:2] == (3, 0)


def test_a_code_is_read_as_it_was_heard_and_is_the_same_report_however_it_is_spelled(tennessee: Caller, path: str, opened: str) -> None:
    first = tennessee.post(f"{path}/reports", took_part(opened), "k")
    heard = opened.replace("-", "").lower().replace("0", "o").replace("1", "l")
    again = tennessee.post(f"{path}/reports", took_part(heard), "k")
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (201, first.json, "true")
    shown = tennessee.get(f"{path}/reports/{first.json['id']}").json
    assert (shown["joint_action"], shown["credit"]) == (opened, True)
    assert tennessee.get(f"{path}/joint-actions/{heard}").json["name"] == WAREHOUSE["name"]


def test_the_journal_and_the_sources_tell_credit_from_figures(
    liaison: Caller, tennessee: Caller, desk: Caller, path: str, operation: Catalogue, opened: str
) -> None:
    said(liaison, path, report_body(joint_action=opened))
    said(tennessee, path, took_part(opened, 5))
    fold_all(operation.id)
    entries = desk.get(f"{path}/journal").json["items"]
    assert [(one["unit"], one["joint_action"], one["credit"]) for one in entries] == [("TN", opened, True), ("KY", opened, False)]
    sources = desk.get(f"{path}/sources", measure="arrests").json
    assert sources["total"] == 3
    assert [(one["unit"], one["adds"], one["state"]) for one in sources["items"]] == [("TN", 0, "credited"), ("KY", 3, "counts")]


def test_in_a_batch_each_line_names_its_own(tennessee: Caller, desk: Caller, path: str, operation: Catalogue, opened: str) -> None:
    bodies = [took_part(opened), took_part("0000-0"), report_body(unit="TN")]
    lines = b"\n".join(json.dumps(body | {"idempotency_key": f"b{number}"}).encode() for number, body in enumerate(bodies))
    answer = tennessee.client.post(
        f"/api/v1{path}/reports/batch", data=lines, content_type="application/x-ndjson", headers=tennessee.headers
    )
    assert [json.loads(line)["status"] for line in answer.data.splitlines()] == [201, 422, 201]
    assert books(desk, path, operation) == (3, 3, {"TN": (3, 3)})


def test_it_is_opened_by_whoever_speaks_for_the_unit_that_leads_and_seen_by_all_who_post(
    liaison: Caller, tennessee: Caller, desk: Caller, path: str, opened: str
) -> None:
    assert tennessee.post(f"{path}/joint-actions", WAREHOUSE).json["type"] == "/problems/not-your-unit"
    below, by_desk = (caller.post(f"{path}/joint-actions", WAREHOUSE | {"unit": "KY-KSP"}) for caller in (liaison, desk))
    assert (below.status_code, by_desk.status_code) == (201, 201)
    shown = tennessee.get(f"{path}/joint-actions").json
    assert [one["code"] for one in shown["items"]] == [by_desk.json["code"], below.json["code"], opened]
    assert shown["items"][-1] == tennessee.get(f"{path}/joint-actions/{opened}").json
    assert shown["items"][-1]["opened_by"] == "liaison KY"
    assert below.headers["Location"] == f"/api/v1{path}/joint-actions/{below.json['code']}"
    page = tennessee.get(f"{path}/joint-actions", limit=2).json
    assert [one["code"] for one in tennessee.get(f"{path}/joint-actions", limit=2, cursor=page["next"]).json["items"]] == [opened]


def test_the_same_key_opens_it_once(liaison: Caller, path: str) -> None:
    first, again = (liaison.post(f"{path}/joint-actions", WAREHOUSE, "k") for _ in range(2))
    assert (first.json, again.headers["Idempotent-Replayed"]) == (again.json, "true")
    assert liaison.post(f"{path}/joint-actions", WAREHOUSE | {"name": "Another"}, "k").json["type"] == "/problems/idempotency-key-reused"
    assert len(liaison.get(f"{path}/joint-actions").json["items"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (WAREHOUSE | {"unit": "ZZ"}, "/unit"),
        (WAREHOUSE | {"unit": "OVERLAP"}, "/unit"),
        (WAREHOUSE | {"name": "  "}, "/name"),
        (WAREHOUSE | {"name": "Suspect of 502-555-0143"}, "/name"),
        ({"unit": "KY"}, "/name"),
    ],
)
def test_what_is_wrong_with_it_is_said_by_name(desk: Caller, path: str, body: dict[str, str], pointer: str) -> None:
    answer = desk.post(f"{path}/joint-actions", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])


def test_a_code_of_another_operation_is_none_of_this_one(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], desk: Caller, path: str
) -> None:
    other = create_operation()
    elsewhere = create_token("desk", other.code).post(f"/operations/{other.code}/joint-actions", WAREHOUSE).json["code"]
    assert desk.get(f"{path}/joint-actions/{elsewhere}").status_code == 404
    assert desk.post(f"{path}/reports", took_part(elsewhere)).status_code == 422


def test_it_can_be_opened_before_the_night_and_not_after_it_is_certified(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    planned = create_operation("briefing")
    desk = create_token("desk", planned.code)
    address = f"/operations/{planned.code}/joint-actions"
    assert desk.post(address, WAREHOUSE).status_code == 201
    step(planned.code, "live", "standing_down", "reconciling", "certified")
    assert desk.post(address, WAREHOUSE).json["type"] == "/problems/operation-not-open"
    with transaction():
        assert operations.find(planned.code).phase == "certified"
