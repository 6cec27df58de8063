"""The OpenAPI document is valid, complete and true: every rule is in it, and every answer has the shape it promises."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from werkzeug.test import TestResponse

from config.settings import Settings
from coordinator import heartbeats
from coordinator.access.limits import Limits
from coordinator.app import answers_to
from coordinator.db import transaction
from coordinator.deliveries import sending, ways
from coordinator.deliveries.keys import Secrets
from coordinator.exports import making
from coordinator.exports.formats import FORMATS
from coordinator.heartbeats import WORKER
from coordinator.operations import service as operation_service
from coordinator.reports import saying, telephone
from coordinator.verification import checkpoints, signing
from tests.conftest import Caller, fold_all, operation_document, report_body
from tests.hubs import LONG
from tests.people import CODE, PAGE, passphrase, secret_in
from tests.structure.test_routes import ROUTES
from tests.structure.worlds import live_operation, new_token, step

EXAMPLES = 150 if LONG else 15
"""Generated requests for each address."""

FOR_PEOPLE = {
    "GET /",
    "GET /api/docs",
    "GET /api/docs.css",
    "GET /join",
    "GET /operations/<code>",
    "GET /operations/<code>/audit",
    "GET /operations/<code>/board",
    "GET /operations/<code>/briefing",
    "GET /operations/<code>/readiness",
    "GET /operations/<code>/bulletins",
    "GET /operations/<code>/exports",
    "GET /operations/<code>/journal",
    "GET /operations/<code>/log",
    "GET /operations/<code>/people",
    "GET /operations/<code>/post",
    "GET /operations/<code>/deliveries",
    "GET /operations/<code>/reconciliation",
    "GET /post/<name>.webmanifest",
    "GET /post/shell",
    "GET /post/worker.js",
    "GET /operations/<code>/plan",
    "GET /operations/new",
    "GET /audit",
    "GET /sessions",
    "GET /sign-in",
    "GET /static/<version>/<path:name>",
    "GET /unlock",
    "GET /operations/<code>/certification",
    "GET /operations/<code>/releases",
    "GET /operations/<code>/situation",
}
"""Pages, which the description of an interface for programs leaves out."""

UNKNOWN = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    """The document as it is served."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.json


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method, path, operation


