"""Certification in a real browser: a liaison signs, two people of the desk sign, and a restatement makes the second release."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.conftest import report_body
from tests.hubs import Api, LiveOperation, RealHub

Look = Callable[..., Screen]

STATES = [{"code": code, "name": name, "kind": "jurisdiction"} for code, name in (("IA", "Iowa"), ("OK", "Oklahoma"), ("TN", "Tennessee"))]
HEADLINES = [{"code": "victims", "text": "{victims_rescued} victims were rescued, of whom {victims_rescued.minor} were minors."}]


def arrests(unit: str, quantity: int, **members: object) -> dict[str, object]:
    """A report of arrests."""
    return report_body(unit=unit, lines=[{"measure": "arrests", "quantity": quantity}], **members)


@pytest.fixture
def told(hub: RealHub) -> LiveOperation:
    """Iowa 20, Oklahoma 19, Tennessee 20 arrests; Tennessee's two victims, one a minor, and an amount of currency nobody knows."""
    operation = hub.create_operation("standing_down", units=STATES, headlines=HEADLINES)
    for unit, quantity in (("IA", 20), ("OK", 19), ("TN", 20)):
        assert operation.desk.post(operation.reports, arrests(unit, quantity)).status == 201
    lines = [{"measure": "victims_rescued", "quantity": 1}, {"measure": "victims_rescued", "category": "minor", "quantity": 1}]
    assert operation.desk.post(operation.reports, report_body(unit="TN", lines=lines)).status == 201
    unknown = [{"measure": "currency_seized", "unquantified": "a large amount"}]
    assert operation.desk.post(operation.reports, report_body(unit="IA", lines=unknown)).status == 201
    operation.settled(5)
    operation.step("reconciling")
    return operation


def sign_unit(operation: LiveOperation, liaison: Api, code: str) -> None:
    """A liaison signs by the API."""
    seen = next(one for one in liaison.get(f"/operations/{operation.code}/certification").json["units"] if one["unit"] == code)
    body = {"unit": code, "position": seen["position"], "digest": seen["digest"]}
    assert liaison.post(f"/operations/{operation.code}/signatures", body).status == 201


@pytest.fixture
def released(told: LiveOperation) -> LiveOperation:
    """The same with its first release and then restated: Iowa -8, Oklahoma +6, Tennessee +2, and a victim more."""
    for code in ("IA", "OK", "TN"):
        sign_unit(told, told.caller("liaison", code), code)
    told.certify()
    assert told.desk.post(f"/operations/{told.code}/amendments", {"reason": "Three states have counted again"}).status == 201
    first = {one["unit"]: one["id"] for one in told.desk.get(f"/operations/{told.code}/journal", order="newest").json["items"]}
    for unit, quantity in (("IA", 12), ("OK", 25), ("TN", 22)):
        id = first[unit]
        assert told.desk.post(told.reports, arrests(unit, quantity, corrects=id, reason="counted again")).status == 201
    told.settled(8)
    return told


def opened(look: Look, operation: LiveOperation, caller: Api, page: str = "certification", **options: object) -> Page:
    """A page as someone sees it."""
    screen = look(caller.token, **options).page
    screen.goto(f"{operation.hub.url}/operations/{operation.code}/{page}")
    screen.locator(".page-title").wait_for()
    return screen


def test_a_night_is_certified_by_a_liaison_and_two_people_of_the_desk(look: Look, told: LiveOperation) -> None:
    iowa = opened(look, told, told.caller("liaison", "IA"), width=390, height=844)
    mine = iowa.locator("#unit-IA")
    expect(mine).to_contain_text("Arrests made")
    mine.get_by_role("button", name="Sign the figures of Iowa").click()
    expect(mine).to_contain_text("Signed. signed by liaison at entry 5")
    expect(iowa.get_by_role("button", name="Sign the figures of Iowa")).to_have_count(0)
    expect(iowa.get_by_role("button", name="for the desk")).to_have_count(0)
    sign_unit(told, told.caller("liaison", "OK"), "OK")

    first, second = opened(look, told, told.desk), opened(look, told, told.caller("desk", name="second desk"))
    expect(first.locator("[data-step]")).to_contain_text("2 items are open")
    expect(first.get_by_role("button", name="Sign release 1 for the desk")).to_be_disabled()
    for item, reason in (("unquantified:currency_seized:IA", "The bank counts it on Monday"), ("unsigned:TN", "Its liaison is away")):
        row = first.locator(f"[data-item='{item}']")
        row.get_by_role("textbox").fill(reason)
        row.get_by_role("button", name="Waive").click()
        expect(row).to_contain_text("Waived by desk")
        expect(row).to_contain_text(reason)
    expect(first.locator("[data-step]")).to_contain_text("Nothing is open.")
    first.get_by_role("button", name="Sign release 1 for the desk").click()
    expect(first.locator("[data-step]")).to_contain_text("One person of the desk has signed.")
    first.get_by_role("button", name="Sign release 1 for the desk").click()
    expect(first.locator("#draft [role=alert]")).to_contain_text("the second signature must be another person's")

    second.reload()
    expect(second.locator("#draft")).to_contain_text("2 victims were rescued, of whom 1 were minors.")
    second.get_by_role("button", name="Sign release 1 for the desk").click()
    expect(second.locator("[data-step]")).to_contain_text("Release 1 stands.")
    expect(second.locator("#phase")).to_have_text("certified")
    second.get_by_role("link", name="To the releases").click()
    release = second.locator("#release-1")
    expect(release).to_contain_text("2 victims were rescued, of whom 1 were minors.")
    expect(release).to_contain_text("Its liaison is away")
    expect(release).to_contain_text("Iowa reports some without an amount")


