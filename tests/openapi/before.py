"""Stations of the tour before the night: the operation is planned, people are admitted, sign in and practise."""

from __future__ import annotations

import uuid
from typing import Any

from werkzeug.test import TestResponse

from tests.conftest import Caller, operation_document
from tests.openapi.touring import OPERATION, UNKNOWN, Tour, key
from tests.people import CODE, PAGE, passphrase, secret_in
from tests.structure.worlds import step


def plan(tour: Tour, admin: Caller, body: dict[str, Any], night: dict[str, str]) -> None:
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


def admit(tour: Tour, admin: Caller, night: dict[str, str]) -> dict[str, Caller]:
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


def sign_in(tour: Tour, admin: Caller, night: dict[str, str]) -> None:
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


def rehearse(tour: Tour, admin: Caller) -> None:
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
