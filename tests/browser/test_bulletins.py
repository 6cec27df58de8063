"""Bulletins in real browsers: the desk writes, two states read and answer, and the desk sees who has heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.browser.phone.phones import Phone
from tests.hubs import Api, LiveOperation, RealHub

Look = Callable[..., Screen]

TICK = 5_000
"""Milliseconds within which a page shows what no announcement told it: the channel looks each second, then the page asks."""


def bulletins(look: Look, operation: LiveOperation, caller: Api, width: int = 1440, height: int = 900, **options: object) -> Page:
    """The page of bulletins, drawn."""
    page = look(caller.token, width, height, **options).page
    page.goto(f"{operation.hub.url}/operations/{operation.code}/bulletins")
    page.wait_for_selector(".bulletin")
    return page


def write(page: Page, text: str, *units: str, priority: str = "flash") -> None:
    """The desk writes a bulletin."""
    form = page.locator("#write")
    form.get_by_label("Text", exact=True).fill(text)
    form.get_by_label(priority).check()
    if units:
        form.get_by_label("some units").check()
        for unit in units:
            form.locator(f"input[value='{unit}']").check()
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("status")).to_contain_text("Sent: bulletin")


def test_the_desk_writes_two_states_answer_and_the_desk_sees_who_has_heard(look: Look, operation: LiveOperation) -> None:
    kentucky, tennessee = operation.caller("liaison", "KY"), operation.caller("liaison", "TN")
    desk = bulletins(look, operation, operation.desk)
    phones = [bulletins(look, operation, caller, 390, 844) for caller in (kentucky, tennessee)]
    write(desk, "Hold at the north gate.")
    for phone in phones:
        expect(phone.locator("#bulletin-2")).to_contain_text("Hold at the north gate.")
    phones[0].locator("#bulletin-2").get_by_role("button", name="Understood").click()
    expect(phones[0].locator("#bulletin-2 .done")).to_contain_text("KY: understood")
    phones[1].locator("#bulletin-2").get_by_role("button", name="Question…").click()
    phones[1].get_by_label("What is the question?").fill("Which of the two?")
    phones[1].locator("#bulletin-2").get_by_role("button", name="Send", exact=True).first.click()
    asked = desk.locator("#bulletin-2 .asked > li")
    expect(asked.nth(0)).to_contain_text("KY understood")
    expect(asked.nth(1)).to_contain_text("TN asks “Which of the two?”")
    expect(asked.nth(0)).to_contain_text("liaison has it since")
    desk.get_by_label("Message about bulletin 2, TN").fill("The larger one.")
    asked.nth(1).get_by_role("button", name="Send").click()
    expect(phones[1].locator("#bulletin-2 .thread")).to_contain_text("Desk The larger one.")
    expect(phones[0].locator("#bulletin-2 .thread")).to_have_count(0)


def test_an_update_stands_in_place_of_the_old_one_on_every_page(look: Look, operation: LiveOperation) -> None:
    kentucky = operation.caller("liaison", "KY")
    desk, phone = bulletins(look, operation, operation.desk), bulletins(look, operation, kentucky, 390, 844)
    write(desk, "Hold at the north gate.", "KY")
    phone.locator("#bulletin-2").get_by_role("button", name="Understood").click()
    expect(phone.locator("#bulletin-2 .done")).to_be_visible()
    desk.locator("#bulletin-2").get_by_role("button", name="Update…").click()
    desk.get_by_label("Text", exact=True).fill("Hold at the south gate.")
    desk.locator("#write").get_by_role("button", name="Send").click()
    expect(phone.locator("#bulletin-3")).to_contain_text("Hold at the south gate.")
    expect(phone.locator("#bulletin-2")).to_contain_text("superseded by bulletin 3")
    expect(phone.locator("#bulletin-2").get_by_role("button", name="Understood")).to_have_count(0)
    expect(desk.locator("#bulletin-3 .asked > li")).to_contain_text("still on bulletin 2")


def test_a_unit_checks_in_and_names_whom_to_call_and_the_desk_logs_the_call(look: Look, operation: LiveOperation) -> None:
    kentucky = operation.caller("liaison", "KY")
    desk, phone = bulletins(look, operation, operation.desk), bulletins(look, operation, kentucky, 390, 844)
    phone.get_by_role("button", name="Check in KY").click()
    unit = desk.locator("#presence li[data-unit='KY']")
    expect(unit.locator(".status")).to_have_text("checked in")
    phone.get_by_role("button", name="Name whom to call tonight…").click()
    phone.get_by_label("Name for tonight").fill("Duty desk")
    phone.get_by_label("Telephone", exact=True).fill("502 555 0142")
    phone.get_by_role("button", name="Save").click()
    unit.get_by_text("Call, or check in").click()
    expect(unit).to_contain_text("Duty desk: 502 555 0142")
    unit.get_by_label("What came of the call").select_option("no_answer")
    unit.get_by_role("button", name="Log the call").click()
    expect(unit).to_contain_text("no answer")


def test_the_stand_down_is_over_when_all_have_understood(look: Look, operation: LiveOperation) -> None:
    kentucky = operation.caller("liaison", "KY")
    desk, phone = bulletins(look, operation, operation.desk), bulletins(look, operation, kentucky, 390, 844)
    operation.step("standing_down")
    expect(desk.locator("#stand-down")).to_contain_text("Not understood yet: KY, TN")
    phone.locator("#bulletin-2").get_by_role("button", name="Understood").click()
    expect(desk.locator("#stand-down")).to_contain_text("Not understood yet: TN")
    desk.locator("#bulletin-2 .asked > li").nth(1).get_by_role("button").click()
    expect(desk.locator("#stand-down")).to_contain_text("Every unit has understood it.")


def test_what_looks_like_a_person_is_refused_and_stays_typed(look: Look, operation: LiveOperation) -> None:
    desk = bulletins(look, operation, operation.desk)
    desk.get_by_label("Text", exact=True).fill("Call 502-555-0142")
    desk.locator("#write").get_by_role("button", name="Send").click()
    expect(desk.get_by_role("alert")).to_contain_text("This looks like a telephone number.")
    expect(desk.get_by_label("Text", exact=True)).to_have_value("Call 502-555-0142")


def test_a_bulletin_reaches_the_page_within_the_tick_though_redis_has_lost_everything(look: Look, operation: LiveOperation) -> None:
    phone = bulletins(look, operation, operation.caller("liaison", "KY"), 390, 844)
    hub = operation.hub
    with redis.Redis.from_url(hub.valkey.url) as client:
        client.flushall()
    hub.freeze("redis")
    said = operation.desk.post(f"/operations/{operation.code}/bulletins", {"text": "While Redis stands still"})
    assert said.status == 201, said.body
    expect(phone.locator("#bulletin-2")).to_contain_text("While Redis stands still", timeout=TICK)
    hub.thaw("redis")


@pytest.fixture
def phone(browser: Browser, hub: RealHub, operation: LiveOperation) -> Iterator[Phone]:
    """Kentucky's liaison's phone, on the page where figures are posted."""
    phone = Phone(browser, hub, operation, "Kentucky", viewport={"width": 360, "height": 740})
    phone.invite("liaison", "KY")
    phone.open()
    yield phone
    phone.close()


def test_a_flash_bulletin_stands_above_all_else_on_the_phone_and_is_answered_in_one_tap(operation: LiveOperation, phone: Phone) -> None:
    for text, priority in (("Be back by four.", "routine"), ("Leave the building.", "flash")):
        said = operation.desk.post(f"/operations/{operation.code}/bulletins", {"text": text, "priority": priority, "units": ["KY"]})
        assert said.status == 201, said.body
    flash = phone.page.get_by_role("alert")
    expect(flash).to_contain_text("Leave the building.")
    expect(flash).to_be_in_viewport()
    assert found(phone.page) == []
    assert not too_wide(phone.page)
    flash.get_by_role("button", name="Understood").click()
    expect(phone.page.locator(".order")).not_to_contain_text("Leave the building.")
    for text in ("Start.", "Be back by four."):
        expect(phone.page.locator(".order")).to_contain_text(text)
        phone.page.locator(".order").get_by_role("button", name="Understood").click()
    expect(phone.page.locator(".order")).to_have_count(0)
    asked = operation.desk.get(f"/operations/{operation.code}/bulletins/{said.json['id']}").json["asked"]
    assert [(one["unit"], one["answer"], one["channel"]) for one in asked] == [("KY", "understood", "page")]


def test_a_liaison_checks_in_on_the_phone_and_the_board_tells_who_has_not(look: Look, operation: LiveOperation, phone: Phone) -> None:
    board = look(operation.desk.token).board(operation)
    expect(board.locator("#orders")).to_contain_text("Not checked in: all 2. Bulletin 1 not answered: all 2.")
    phone.page.get_by_role("button", name="Check in KY").click()
    expect(phone.page.get_by_role("button", name="Check in KY")).to_have_count(0)
    expect(board.locator("#orders")).to_contain_text("Not checked in: TN.")
    phone.page.locator(".order").get_by_role("button", name="Understood").click()
    expect(board.locator("#orders")).to_contain_text("Bulletin 1 not answered: TN.")


def test_an_answer_without_a_signal_is_said_not_to_have_gone(operation: LiveOperation, phone: Phone) -> None:
    expect(phone.page.locator(".order")).to_be_visible()
    phone.offline()
    phone.page.locator(".order").get_by_role("button", name="Understood").click()
    expect(phone.page.locator("#orders [role=alert]")).to_contain_text("Try again when there is a signal.")
    phone.offline(False)
    phone.page.locator(".order").get_by_role("button", name="Understood").click()
    expect(phone.page.locator(".order")).to_have_count(0)


def test_it_is_for_everyone_at_every_width(look: Look, operation: LiveOperation) -> None:
    kentucky = operation.caller("liaison", "KY")
    for content in ({"priority": "flash", "acknowledge_by": "2099-01-01T00:00:00Z"}, {"units": ["KY"], "priority": "immediate"}):
        assert operation.desk.post(f"/operations/{operation.code}/bulletins", {"text": "Hold at the gate."} | content).status == 201
    for caller in (operation.desk, kentucky):
        page = bulletins(look, operation, caller)
        page.wait_for_selector("#bulletin-3")
        for shown in at_every_size(page):
            assert not too_wide(page), shown
            assert found(page) == [], shown
