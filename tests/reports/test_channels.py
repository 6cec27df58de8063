"""By which way a report came: the API, a page, or the telephone of the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, report_body
from tests.people import Browser, new_account

TELEPHONE = {"channel": "telephone"}


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The reports of an operation of this test's own."""
    return f"/operations/{operation.code}/reports"


def channel(reader: Caller, path: str, receipt: dict) -> str:
    """The channel a report stands under."""
    return str(reader.get(f"{path}/{receipt['id']}").json["channel"])


def test_a_token_posts_by_the_api_and_a_session_by_a_page(app: Flask, operation: Catalogue, desk: Caller, path: str) -> None:
    assert channel(desk, path, desk.post(path, report_body()).json) == "api"
    browser = Browser(app)
    browser.sign_in(new_account("liaison", operation.code, "KY"))
    posted = browser.post(path, report_body(), **{"Idempotency-Key": "from-a-page"})
    assert posted.status_code == 201, posted.json
    assert channel(desk, path, posted.json) == "page"


@pytest.mark.parametrize("role", ["desk", "admin"])
def test_the_desk_says_that_a_report_came_by_telephone(
    role: str, operation: Catalogue, desk: Caller, create_token: Callable[..., Caller], path: str
) -> None:
    caller = desk if role == "desk" else create_token("admin")
    receipt = caller.post(path, report_body() | TELEPHONE)
    assert receipt.status_code == 201, receipt.json
    assert channel(desk, path, receipt.json) == "telephone"


def test_a_liaison_does_not_report_by_telephone(liaison: Caller, path: str) -> None:
    refused = liaison.post(path, report_body() | TELEPHONE, key="same")
    assert (refused.status_code, refused.json["type"]) == (403, "/problems/not-allowed")
    assert liaison.post(path, report_body(), key="same").status_code == 201


@pytest.mark.parametrize("named", ["api", "page", "", None, 3, ["telephone"]])
def test_no_other_channel_can_be_named(desk: Caller, path: str, named: object) -> None:
    refused = desk.post(path, report_body(channel=named))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["/channel"])


def test_the_channel_belongs_to_what_a_key_stands_for(desk: Caller, path: str) -> None:
    first = desk.post(path, report_body() | TELEPHONE, key="call")
    again = desk.post(path, report_body() | TELEPHONE, key="call")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert desk.post(path, report_body(), key="call").json["type"] == "/problems/idempotency-key-reused"


def test_a_report_is_found_by_the_key_it_was_posted_with(
    liaison: Caller, desk: Caller, create_token: Callable[..., Caller], path: str
) -> None:
    receipt = liaison.post(path, report_body(), key="lost-answer").json
    liaison.post(path, report_body(), key="another")
    for reader in (liaison, desk):
        found = reader.get(path, idempotency_key="lost-answer", author=liaison.id).json["items"]
        assert [item["id"] for item in found] == [receipt["id"]]
    assert liaison.get(path, idempotency_key="never-sent").json["items"] == []
    elsewhere = create_token("liaison", path.split("/")[2], "TN")
    assert elsewhere.get(path, idempotency_key="lost-answer").json["items"] == []
