"""Coming in by the pages, in a real browser: by name, by an invitation on a phone, by the short code; and what ends says so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import MOMENTS
from tests.browser.looking import found, in_both_schemes, too_wide
from tests.hubs import Api, LiveOperation, RealHub
from tests.people import CODE, Account, new_account, passphrase

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
WALL = {"viewport": {"width": 3840, "height": 2160}}
SECRET = re.compile(r"#tri_[\w-]{43}$")

Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, hub: RealHub) -> Iterator[Open]:
    """Opens a browser of someone's own, with no cookies yet. Nothing may go wrong on its pages."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(path: str, **options: Any) -> Page:
        context = browser.new_context(**({"bypass_csp": False} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(MOMENTS)
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(hub.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def desk(hub: RealHub, operation: LiveOperation) -> Account:
    """The desk's account."""
    with hub.connected():
        return new_account("desk", operation.code)


def sign_in(page: Page, account: Account) -> None:
    """Fills in the form that stands there."""
    page.get_by_label("Name").fill(account.name)
    page.get_by_label("Passphrase").fill(account.passphrase)
    page.get_by_role("button", name="Sign in").click()


def invited(operation: LiveOperation, role: str = "liaison") -> str:
    """The path of a fresh invitation, with its secret."""
    asked = {"name": "Kentucky duty desk", "role": role, "operation": operation.code, "units": ["KY"] if role == "liaison" else []}
    made = operation.desk.post("/invitations", asked)
    assert made.status == 201, made.body
    return str(made.json["link"]).removeprefix(operation.hub.url)


def join(page: Page) -> None:
    """Takes the invitation that stands there on this device."""
    page.get_by_label("Choose a short code of 6 digits").fill(CODE)
    page.get_by_role("button", name="Join on this device").click()
    expect(page.get_by_role("heading", name="You are in", exact=True)).to_be_visible()


def test_whoever_has_not_signed_in_is_taken_there_and_back(open_page: Open, operation: LiveOperation, desk: Account) -> None:
    people = f"/operations/{operation.code}/people"
    page = open_page(people, **DESK)
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    sign_in(page, desk)
    expect(page).to_have_url(re.compile(f"{people}$"))
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    kept = cookies["__Host-tallyroom"]
    assert (kept["httpOnly"], kept["secure"], kept["sameSite"], kept["path"]) == (True, True, "Lax", "/")
    assert page.evaluate("document.cookie") == ""


def test_a_wrong_passphrase_is_told_and_the_fifth_locks(open_page: Open, desk: Account) -> None:
    page = open_page("/sign-in", **DESK)
    for _ in range(5):
        sign_in(page, Account("", desk.name, passphrase()))
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        expect(page.get_by_role("button", name="Sign in")).to_be_enabled()
    sign_in(page, desk)
    expect(page.get_by_role("alert")).to_contain_text("Too many failures to sign in. Try again in 15 minutes")


def test_no_address_sends_whoever_signed_in_to_another_site(open_page: Open, hub: RealHub, desk: Account) -> None:
    page = open_page("/sign-in?next=//elsewhere.example/", **DESK)
    sign_in(page, desk)
    page.wait_for_url(f"{hub.url}/")


def test_an_invitation_taken_on_a_phone_leaves_it_signed_in_behind_its_code(
    open_page: Open, hub: RealHub, operation: LiveOperation
) -> None:
    link = invited(operation)
    preview = hub.get("/join")
    assert preview.status == 200, "which is all that a preview of the link reads, and spends nothing"
    page = open_page(link, **PHONE)
    expect(page.get_by_role("heading", name="You are invited")).to_be_visible()
    expect(page.get_by_text("Kentucky (KY)")).to_be_visible()
    assert not too_wide(page)
    page.get_by_label("Choose a short code of 6 digits").fill("123456")
    page.get_by_role("button", name="Join on this device").click()
    expect(page.get_by_text("among the first someone who found the device would try")).to_be_visible()
    join(page)
    assert "#" not in page.url, "the secret stays in no history"
    assert operation.desk.get("/invitations").json["items"][0]["state"] == "taken"

    page.goto(f"{hub.url}/sessions")
    assert not too_wide(page)
    page.get_by_role("button", name="Lock this device").click()
    expect(page.get_by_role("heading", name="Kentucky duty desk")).to_be_visible()
    assert not too_wide(page)
    page.get_by_label("Short code").fill("900417")
    expect(page.get_by_role("alert")).to_contain_text("4 more wrong ones end it")
    page.goto(f"{hub.url}/sessions")
    expect(page).to_have_url(re.compile("/unlock"))
    page.get_by_label("Short code").press_sequentially(CODE)
    expect(page).to_have_url(re.compile("/sessions$"))
    expect(page.get_by_text("liaison in", exact=False).first).to_be_visible()


def test_on_a_computer_it_may_become_an_account(open_page: Open, operation: LiveOperation) -> None:
    page, words = open_page(invited(operation), **DESK), passphrase()
    page.get_by_role("button", name="Use a passphrase instead").click()
    page.get_by_label("Name to sign in with").fill(f"Kentucky {operation.code}")
    page.get_by_label("Passphrase", exact=True).fill("password password")
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_text("among the first an attacker would try")).to_be_visible()
    page.get_by_label("Passphrase", exact=True).fill(words)
    page.get_by_role("button", name="Make the account and join").click()
    expect(page.get_by_role("heading", name="You are in", exact=True)).to_be_visible()
    other = open_page("/sign-in", **DESK)
    sign_in(other, Account("", f"Kentucky {operation.code}", words))
    other.wait_for_url(re.compile("/$"))


def test_a_revoked_session_says_so_and_is_unlocked_to_where_one_was(open_page: Open, hub: RealHub, operation: LiveOperation) -> None:
    page = open_page(invited(operation), **PHONE)
    join(page)
    page.goto(f"{hub.url}/sessions")
    expect(page.get_by_role("button", name="Lock this device")).to_be_visible()
    [session] = operation.desk.get("/sessions", operation=operation.code).json["items"]
    assert operation.desk.delete(f"/sessions/{session['id']}").status == 204
    page.get_by_role("button", name="Show a board on the wall").click()
    expect(page.get_by_role("status").first).to_contain_text("screen was locked")
    page.get_by_label("Short code").fill(CODE)
    expect(page).to_have_url(re.compile("/sessions$"))


def test_a_revoked_device_says_so(open_page: Open, hub: RealHub, operation: LiveOperation) -> None:
    page = open_page(invited(operation), **PHONE)
    join(page)
    [device] = operation.desk.get("/devices", operation=operation.code).json["items"]
    assert operation.desk.delete(f"/devices/{device['id']}").status == 204
    page.goto(f"{hub.url}/sessions")
    expect(page.get_by_role("status").first).to_contain_text("This device is not signed in any more")


def test_a_spent_link_says_so(open_page: Open, operation: LiveOperation) -> None:
    link = invited(operation)
    join(open_page(link, **PHONE))
    again = open_page(link, **PHONE)
    expect(again.get_by_text("This invitation has been taken")).to_be_visible()
    expect(open_page("/join", **PHONE).get_by_text("holds no invitation")).to_be_visible()


def test_the_desk_invites_shows_the_link_and_revokes(open_page: Open, operation: LiveOperation, desk: Account) -> None:
    page = open_page(f"/operations/{operation.code}/people", **DESK)
    sign_in(page, desk)
    page.get_by_label("Who it is for").fill("Tennessee <b>duty desk</b>")
    page.get_by_label("Unit it posts for").select_option("TN")
    page.get_by_role("button", name="Make an invitation").click()
    made = page.locator("#made")
    expect(made).to_contain_text("Invitation for Tennessee <b>duty desk</b>")
    expect(made.get_by_role("img")).to_be_visible()
    assert SECRET.search(made.locator("code").inner_text())
    box = made.locator("svg").bounding_box()
    assert box is not None
    assert box["width"] > 150, "large enough for a phone to read"
    page.get_by_role("button", name="Revoke: Tennessee").click()
    expect(page.locator("#invitations")).to_contain_text("revoked")
    assert operation.desk.get("/invitations").json["items"][0]["state"] == "revoked"


def test_the_desk_makes_a_token_that_works(open_page: Open, hub: RealHub, operation: LiveOperation, desk: Account) -> None:
    page = open_page(f"/operations/{operation.code}/people", **DESK)
    sign_in(page, desk)
    page.get_by_label("Who it is for").fill("Dispatch system")
    page.get_by_label("Role").select_option("observer")
    expect(page.get_by_label("Unit it posts for")).to_be_hidden()
    page.get_by_role("button", name="Make a token for a program").click()
    expect(page.locator("#made")).to_contain_text("Token for Dispatch system")
    token = page.locator("#made code").inner_text()
    program = Api(hub, token)
    assert program.get("/me").json["role"] == "observer"
    page.get_by_role("button", name="Revoke: Dispatch system").click()
    expect(page.locator("#tokens")).to_contain_text("revoked")
    assert program.get("/me").status == 401


@pytest.mark.parametrize("size", [PHONE, DESK, WALL], ids=["phone", "desk", "wall"])
def test_axe_finds_nothing(open_page: Open, hub: RealHub, operation: LiveOperation, desk: Account, size: dict[str, Any]) -> None:
    options = size | {"bypass_csp": True}
    page = open_page("/sign-in", **options)
    sign_in(page, Account("", desk.name, passphrase()))
    expect(page.get_by_role("alert")).to_be_visible()
    well(page, "refused")
    sign_in(page, desk)
    page.wait_for_url(f"{hub.url}/")
    page.goto(f"{hub.url}/operations/{operation.code}/people")
    page.get_by_label("Who it is for").fill("Kentucky duty desk")
    page.get_by_role("button", name="Make an invitation").click()
    expect(page.locator("#made svg")).to_be_visible()
    expect(page.get_by_role("button", name="Revoke: Kentucky duty desk")).to_be_visible()
    well(page, "people")
    assert not too_wide(page)
    page.goto(f"{hub.url}/sessions")
    expect(page.locator("#sessions li").first).to_be_visible()
    well(page, "sessions")
    page.get_by_role("button", name="Forget this browser").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    well(page, "forgetting")
    other = open_page(invited(operation), **options)
    expect(other.get_by_role("heading", name="You are invited")).to_be_visible()
    well(other, "invitation")
    join(other)
    other.goto(f"{hub.url}/sessions")
    other.get_by_role("button", name="Lock this device").click()
    expect(other.get_by_label("Short code")).to_be_visible()
    well(other, "unlock")


def well(page: Page, what: str) -> None:
    """Axe finds nothing in either scheme."""
    for scheme in in_both_schemes(page):
        assert found(page) == [], f"{what} {scheme}"
