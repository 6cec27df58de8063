"""Changing an operation: what may be changed, and what has figures stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, operation_document, report_body

MEASURES = [{"code": "arrests", "label": "Arrests made", "unit": "persons"}]


def change(caller: Caller, operation: Catalogue, **changes: Any) -> Any:
    """PATCHes the operation."""
    return caller.patch(f"/operations/{operation.code}", changes)


def read(caller: Caller, operation: Catalogue) -> dict[str, Any]:
    """The operation now."""
    return caller.get(f"/operations/{operation.code}").json


def by_code(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Items by their code."""
    return {item["code"]: item for item in items}


def test_the_plain_members_change_one_by_one_and_together(desk: Caller, operation: Catalogue) -> None:
    changes = {
        "name": "Operation Other",
        "time_zone": "America/New_York",
        "starts_at": "2021-08-26T20:00:00Z",
        "ends_at": "2021-08-28T00:00:00Z",
        "reporting_interval_minutes": 15,
    }
    for name, value in changes.items():
        answer = change(desk, operation, **{name: value})
        assert (answer.status_code, answer.json[name]) == (200, value)
    assert {name: read(desk, operation)[name] for name in changes} == changes
    assert change(desk, operation, name="Both", reporting_interval_minutes=20).json["name"] == "Both"


def test_an_empty_change_changes_nothing(desk: Caller, operation: Catalogue) -> None:
    before = read(desk, operation)
    assert change(desk, operation).status_code == 200
    assert read(desk, operation) == before


def test_measures_categories_and_units_can_be_added_and_reported_at_once(desk: Caller, operation: Catalogue) -> None:
    answer = change(
        desk,
        operation,
        measures=[
            {"code": "warrants", "label": "Warrants served", "unit": "warrants"},
            {"code": "victims_rescued", "label": "Victims rescued", "unit": "persons", "categories": ["missing child"]},
        ],
        units=[
            {"code": "OH-PD", "name": "A police department", "kind": "agency", "parent": "OH"},
            {"code": "OH", "name": "Ohio", "kind": "jurisdiction"},
            {"code": "KY-LMPD", "name": "Louisville", "kind": "agency", "parent": "KY"},
        ],
    )
    assert answer.status_code == 200
    measures, units = by_code(answer.json["measures"]), by_code(answer.json["units"])
    assert measures["victims_rescued"]["categories"] == ["minor", "unspecified", "missing child"], "what was there stays, in its place"
    assert (units["OH-PD"]["parent"], units["KY-LMPD"]["parent"]) == ("OH", "KY")
    lines = [{"measure": "warrants", "quantity": 2}, {"measure": "victims_rescued", "category": "missing child", "quantity": 1}]
    assert desk.post(f"/operations/{operation.code}/reports", report_body(unit="OH-PD", lines=lines)).status_code == 201
    fold_all(operation.id)
    assert desk.get(f"/operations/{operation.code}/totals").json["national"]["warrants"]["total"] == 2