def within(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from within(inner)


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


class Tour:
    """A caller that holds every answer against the document."""

    def __init__(self, app: Flask, document: dict[str, Any]) -> None:
        self.client, self.document = app.test_client(use_cookies=False), document
        self.seen: dict[tuple[str, str], set[int]] = {}

    def ask(
        self, caller: Caller | None, method: str, path: str, status: int, at: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        """Asks for a path of the document, with its names filled in; the answer must have this status and the shape promised for it."""
        headers = dict(caller.headers) if caller else {}
        headers |= options.pop("headers", {})
        address = path.format(**(at or {}))
        answer = self.client.open(address, method=method.upper(), headers=headers, **options)
        assert answer.status_code == status, (method, address, answer.get_data(as_text=True)[:500])
        self.check(method, path, answer)
        if status < 300 and "json" in options:
            self.check_request(method, path, options["json"])
        self.seen.setdefault((method, path), set()).add(status)
        return answer

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Status, media type, headers and shape."""
        described = self.document["paths"][path][method]["responses"].get(str(answer.status_code))
        assert described is not None, f"{method} {path} does not speak of {answer.status_code}"
        assert {name for name, header in described.get("headers", {}).items() if header["required"]} <= set(answer.headers.keys())
        if "content" not in described:
            assert answer.data == b""
            return
        assert answer.mimetype in described["content"], (method, path, answer.content_type)
        schema = described["content"][answer.mimetype]["schema"]
        self.hold(answer.json if answer.mimetype.endswith("json") and "ndjson" not in answer.mimetype else "text", schema)

    def check_request(self, method: str, path: str, body: Any) -> None:
        """What was taken must be what the document says is taken."""
        content = self.document["paths"][path][method]["requestBody"]["content"]
        self.hold(body, content["application/json"]["schema"])

    def hold(self, instance: Any, schema: dict[str, Any]) -> None:
        """Holds an instance against a schema of the document."""
        whole = {"components": self.document["components"]} | schema
        Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(instance)


OPERATION = "/api/v1/operations/{code}"
REPORTS = f"{OPERATION}/reports"
REPORT = f"{REPORTS}/{{id}}"


@pytest.fixture
def tour(app: Flask, document: dict[str, Any]) -> Tour:
    """A tour not yet begun."""
    return Tour(app, document)


def key(name: str | None = None) -> dict[str, str]:
    """An idempotency key."""
    return {"Idempotency-Key": name or uuid.uuid4().hex}


def test_every_answer_of_a_whole_night_has_the_shape_promised(
    tour: Tour, app: Flask, settings: Settings, create_token: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address answered well and refused in every way it has; the last lines hold that none was left out."""
    admin = create_token()
    apart = {"starts_at": "2021-08-06T00:00:00Z", "ends_at": "2021-08-15T00:00:00Z", "footnote": "Earlier"}
    body = operation_document()
    body["units"].append({"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": apart})
    night = {"code": body["code"]}
    _plan(tour, admin, body, night)
    callers = _admit(tour, admin, night)
    _sign_in(tour, admin, night)
    _rehearse(tour, admin)
    _act_jointly(tour, callers, night)
    _hear(tour, callers, night)
    _report(tour, app, callers, night)
    with reaching_out(settings):
        _reach_out(tour, callers, night, settings)
    _speak(tour, callers, night)
    _be_there(tour, callers, night)
    _brief(tour, callers, night)
    _tell_where_all_stands(tour, callers, night)
    _read(tour, callers, night)
    _verify(tour, callers, night, monkeypatch)
    _reconcile(tour, callers, night)
    _close(tour, callers, night)
    _look_after(tour)
    _overrun(tour, app, callers, night, monkeypatch)
    _stranger(tour, night)
    good = {operation for operation, statuses in tour.seen.items() if min(statuses) < 300}
    assert good == {(method, path) for method, path, _ in operations(tour.document)} - {("get", f"{OPERATION}/stream")}


def _plan(tour: Tour, admin: Caller, body: dict[str, Any], night: dict[str, str]) -> None:
    path = "/api/v1/operations"
    for _ in range(2):
        tour.ask(admin, "post", path, 201, json=body, headers=key("first"))
    tour.ask(admin, "post", path, 422, json=operation_document(), headers=key("first"))
    tour.ask(admin, "post", path, 409, json=body)
    tour.ask(admin, "post", path, 422, json={})
    tour.ask(admin, "post", path, 422, json=operation_document(rules=[{"code": "r", "expression": "arrests", "message": "x"}]))
    tour.ask(admin, "post", path, 400, data=b"{", content_type="application/json")
    tour.ask(admin, "post", path, 413, data=b" " * 70_000, content_type="application/json")
    tour.ask(admin, "post", path, 415, data=b"{}", content_type="text/plain")
    tag = tour.ask(admin, "get", path, 200).headers["ETag"]
    tour.ask(admin, "get", path, 304, headers={"If-None-Match": tag})
    tour.ask(admin, "get", path, 200, query_string={"limit": 1})
    tour.ask(admin, "get", path, 422, query_string={"limit": 0})
    tour.ask(admin, "get", OPERATION, 200, night)
    tour.ask(admin, "get", OPERATION, 404, {"code": "no-such-operation"})
    change = {
        "name": "Another",
        "units": [{"code": "OH", "name": "Ohio", "kind": "jurisdiction", "expected": False}],
        "remove": {"units": ["US"]},
    }
    tour.ask(admin, "patch", OPERATION, 200, night, json=change)
    tour.ask(admin, "patch", OPERATION, 409, night, json={"remove": {"units": ["KY"]}})
    tour.ask(admin, "patch", OPERATION, 422, night, json={"code": "x"})
    tour.ask(admin, "patch", OPERATION, 409, night, json={"name": "Late", "version": 1})
    tour.ask(admin, "get", f"{OPERATION}/audit", 200, night)
    tour.ask(admin, "get", "/api/v1/audit", 200)
    tour.ask(admin, "get", "/api/v1/templates", 200)
    tour.ask(admin, "get", "/api/v1/templates/{template}", 200, {"template": "united-front-2021"})
    tour.ask(admin, "get", "/api/v1/templates/{template}", 404, {"template": "none"})
    for phase, status in (("live", 409), ("briefing", 200), ("live", 200), ("open", 422)):
        tour.ask(admin, "post", f"{OPERATION}/phase", status, night, json={"phase": phase})


def _admit(tour: Tour, admin: Caller, night: dict[str, str]) -> dict[str, Caller]:
    path, callers = "/api/v1/tokens", {"admin": admin}
    for role, units in (("desk", []), ("liaison", ["KY"]), ("observer", []), ("gone", ["TN"])):
        asked = {
            "name": role,
            "role": "liaison" if units else role,
            "operation": night["code"],
            "units": units,
            "expires_at": "2190-01-01T00:00:00Z",
        }
        issued = tour.ask(admin, "post", path, 201, json=asked, headers=key()).json
        callers[role] = Caller(tour.client, issued["token"], issued["id"])
    tour.ask(admin, "post", path, 422, json={"role": "king"})
    tour.ask(callers["liaison"], "post", path, 403, json={"name": "x", "role": "admin"})
    tour.ask(admin, "post", path, 404, json={"name": "x", "role": "desk", "operation": "no-such-operation"})
    tour.ask(callers["desk"], "get", path, 200)
    tour.ask(callers["observer"], "get", path, 403)
    tour.ask(callers["desk"], "get", path, 422, query_string={"cursor": "x"})
    tour.ask(admin, "delete", f"{path}/{{id}}", 204, {"id": callers["gone"].id})
    tour.ask(admin, "delete", f"{path}/{{id}}", 404, {"id": UNKNOWN})
    tour.ask(callers["observer"], "delete", f"{path}/{{id}}", 403, {"id": UNKNOWN})
    tour.ask(callers["gone"], "get", "/api/v1/me", 401)
    for one in ("admin", "desk", "liaison", "observer"):
        tour.ask(callers[one], "get", "/api/v1/me", 200)
    return callers


def _sign_in(tour: Tour, admin: Caller, night: dict[str, str]) -> None:
    path = "/api/v1/invitations"
    asked = {"name": "Duty desk", "role": "liaison", "operation": night["code"], "units": ["KY"]}
    made = [tour.ask(admin, "post", path, 201, json=asked).json for _ in range(4)]
    secrets = [secret_in(one["link"]) for one in made]
    tour.ask(admin, "post", path, 422, json=asked | {"expires_at": "2190-01-01T00:00:00Z"})
    tour.ask(admin, "delete", f"{path}/{{id}}", 204, {"id": made[3]["id"]})
    tour.ask(admin, "delete", f"{path}/{{id}}", 404, {"id": UNKNOWN})
    tour.ask(None, "post", f"{path}/offer", 200, json={"invitation": secrets[0]})
    tour.ask(None, "post", f"{path}/offer", 403, json={"invitation": secrets[0]}, headers={"Origin": "https://elsewhere.example"})
    tour.ask(None, "post", f"{path}/offer", 404, json={"invitation": "x"})
    tour.ask(None, "post", f"{path}/offer", 409, json={"invitation": secrets[3]})
    _use_device(tour, secrets[0])
    _use_account(tour, admin, secrets[1:], night)
    tour.ask(admin, "get", path, 200, query_string={"operation": night["code"]})


def _cookies(answer: TestResponse) -> dict[str, str]:
    """What a page sends with the cookies of this answer."""
    pairs = [value.partition(";")[0] for value in answer.headers.getlist("Set-Cookie")]
    return {"Cookie": "; ".join(pairs)} | PAGE


def _use_device(tour: Tour, secret: str) -> None:
    path, words = "/api/v1/devices", {"invitation": secret, "name": "Duty desk", "code": CODE}
    tour.ask(None, "post", path, 422, json=words | {"code": "123456"})
    tour.ask(None, "post", path, 404, json=words | {"invitation": "x"})
    taken = tour.ask(None, "post", path, 201, json=words, headers=key("lost"))
    tour.ask(None, "post", path, 201, json=words, headers=key("lost"))
    tour.ask(None, "post", path, 409, json=words, headers=key())
    cookies = _cookies(taken)
    device = Caller(tour.client, "", "")
    device.headers = cookies
    tour.ask(None, "get", f"{path}/this", 200, headers=cookies)
    tour.ask(None, "get", f"{path}/this", 404)
    tour.ask(None, "post", f"{path}/this/sessions", 401, json={"code": "000000"}, headers=cookies)
    tour.ask(None, "post", f"{path}/this/sessions", 403, json={"code": CODE})
    tour.ask(device, "get", "/api/v1/sessions", 200)
    listed = tour.ask(device, "get", path, 200).json["items"]
    me = tour.ask(device, "get", "/api/v1/me", 200).json
    tour.ask(device, "patch", "/api/v1/sessions/{id}", 422, {"id": me["session"]["id"]}, json={"wall": False})
    tour.ask(device, "patch", "/api/v1/sessions/{id}", 204, {"id": me["session"]["id"]}, json={"wall": True})
    tour.ask(device, "delete", f"{path}/{{id}}", 403, {"id": listed[0]["id"]})
    tour.ask(device, "delete", "/api/v1/sessions/{id}", 204, {"id": me["session"]["id"]})
    tour.ask(device, "get", "/api/v1/me", 401)
    unlocked = tour.ask(None, "post", f"{path}/this/sessions", 201, json={"code": CODE}, headers=cookies)
    device.headers = _cookies(unlocked)
    tour.ask(device, "delete", f"{path}/{{id}}", 204, {"id": listed[0]["id"]})


def _use_account(tour: Tour, admin: Caller, secrets: list[str], night: dict[str, str]) -> None:
    path, words = "/api/v1/accounts", {"name": f"Duty desk {uuid.uuid4().hex[:6]}", "passphrase": passphrase()}
    tour.ask(None, "post", path, 422, json=words | {"invitation": secrets[0], "passphrase": "too short"})
    tour.ask(None, "post", path, 201, json=words | {"invitation": secrets[0]})
    tour.ask(None, "post", path, 409, json=words | {"invitation": secrets[0]})
    tour.ask(None, "post", path, 409, json=words | {"invitation": secrets[1]})
    tour.ask(None, "post", "/api/v1/sessions", 401, json=words | {"passphrase": passphrase()})
    account = Caller(tour.client, "", "")
    account.headers = _cookies(tour.ask(None, "post", "/api/v1/sessions", 201, json=words))
    tour.ask(account, "post", f"{path}/this/rights", 409, json={"invitation": secrets[1]})
    other = tour.ask(admin, "post", "/api/v1/operations", 201, json=operation_document()).json["code"]
    asked = {"name": "Duty desk", "role": "observer", "operation": other}
    link = tour.ask(admin, "post", "/api/v1/invitations", 201, json=asked).json["link"]
    tour.ask(account, "post", f"{path}/this/rights", 201, json={"invitation": secret_in(link)})
    tour.ask(account, "get", "/api/v1/me", 200)
    renewed = passphrase()
    tour.ask(account, "put", f"{path}/this/passphrase", 401, json={"current": "x", "passphrase": renewed})
    tour.ask(account, "put", f"{path}/this/passphrase", 204, json={"current": words["passphrase"], "passphrase": renewed})
    tour.ask(account, "get", path, 403)
    tour.ask(admin, "get", path, 200, query_string={"operation": night["code"]})
    found = next(one for one in tour.ask(admin, "get", path, 200).json["items"] if one["name"] == words["name"])
    tour.ask(admin, "patch", f"{path}/{{id}}", 200, {"id": found["id"]}, json={"locked": True})
    tour.ask(None, "post", "/api/v1/sessions", 403, json=words | {"passphrase": renewed})
    tour.ask(admin, "delete", f"{path}/{{id}}", 204, {"id": found["id"]})
    tour.ask(admin, "delete", f"{path}/{{id}}", 404, {"id": UNKNOWN})


def _rehearse(tour: Tour, admin: Caller) -> None:
    real = {"code": tour.ask(admin, "post", "/api/v1/operations", 201, json=operation_document()).json["code"]}
    path = f"{OPERATION}/exercises"
    for _ in range(2):
        exercise = tour.ask(admin, "post", path, 201, real, json={}, headers=key("rehearsed")).json
    tour.ask(admin, "post", path, 422, {"code": exercise["code"]}, json={})
    tour.ask(admin, "post", path, 422, real, json={"starts_at": "soon"})
    tour.ask(admin, "get", path, 200, real)
    tour.ask(admin, "get", f"{OPERATION}/practice", 200, real)
    step(real["code"], "briefing")
    tour.ask(admin, "post", f"{OPERATION}/phase", 409, real, json={"phase": "live"})
    tour.ask(admin, "post", f"{OPERATION}/zero", 201, real)
    tour.ask(admin, "get", f"{OPERATION}/zero", 200, real)
    step(real["code"], "live")
    tour.ask(admin, "post", f"{OPERATION}/zero", 409, real)


def _hear(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, path = callers["desk"], f"{OPERATION}/spoken"
    with transaction():
        catalogue = operation_service.find(night["code"])
    line = saying.write(telephone.book(catalogue), report_body(lines=[], nil=True), catalogue.starts_at, str(uuid.uuid4()))
    for said in (line, "KY NIL 000 000 000 #00"):
        tour.ask(desk, "post", path, 200, night, json={"line": said})
    tour.ask(desk, "post", path, 422, night, json={})
    tour.ask(callers["liaison"], "post", path, 403, night, json={"line": line})
    tour.ask(desk, "post", f"{path}/taking", 422, night, json={"line": "KY NIL 000 000 000 #00"})
    for _ in range(2):
        tour.ask(desk, "post", f"{path}/taking", 201, night, json={"line": line})


def _act_jointly(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, path = callers["liaison"], f"{OPERATION}/joint-actions"
    opened = tour.ask(liaison, "post", path, 201, night, json={"unit": "KY", "name": "Warehouse"}, headers=key("joint")).json
    tour.ask(liaison, "post", path, 201, night, json={"unit": "KY", "name": "Warehouse"}, headers=key("joint"))
    for status, body in ((422, {"unit": "ZZ", "name": "x"}), (403, {"unit": "TN", "name": "x"}), (422, {})):
        tour.ask(liaison, "post", path, status, night, json=body)
    tour.ask(liaison, "get", path, 200, night)
    tour.ask(callers["observer"], "get", path, 403, night)
    tour.ask(liaison, "get", f"{path}/{{said}}", 200, night | {"said": opened["code"].lower()})
    tour.ask(liaison, "get", f"{path}/{{said}}", 404, night | {"said": "0000-1"})
    tour.ask(liaison, "post", REPORTS, 201, night, json=report_body(joint_action=opened["code"]), headers=key())


def _report(tour: Tour, app: Flask, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, desk = callers["liaison"], callers["desk"]
    lines = [{"measure": "arrests", "quantity": 3, "assisting": ["TN"]}, {"measure": "currency_seized", "quantity": "12.50"}]
    bodies = [
        report_body(lines=lines, note="cleared"),
        report_body(basis="to_date", lines=[{"measure": "victims_rescued", "category": "minor", "quantity": 2}]),
        report_body(lines=[], nil=True, observed_at="2021-09-26T22:15:00Z"),
        report_body(unit="KY-KSP", lines=[{"measure": "currency_seized", "unquantified": "large amount"}]),
    ]
    ids = [tour.ask(liaison, "post", REPORTS, 201, night, json=body, headers=key()).json["id"] for body in bodies]
    tour.ask(liaison, "post", REPORTS, 201, night, json=bodies[0], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 201, night, json=bodies[0], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 422, night, json=bodies[1], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 422, night, json=bodies[0])
    tour.ask(liaison, "post", REPORTS, 422, night, json=report_body(lines=[{"measure": "nothing", "quantity": -1}]), headers=key())
    tour.ask(liaison, "post", REPORTS, 403, night, json=report_body(unit="TN"), headers=key())
    tour.ask(liaison, "post", REPORTS, 404, night, json=report_body(corrects=UNKNOWN, reason="x"), headers=key())
    tour.ask(liaison, "post", REPORTS, 400, night, data=b"{", content_type="application/json", headers=key())
    correction = report_body(corrects=ids[0], reason="miscounted")
    tour.ask(liaison, "post", REPORTS, 201, night, json=correction, headers=key())
    tour.ask(liaison, "post", REPORTS, 409, night, json=correction, headers=key())
    withdrawn = night | {"id": ids[1]}
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 201, withdrawn, json={"reason": "sent twice"}, headers=key())
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 409, withdrawn, json={"reason": "sent twice"})
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 422, withdrawn, json={})
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 404, night | {"id": UNKNOWN}, json={"reason": "x"})
    tour.ask(callers["observer"], "post", f"{REPORT}/withdrawal", 403, withdrawn, json={"reason": "x"})
    _batch(tour, desk, night, bodies)
    tour.ask(liaison, "get", REPORTS, 200, night)
    fold_all(_id(night))
    tour.ask(liaison, "get", REPORTS, 200, night, query_string={"unit": "KY", "limit": 2})
    tour.ask(liaison, "get", REPORTS, 422, night, query_string={"unit": "XX"})
    tour.ask(callers["observer"], "get", REPORTS, 403, night)
    for id in ids:
        tag = tour.ask(liaison, "get", REPORT, 200, night | {"id": id}).headers["ETag"]
    tour.ask(liaison, "get", REPORT, 304, night | {"id": ids[-1]}, headers={"If-None-Match": tag})
    tour.ask(liaison, "get", REPORT, 404, night | {"id": UNKNOWN})


def _speak(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/bulletins"
    said = {"text": "Hold at the gate.", "units": ["KY"], "priority": "flash", "acknowledge_by": "2099-01-01T00:00:00Z"}
    first = tour.ask(desk, "post", path, 201, night, json=said, headers=key()).json["id"]
    tour.ask(desk, "post", path, 422, night, json={"text": "x", "units": ["ZZ"]})
    tour.ask(liaison, "post", path, 403, night, json=said)
    at, understood = night | {"id": first}, {"unit": "KY", "answer": "understood"}
    for _ in range(2):
        tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 201, at, json=understood)
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 403, at, json=understood | {"unit": "TN"})
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 422, at, json={"unit": "KY", "answer": "question"})
    tour.ask(liaison, "post", f"{path}/{{id}}/messages", 201, at, json={"unit": "KY", "text": "Which gate?"})
    tour.ask(liaison, "post", f"{path}/{{id}}/messages", 404, night | {"id": UNKNOWN}, json={"unit": "KY", "text": "x"})
    tour.ask(desk, "post", path, 201, night, json={"kind": "cancel", "supersedes": first, "text": "All clear."})
    tour.ask(desk, "post", path, 409, night, json={"kind": "update", "supersedes": first, "text": "x"})
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 409, at, json=understood)
    for caller in (desk, liaison):
        tour.ask(caller, "get", path, 200, night, query_string={"current": "true"})
        tour.ask(caller, "get", f"{path}/{{id}}", 200, at)
    tour.ask(liaison, "get", f"{path}/{{id}}", 404, night | {"id": UNKNOWN})


