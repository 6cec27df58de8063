"""Making an operation: what comes back, and everything that is refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, operation_document

MEASURE = {"code": "arrests", "label": "Arrests made", "unit": "persons"}
CIRCLE = [{"code": code, "name": "x", "kind": "site", "parent": parent} for code, parent in ("AB", "BC", "CA")]
UNIT = {"code": "KY", "name": "Kentucky", "kind": "jurisdiction"}


@pytest.fixture
def admin(create_token: Callable[..., Caller]) -> Caller:
    """An admin."""
    return create_token()


def minimal(**members: Any) -> dict[str, Any]:
    """The least an operation can be."""
    return operation_document(rules=[], derived=[], units=[], measures=[MEASURE]) | members


def refusal(admin: Caller, document: dict[str, Any], status: int = 422) -> dict[str, list[str]]:
    """Posts what must be refused and leave no trace; answers the errors."""
    answer = admin.post("/operations", document, "k")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json"), answer.json
    code = document.get("code")
    if isinstance(code, str) and status == 422:
        with transaction() as session:
            assert session.scalar(text("SELECT count(*) FROM operations WHERE code = :code"), {"code": code.replace("\x00", "")}) == 0
    return answer.json.get("errors", {})


def test_an_operation_comes_back_whole_and_in_utc(admin: Caller) -> None:
    separately = {"starts_at": "2021-08-06T00:00:00-06:00", "ends_at": "2021-08-15T00:00:00-06:00", "footnote": "Earlier, at another event"}
    units = [
        {"code": "MO", "name": "Missouri", "kind": "jurisdiction", "time_zone": "America/Chicago"},
        {"code": "MO-MSHP", "name": "Missouri State Highway Patrol", "kind": "agency", "parent": "MO", "level": "state"},
        {"code": "MO-MSHP-C", "name": "Troop C", "kind": "site", "parent": "MO-MSHP"},
        {"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": separately},
        {"code": "FBI", "name": "FBI", "kind": "jurisdiction", "expected": False},
    ]
    document = operation_document(units=units, reporting_interval_minutes=30, exercise=True)
    answer = admin.post("/operations", document)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/operations/{document['code']}")
    shown = answer.json
    assert {name: shown[name] for name in ("code", "name", "time_zone", "phase", "exercise", "reporting_interval_minutes", "live_at")} == {
        "code": document["code"],
        "name": "A night",
        "time_zone": "America/Chicago",
        "phase": "planned",
        "exercise": True,
        "reporting_interval_minutes": 30,
        "live_at": None,
    }
    assert (shown["starts_at"], shown["ends_at"]) == ("2021-08-26T23:00:00Z", "2021-08-27T11:00:00Z")
    assert shown["measures"][1] == {
        "code": "victims_rescued",
        "label": "Victims rescued",
        "unit": "persons",
        "scale": 0,
        "definition": None,
        "categories": ["minor", "unspecified"],
    }
    assert [measure["scale"] for measure in shown["measures"]] == [0, 0, 2]
    assert (shown["rules"], shown["derived"]) == (document["rules"], document["derived"])
    nothing = {"parent": None, "level": None, "time_zone": None, "conducted_separately": None}
    assert shown["units"] == [
        nothing | units[0] | {"expected": True},
        nothing | units[1] | {"expected": False},
        nothing | units[2] | {"expected": False},
        nothing
        | units[3]
        | {"expected": True, "conducted_separately": separately | {"starts_at": "2021-08-06T06:00:00Z", "ends_at": "2021-08-15T06:00:00Z"}},
        nothing | units[4],
        nothing | {"code": "UNATTRIBUTED", "name": "Attributed to no unit", "kind": "unattributed", "expected": False},
    ]
    assert admin.get(answer.headers["Location"].removeprefix("/api/v1")).json == shown


def test_the_least_an_operation_can_be_is_a_measure_and_a_window(admin: Caller) -> None:
    document = minimal()
    for member in ("rules", "derived", "units"):
        del document[member]
    shown = admin.post("/operations", document).json
    assert (shown["exercise"], shown["reporting_interval_minutes"]) == (False, 60)
    assert shown["measures"][0]["categories"] == ["unspecified"]
    assert [unit["code"] for unit in shown["units"]] == ["UNATTRIBUTED"]


def test_units_may_stand_in_any_order_and_to_any_depth(admin: Caller) -> None:
    chain = [{"code": f"U{n}", "name": "x", "kind": "site", "parent": f"U{n + 1}"} for n in range(300)]
    chain.append({"code": "U300", "name": "top", "kind": "jurisdiction"})
    shown = admin.post("/operations", minimal(units=chain))
    assert shown.status_code == 201
    assert {unit["code"]: unit["parent"] for unit in shown.json["units"]}["U0"] == "U1"


def test_category_names_are_free_text_and_rules_can_name_them(admin: Caller) -> None:
    measures = [MEASURE | {"categories": ["minor", 'said "unknown"', "Ñandú, über 18", "x" * 80, "unspecified"]}]
    rules = [{"code": "r", "expression": 'arrests."said ""unknown""" <= arrests', "message": "more than all"}]
    shown = admin.post("/operations", minimal(measures=measures, rules=rules)).json
    assert shown["measures"][0]["categories"] == measures[0]["categories"]


