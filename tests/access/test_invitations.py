"""Invitations: made by the desk, looked at by anyone, taken once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from coordinator.access.cookies import DEVICE
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, report_body
from tests.people import CODE, Browser, as_owner, invited, new_account, passphrase, secret_in
from tests.structure.worlds import step

Create = Callable[..., Caller]


@pytest.fixture
def phone(app: Flask) -> Browser:
    """A liaison's phone."""
    return Browser(app)


def test_the_desk_makes_one_with_a_link_and_a_code_to_photograph(desk: Caller, operation: Catalogue) -> None:
    asked = {"name": "Kentucky State Police duty desk", "role": "liaison", "operation": operation.code, "units": ["KY"]}
    made = desk.post("/invitations", asked)
    assert made.status_code == 201
    shown = {name: made.json[name] for name in ("name", "role", "operation", "units", "state", "revoked_at", "taken_at")}
    assert shown == asked | {"state": "open", "revoked_at": None, "taken_at": None}
    path, _, secret = made.json["link"].partition("#")
    assert path == "http://localhost/join", "so that the secret is sent to no server and read by no preview"
    assert secret.startswith("tri_")
    picture = ET.fromstring(made.json["qr"])
    assert picture.tag == "svg"
    assert not {"style", "script"} & {one.tag for one in picture.iter()} | {name for one in picture.iter() for name in one.attrib} & {
        "style"
    }
    listed = desk.get("/invitations").json["items"]
    assert [one["id"] for one in listed] == [made.json["id"]]
    assert secret not in str(listed)


def test_looking_does_not_spend_it_and_says_what_it_offers(desk: Caller, operation: Catalogue, phone: Browser) -> None:
    secret = invited(desk, operation.code)
    for _ in range(3):
        offer = phone.post("/invitations/offer", {"invitation": secret})
        assert offer.status_code == 200
    assert offer.json | {"expires_at": ""} == {
        "name": "Kentucky duty desk",
        "role": "liaison",
        "operation": operation.code,
        "operation_name": operation.name,
        "units": [{"code": "KY", "name": "Kentucky"}],
        "expires_at": "",
    }
    assert desk.get("/invitations").json["items"][0]["state"] == "open"


def test_taken_on_a_phone_it_posts_for_its_units_at_once(desk: Caller, operation: Catalogue, phone: Browser) -> None:
    taken = phone.take(invited(desk, operation.code), name="Kentucky State Police duty desk")
    assert taken.status_code == 201
    assert taken.json["units"] == ["KY"]
    posted = phone.post(f"/operations/{operation.code}/reports", report_body(), **{"Idempotency-Key": uuid.uuid4().hex})
    assert posted.status_code == 201
    report = desk.get(f"/operations/{operation.code}/reports/{posted.json['id']}").json
    assert (report["author"]["name"], report["channel"]) == ("Kentucky State Police duty desk", "page")
    foreign = phone.post(f"/operations/{operation.code}/reports", report_body(unit="TN"), **{"Idempotency-Key": uuid.uuid4().hex})
    assert foreign.status_code == 403
    assert desk.get("/invitations").json["items"][0]["state"] == "taken"
    assert desk.get("/tokens").json["items"][0]["holder"] == "device"


def test_taken_into_an_account_it_signs_in_by_name(app: Flask, desk: Caller, operation: Catalogue, phone: Browser) -> None:
    words = {"name": f"Kentucky {uuid.uuid4().hex[:6]}", "passphrase": passphrase()}
    taken = phone.post("/accounts", {"invitation": invited(desk, operation.code)} | words)
    assert taken.status_code == 201
    assert phone.get("/me").json["account"]["name"] == words["name"]
    computer = Browser(app)
    assert computer.post("/sessions", words | {"name": f"  {words['name'].upper()} "}).status_code == 201
    assert computer.get("/me").json["operation"] == operation.code


def test_an_account_takes_part_in_several_operations_and_acts_in_each_with_its_right_there(
    app: Flask, create_operation: Callable[..., Catalogue], create_token: Create
) -> None:
    one, other, foreign = create_operation(), create_operation(), create_operation()
    admin, browser = create_token(), Browser(app)
    browser.sign_in(new_account("liaison", one.code, "KY"))
    added = browser.post("/accounts/this/rights", {"invitation": invited(admin, other.code, "observer")})
    assert added.status_code == 201
    assert [(right["operation"], right["role"]) for right in browser.get("/me").json["rights"]] == [
        (one.code, "liaison"),
        (other.code, "observer"),
    ]
    assert {item["code"] for item in browser.get("/operations").json["items"]} == {one.code, other.code}
    for night, status in ((one, 200), (other, 403), (foreign, 404)):
        assert browser.get(f"/operations/{night.code}/reports").status_code == status
    assert browser.ask("GET", "/me", **{"Tallyroom-Operation": other.code}).json["role"] == "observer"
    again = browser.post("/accounts/this/rights", {"invitation": invited(admin, one.code, "desk")})
    assert (again.status_code, again.json["type"]) == (409, "/problems/in-use")