@contextmanager
def reaching_out(settings: Settings) -> Iterator[None]:
    """Ways out are open, though nobody is there."""
    mail = {"mail_domains": "example.gov", "smtp_url": "smtp://127.0.0.1:9", "mail_from": "hub@example.gov"}
    ways.hold(replace(settings, push_contact="mailto:hub@example.gov", push_hosts="push.example.net", **mail))
    yield
    ways.hold(settings)


def _reach_out(tour: Tour, callers: dict[str, Caller], night: dict[str, str], settings: Settings) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/addresses"
    asked = {"kind": "mail", "address": "duty@example.gov", "whose": "liaison", "unit": "KY"}
    added = tour.ask(desk, "post", path, 201, night, json=asked, headers=key()).json["id"]
    tour.ask(desk, "post", path, 422, night, json=asked | {"address": "duty@example.com"})
    tour.ask(liaison, "post", path, 403, night, json=asked)
    tour.ask(desk, "get", path, 200, night)
    phone = {"endpoint": "https://push.example.net/x", "key": Secrets(settings.signing_key).push_public(), "auth": "A" * 22}
    mine = tour.ask(liaison, "post", f"{OPERATION}/push-subscriptions", 201, night, json=phone, headers=key()).json["id"]
    tour.ask(liaison, "post", f"{OPERATION}/push-subscriptions", 422, night, json=phone | {"key": "A" * 87})
    tour.ask(liaison, "get", f"{OPERATION}/push-subscriptions", 200, night)
    tour.ask(liaison, "delete", f"{OPERATION}/push-subscriptions/{{id}}", 204, night | {"id": mine})
    desk.post(f"/operations/{night['code']}/bulletins", {"text": "Hold."})
    ways.hold(settings)
    sending.send_all()
    (failed,) = tour.ask(desk, "get", f"{OPERATION}/deliveries", 200, night, query_string={"state": "failed"}).json["items"]
    tour.ask(desk, "get", f"{OPERATION}/deliveries", 422, night, query_string={"state": "lost"})
    tries, at = f"{OPERATION}/deliveries/{{id}}/tries", night | {"id": failed["id"]}
    tour.ask(desk, "post", tries, 201, at)
    tour.ask(desk, "post", tries, 409, at)
    tour.ask(desk, "post", tries, 404, night | {"id": UNKNOWN})
    tour.ask(desk, "delete", f"{path}/{{id}}", 204, night | {"id": added})
    tour.ask(desk, "delete", f"{path}/{{id}}", 404, night | {"id": UNKNOWN})


