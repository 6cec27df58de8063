"""Posting from a phone: what is typed is what the hub gets, once, and whatever looks wrong is asked about before it goes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation, eventually

HOSTILE = "</script><img src=x onerror=alert(1)>\"'{{7*7}}${7*7} اليوم & more"


TAPPED_AT_ONCE = """word => new MutationObserver((_, watch) => {
    const button = [...document.querySelectorAll("dialog button")].find((one) => one.textContent === word);
    if (!button) return;
    watch.disconnect();
    button.click();
    window.tapped = true;
}).observe(document.body, {childList: true, subtree: true})"""
"""Presses the button of a question in the moment in which it is drawn, as the second half of a double tap does."""


def lines(report: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The lines of a report in short."""
    return [(line["measure"], line["category"], line.get("quantity", line.get("unquantified"))) for line in report["lines"]]


def sent(phone: Phone, count: int = 1) -> list[dict[str, Any]]:
    """The reports of the hub once there are as many."""
    return eventually(lambda: len(found := phone.reports()) >= count and found)


def test_a_report_is_counted_read_back_sent_and_receipted(phone: Phone) -> None:
    more = phone.page.get_by_role("button", name="One more: Arrests made")
    for _ in range(4):
        more.click()
    phone.page.get_by_role("button", name="One fewer: Arrests made").click()
    expect(phone.page.locator(".sum")).to_have_text("You are adding 3 arrests made: none before, 3 in all.")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".read-back")).to_have_text(re.compile(r"^Kentucky, .* C[SD]T: you are adding 3 arrests made"))
    assert phone.reports() == []
    phone.agree("Yes, send")
    (report,) = sent(phone)
    assert (report["channel"], report["basis"], lines(report)) == ("page", "increment", [("arrests", "unspecified", 3)])
    expect(phone.page.locator("li[data-listed]")).to_have_count(1)
    phone.page.locator("#reports summary").click()
    expect(phone.page.locator(".digest")).to_have_text(report["digest"])
    expect(phone.field("Arrests made")).to_have_value("")
    expect(phone.page.locator(".hub td").first).to_have_text("3")


def test_what_was_reported_before_is_in_the_sentence_of_what_comes(phone: Phone) -> None:
    phone.post(43)
    expect(phone.rows("received")).to_have_count(1)
    phone.type("3")
    expect(phone.page.locator(".sum")).to_have_text(re.compile(r"^You are adding 3 arrests made since \d+:\d\d [ap]m: 43 becomes 46\.$"))


def test_a_double_tap_sends_nothing_twice_and_nothing_unread(phone: Phone) -> None:
    phone.type("3")
    phone.page.evaluate(TAPPED_AT_ONCE, "Yes, send")
    phone.page.get_by_role("button", name="Send", exact=True).dblclick()
    phone.page.wait_for_function("() => window.tapped")
    expect(phone.page.locator("dialog[data-takes-answers]")).to_be_visible()
    assert phone.queue() == []
    yes = phone.page.get_by_role("dialog").get_by_role("button", name="Yes, send")
    yes.evaluate("button => { button.click(); button.click(); button.click(); }")
    expect(phone.rows("received")).to_have_count(1)
    assert [lines(report) for report in sent(phone)] == [[("arrests", "unspecified", 3)]]