def test_what_moved_while_someone_looked_is_refused_and_said(look: Look, told: LiveOperation) -> None:
    page = opened(look, told, told.caller("liaison", "IA"))
    assert told.desk.post(told.reports, arrests("IA", 1)).status == 201
    told.settled(6)
    page.get_by_role("button", name="Sign the figures of Iowa").click()
    expect(page.locator("#unit-IA [role=alert]")).to_contain_text("Entry 6 has changed what IA has since position 5. Look at it again.")
    page.reload()
    page.get_by_role("button", name="Sign the figures of Iowa").click()
    expect(page.locator("#unit-IA")).to_contain_text("at entry 6")


def test_a_restatement_nobody_sees_in_the_national_figure_is_shown_and_makes_the_second_release(
    look: Look, released: LiveOperation
) -> None:
    page = opened(look, released, released.desk)
    alarm = "Arrests made: Iowa −8, Oklahoma +6, Tennessee +2; the national figure stands still."
    expect(page.get_by_role("alert").filter(has_text=alarm)).to_be_visible()
    expect(page.locator("[data-state=fallen]").first).to_contain_text("fallen")
    item = page.locator("[data-item^='unchanged-nation:arrests']")
    item.get_by_role("link", name="Settle it in reconciliation").click()
    against = page.locator("#against")
    expect(against).to_contain_text(f"Nobody sees this in the national figure. {alarm}")
    expect(against.locator("tr").filter(has_text="Oklahoma")).to_contain_text("+6")
    check = page.get_by_role("article", name="Changes that cancel out")
    check.get_by_text("Explain", exact=True).first.click()
    check.get_by_label("Why it may stay as it is").fill("Three states counted again, each by itself.")
    check.get_by_role("button", name="Explain").click()
    expect(page.locator("#said")).to_have_text("Explained.")
    page.goto(f"{released.hub.url}/operations/{released.code}/reconciliation?at=5")
    expect(page.locator(".note.late").first).to_contain_text("Not now: as it stood at position 5.")
    expect(page.get_by_text("Explain", exact=True)).to_have_count(0)
    page.goto(f"{released.hub.url}/operations/{released.code}/certification")
    expect(page.locator("#open-title")).to_be_visible()
    expect(item).to_have_count(0)
    for code in ("IA", "OK", "TN"):
        sign_unit(released, released.caller("liaison", code), code)
    released.certify()
    page.goto(f"{released.hub.url}/operations/{released.code}/releases")
    second = page.locator("#release-2")
    expect(second).to_contain_text("certified, amendment 1")
    expect(second.get_by_role("link", name="Proof (ZIP) of release 2")).to_have_count(0)  # this hub has no key to sign one with
    expect(second).to_contain_text("Three states have counted again")
    expect(second).to_contain_text(alarm)
    expect(second.get_by_role("row").filter(has_text="Oklahoma").first).to_contain_text("+6")


def test_a_sentence_that_is_no_longer_so_says_how_it_reads_now(look: Look, released: LiveOperation) -> None:
    assert released.desk.post(released.reports, arrests("OK", 3)).status == 201
    released.settled(9)
    page = opened(look, released, released.caller("observer"), "releases")
    sentence = page.locator("#release-1 [data-stale]")
    expect(sentence).to_contain_text("59 arrests made.")
    expect(sentence).to_contain_text("No longer so: 62 arrests made. That is since entry 9.")


def test_an_amendment_is_opened_with_a_reason(look: Look, told: LiveOperation) -> None:
    told.certify()
    page = opened(look, told, told.desk)
    page.get_by_label("Why it has to be amended").fill("Call 555-867-5309")
    page.get_by_role("button", name="Amend release 1").click()
    expect(page.locator("#amend-reason-error")).to_contain_text("telephone number")
    page.get_by_label("Why it has to be amended").fill("Iowa has counted again")
    page.get_by_role("button", name="Amend release 1").click()
    expect(page.locator("#phase")).to_have_text("reconciling")
    expect(page.get_by_text("Release 1 is being amended")).to_be_visible()


def test_axe_finds_nothing_and_nobody_scrolls_sideways(look: Look, released: LiveOperation) -> None:
    assert released.desk.post(released.reports, arrests("OK", 3)).status == 201
    released.settled(9)
    liaison = released.caller("liaison", "IA", "OK")
    for who, caller in (("desk", released.desk), ("liaison", liaison)):
        for page in ("certification", "releases"):
            screen = opened(look, released, caller, page, bypass_csp=True)
            for shown in at_every_size(screen):
                assert found(screen) == [], (who, page, shown)
                assert not too_wide(screen), (who, page, shown)