def _be_there(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison = callers["desk"], callers["liaison"]
    contact = {"name": "Duty desk", "telephone": "extension 12", "alternate": "Night desk", "alternate_telephone": None}
    tour.ask(liaison, "post", f"{OPERATION}/check-ins", 201, night, json={"unit": "KY", "contact": contact})
    tour.ask(liaison, "post", f"{OPERATION}/check-ins", 403, night, json={"unit": "TN"})
    tour.ask(liaison, "put", f"{OPERATION}/contacts", 204, night, json={"unit": "KY", "contact": contact})
    tour.ask(liaison, "put", f"{OPERATION}/contacts", 403, night, json={"unit": "TN", "contact": contact})
    tour.ask(desk, "post", f"{OPERATION}/calls", 201, night, json={"unit": "KY", "outcome": "reached"})
    tour.ask(desk, "post", f"{OPERATION}/calls", 422, night, json={"unit": "KY", "outcome": "perhaps"})
    tour.ask(desk, "put", f"{OPERATION}/intervals", 200, night, json={"unit": "KY", "minutes": 30})
    tour.ask(desk, "put", f"{OPERATION}/intervals", 422, night, json={"unit": "KY", "minutes": 0})
    tour.ask(desk, "get", f"{OPERATION}/presence", 200, night)
    tour.ask(desk, "get", f"{OPERATION}/stand-down", 200, night)
    tour.ask(desk, "post", f"{OPERATION}/stand-down/close", 409, night, json={"reason": "x"})
    page = tour.ask(desk, "get", f"{OPERATION}/log", 200, night, query_string={"limit": 3}).json
    tour.ask(desk, "get", f"{OPERATION}/log", 200, night, query_string={"limit": 3, "cursor": page["next"]})
    tour.ask(desk, "get", f"{OPERATION}/log", 422, night, query_string={"cursor": "x"})
    tour.ask(desk, "get", f"{OPERATION}/log.csv", 200, night, query_string={"unit": "KY"})


def _brief(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/briefings"
    sent: dict[str, Any] = {"query_string": {"name": "rules.txt"}, "content_type": "application/octet-stream"}
    file = tour.ask(desk, "post", f"{path}/files", 201, night, data=b"Count once.", **sent).json["id"]
    tour.ask(desk, "post", f"{path}/files", 413, night, data=bytes(5 * 1024 * 1024 + 1), **sent)
    tour.ask(desk, "post", f"{path}/files", 415, night, data=b"\x00", **sent)
    tour.ask(desk, "post", f"{path}/files", 422, night, data=b"x", content_type="application/octet-stream")
    question = {"question": "Is a citation an arrest?", "choices": ["Yes", "No"], "right": 1, "measure": "arrests"}
    pack = {"pages": [{"title": "Tonight", "markdown": "Count once."}], "questions": [question], "files": [file]}
    tour.ask(desk, "post", path, 201, night, json=pack, headers=key())
    tour.ask(desk, "post", path, 422, night, json=pack | {"pages": []})
    tour.ask(liaison, "post", path, 403, night, json=pack)
    at, answer = night | {"version": 1}, {"unit": "KY", "answers": [1]}
    tour.ask(liaison, "post", REPORTS, 409, night, json=report_body(), headers=key())
    tour.ask(liaison, "post", f"{path}/{{version}}/read", 201, at)
    tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 422, at, json=answer | {"answers": [0]})
    tour.ask(desk, "post", f"{path}/{{version}}/acknowledgements", 403, at, json=answer)
    tour.ask(desk, "get", f"{path}/changes", 200, night)
    for _ in range(2):
        tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 201, at, json=answer)
    tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 404, at | {"version": 9}, json=answer)
    posted = tour.ask(liaison, "post", REPORTS, 201, night, json=report_body(), headers=key()).json["id"]
    assert tour.ask(liaison, "get", REPORT, 200, night | {"id": posted}).json["rules_version"] == 1
    for caller in (desk, liaison):
        tour.ask(caller, "get", path, 200, night)
        tour.ask(caller, "get", f"{path}/{{version}}", 200, at)
        tour.ask(caller, "get", f"{path}/files/{{id}}", 200, night | {"id": file})
    for rest in ("briefings/{version}/receipts", "readiness"):
        tour.ask(desk, "get", f"{OPERATION}/{rest}", 200, at)


