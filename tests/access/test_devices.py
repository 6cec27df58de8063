"""Devices: signed in for the night, locked by a short code."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from coordinator.access.cookies import DEVICE
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.people import CODE, Browser, as_owner, invited
from tests.structure.worlds import step

Create = Callable[..., Caller]
WRONG = "900417"


@pytest.fixture
def phone(app: Flask, desk: Caller, operation: Catalogue) -> Browser:
    """Kentucky's phone, its invitation taken."""
    browser = Browser(app)
    assert browser.take(invited(desk, operation.code)).status_code == 201
    return browser


def lock(phone: Browser) -> None:
    """Ends its session, as the button does and as half an hour would."""
    assert phone.delete(f"/sessions/{phone.get('/me').json['session']['id']}").status_code == 204


def test_locked_it_needs_the_code_and_nothing_else(phone: Browser) -> None:
    lock(phone)
    assert phone.get("/me").status_code == 401
    this = phone.get("/devices/this").json
    assert (this["name"], this["browser"], this["tries_left"]) == ("Kentucky duty desk", "Chrome on Android", 5)
    assert phone.unlock().status_code == 201
    assert phone.get("/me").json["device"]["id"] == this["id"]


def test_five_wrong_codes_end_it_and_a_right_one_between_counts_anew(phone: Browser, desk: Caller, operation: Catalogue) -> None:
    for left in (4, 3, 2, 1):
        refused = phone.unlock(WRONG)
        assert (refused.status_code, refused.json["type"]) == (401, "/problems/not-recognised")
        assert f"{left} more" in refused.json["detail"]
    assert phone.unlock().status_code == 201
    for _ in range(5):
        refused = phone.unlock(WRONG)
    assert "fifth" in refused.json["detail"]
    assert phone.unlock().status_code == 401, "the right code comes too late"
    assert phone.get("/me").status_code == 401, "and what was open is closed"
    assert phone.get("/devices/this").status_code == 404
    assert desk.get("/devices", operation=operation.code).json["items"] == []
    assert desk.get("/tokens").json["items"][0]["revoked_at"] is not None


def test_many_wrong_codes_at_once_are_no_more_than_five(app: Flask, phone: Browser) -> None:
    secret, answers = phone.secret(DEVICE) or "", []
    together = threading.Barrier(12)

    def guess(code: str) -> None:
        browser = Browser(app)
        browser.client.set_cookie(DEVICE, secret)
        together.wait()
        answers.append(browser.unlock(code).json["detail"])

    threads = [threading.Thread(target=guess, args=(f"90041{number % 10}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("That" in answer for answer in answers) == 5, "five were tried, the others not"
    assert phone.unlock().status_code == 401


def test_the_code_alone_is_nothing(app: Flask, phone: Browser) -> None:
    stranger = Browser(app)
    assert stranger.unlock(CODE).status_code == 401
    stranger.client.set_cookie(DEVICE, "trd_" + "x" * 43)
    assert stranger.unlock(CODE).status_code == 401


def test_it_ends_with_its_days(phone: Browser, owner_url: str) -> None:
    id = phone.get("/me").json["device"]["id"]
    as_owner(owner_url, "UPDATE devices SET expires_at = now() - interval '1 second' WHERE id = %s", id)
    assert phone.get("/me").status_code == 401
    assert phone.unlock().status_code == 401


def test_it_ends_when_its_operation_is_archived(phone: Browser, operation: Catalogue) -> None:
    step(operation.code, "standing_down", "reconciling", "certified")
    assert phone.get("/me").status_code == 200
    step(operation.code, "archived")
    assert phone.get("/me").status_code == 401
    assert phone.unlock().status_code == 401


def test_the_desk_sees_and_ends_it(phone: Browser, desk: Caller, operation: Catalogue, create_token: Create) -> None:
    items = desk.get("/devices", operation=operation.code).json["items"]
    assert [(item["name"], item["role"], item["operation"]) for item in items] == [("Kentucky duty desk", "liaison", operation.code)]
    assert create_token("observer", operation.code).delete(f"/devices/{items[0]['id']}").status_code == 404
    assert desk.delete(f"/devices/{items[0]['id']}").status_code == 204
    assert phone.get("/me").status_code == 401
    assert phone.unlock().status_code == 401


def test_its_owner_signs_it_out_for_good(phone: Browser) -> None:
    [item] = phone.get("/devices").json["items"]
    assert phone.delete(f"/devices/{item['id']}").status_code == 204
    assert phone.secret(DEVICE) is None
    assert phone.secret() is None