def test_nothing_new_is_one_tap_and_a_second_is_the_same(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Nothing new").dblclick()
    expect(phone.rows("received")).to_have_count(1)
    (report,) = sent(phone)
    assert (report["nil"], report["lines"]) == (True, [])
    expect(phone.page.get_by_role("button", name="Nothing new")).to_be_disabled()


def test_nothing_new_is_not_sent_over_figures_that_are_typed(phone: Phone) -> None:
    phone.type("3")
    phone.page.get_by_role("button", name="Nothing new").click()
    expect(phone.page.locator(".bar .wrong")).to_contain_text("Figures are typed above")
    expect(phone.field("Arrests made")).to_have_value("3")
    assert phone.queue() == []


def test_money_goes_to_the_cent_as_it_was_typed(phone: Phone) -> None:
    phone.type("$12,500.10", "Currency seized, in USD")
    expect(phone.page.locator(".sum")).to_contain_text("$12,500.10 of currency seized")
    phone.send()
    assert lines(sent(phone)[0]) == [("currency_seized", "unspecified", "12500.10")]


def test_an_amount_that_is_not_known_is_said_so(phone: Phone) -> None:
    phone.page.get_by_label("Amount not known yet").check()
    phone.page.get_by_role("textbox", name="Currency seized: what is known of the amount").fill("large amount")
    phone.send()
    assert lines(sent(phone)[0]) == [("currency_seized", "unspecified", "large amount")]


@pytest.mark.parametrize("typed", ["3.5", "-3", "three", "1000000000001", "1e3"])
def test_what_is_no_figure_is_said_beside_it_and_stays(phone: Phone, typed: str) -> None:
    phone.type(typed)
    phone.page.get_by_role("button", name="Send", exact=True).click()
    field = phone.field("Arrests made")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()
    assert phone.page.get_by_role("dialog").count() == 0


def test_a_total_typed_as_a_step_is_asked_about_and_mended_in_one_tap(phone: Phone) -> None:
    phone.post(43)
    expect(phone.rows("received")).to_have_count(1)
    phone.type("46")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".doubt")).to_contain_text("46 on top of 43, which makes 89")
    phone.agree("It is the whole figure")
    expect(phone.page.locator(".sum")).to_have_text("46 arrests made in all by now: 3 more than the hub has.")
    phone.send()
    assert (sent(phone, 2)[1]["basis"], lines(sent(phone, 2)[1])) == ("to_date", [("arrests", "unspecified", 46)])


def test_a_standing_figure_that_goes_down_is_sent_only_when_meant(phone: Phone) -> None:
    phone.post(43)
    expect(phone.rows("received")).to_have_count(1)
    phone.page.get_by_label("Standing figure").check(force=True)
    phone.type("3")
    expect(phone.page.locator(".sum")).to_have_text("3 arrests made in all by now: 40 fewer than the hub has, 43.")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".doubt")).to_contain_text("Lower than what the hub has")
    phone.agree("They are only the new ones")
    expect(phone.page.locator(".sum")).to_contain_text("43 becomes 46")


def test_a_zero_that_stands_is_a_figure(phone: Phone) -> None:
    phone.page.get_by_label("Standing figure").check(force=True)
    phone.type("0")
    phone.send()
    assert lines(sent(phone)[0]) == [("arrests", "unspecified", 0)]


def test_an_earlier_time_is_of_the_units_own_zone(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Seen now").click()
    phone.page.get_by_label("Earlier").check()
    phone.page.get_by_label("Day").fill("2021-08-26")
    phone.page.get_by_label("Time").fill("22:10")
    expect(phone.page.locator("#time-said")).to_have_text("10:10 pm CDT, Thu, Aug 26, time of Chicago")
    phone.post(3)
    assert sent(phone)[0]["observed_at"] == "2021-08-27T03:10:00Z"


def test_a_time_to_come_is_refused_beside_the_field(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Seen now").click()
    phone.page.get_by_label("Earlier").check()
    phone.page.get_by_label("Day").fill("2199-01-01")
    phone.type("3")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator("#time-said")).to_contain_text("lies in the future")
    assert phone.page.get_by_role("dialog").count() == 0


def test_those_who_assisted_are_named_and_read_back(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Who assisted").click()
    phone.page.get_by_label("Kentucky State Police").check()
    phone.type("2")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".read-back")).to_contain_text("Kentucky State Police assisted.")
    phone.agree("Yes, send")
    assert sent(phone)[0]["lines"][0]["assisting"] == ["KY-KSP"]


def test_a_report_of_a_joint_action_names_it_by_its_code(phone: Phone) -> None:
    action = {"unit": "TN", "name": "Warehouse, south side"}
    code = phone.operation.desk.post(f"/operations/{phone.operation.code}/joint-actions", action).json["code"]
    phone.type("2")
    phone.page.get_by_role("button", name="Joint action").click()
    typed = phone.page.get_by_label("Code of the joint action")
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else ("Z" if code[0] != "Z" else "Y") + code[1:]
    typed.fill(swapped.lower())
    expect(phone.page.locator("#joint-wrong")).to_have_text(
        f"{swapped} is no code: a symbol was misheard or mistyped. Ask for it once more, or look it up."
    )
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(typed).to_be_focused()
    typed.fill(code.lower().replace("-", ""))
    expect(phone.page.locator(".sum")).to_contain_text(f"It is of joint action {code}: unless you lead that, you are credited")
    phone.send()
    (report,) = sent(phone)
    assert (report["joint_action"], lines(report)) == (code, [("arrests", "unspecified", 2)])
    expect(phone.page.locator("#reports")).to_contain_text(f"of joint action {code}")