def _tell_where_all_stands(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/situation-reports"
    tour.ask(desk, "post", path, 201, night, json={"remarks": "All quiet."})
    tour.ask(desk, "post", path, 422, night, json={"kind": "initial"})
    tour.ask(liaison, "post", path, 403, night, json={})
    first = night | {"number": 1}
    for ending in ("", ".pdf"):
        tour.ask(liaison, "get", f"{path}/{{number}}{ending}", 200, first)
        tour.ask(liaison, "get", f"{path}/{{number}}{ending}", 404, night | {"number": 9})
    tour.ask(liaison, "get", path, 200, night)
    tour.ask(desk, "post", f"{path}/{{number}}/approval", 403, first, json={})
    tour.ask(callers["admin"], "post", f"{path}/{{number}}/approval", 201, first, json={})
    tour.ask(callers["admin"], "post", f"{path}/{{number}}/approval", 409, first, json={})
    tour.ask(desk, "post", f"{path}/schedule", 201, night, json={"every_minutes": 60})
    tour.ask(desk, "post", f"{path}/schedule", 422, night, json={"every_minutes": 1})
    tour.ask(liaison, "get", f"{path}/schedule", 200, night)


def _id(night: dict[str, str]) -> int:
    from coordinator.operations import service

    with transaction():
        return service.find(night["code"]).id


def _batch(tour: Tour, desk: Caller, night: dict[str, str], bodies: list[dict[str, Any]]) -> None:
    batch = b"".join(json.dumps(body | {"idempotency_key": uuid.uuid4().hex}).encode() + b"\n" for body in [*bodies, {"unit": "XX"}])
    answer = tour.ask(desk, "post", f"{REPORTS}/batch", 207, night, data=batch, content_type="application/x-ndjson")
    for line in map(json.loads, answer.data.splitlines()):
        name = "Receipt" if line["status"] == 201 else "Problem"
        tour.hold(line[name.lower()], {"$ref": f"#/components/schemas/{name}"})
    tour.ask(desk, "post", f"{REPORTS}/batch", 415, night, json=bodies)
    tour.ask(desk, "post", f"{REPORTS}/batch", 422, night, data=b"\n", content_type="application/x-ndjson")


def _trace(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    tour.ask(callers["observer"], "get", f"{OPERATION}/sources", 403, night, query_string={"measure": "arrests"})
    again = {"measure": "arrests", "limit": 1}
    tag = tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 200, night, query_string=again).headers["ETag"]
    tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 304, night, query_string=again, headers={"If-None-Match": tag})
    tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 422, night, query_string={"measure": "arrests", "cursor": "x"})


