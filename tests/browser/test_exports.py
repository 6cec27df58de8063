"""The page of files in a real browser: a file is asked for, watched and fetched; the public form is published."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.conftest import report_body
from tests.hubs import LiveOperation

Look = Callable[..., Screen]


def exports(look: Look, operation: LiveOperation) -> Page:
    """The page as the desk sees it."""
    page = look(operation.desk.token).page
    page.goto(f"{operation.hub.url}/operations/{operation.code}/exports")
    page.wait_for_selector("#files li")
    return page


def test_a_file_is_asked_for_watched_and_fetched(look: Look, operation: LiveOperation) -> None:
    page = exports(look, operation)
    page.get_by_label("As", exact=True).select_option("xlsx")
    page.get_by_role("button", name="Have it made").click()
    link = page.get_by_role("link", name="Fetch: Workbook (XLSX), position 0")
    expect(link).to_be_visible()
    with page.expect_download() as fetched:
        link.click()
    assert fetched.value.suggested_filename == f"{operation.code}-0.xlsx"
    assert fetched.value.path().read_bytes().startswith(b"PK")


def test_what_is_refused_stands_beside_its_field(look: Look, operation: LiveOperation) -> None:
    page = exports(look, operation)
    page.get_by_label("Journal position").fill("99")
    page.get_by_role("button", name="Have it made").click()
    expect(page.locator("#ask-at-error")).to_contain_text("The journal stands at 0")


def test_the_desk_publishes_the_public_form(look: Look, operation: LiveOperation) -> None:
    operation.desk.post(operation.reports, report_body(lines=[{"measure": "arrests", "quantity": 30}]))
    operation.settled(1)
    page = exports(look, operation)
    page.get_by_role("button", name="Publish the figures of now").click()
    expect(page.get_by_role("dialog")).to_contain_text("It can't be taken back")
    page.get_by_role("dialog").get_by_role("button", name="Publish it").click()
    expect(page.get_by_text("Published: position 1, 3 of 3 measures.")).to_be_visible()
    expect(page.locator("#publications li")).to_have_count(1)


def test_the_page_is_for_everyone_and_every_width(look: Look, operation: LiveOperation) -> None:
    page = exports(look, operation)
    for shown in at_every_size(page):
        assert found(page) == [], shown
        assert not too_wide(page), shown