def test_labels_and_names_can_be_put_right_and_what_is_not_named_stays(
    desk: Caller, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    apart = {"starts_at": "2021-08-06T00:00:00Z", "ends_at": "2021-08-15T00:00:00Z", "footnote": "Earlier"}
    unit = {"code": "SD", "name": "S. Dakota", "kind": "jurisdiction", "level": "state", "time_zone": "America/Chicago", "expected": False}
    made = create_operation(
        measures=[MEASURES[0] | {"definition": "Persons in custody"}], units=[unit | {"conducted_separately": apart}], rules=[], derived=[]
    )
    own = create_token("desk", made.code)
    renamed = {"code": "SD", "name": "South Dakota", "kind": "jurisdiction"}
    answer = change(own, made, measures=[MEASURES[0] | {"label": "Arrests"}], units=[renamed]).json
    assert by_code(answer["measures"])["arrests"]["label"] == "Arrests"
    assert by_code(answer["measures"])["arrests"]["definition"] == "Persons in custody"
    assert by_code(answer["units"])["SD"] == unit | {"name": "South Dakota", "parent": None, "conducted_separately": apart}
    cleared = change(own, made, units=[renamed | {"level": None, "time_zone": None, "conducted_separately": None, "expected": True}]).json
    assert by_code(cleared["units"])["SD"] == renamed | {
        "parent": None, "level": None, "time_zone": None, "expected": True, "conducted_separately": None,
    }  # fmt: skip


def test_rules_and_derived_measures_are_added_changed_and_removed(desk: Caller, operation: Catalogue) -> None:
    rule = {"code": "fewer-victims", "expression": "victims_rescued < arrests", "message": "As many victims as arrests"}
    added = {"code": "both", "label": "Both", "expression": "arrests + victims_rescued.minor"}
    shown = change(desk, operation, rules=[rule], derived=[added]).json
    assert shown["rules"] == [rule]
    assert [one["code"] for one in shown["derived"]] == ["difference", "both"]
    shown = change(desk, operation, remove={"rules": ["fewer-victims"], "derived": ["difference"]}).json
    assert (shown["rules"], shown["derived"]) == ([], [added])


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"code": "another"}, "/code"),
        ({"exercise": True}, "/exercise"),
        ({"phase": "certified"}, "/phase"),
        ({"starts_at": "2021-08-27T06:00:00-05:00"}, "/ends_at"),
        ({"ends_at": "2021-08-26T18:00:00-05:00"}, "/ends_at"),
        ({"ends_at": "2021-08-27T06:00:00"}, "/ends_at"),
        ({"time_zone": "nowhere"}, "/time_zone"),
        ({"reporting_interval_minutes": 0}, "/reporting_interval_minutes"),
        ({"units": [{"code": "UNATTRIBUTED", "name": "Mine", "kind": "jurisdiction"}]}, "/units/0/code"),
        ({"units": [{"code": "X", "name": "x", "kind": "agency", "parent": "XX"}]}, "/units/0/parent"),
        ({"units": [{"code": "X", "name": "x", "kind": "agency"}, {"code": "X", "name": "y", "kind": "agency"}]}, "/units"),
        ({"measures": [*MEASURES, *MEASURES]}, "/measures"),
        ({"measures": [MEASURES[0] | {"categories": ["a", "a"]}]}, "/measures/0/categories"),
        ({"rules": [{"code": "new", "expression": "arrests <= nothing", "message": "x"}]}, "/rules/0/expression"),
        ({"derived": [{"code": "new", "label": "x", "expression": "arrests -"}]}, "/derived/0/expression"),
        ({"remove": {"units": ["XX"]}}, "/remove/units"),
        ({"remove": {"measures": ["nothing"]}}, "/remove/measures"),
        ({"remove": {"units": "KY"}}, "/remove/units"),
        ({"remove": {"units": ["ky"]}}, "/remove/units/0"),
        ({"remove": {"categories": ["minor"]}}, "/remove/categories"),
        ({"remove": []}, "/remove"),
        ({"remove": {"measures": ["arrests"]}}, "/remove/measures"),
    ],
)
def test_a_change_that_can_not_be_is_refused_with_the_place_and_changes_nothing(
    desk: Caller, operation: Catalogue, changes: dict[str, Any], pointer: str
) -> None:
    before = read(desk, operation)
    answer = change(desk, operation, **({"name": "Never"} | changes))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer])
    assert read(desk, operation) == before


@pytest.mark.parametrize(
    "changes",
    [
        {"measures": [MEASURES[0] | {"scale": 2}]},
        {"measures": [MEASURES[0] | {"unit": "cases"}]},
        {"measures": [{"code": "currency_seized", "label": "Currency", "unit": "USD", "scale": 0}]},
        {"units": [{"code": "KY", "name": "Kentucky", "kind": "agency"}]},
        {"units": [{"code": "KY", "name": "Kentucky", "kind": "jurisdiction", "parent": "TN"}]},
        {"units": [{"code": "KY-KSP", "name": "Kentucky State Police", "kind": "agency", "parent": "TN"}]},
        {"units": [{"code": "KY-KSP", "name": "Kentucky State Police", "kind": "agency", "parent": None}]},
        {"remove": {"units": ["NATIONAL"]}},
        {"remove": {"units": ["TN", "UNATTRIBUTED"]}},
        {"remove": {"units": ["KY"]}},
    ],
)
def test_what_gives_figures_their_meaning_stays(desk: Caller, operation: Catalogue, changes: dict[str, Any]) -> None:
    """Unit of count, scale, kind and place in the tree; what is built in; and a unit with others below it."""
    before = read(desk, operation)
    answer = change(desk, operation, **({"name": "Never"} | changes))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/in-use")
    assert read(desk, operation) == before