def _read(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    observer, desk = callers["observer"], callers["desk"]
    tag = tour.ask(observer, "get", f"{OPERATION}/totals", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/totals", 304, night, headers={"If-None-Match": tag})
    tour.ask(observer, "get", f"{OPERATION}/totals", 200, night, query_string={"at": 2, "as_of": "2021-08-27T03:00:00Z"})
    tour.ask(observer, "get", f"{OPERATION}/totals", 422, night, query_string={"at": 10_000})
    tour.ask(observer, "get", f"{OPERATION}/series", 200, night, query_string={"measure": "arrests"})
    tour.ask(observer, "get", f"{OPERATION}/series", 200, night, query_string={"measure": "currency_seized", "unit": "KY", "step": "1h"})
    tour.ask(observer, "get", f"{OPERATION}/series", 422, night)
    tour.ask(observer, "get", f"{OPERATION}/series", 422, night, query_string={"measure": "arrests", "step": "soon"})
    _trace(tour, callers, night)
    for query in ({"kind": "correction"}, {"unit": "KY", "order": "oldest"}, {"since": "2021-08-27T03:00:00Z", "limit": 2}):
        tour.ask(desk, "get", f"{OPERATION}/journal", 200, night, query_string=query)
    tour.ask(desk, "get", f"{OPERATION}/journal", 422, night, query_string={"cursor": "x"})
    tour.ask(desk, "get", f"{OPERATION}/journal", 422, night, query_string={"unit": "NOWHERE"})
    for form in FORMATS:
        tour.ask(observer, "get", f"{OPERATION}/statistics.{form}", 403, night)
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 200, night)
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 200, night, query_string={"at": 1})
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 422, night, query_string={"at": "x"})
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 404, {"code": "no-such-operation"})
    _export(tour, callers, night)


