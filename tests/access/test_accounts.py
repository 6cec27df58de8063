"""Accounts: made and unlocked at the hub's machine, listed, locked and closed by an admin."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from config.settings import Settings, variable
from coordinator.hosting.hub import ROOT
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.people import Browser, as_owner, new_account, passphrase

Create = Callable[..., Caller]


@pytest.fixture
def verb(settings: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs ``tallyroom account ...`` with a passphrase on its standard input."""
    told = {variable(name): getattr(settings, name) for name in ("database_url", "redis_url")}

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "TALLYROOM_NO_BOOTSTRAP": "1"} | told
        command = [sys.executable, "-m", "coordinator", "account", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False)

    return run


def test_the_first_admin_comes_from_the_command_line(verb: Callable[..., subprocess.CompletedProcess[str]], app: Flask) -> None:
    name, words = f"admin {uuid.uuid4().hex[:6]}", passphrase()
    made = verb("add", "--role", "admin", "--name", name, given=f"{words}\n")
    assert (made.returncode, made.stderr) == (0, "")
    assert words not in made.stdout
    browser = Browser(app)
    assert browser.post("/sessions", {"name": name, "passphrase": words}).status_code == 201
    assert browser.get("/me").json["role"] == "admin"
    assert name in verb("list").stdout


def test_the_command_line_refuses_what_the_page_would(verb: Callable[..., subprocess.CompletedProcess[str]], operation: Catalogue) -> None:
    short = verb("add", "--role", "admin", "--name", "x y z", given="short\n")
    assert short.returncode == 2
    assert "15 to 256 characters" in short.stderr
    bound = verb("add", "--role", "desk", "--name", "x y z", given=passphrase())
    assert "needs its operation" in bound.stderr
    as_argument = verb("add", "--role", "admin", "--name", "x", "--passphrase", "y")
    assert as_argument.returncode == 2


def test_the_command_line_locks_and_unlocks(verb: Callable[..., subprocess.CompletedProcess[str]], app: Flask) -> None:
    account, browser = new_account(), Browser(app)
    browser.sign_in(account)
    assert verb("lock", account.name).returncode == 0
    assert browser.get("/me").status_code == 401
    refused = browser.post("/sessions", account.words)
    assert (refused.status_code, refused.json["detail"]) == (403, "This account is locked. Ask an admin.")
    assert verb("unlock", account.name.upper()).returncode == 0
    browser.sign_in(account)
    assert verb("unlock", "no one").returncode == 2


def test_an_admin_locks_unlocks_and_closes(app: Flask, create_token: Create, operation: Catalogue) -> None:
    admin, account, browser = create_token(), new_account("liaison", operation.code, "KY"), Browser(app)
    browser.sign_in(account)
    right = browser.get("/me").json["id"]
    assert admin.patch(f"/accounts/{account.id}", {"locked": True}).json["locked"] == "admin"
    assert browser.get("/me").status_code == 401
    assert admin.patch(f"/accounts/{account.id}", {"locked": False}).json["locked"] is None
    browser.sign_in(account)
    assert admin.delete(f"/accounts/{account.id}").status_code == 204
    assert browser.get("/me").status_code == 401
    assert browser.post("/sessions", account.words).status_code == 403
    listed = {item["id"]: item["revoked_at"] for item in admin.get("/tokens", limit=200).json["items"]}
    assert listed[right] is not None


def test_an_admin_lets_in_who_failed_too_often(app: Flask, create_token: Create) -> None:
    admin, account, browser = create_token(), new_account(), Browser(app)
    for _ in range(5):
        browser.post("/sessions", account.words | {"passphrase": passphrase()})
    listed = next(item for item in admin.get("/accounts").json["items"] if item["id"] == account.id)
    assert listed["locked"] == "attempts"
    assert browser.post("/sessions", account.words).status_code == 429
    assert admin.patch(f"/accounts/{account.id}", {"locked": False}).json["locked"] is None
    browser.sign_in(account)


def test_a_desk_sees_the_accounts_of_its_operation_alone(
    desk: Caller, operation: Catalogue, create_operation: Callable[..., Catalogue]
) -> None:
    own, _ = new_account("liaison", operation.code, "KY"), new_account("desk", create_operation().code)
    assert [item["id"] for item in desk.get("/accounts").json["items"]] == [own.id]
    assert desk.patch(f"/accounts/{own.id}", {"locked": True}).status_code == 403


def test_an_account_without_a_right_signs_no_one_in(app: Flask, create_token: Create, operation: Catalogue, owner_url: str) -> None:
    account, browser = new_account("liaison", operation.code, "KY"), Browser(app)
    as_owner(owner_url, "UPDATE tokens SET revoked_at = now() WHERE account_id = %s", account.id)
    refused = browser.post("/sessions", account.words)
    assert (refused.status_code, refused.json["detail"]) == (403, "This account has no right any more. Ask the desk.")
    assert browser.secret() is None


def test_every_act_is_on_the_audit_record_with_its_origin(app: Flask, operation: Catalogue, owner_url: str) -> None:
    account, browser = new_account("desk", operation.code), Browser(app)
    browser.post("/sessions", account.words | {"passphrase": "a wrong one for sure"})
    browser.sign_in(account)
    browser.patch(f"/sessions/{browser.get('/me').json['session']['id']}", {"wall": True})
    browser.delete(f"/sessions/{browser.get('/me').json['session']['id']}")
    rows = as_owner(owner_url, "SELECT act, origin FROM audit WHERE actor_name = %s ORDER BY id", account.name)
    assert rows == [
        ("sign-in failed", "127.0.0.1"),
        ("signed in", "127.0.0.1"),
        ("session put on a wall", "127.0.0.1"),
        ("signed out", "127.0.0.1"),
    ]
    Browser(app).post("/sessions", {"name": "river lantern copper moss", "passphrase": "x"})
    [(name, detail)] = as_owner(owner_url, "SELECT actor_name, detail::text FROM audit ORDER BY id DESC LIMIT 1")
    assert (name, "river" in detail) == ("unknown", False), "a passphrase typed into the wrong field is not kept"