def test_a_note_that_looks_like_a_person_is_not_sent_and_not_lost(phone: Phone) -> None:
    phone.page.get_by_role("button", name="Note").click()
    note = phone.page.get_by_label("Note", exact=True)
    note.fill("call 816-555-0123")
    expect(phone.page.locator("#note-wrong")).to_contain_text("This looks like a telephone number")
    phone.type("3")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    assert phone.page.get_by_role("dialog").count() == 0
    expect(note).to_have_value("call 816-555-0123")
    note.fill("second location cleared")
    phone.send()
    assert sent(phone)[0]["note"] == "second location cleared"


def test_what_is_typed_survives_the_page(phone: Phone) -> None:
    phone.type("7")
    phone.page.get_by_role("button", name="Note").click()
    phone.page.get_by_label("Note", exact=True).fill("two teams")
    phone.kept("two teams")
    phone.page.reload()
    phone.ready()
    expect(phone.field("Arrests made")).to_have_value("7")
    expect(phone.page.get_by_label("Note", exact=True)).to_have_value("two teams")


def test_hostile_text_is_text(create_phone: Callable[..., Phone], phone: Phone) -> None:
    units = [{"code": "KY", "name": HOSTILE[:80], "kind": "jurisdiction"}]
    measures = [{"code": "arrests", "label": HOSTILE[:60], "unit": "persons", "categories": [HOSTILE[:70]]}]
    operation = phone.hub.create_operation(name=HOSTILE[:90], units=units, measures=measures, rules=[], derived=[])
    other = create_phone(operation, "KY")
    other.page.on("dialog", lambda _: other.errors.append("a script ran"))
    other.page.get_by_role("button", name="Note").click()
    other.page.get_by_label("Note", exact=True).fill(HOSTILE)
    other.page.get_by_role("textbox").first.fill("3")
    other.send()
    expect(other.page.locator("li[data-listed]")).to_have_count(1)
    other.page.locator("#reports summary").click()
    expect(other.page.locator("#reports")).to_contain_text(HOSTILE)
    assert other.page.locator("img").count() == 0


def test_the_desk_enters_what_a_unit_says_by_telephone(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    phone = create_phone(operation, role="desk", opened=False)
    expect(phone.page.get_by_text("Choose above for which unit you report.")).to_be_visible()
    phone.page.get_by_label("Report for").select_option("TN")
    phone.ready()
    phone.type("5")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".read-back")).to_contain_text("Tennessee")
    expect(phone.page.locator(".read-back")).to_contain_text("by telephone")
    phone.agree("Yes, send")
    (report,) = sent(phone)
    assert (report["unit"], report["channel"], report["author"]["role"]) == ("TN", "telephone", "desk")
    phone.page.get_by_label("They told me by telephone").uncheck()
    phone.post(1)
    assert sent(phone, 2)[1]["channel"] == "page"


def test_a_liaison_chooses_among_its_units_and_those_below(phone: Phone) -> None:
    options = phone.page.get_by_label("Report for").locator("option")
    expect(options).to_have_text(["Kentucky", "Kentucky State Police"])
    phone.page.get_by_label("Report for").select_option("KY-KSP")
    phone.ready()
    phone.post(2)
    assert sent(phone)[0]["unit"] == "KY-KSP"
    assert phone.page.get_by_label("They told me by telephone").count() == 0


def test_an_observer_is_told_that_it_does_not_post(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    phone = create_phone(operation, role="observer", opened=False)
    expect(phone.page.locator("main")).to_contain_text("The role observer may not do this.")


def test_the_keyboard_alone_posts_a_report(phone: Phone) -> None:
    page = phone.page
    phone.field("Arrests made").focus()
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Yes, send")).to_be_focused()
    expect(page.locator("dialog[data-takes-answers]")).to_be_visible()
    page.keyboard.press("Enter")
    assert lines(sent(phone)[0]) == [("arrests", "unspecified", 4)]
    expect(page.get_by_role("dialog")).to_have_count(0)
    phone.field("Arrests made").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(phone.field("Arrests made")).to_have_value("1")