def _export(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """Publishes, and has files made."""
    desk, observer = callers["desk"], callers["observer"]
    path, publications = f"{OPERATION}/exports", f"{OPERATION}/publications"
    for _ in range(2):
        tour.ask(desk, "post", publications, 201, night, json={"at": 1}, headers=key("published"))
    tour.ask(desk, "post", publications, 422, night, json={"at": 1, "release": 1})
    tour.ask(observer, "post", publications, 403, night, json={})
    tour.ask(desk, "get", publications, 200, night)
    tour.ask(desk, "get", f"{OPERATION}/statistics.json", 200, night, query_string={"public": "true"})
    tour.ask(desk, "get", f"{OPERATION}/statistics.pdf", 404, night, query_string={"public": "true", "at": 2})
    for form in FORMATS:
        asked = tour.ask(desk, "post", path, 202, night, json={"format": form}, headers=key()).json
        at = night | {"id": asked["id"]}
        tour.ask(desk, "get", f"{path}/{{id}}/file", 409, at)
        making.make(uuid.UUID(asked["id"]))
        tour.ask(desk, "get", f"{path}/{{id}}", 200, at)
        tour.ask(desk, "get", f"{path}/{{id}}/file", 200, at)
        tour.ask(observer, "get", f"{path}/{{id}}", 404, at)
    tour.ask(desk, "post", path, 422, night, json={"format": "docx"})
    tour.ask(desk, "get", path, 200, night)


def _reconcile(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, desk = callers["liaison"], callers["desk"]
    finals = {"unit": "KY", "figures": [{"measure": "arrests", "quantity": 4}, {"measure": "currency_seized", "unquantified": "much"}]}
    tour.ask(liaison, "post", f"{OPERATION}/finals", 409, night, json=finals)
    step(night["code"], "standing_down")
    tour.ask(desk, "post", f"{OPERATION}/stand-down/close", 201, night, json={"reason": "South Dakota was over two weeks ago."})
    tour.ask(desk, "get", f"{OPERATION}/stand-down", 200, night)
    step(night["code"], "reconciling")
    tour.ask(desk, "post", REPORTS, 201, night, json=report_body(unit="TN"), headers=key())
    for _ in range(2):
        tour.ask(liaison, "post", f"{OPERATION}/finals", 201, night, json=finals, headers=key("finals"))
    tour.ask(liaison, "post", f"{OPERATION}/finals", 403, night, json=finals | {"unit": "TN"})
    adjustment = {"measure": "arrests", "sources": ["KY", "TN"], "method": "maximum", "reason": "one raid"}
    made = tour.ask(desk, "post", f"{OPERATION}/adjustments", 201, night, json=adjustment, headers=key()).json["id"]
    tour.ask(desk, "post", f"{OPERATION}/adjustments", 422, night, json=adjustment)
    tour.ask(desk, "post", f"{OPERATION}/adjustments/{{id}}/withdrawal", 201, night | {"id": made}, json={"reason": "two raids"})
    tour.ask(liaison, "post", f"{OPERATION}/finals/taking", 201, night, json={"unit": "KY", "measure": "arrests"})
    control = {"measure": "arrests", "quantity": 10, "source": "a press release"}
    id = tour.ask(desk, "post", f"{OPERATION}/controls", 201, night, json=control, headers=key()).json["id"]
    tour.ask(desk, "get", f"{OPERATION}/controls", 200, night)
    tour.ask(desk, "post", f"{OPERATION}/controls/{{id}}/attribution", 201, night | {"id": id}, json={"unit": "UNATTRIBUTED"})
    explained = {"check": "final:KY:currency_seized:unspecified", "text": "the bank counts it"}
    tour.ask(liaison, "post", f"{OPERATION}/explanations", 201, night, json=explained)
    tour.ask(liaison, "post", f"{OPERATION}/explanations", 409, night, json=explained | {"inputs": "of another night"})
    tag = tour.ask(desk, "get", f"{OPERATION}/reconciliation", 200, night, query_string={"since": 1}).headers["ETag"]
    tour.ask(desk, "get", f"{OPERATION}/reconciliation", 304, night, query_string={"since": 1}, headers={"If-None-Match": tag})
    tour.ask(liaison, "get", f"{OPERATION}/reconciliation", 200, night, query_string={"at": 2})


def _verify(tour: Tour, callers: dict[str, Caller], night: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, observer = callers["desk"], callers["observer"]
    tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 404, night)
    with transaction():
        checkpoints.make(operation_service.find(night["code"]).id, signing.signer())
    tag = tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 304, night, headers={"If-None-Match": tag})
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 200, night)
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 200, night, query_string={"limit": 1, "cursor": "NQ"})
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 422, night, query_string={"cursor": "x"})
    first = next(one for one in desk.get(f"/operations/{night['code']}/reports").json["items"] if one["position"])
    tour.ask(desk, "get", f"{REPORT}/proof", 200, night | {"id": first["id"]})
    tour.ask(desk, "get", f"{REPORT}/proof", 404, night | {"id": UNKNOWN})
    tour.ask(observer, "get", f"{OPERATION}/bundle", 403, night)
    tour.ask(desk, "get", f"{OPERATION}/bundle", 200, night)
    tour.ask(desk, "get", f"{OPERATION}/bundle", 422, night, query_string={"at": 10_000})
    tour.ask(None, "get", "/api/v1/signing-key", 200)
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_held", [])
        tour.ask(None, "get", "/api/v1/signing-key", 503)
        tour.ask(desk, "get", f"{OPERATION}/bundle", 503, night)


