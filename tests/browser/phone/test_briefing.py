"""The counting rules in real browsers: the desk publishes them, a phone's reports wait for them, and go out once they are acknowledged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import found, too_wide
from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation, eventually

Look = Callable[..., Screen]

HOSTILE = '<img src=x onerror="alert(1)"> [press](javascript:alert(2)) ![](https://elsewhere.example/x.png)'


def write(page: Page, text: str) -> None:
    """The desk writes a version with one page, one question and one file, and publishes it."""
    page.get_by_label("Title").fill("Tonight")
    page.get_by_label("Text, in Markdown").fill(text)
    page.get_by_role("button", name="Add a question").click()
    page.get_by_label("Question", exact=True).fill("Is a citation an arrest?")
    page.get_by_label("Answer 2 is right").check()
    page.get_by_label("Whoever is wrong").select_option(label="Arrests made")
    page.get_by_label("Add a file").set_input_files({"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"x"})
    expect(page.locator("#write")).to_contain_text("film.mp4 is of a kind that is not taken.")
    page.get_by_label("Add a file").set_input_files({"name": "rules.txt", "mimeType": "text/plain", "buffer": b"Count once."})
    expect(page.locator("#write li")).to_contain_text(["rules.txt"])
    page.get_by_role("button", name="Look at the pages first").click()
    expect(page.locator(".looked strong")).to_have_text("once")
    expect(page.locator(".looked img, .looked a")).to_have_count(0)
    assert found(page) == []
    page.get_by_role("button", name="Go on writing").click()
    page.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_role("heading", name="Briefing, version 1")).to_be_visible()


def test_reports_wait_on_the_phone_for_the_rules_and_go_out_once_they_are_acknowledged(
    operation: LiveOperation, create_phone: Callable[..., Phone], look: Look
) -> None:
    phone = create_phone(operation, "KY")
    phone.post(1)
    expect(phone.rows("received")).to_have_count(1)
    desk = look(operation.desk.token).page
    desk.goto(f"{operation.hub.url}/operations/{operation.code}/briefing")
    write(desk, f"# Arrests\n\nCount **once**.\n\n{HOSTILE}")

    rules = phone.page.locator("#rules-first")
    expect(rules).to_contain_text("Version 1 is to be acknowledged")
    phone.post(3)
    expect(phone.rows("waits for the rules")).to_have_count(1)
    expect(rules).to_contain_text("1 report is safe on this phone")
    picture(phone.page, "phone-held")
    rules.get_by_role("link", name="Read and acknowledge").click()

    expect(phone.page.locator(".prose")).to_contain_text('<img src=x onerror="alert(1)">')
    expect(phone.page.locator(".prose img, .prose a")).to_have_count(0)
    phone.page.get_by_label("Yes").check()
    picture(phone.page, "phone-check")
    phone.page.get_by_role("button", name="I have read it and count by it (KY)").click()
    expect(phone.page.locator("#check fieldset")).to_contain_text("Read again what is counted as “Arrests made”")
    assert len(phone.reports()) == 1
    phone.page.get_by_label("No", exact=True).check()
    phone.page.get_by_role("button", name="I have read it and count by it (KY)").click()
    phone.page.get_by_role("link", name="Post figures").last.click()

    phone.ready()
    expect(phone.rows("received")).to_have_count(2)
    assert eventually(lambda: [one.get("rules_version") for one in phone.reports()] == [None, 1])
    expect(phone.page.locator("#rules-first")).to_have_count(0)
    expect(desk.locator("[data-unit=KY]")).to_contain_text("has acknowledged")
    expect(desk.locator("[data-unit=KY]")).to_contain_text("in 2 tries")
    expect(desk.locator("#changes")).to_contain_text("Arrests made")
    picture(desk, "desk")


def test_the_pages_are_for_everyone_from_a_small_phone_to_a_wall(operation: LiveOperation, look: Look) -> None:
    question = {"question": "Is a citation an arrest?", "choices": ["Yes", "No"], "right": 1, "measure": "arrests"}
    text = "# Arrests\n\n- once\n- where it was led\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> Ask the desk.\n\n```\n" + "long " * 60 + "\n```"
    pack = {"pages": [{"title": "Tonight", "markdown": text}], "questions": [question]}
    assert operation.desk.post(f"/operations/{operation.code}/briefings", pack).status == 201
    liaison, address = operation.caller("liaison", "KY", "TN"), f"{operation.hub.url}/operations/{operation.code}"
    seen = ((liaison, "briefing", "#check"), (operation.desk, "briefing", "#heard"), (operation.desk, "readiness", ".ready"))
    for caller, place, drawn in seen:
        page = look(caller.token, bypass_csp=True).page
        page.goto(f"{address}/{place}")
        page.wait_for_selector(drawn)
        if drawn == "#heard":
            page.locator("#write summary").click()
        for width, height, scheme in ((360, 740, "dark"), (1440, 900, "light"), (3840, 2160, "dark")):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            picture(page, f"{place}-{drawn.strip('#.')}-{width}")
            assert not too_wide(page), (place, drawn, width)
            assert found(page) == [], (place, drawn, width)


def picture(page: Page, name: str) -> None:
    """For whoever wants to look: where BRIEFING_PICTURES names a folder, the page as it is now."""
    if folder := os.environ.get("BRIEFING_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
