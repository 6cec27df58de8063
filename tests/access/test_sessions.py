"""Sessions: opened, listed, ended by whoever may, put on a wall."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from coordinator.access import browsers
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.people import PHONE, Browser, new_account, passphrase

Create = Callable[..., Caller]


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A browser."""
    return Browser(app)


def ended(browser: Browser) -> bool:
    """Whether its session has ended, and says so in a way a page can act on."""
    answer = browser.get("/me")
    return (answer.status_code, answer.json["type"]) == (401, "/problems/session-ended") if answer.status_code != 200 else False


def test_signed_in_a_browser_is_its_account_with_its_rights(browser: Browser, operation: Catalogue) -> None:
    account = new_account("desk", operation.code)
    browser.sign_in(account)
    me = browser.get("/me").json
    assert (me["name"], me["role"], me["operation"]) == (account.name, "desk", operation.code)
    assert me["account"] == {"id": account.id, "name": account.name}
    assert me["device"] is None
    assert [right["operation"] for right in me["rights"]] == [operation.code]
    assert browser.get(f"/operations/{operation.code}/statistics.json").status_code == 200


def test_one_sees_and_ends_ones_own(app: Flask, browser: Browser, operation: Catalogue) -> None:
    account, other = new_account("liaison", operation.code, "KY"), Browser(app)
    browser.sign_in(account)
    other.sign_in(account)
    Browser(app).sign_in(new_account("liaison", operation.code, "KY"))
    items = browser.get("/sessions").json["items"]
    assert [(item["browser"], item["origin"], item["by"], item["current"]) for item in items] == [
        ("Chrome on Android", "127.0.0.1", "account", False),
        ("Chrome on Android", "127.0.0.1", "account", True),
    ]
    assert browser.delete(f"/sessions/{items[0]['id']}").status_code == 204
    assert ended(other)
    assert len(browser.get("/sessions").json["items"]) == 1


def test_signing_out_takes_the_cookie_and_ends_the_session(browser: Browser, operation: Catalogue) -> None:
    browser.sign_in(new_account("desk", operation.code))
    kept = browser.secret()
    assert browser.delete(f"/sessions/{browser.get('/me').json['session']['id']}").status_code == 204
    assert browser.secret() is None
    browser.client.set_cookie("__Host-tallyroom", kept or "")
    assert ended(browser), "whoever copied it has nothing"


def test_the_desk_and_an_admin_see_and_end_those_of_the_operation(
    app: Flask, browser: Browser, operation: Catalogue, create_operation: Callable[..., Catalogue], create_token: Create, desk: Caller
) -> None:
    foreign = create_token("desk", create_operation().code)
    for overseer in (desk, create_token()):
        browser.sign_in(new_account("liaison", operation.code, "KY"))
        items = overseer.get("/sessions", operation=operation.code).json["items"]
        assert len(items) == 1
        assert foreign.delete(f"/sessions/{items[0]['id']}").status_code == 404
        assert overseer.delete(f"/sessions/{items[0]['id']}").status_code == 204
        assert ended(browser)
    assert foreign.get("/sessions", operation=operation.code).status_code == 404
    browser.sign_in(new_account("liaison", operation.code, "KY"))
    assert browser.get("/sessions", operation=operation.code).status_code == 403


def test_a_liaison_ends_no_one_elses(app: Flask, browser: Browser, operation: Catalogue, desk: Caller) -> None:
    browser.sign_in(new_account("liaison", operation.code, "KY"))
    other = Browser(app)
    other.sign_in(new_account("liaison", operation.code, "KY"))
    hidden = browser.delete(f"/sessions/{other.get('/me').json['session']['id']}")
    absent = browser.delete(f"/sessions/{uuid.uuid4()}")
    assert (hidden.status_code, hidden.json["detail"]) == (absent.status_code, absent.json["detail"]) == (404, absent.json["detail"])
    assert not ended(other)


def test_a_desk_does_not_end_the_session_of_an_admin(app: Flask, browser: Browser, desk: Caller) -> None:
    browser.sign_in(new_account())
    assert desk.delete(f"/sessions/{browser.get('/me').json['session']['id']}").status_code == 404


def test_a_right_that_is_revoked_ends_what_it_gave(browser: Browser, operation: Catalogue, desk: Caller) -> None:
    browser.sign_in(new_account("liaison", operation.code, "KY"))
    assert desk.delete(f"/tokens/{browser.get('/me').json['id']}").status_code == 204
    assert ended(browser)


def test_a_session_on_a_wall_reads_and_does_nothing_else(browser: Browser, operation: Catalogue) -> None:
    browser.sign_in(new_account("desk", operation.code))
    id = browser.get("/me").json["session"]["id"]
    assert browser.get("/me").json["session"]["idle_at"] is not None
    assert browser.patch(f"/sessions/{id}", {"wall": True}).status_code == 204
    assert browser.get("/me").json["session"]["idle_at"] is None
    assert browser.get(f"/operations/{operation.code}/totals").status_code == 200
    refused = [
        browser.post("/tokens", {"name": "x", "role": "observer", "operation": operation.code}),
        browser.patch(f"/sessions/{id}", {"wall": True}),
    ]
    assert [one.status_code for one in refused] == [403, 403]
    assert browser.delete(f"/sessions/{id}").status_code == 204, "but it can be signed out"


def test_no_one_puts_anothers_session_on_a_wall(app: Flask, browser: Browser, operation: Catalogue, desk: Caller) -> None:
    account = new_account("desk", operation.code)
    browser.sign_in(account)
    other = Browser(app)
    other.sign_in(account)
    id = other.get("/me").json["session"]["id"]
    assert browser.patch(f"/sessions/{id}", {"wall": True}).status_code == 404
    assert desk.patch(f"/sessions/{id}", {"wall": True}).status_code == 404


def test_a_new_passphrase_ends_the_other_sessions(app: Flask, browser: Browser, operation: Catalogue) -> None:
    account, renewed, other = new_account("desk", operation.code), passphrase(), Browser(app)
    browser.sign_in(account)
    other.sign_in(account)
    assert browser.put("/accounts/this/passphrase", {"current": account.passphrase, "passphrase": "password password"}).status_code == 422
    wrong = browser.put("/accounts/this/passphrase", {"current": passphrase(), "passphrase": renewed})
    assert (wrong.status_code, wrong.json["type"]) == (401, "/problems/not-recognised")
    assert browser.put("/accounts/this/passphrase", {"current": account.passphrase, "passphrase": renewed}).status_code == 204
    assert ended(other)
    assert not ended(browser)
    assert other.post("/sessions", account.words).status_code == 401
    assert other.post("/sessions", account.words | {"passphrase": renewed}).status_code == 201


def test_a_bearer_is_a_bearer_whatever_cookies_come_along(browser: Browser, operation: Catalogue, create_token: Create) -> None:
    browser.sign_in(new_account("desk", operation.code))
    observer = create_token("observer", operation.code)
    answer = browser.ask("POST", "/tokens", {"name": "x", "role": "observer", "operation": operation.code}, **observer.headers)
    assert answer.status_code == 403
    assert browser.ask("GET", "/me", **observer.headers).json["session"] is None


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (PHONE, "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Unheard)", "a browser"),
        ("curl/8.0", "a program"),
        ("", "a program"),
        ("<script>alert(1)</script>", "a program"),
    ],
)
def test_a_browser_is_named_in_a_few_words_and_none_of_its_own(agent: str, name: str) -> None:
    assert browsers.named(agent) == name