def _certify(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """Signs, waives and releases, amends, and asks for what is not there."""
    liaison, desk, admin, observer = (callers[name] for name in ("liaison", "desk", "admin", "observer"))
    where = f"{OPERATION}/certification"
    tour.ask(observer, "get", where, 403, night)
    tour.ask(desk, "post", f"{OPERATION}/amendments", 409, night, json={"reason": "too early"})
    state = tour.ask(liaison, "get", where, 200, night).json
    own = next(one for one in state["units"] if one["yours"])
    body = {"unit": own["unit"], "position": own["position"], "digest": own["digest"]}
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 409, night, json=body | {"digest": None}, headers=key())
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 201, night, json=body, headers=key())
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 409, night, json=body, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/signatures", 403, night, json=body, headers=key())
    tour.ask(desk, "post", f"{where}/signatures", 409, night, json=_draft(tour, desk, night), headers=key())
    for one in tour.ask(desk, "get", where, 200, night).json["open"]:
        tour.ask(desk, "post", f"{OPERATION}/waivers", 201, night, json={"item": one["item"], "reason": "known"}, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/waivers", 422, night, json={"item": "nothing", "reason": "known"}, headers=key())
    for caller in (desk, admin):
        tour.ask(caller, "post", f"{where}/signatures", 201, night, json=_draft(tour, caller, night), headers=key())
    tag = tour.ask(observer, "get", f"{OPERATION}/releases", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/releases", 304, night, headers={"If-None-Match": tag})
    for path in ("releases/{number}", "releases/{number}/changes"):
        tour.ask(observer, "get", f"{OPERATION}/{path}", 200, night | {"number": 1})
        tour.ask(observer, "get", f"{OPERATION}/{path}", 404, night | {"number": 2})


def _amend(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """A second release, in which something has changed."""
    desk, admin = callers["desk"], callers["admin"]
    tour.ask(desk, "post", f"{OPERATION}/amendments", 422, night, json={"reason": ""}, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/amendments", 201, night, json={"reason": "counted again"}, headers=key())
    later = report_body(observed_at=datetime.now(UTC).isoformat())
    tour.ask(desk, "post", REPORTS, 201, night, json=later, headers=key())
    fold_all(_id(night))
    for one in tour.ask(desk, "get", f"{OPERATION}/certification", 200, night).json["open"]:
        if one["waiver"] is None:
            tour.ask(desk, "post", f"{OPERATION}/waivers", 201, night, json={"item": one["item"], "reason": "known"}, headers=key())
    for caller in (desk, admin):
        body = _draft(tour, caller, night)
        tour.ask(caller, "post", f"{OPERATION}/certification/signatures", 201, night, json=body, headers=key())
    assert tour.ask(desk, "get", f"{OPERATION}/releases/{{number}}/changes", 200, night | {"number": 2}).json["units"]
    tour.ask(desk, "get", f"{OPERATION}/releases", 200, night)


def _draft(tour: Tour, caller: Caller, night: dict[str, str]) -> dict[str, Any]:
    """What someone of the desk would sign."""
    state = tour.ask(caller, "get", f"{OPERATION}/certification", 200, night).json
    return {"position": state["position"], "digest": state["draft"]["digest"]}


def _close(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    _certify(tour, callers, night)
    tour.ask(callers["liaison"], "post", REPORTS, 409, night, json=report_body(), headers=key())
    tour.ask(callers["observer"], "get", f"{OPERATION}/statistics.json", 200, night)
    tour.ask(callers["observer"], "get", f"{OPERATION}/totals", 200, night)
    tour.ask(callers["admin"], "post", f"{OPERATION}/phase", 409, night, json={"phase": "live"})
    _amend(tour, callers, night)


def _look_after(tour: Tour) -> None:
    with transaction() as session:
        session.execute(heartbeats.Heartbeat.__table__.delete())
    assert tour.ask(None, "get", "/readyz", 503).json["worker"] == "silent"
    with transaction():
        heartbeats.beat(WORKER)
    for path in ("/readyz", "/healthz", "/metrics"):
        tour.ask(None, "get", path, 200)
    tag = tour.ask(None, "get", "/api/v1/openapi.json", 200).headers["ETag"]
    tour.ask(None, "get", "/api/v1/openapi.json", 304, headers={"If-None-Match": tag})
    tour.ask(None, "get", "/problems/{name}", 200, {"name": "in-use"})
    tour.ask(None, "get", "/problems/{name}", 404, {"name": "none"})


def _overrun(tour: Tour, app: Flask, callers: dict[str, Caller], night: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write past the limit of its token, or of its address where nobody has signed in yet."""
    for name, who in (("tallyroom.limits", uuid.UUID(callers["admin"].id)), ("tallyroom.attempts", "127.0.0.1")):
        monkeypatch.setitem(app.extensions, name, Limits(0.001, 1, lambda: 0.0))
        app.extensions[name].spend(who)
    for method, path, _ in operations(tour.document):
        if method != "get":
            tour.ask(callers["admin"], method, path, 429, night | {"id": UNKNOWN, "number": 1, "version": 1}, json={})


def _stranger(tour: Tour, night: dict[str, str]) -> None:
    """Everything that needs a token, without one."""
    for method, path, operation in operations(tour.document):
        if operation.get("security") is None:
            places = night | {"id": UNKNOWN, "template": "none", "said": "none", "number": 1, "version": 1}
            tour.ask(None, method, path, 401, places, json={} if method != "get" else None)


def test_the_stream_is_what_it_says_it_is(tour: Tour, desk: Caller, operation: Any) -> None:
    described = tour.document["paths"][f"{OPERATION}/stream"]["get"]["responses"]["200"]
    with desk.get(f"/operations/{operation.code}/stream") as answer:
        assert (answer.status_code, answer.mimetype) == (200, next(iter(described["content"])))
    tour.ask(None, "get", f"{OPERATION}/stream", 401, {"code": operation.code})
    tour.ask(desk, "get", f"{OPERATION}/stream", 404, {"code": "no-such-operation"})


def test_the_page_for_people_shows_every_address_and_shape(app: Flask, document: dict[str, Any]) -> None:
    answer = app.test_client().get("/api/docs")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert all(f"<code>{path}</code>" in page for path in document["paths"])
    assert all(f'id="shape-{name}"' in page for name in document["components"]["schemas"])
    assert "<script" not in page
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert app.test_client().get("/api/docs.css").mimetype == "text/css"


def bad_is_refused(context: Any, response: Any, case: schemathesis.Case) -> bool | None:
    """As schemathesis has it; and what is bad and too large besides may be refused for its size."""
    return None if response.status_code == 413 else negative_data_rejection(context, response, case)


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    bad_is_refused,
]


@pytest.fixture(scope="module")
def attacked(app: Flask) -> tuple[schemathesis.schemas.BaseSchema, dict[str, str], dict[str, str]]:
    """The document as schemathesis reads it; an operation and a report behind the names of its paths; an admin's token."""
    night = live_operation()
    admin = new_token(app.test_client(), "admin")
    report = admin.post(f"/operations/{night.code}/reports", report_body()).json["id"]
    fold_all(night.id)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers={"Accept-Encoding": "identity"})
    schema.config.generation.update(with_security_parameters=False)  # the token is ours, always
    plainly = {"Accept-Encoding": "identity"}  # an application called without a server between has no one who would unpack its answers
    return schema, {"code": night.code, "id": report}, admin.headers | plainly


@pytest.mark.parametrize("route", sorted(route for route in ROUTES if route not in FOR_PEOPLE and not route.endswith("/stream")))
def test_whatever_is_sent_the_answer_is_one_of_those_promised(attacked: Any, route: str) -> None:
    """Generated requests, good by the document and bad by it, by a fixed seed: the bad ones must be refused, none may break the hub."""
    schema, there, headers = attacked
    with transaction():
        heartbeats.beat(WORKER)
    method, path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).split(" ")
    operation = schema[path][method]
    names = re.findall(r"{(\w+)}", path)
    known = {name: there[name] for name in names if name in there and "tokens" not in path}
    good = [operation.as_strategy(path_parameters=fixed) for fixed in ([known, {}] if names else [{}])]
    bad = [operation.as_strategy(schemathesis.GenerationMode.NEGATIVE, path_parameters=known)] if _can_be_bad(operation) else []

    @hypothesis.seed(2021)
    @hypothesis.settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=st.one_of([*good, *bad]))
    def attack(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    attack()


def _can_be_bad(operation: Any) -> bool:
    """Whether the document says enough of a request for one to be bad by it: of a batch it only says that it is text."""
    return bool(operation.query or operation.body) and not operation.path.endswith("/batch")


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """How a generated batch is sent."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()