def test_what_was_never_used_can_be_removed_whatever_order_it_is_named_in(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    operation = create_operation("briefing")  # once it is live, each state has been ordered to start, and that is on record
    desk = create_token("desk", operation.code)
    answer = change(desk, operation, remove={"units": ["KY", "KY-KSP", "US"], "measures": ["currency_seized"]})
    assert answer.status_code == 200
    assert [unit["code"] for unit in answer.json["units"]] == ["TN", "UNATTRIBUTED"]
    assert [measure["code"] for measure in answer.json["measures"]] == ["arrests", "victims_rescued"]
    assert desk.post(f"/operations/{operation.code}/reports", report_body()).status_code == 422


def test_a_code_that_was_removed_can_be_given_again_in_the_same_change(desk: Caller, operation: Catalogue) -> None:
    money = {"code": "currency_seized", "label": "Currency seized", "unit": "EUR", "scale": 0}
    answer = change(desk, operation, remove={"measures": ["currency_seized"]}, measures=[money])
    assert (answer.status_code, by_code(answer.json["measures"])["currency_seized"]["unit"]) == (200, "EUR")


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("withdrawn", [False, True])
def test_what_has_figures_can_not_be_removed_folded_or_not_withdrawn_or_not(
    desk: Caller, operation: Catalogue, fold: bool, withdrawn: bool
) -> None:
    lines = [{"measure": "currency_seized", "quantity": "5.00", "assisting": ["TN"]}]
    id = desk.post(f"/operations/{operation.code}/reports", report_body(unit="KY-KSP", lines=lines)).json["id"]
    if withdrawn:
        assert desk.post(f"/operations/{operation.code}/reports/{id}/withdrawal", {"reason": "twice"}).status_code == 201
    if fold:
        fold_all(operation.id)
    for remove in (
        {"units": ["KY-KSP"]},
        {"units": ["TN"]},
        {"units": ["US", "KY-KSP"]},
        {"units": ["KY"]},
        {"measures": ["currency_seized"]},
    ):
        answer = change(desk, operation, name="Never", remove=remove)
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/in-use"), remove
    assert read(desk, operation)["name"] == "A night"
    assert change(desk, operation, remove={"units": ["US"]}).status_code == 200, "what has none still can"


def test_a_unit_that_a_token_speaks_for_can_not_be_removed(
    desk: Caller, operation: Catalogue, liaison: Caller, create_token: Callable[..., Caller]
) -> None:
    create_token("liaison", operation.code, "TN")
    assert change(desk, operation, remove={"units": ["TN"]}).status_code == 409
    assert change(desk, operation, remove={"units": ["KY", "KY-KSP"]}).status_code == 409
    assert liaison.get("/me").json["units"] == ["KY"]


def test_a_measure_that_a_rule_speaks_of_is_removed_with_the_rule_and_not_without(desk: Caller, operation: Catalogue) -> None:
    alone = change(desk, operation, remove={"measures": ["victims_rescued"]})
    assert (alone.status_code, set(alone.json["errors"])) == (422, {"/remove/measures"})
    assert "fewer-victims is victims_rescued <= arrests" in alone.json["errors"]["/remove/measures"][0]
    together = change(desk, operation, remove={"measures": ["victims_rescued"], "rules": ["fewer-victims"], "derived": ["difference"]})
    assert together.status_code == 200


def test_the_window_may_move_while_reports_come_in_and_only_their_warnings_follow(desk: Caller, operation: Catalogue) -> None:
    path = f"/operations/{operation.code}/reports"
    assert desk.post(path, report_body()).json["warnings"] == []
    change(desk, operation, starts_at="2021-08-27T03:00:00Z")
    assert [warning["code"] for warning in desk.post(path, report_body()).json["warnings"]] == ["outside-window"]


def test_an_operation_that_is_not_there_can_not_be_changed(create_token: Callable[..., Caller]) -> None:
    assert create_token().patch("/operations/no-such-operation", {"name": "x"}).status_code == 404


def test_a_change_without_a_body_is_refused(desk: Caller, operation: Catalogue) -> None:
    answer = desk.client.patch(f"/api/v1/operations/{operation.code}", headers=desk.headers)
    assert answer.status_code == 400


def test_every_change_gives_the_operation_another_etag(desk: Caller, operation: Catalogue) -> None:
    path = f"/operations/{operation.code}"
    first = desk.get(path).headers["ETag"]
    assert desk.get(path, headers={"If-None-Match": first}).status_code == 304
    changed = change(desk, operation, name="Another")
    assert desk.get(path, headers={"If-None-Match": first}).status_code == 200
    assert desk.get(path, headers={"If-None-Match": changed.headers["ETag"]}).status_code == 304


def test_the_rules_of_a_document_survive_being_sent_back(desk: Caller, operation: Catalogue) -> None:
    """What was read can be sent as a change, but for what is built in or can't be changed."""
    shown = read(desk, operation)
    kept = {
        name: shown[name]
        for name in ("name", "time_zone", "starts_at", "ends_at", "reporting_interval_minutes", "measures", "rules", "derived")
    }
    kept["units"] = [unit for unit in shown["units"] if unit["kind"] != "unattributed"]
    assert change(desk, operation, **kept).json == shown | {"version": shown["version"] + 1}
    assert operation_document()["rules"] == shown["rules"]


def test_a_change_made_from_an_earlier_version_is_refused_and_stores_nothing(desk: Caller, operation: Catalogue) -> None:
    seen = read(desk, operation)["version"]
    changed = change(desk, operation, name="First", version=seen).json
    assert changed["version"] == seen + 1
    late = change(desk, operation, name="Second", version=seen)
    assert (late.status_code, late.json["type"]) == (409, "/problems/operation-changed")
    assert "nothing was stored" in late.json["detail"]
    assert read(desk, operation) == changed
    assert change(desk, operation, name="Second", version=changed["version"]).json["name"] == "Second"
    assert change(desk, operation, name="Whatever there is").json["name"] == "Whatever there is", "the version may be left out"
