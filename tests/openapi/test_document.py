"""The OpenAPI document is valid and complete: every rule is in it, described as the house describes things."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from coordinator.app import answers_to
from tests.openapi.touring import FOR_PEOPLE, operations, within


def test_it_is_openapi_3_1_and_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_rule_is_in_it_and_nothing_else(app: Flask, document: dict[str, Any]) -> None:
    rules = {rule for rule in answers_to(app) if not rule.startswith(("HEAD ", "OPTIONS ")) and rule not in FOR_PEOPLE}
    described = {f"{method.upper()} {path}" for method, path, _ in operations(document)}
    assert described == {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule) for rule in rules}


def test_what_is_public_says_so_and_all_else_needs_a_token_or_a_session(app: Flask, document: dict[str, Any]) -> None:
    public = {re.sub(r"<(\w+)>", r"{\1}", rule) for rule, guard in answers_to(app).items() if guard == "public"}
    for method, path, operation in operations(document):
        assert operation.get("security") == ([] if f"{method.upper()} {path}" in public else None)
    assert document["security"] == [{"token": []}, {"session": []}]
    assert document["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-tallyroom"},
    }


def test_every_operation_says_what_it_does_and_every_answer_what_it_means(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert operation["summary"].endswith("."), (method, path)
        assert all(answer["description"] for answer in operation["responses"].values()), (method, path)


def test_every_refusal_is_a_problem_document(document: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for method, path, operation in operations(document):
        refusals = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        if path != "/readyz":
            assert all(answer["content"] == problem for answer in refusals.values()), (method, path)


def test_every_shape_is_used_and_every_name_in_a_path_is_described(document: dict[str, Any]) -> None:
    used = {node["$ref"].rsplit("/", 1)[-1] for node in within(document) if "$ref" in node}
    assert used == set(document["components"]["schemas"])
    for path, item in document["paths"].items():
        named = {
            one["name"]
            for operation in item.values()
            for one in (operation if isinstance(operation, list) else operation.get("parameters", []))
        }
        assert set(re.findall(r"{(\w+)}", path)) <= named, path


def test_no_shape_takes_or_gives_what_it_does_not_name(document: dict[str, Any]) -> None:
    open_ones = {name for name, shape in document["components"]["schemas"].items() if shape.get("additionalProperties", True) is True}
    assert open_ones <= {"Problem"}, "which RFC 9457 keeps open to extensions"


def test_every_member_has_a_type(document: dict[str, Any]) -> None:
    bare = [
        f"{name}.{member}"
        for name, shape in document["components"]["schemas"].items()
        for member, inner in shape["properties"].items()
        if not {"type", "$ref", "anyOf", "allOf", "enum", "const"} & set(inner)
    ]
    assert bare == []


def test_patterns_are_written_as_json_schema_has_them(document: dict[str, Any]) -> None:
    patterns = {node["pattern"] for node in within(document) if isinstance(node.get("pattern"), str)}
    assert patterns
    for pattern in patterns:
        assert pattern.startswith("^"), pattern
        assert pattern.endswith("$"), pattern
        assert not re.search(r"\\[AZz]|\(\?[P<!=]", pattern), f"{pattern} is not ECMA 262 for everyone"


def test_the_key_is_asked_of_every_post_that_makes_one_thing_and_needed_for_a_report(document: dict[str, Any]) -> None:
    found = {}
    for method, path, operation in operations(document):
        for one in operation.get("parameters", []):
            if one["name"] == "Idempotency-Key":
                found[f"{method} {path}"] = one["required"]
    assert found == {
        "post /api/v1/tokens": False,
        "post /api/v1/invitations": False,
        "post /api/v1/devices": False,
        "post /api/v1/operations": False,
        "post /api/v1/operations/{code}/phase": False,
        "post /api/v1/operations/{code}/exercises": False,
        "post /api/v1/operations/{code}/zero": False,
        "post /api/v1/operations/{code}/spoken/taking": False,
        "post /api/v1/operations/{code}/joint-actions": False,
        "post /api/v1/operations/{code}/publications": False,
        "post /api/v1/operations/{code}/exports": False,
        "post /api/v1/operations/{code}/signatures": False,
        "post /api/v1/operations/{code}/waivers": False,
        "post /api/v1/operations/{code}/certification/signatures": False,
        "post /api/v1/operations/{code}/amendments": False,
        "post /api/v1/operations/{code}/bulletins": False,
        "post /api/v1/operations/{code}/bulletins/{id}/acknowledgements": False,
        "post /api/v1/operations/{code}/bulletins/{id}/messages": False,
        "post /api/v1/operations/{code}/briefings": False,
        "post /api/v1/operations/{code}/briefings/files": False,
        "post /api/v1/operations/{code}/briefings/{version}/read": False,
        "post /api/v1/operations/{code}/briefings/{version}/acknowledgements": False,
        "post /api/v1/operations/{code}/addresses": False,
        "post /api/v1/operations/{code}/deliveries/{id}/tries": False,
        "post /api/v1/operations/{code}/push-subscriptions": False,
        "post /api/v1/operations/{code}/check-ins": False,
        "post /api/v1/operations/{code}/calls": False,
        "post /api/v1/operations/{code}/stand-down/close": False,
        "post /api/v1/operations/{code}/situation-reports": False,
        "post /api/v1/operations/{code}/situation-reports/{number}/approval": False,
        "post /api/v1/operations/{code}/situation-reports/schedule": False,
        "post /api/v1/operations/{code}/reports": True,
        "post /api/v1/operations/{code}/reports/{id}/withdrawal": False,
        "post /api/v1/operations/{code}/finals": False,
        "post /api/v1/operations/{code}/finals/taking": False,
        "post /api/v1/operations/{code}/explanations": False,
        "post /api/v1/operations/{code}/adjustments": False,
        "post /api/v1/operations/{code}/adjustments/{id}/withdrawal": False,
        "post /api/v1/operations/{code}/controls": False,
        "post /api/v1/operations/{code}/controls/{id}/attribution": False,
    }


def test_the_page_for_people_shows_every_address_and_shape(app: Flask, document: dict[str, Any]) -> None:
    answer = app.test_client().get("/api/docs")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert all(f"<code>{path}</code>" in page for path in document["paths"])
    assert all(f'id="shape-{name}"' in page for name in document["components"]["schemas"])
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert app.test_client().get("/api/docs.css").mimetype == "text/css"