def test_a_spent_one_says_so(desk: Caller, operation: Catalogue, app: Flask, owner_url: str) -> None:
    secrets = [invited(desk, operation.code) for _ in range(3)]
    ids = [one["id"] for one in desk.get("/invitations").json["items"]][::-1]
    assert Browser(app).take(secrets[0]).status_code == 201
    assert desk.delete(f"/invitations/{ids[1]}").status_code == 204
    as_owner(owner_url, "UPDATE invitations SET expires_at = now() - interval '1 minute' WHERE id = %s", ids[2])
    for secret, word in zip(secrets, ("taken", "revoked", "expired"), strict=True):
        refused = [Browser(app).take(secret), Browser(app).post("/invitations/offer", {"invitation": secret})]
        refused.append(Browser(app).post("/accounts", {"invitation": secret, "name": "xyz", "passphrase": passphrase()}))
        assert [(one.status_code, one.json["type"]) for one in refused] == [(409, "/problems/invitation-spent")] * 3
        assert word in refused[0].json["detail"]
    assert [one["state"] for one in desk.get("/invitations").json["items"]][::-1] == ["taken", "revoked", "expired"]


def test_nobody_joins_an_operation_that_is_archived(app: Flask, create_token: Create, create_operation: Callable[..., Catalogue]) -> None:
    night = create_operation("certified")
    secret = invited(create_token(), night.code)
    step(night.code, "archived")
    assert Browser(app).take(secret).status_code == 409


def test_taken_by_many_at_once_it_is_taken_once(app: Flask, desk: Caller, operation: Catalogue) -> None:
    secret, answers = invited(desk, operation.code), []
    together = threading.Barrier(8)

    def take() -> None:
        together.wait()
        answers.append(Browser(app).take(secret).status_code)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] + [409] * 7


def test_whoever_got_no_answer_asks_again_and_has_the_same_device(app: Flask, desk: Caller, operation: Catalogue) -> None:
    secret, key = invited(desk, operation.code), uuid.uuid4().hex
    first, again = Browser(app), Browser(app)
    assert first.take(secret, **{"Idempotency-Key": key}).status_code == 201
    repeated = again.take(secret, **{"Idempotency-Key": key})
    assert (repeated.status_code, repeated.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.secret(DEVICE) == first.secret(DEVICE)
    assert again.get("/me").json["id"] == first.get("/me").json["id"]
    for other in ({"code": "900417"}, {"name": "Someone else"}):
        refused = Browser(app).take(secret, **({"name": "Kentucky duty desk", "code": CODE} | other), **{"Idempotency-Key": key})
        assert (refused.status_code, refused.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert Browser(app).take(secret, **{"Idempotency-Key": uuid.uuid4().hex}).status_code == 409


def test_the_same_request_gets_the_same_link_but_not_from_another_session(app: Flask, operation: Catalogue) -> None:
    desk, asked = new_account("desk", operation.code), {"name": "x", "role": "observer", "operation": operation.code}
    browser, key = Browser(app), {"Idempotency-Key": uuid.uuid4().hex}
    browser.sign_in(desk)
    first, again = browser.post("/invitations", asked, **key), browser.post("/invitations", asked, **key)
    assert first.json == again.json
    browser.sign_in(desk)
    refused = browser.post("/invitations", asked, **key)
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"role": "king"}, "/role"),
        ({"units": []}, "/units"),
        ({"units": ["XX"]}, "/units/0"),
        ({"role": "desk"}, "/units"),
        ({"expires_at": "2021-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2190-01-01T00:00:00Z"}, "/expires_at"),
        ({"name": ""}, "/name"),
    ],
)
def test_one_that_can_not_be_is_refused_with_the_place(desk: Caller, operation: Catalogue, members: dict, pointer: str) -> None:
    asked = {"name": "x", "role": "liaison", "operation": operation.code, "units": ["KY"]} | members
    refused = desk.post("/invitations", asked)
    assert refused.status_code == 422
    assert pointer in refused.json["errors"]


def test_an_admin_invites_an_admin_who_takes_a_passphrase(app: Flask, create_token: Create, desk: Caller) -> None:
    asked = {"name": "Second admin", "role": "admin"}
    assert desk.post("/invitations", asked).status_code == 403
    secret = secret_in(create_token().post("/invitations", asked).json["link"])
    on_phone = Browser(app).take(secret)
    assert (on_phone.status_code, list(on_phone.json["errors"])) == (422, ["/invitation"])
    browser = Browser(app)
    words = {"name": f"admin {uuid.uuid4().hex[:6]}", "passphrase": passphrase()}
    assert browser.post("/accounts", {"invitation": secret} | words).status_code == 201
    assert browser.get("/me").json["role"] == "admin"


def test_a_weak_code_or_passphrase_spends_nothing(app: Flask, desk: Caller, operation: Catalogue) -> None:
    secret, browser = invited(desk, operation.code), Browser(app)
    assert list(browser.take(secret, code="123456").json["errors"]) == ["/code"]
    weak = browser.post("/accounts", {"invitation": secret, "name": "xyz", "passphrase": "password password"})
    assert list(weak.json["errors"]) == ["/passphrase"]
    assert browser.take(secret).status_code == 201


def test_a_name_is_one_accounts_alone(app: Flask, desk: Caller, operation: Catalogue) -> None:
    taken, secret = new_account("observer", operation.code), invited(desk, operation.code)
    refused = Browser(app).post("/accounts", {"invitation": secret, "name": taken.name.upper(), "passphrase": passphrase()})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/name-taken")
    assert Browser(app).take(secret).status_code == 201, "and the invitation is still good"