def test_a_code_can_be_had_once(admin: Caller, operation: Catalogue) -> None:
    answer = admin.post("/operations", operation_document(code=operation.code))
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/code-taken")
    assert operation.code in answer.json["detail"]


@pytest.mark.parametrize("code", ["", "A", "Night 1", "-night", "night_1", "n" * 64, "night\n", "nïght", "..", None, 5, ["night"]])
def test_a_code_that_has_not_its_form_is_refused(admin: Caller, code: Any) -> None:
    assert set(refusal(admin, minimal(code=code))) == {"/code"}


@pytest.mark.parametrize("member", ["code", "name", "time_zone", "starts_at", "ends_at", "measures"])
def test_what_must_be_there_is_missed(admin: Caller, member: str) -> None:
    document = minimal()
    del document[member]
    assert refusal(admin, document) == {f"/{member}": ["Missing data for required field."]}


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": " \t "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
        ({"name": "evil\u202etxt"}, "/name"),
        ({"name": 5}, "/name"),
        ({"time_zone": "Missouri"}, "/time_zone"),
        ({"time_zone": "UTC+5"}, "/time_zone"),
        ({"time_zone": None}, "/time_zone"),
        ({"starts_at": "2021-08-26T18:00:00"}, "/starts_at"),
        ({"starts_at": "yesterday"}, "/starts_at"),
        ({"starts_at": 1630000000}, "/starts_at"),
        ({"starts_at": "0001-01-01T00:00:00Z"}, "/starts_at"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, "/ends_at"),
        ({"ends_at": "2021-08-26T18:00:00-05:00"}, "/ends_at"),
        ({"ends_at": "2021-08-26T17:00:00-05:00"}, "/ends_at"),
        ({"reporting_interval_minutes": 0}, "/reporting_interval_minutes"),
        ({"reporting_interval_minutes": 10_081}, "/reporting_interval_minutes"),
        ({"reporting_interval_minutes": 1.5}, "/reporting_interval_minutes"),
        ({"reporting_interval_minutes": "60"}, "/reporting_interval_minutes"),
        ({"reporting_interval_minutes": True}, "/reporting_interval_minutes"),
        ({"reporting_interval_minutes": 10**30}, "/reporting_interval_minutes"),
        ({"exercise": 1}, "/exercise"),
        ({"exercise": "true"}, "/exercise"),
        ({"exercise": None}, "/exercise"),
        ({"phase": "live"}, "/phase"),
        ({"id": 1}, "/id"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"measures": []}, "/measures"),
        ({"measures": {}}, "/measures"),
        ({"measures": None}, "/measures"),
        ({"measures": [MEASURE] * 201}, "/measures"),
        ({"measures": [MEASURE, MEASURE | {"label": "again"}]}, "/measures"),
        ({"measures": [MEASURE, "arrests"]}, "/measures/1"),
        ({"measures": [{**MEASURE, "code": "Arrests"}]}, "/measures/0/code"),
        ({"measures": [{**MEASURE, "code": "1st"}]}, "/measures/0/code"),
        ({"measures": [{**MEASURE, "label": ""}]}, "/measures/0/label"),
        ({"measures": [{**MEASURE, "unit": "x" * 41}]}, "/measures/0/unit"),
        ({"measures": [{**MEASURE, "scale": 7}]}, "/measures/0/scale"),
        ({"measures": [{**MEASURE, "scale": -1}]}, "/measures/0/scale"),
        ({"measures": [{**MEASURE, "scale": "2"}]}, "/measures/0/scale"),
        ({"measures": [{**MEASURE, "scale": True}]}, "/measures/0/scale"),
        ({"measures": [{**MEASURE, "categories": ["minor", "adult", "minor"]}]}, "/measures/0/categories"),
        ({"measures": [{**MEASURE, "categories": ["x" * 81]}]}, "/measures/0/categories/0"),
        ({"measures": [{**MEASURE, "categories": ["minor", ""]}]}, "/measures/0/categories/1"),
        ({"measures": [{**MEASURE, "categories": [f"c{n}" for n in range(101)]}]}, "/measures/0/categories"),
        ({"measures": [{**MEASURE, "categories": "minor"}]}, "/measures/0/categories"),
        ({"measures": [{**MEASURE, "colour": "red"}]}, "/measures/0/colour"),
        ({"units": [UNIT, UNIT]}, "/units"),
        ({"units": [UNIT, {**UNIT, "name": "Again"}]}, "/units"),
        ({"units": [{**UNIT, "code": "ky"}]}, "/units/0/code"),
        ({"units": [{**UNIT, "code": "K" * 33}]}, "/units/0/code"),
        ({"units": [UNIT, {**UNIT, "code": "NATIONAL"}]}, "/units/1/code"),
        ({"units": [{**UNIT, "code": "A", "parent": "KY"}, UNIT, {**UNIT, "code": "UNATTRIBUTED"}]}, "/units/2/code"),
        ({"units": [{**UNIT, "kind": "nation"}]}, "/units/0/kind"),
        ({"units": [{**UNIT, "kind": "unattributed"}]}, "/units/0/kind"),
        ({"units": [{**UNIT, "kind": None}]}, "/units/0/kind"),
        ({"units": [UNIT, {**UNIT, "code": "A", "parent": "TN"}]}, "/units/1/parent"),
        ({"units": [UNIT, {**UNIT, "code": "A", "parent": "NATIONAL"}]}, "/units/1/parent"),
        ({"units": [UNIT, {**UNIT, "code": "A", "parent": "UNATTRIBUTED"}]}, "/units/1/parent"),
        ({"units": [{**UNIT, "parent": "KY"}]}, "/units/0/parent"),
        ({"units": [{**UNIT, "parent": "ky"}]}, "/units/0/parent"),
        ({"units": CIRCLE}, "/units/0/parent"),
        ({"units": [{**UNIT, "expected": "yes"}]}, "/units/0/expected"),
        ({"units": [{**UNIT, "expected": 0}]}, "/units/0/expected"),
        ({"units": [{**UNIT, "time_zone": "CST"}]}, "/units/0/time_zone"),
        ({"units": [{**UNIT, "level": "x" * 61}]}, "/units/0/level"),
        ({"units": [{**UNIT, "conducted_separately": True}]}, "/units/0/conducted_separately"),
        ({"units": [{**UNIT, "conducted_separately": {}}]}, "/units/0/conducted_separately/starts_at"),
        ({"units": ["KY"]}, "/units/0"),
        ({"rules": [{"code": "r", "expression": "arrests", "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "arrests <= 5", "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "arrests <= nothing", "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "arrests.minor <= arrests", "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "__import__('os')", "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "arrests <= arrests + " * 20, "message": "x"}]}, "/rules/0/expression"),
        ({"rules": [{"code": "r", "expression": "arrests <= arrests"}]}, "/rules/0/message"),
        ({"rules": [{"code": "r", "expression": "arrests <= arrests", "message": "x"}] * 2}, "/rules"),
        ({"derived": [{"code": "d", "label": "D", "expression": "arrests <= arrests"}]}, "/derived/0/expression"),
        ({"derived": [{"code": "d", "label": "D", "expression": "arrests * 2"}]}, "/derived/0/expression"),
        ({"derived": [{"code": "d", "label": "D", "expression": "arrests - d"}]}, "/derived/0/expression"),
        ({"derived": [{"code": "D", "label": "D", "expression": "arrests"}]}, "/derived/0/code"),
        ({"derived": [{"code": "d", "label": "D", "expression": "arrests"}] * 2}, "/derived"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_the_place(admin: Caller, members: dict[str, Any], pointer: str) -> None:
    errors = refusal(admin, minimal(**members))
    assert pointer in errors, errors
    assert all(message.endswith((".", "!")) for messages in errors.values() for message in messages), "each is a sentence"


def test_a_window_apart_must_not_end_before_it_starts_and_says_why(admin: Caller) -> None:
    apart = {"starts_at": "2021-08-15T00:00:00Z", "ends_at": "2021-08-06T00:00:00Z"}
    errors = refusal(admin, minimal(units=[UNIT | {"conducted_separately": apart | {"footnote": "earlier"}}]))
    assert errors == {"/units/0/conducted_separately/ends_at": ["Must not end before it starts."]}
    assert set(refusal(admin, minimal(units=[UNIT | {"conducted_separately": apart}]))) == {"/units/0/conducted_separately/footnote"}


def test_all_mistakes_of_a_shape_are_told_at_once(admin: Caller) -> None:
    errors = refusal(admin, minimal(name="", time_zone="x", units=[UNIT | {"kind": "x"}, UNIT | {"code": "x"}]))
    assert set(errors) == {"/name", "/time_zone", "/units/0/kind", "/units/1/code"}


def test_every_expression_that_does_not_parse_is_told_at_once_with_its_column(admin: Caller) -> None:
    rules = [
        {"code": f"r{n}", "expression": one, "message": "x"}
        for n, one in enumerate(("arrests <= arrests", "arrests <= ", "arrests ! arrests"))
    ]
    errors = refusal(admin, minimal(rules=rules))
    assert set(errors) == {"/rules/1/expression", "/rules/2/expression"}
    assert all(re.match(r"Column \d+: ", message) for messages in errors.values() for message in messages)


def test_the_key_of_a_refused_operation_is_free(admin: Caller) -> None:
    document = minimal()
    refusal(admin, document | {"time_zone": "nowhere"})
    refusal(admin, document | {"ends_at": document["starts_at"]})
    answer = admin.post("/operations", document, "k")
    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers


def test_the_same_key_and_body_is_answered_with_the_first_operation_byte_for_byte(admin: Caller) -> None:
    document = operation_document()
    first = admin.post("/operations", document, "k")
    admin.patch(f"/operations/{document['code']}", {"name": "Changed since"})
    admin.post(f"/operations/{document['code']}/phase", {"phase": "briefing"})
    reordered = dict(reversed(document.items())) | {"starts_at": "2021-08-26T23:00:00Z"}
    again = admin.post("/operations", reordered, "k")
    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, first.headers["Location"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers


def test_the_same_key_with_another_body_is_refused(admin: Caller) -> None:
    document = minimal()
    admin.post("/operations", document, "k")
    answer = admin.post("/operations", document | {"name": "Another"}, "k")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")


def test_another_admins_same_key_is_another_key(admin: Caller, create_token: Callable[..., Caller]) -> None:
    document = minimal()
    assert admin.post("/operations", document, "k").status_code == 201
    assert create_token().post("/operations", document, "k").status_code == 409, "not a repeat: the code is taken"


@pytest.mark.parametrize("body", [[], "x", 5, True, [minimal()]])
def test_anything_but_an_object_is_refused(admin: Caller, body: Any) -> None:
    answer = admin.post("/operations", body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [""])


def test_a_body_over_64_kib_is_413(admin: Caller) -> None:
    answer = admin.post("/operations", minimal(units=[UNIT | {"code": f"U{n}", "name": "x" * 150} for n in range(400)]))
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")


def test_another_kind_of_body_is_415(admin: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data"):
        answer = admin.client.post("/api/v1/operations", data=b"{}", content_type=kind, headers=admin.headers)
        assert (answer.status_code, answer.json["type"]) == (415, "/problems/unsupported-content")


def test_a_template_is_listed_read_and_posted_as_it_is(create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    listed = admin.get("/templates").json
    assert (len(listed["items"]), listed["next"]) == (5, None)
    first = admin.get("/templates", limit=3).json
    assert first["items"] + admin.get("/templates", limit=3, cursor=first["next"]).json["items"] == listed["items"]
    for one in listed["items"]:
        body = admin.get(f"/templates/{one['template']}").json
        assert (one["name"], one["measures"]) == (body["name"], [measure["label"] for measure in body["measures"]])
        assert admin.post("/operations", body | {"code": f"{uuid.uuid4().hex[:8]}-{one['template']}"}).status_code == 201


@pytest.mark.parametrize("template", ["none", "..", "%2Fetc%2Fpasswd", "united-front-2021.json", "coordinator"])
def test_no_other_file_is_a_template(create_token: Callable[..., Caller], template: str) -> None:
    answer = create_token().get(f"/templates/{template}")
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")
