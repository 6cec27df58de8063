"""Cookies, and what another site can do with them: nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask import Flask

from coordinator.access.cookies import DEVICE, SESSION
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, report_body
from tests.people import CODE, Browser, invited, new_account, passphrase

ELSEWHERE = [
    {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "https://elsewhere.example"},
    {"Origin": "http://localhost:81", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://sub.localhost", "Sec-Fetch-Site": "same-site"},
    {"Origin": "http://localhost:81"},
    {"Origin": "http://localhost.elsewhere.example"},
    {"Origin": "http://elsewhere.example/localhost"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
    {"Origin": "http://[localhost"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "same-origin"},
    {},
]
"""What comes with a write that no page of the hub has sent, or of which nothing says that one has."""


def names(headers: dict[str, str]) -> str:
    """A case's name."""
    return " ".join(f"{name}={value}" for name, value in headers.items()) or "nothing"


@pytest.fixture
def desk_browser(app: Flask, operation: Catalogue) -> Browser:
    """The desk's browser, signed in."""
    browser = Browser(app)
    browser.sign_in(new_account("desk", operation.code))
    return browser


def write(browser: Browser, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
    """A write by cookie with these headers and no others."""
    options = {} if body is None else {"json": body}
    return browser.client.open("/api/v1" + path, method=method, headers={"Idempotency-Key": uuid.uuid4().hex} | headers, **options)


@pytest.mark.parametrize("headers", ELSEWHERE, ids=names)
def test_no_write_by_cookie_comes_from_elsewhere(desk_browser: Browser, operation: Catalogue, headers: dict[str, str]) -> None:
    session = desk_browser.get("/me").json["session"]["id"]
    writes = [
        ("POST", f"/operations/{operation.code}/reports", report_body()),
        ("POST", f"/operations/{operation.code}/phase", {"phase": "standing_down"}),
        ("PATCH", f"/operations/{operation.code}", {"name": "Theirs"}),
        ("POST", "/tokens", {"name": "x", "role": "desk", "operation": operation.code}),
        ("POST", "/invitations", {"name": "x", "role": "desk", "operation": operation.code}),
        ("PATCH", f"/sessions/{session}", {"wall": True}),
        ("DELETE", f"/sessions/{session}", None),
    ]
    for method, path, body in writes:
        refused = write(desk_browser, method, path, body, headers)
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/from-elsewhere"), (method, path)
    assert desk_browser.get(f"/operations/{operation.code}").json["phase"] == "live"
    assert desk_browser.get(f"/operations/{operation.code}/reports").json["items"] == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}], ids=names
)
def test_a_page_of_the_hub_writes(desk_browser: Browser, operation: Catalogue, headers: dict[str, str]) -> None:
    assert write(desk_browser, "POST", f"/operations/{operation.code}/reports", report_body(), headers).status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_no_form_is_a_write(desk_browser: Browser, operation: Catalogue, content_type: str) -> None:
    sent = {"Origin": "http://localhost", "Content-Type": content_type}
    body = b'{"name": "Theirs"}'
    refused = desk_browser.client.patch(f"/api/v1/operations/{operation.code}", data=body, headers=sent)
    assert refused.status_code == 415


@pytest.mark.parametrize("headers", [one for one in ELSEWHERE if one], ids=names)
def test_no_other_site_signs_someone_in(app: Flask, operation: Catalogue, desk: Caller, headers: dict[str, str]) -> None:
    invitation, browser = invited(desk, operation.code), Browser(app)
    account = new_account("observer", operation.code)
    for path, body in (
        ("/sessions", account.words),
        ("/devices", {"invitation": invitation, "name": "x", "code": CODE}),
        ("/accounts", {"invitation": invitation, "name": uuid.uuid4().hex, "passphrase": passphrase()}),
        ("/devices/this/sessions", {"code": CODE}),
    ):
        refused = write(browser, "POST", path, body, headers)
        assert (refused.status_code, refused.json["type"]) == (403, "/problems/from-elsewhere"), path
    assert browser.secret(SESSION) is None
    assert browser.secret(DEVICE) is None


def test_a_program_with_a_token_is_asked_nothing(desk: Caller, operation: Catalogue) -> None:
    for headers in ELSEWHERE:
        assert desk.post(f"/operations/{operation.code}/reports", report_body(), **headers).status_code == 201


def test_both_cookies_are_of_this_host_alone_and_hidden_from_scripts(app: Flask, operation: Catalogue, desk: Caller) -> None:
    answer = Browser(app).take(invited(desk, operation.code))
    cookies = {one.partition("=")[0]: {part.strip() for part in one.split(";")[1:]} for one in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {SESSION, DEVICE} == {"__Host-tallyroom", "__Host-tallyroom-device"}
    for name, days in ((SESSION, 0.5), (DEVICE, 14)):
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", f"Max-Age={int(days * 86_400)}"} <= cookies[name]
        assert not any(part.startswith("Domain") for part in cookies[name])
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_answer_lets_another_origin_read(desk_browser: Browser) -> None:
    answer = desk_browser.ask("GET", "/me", Origin="https://elsewhere.example")
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]
