"""The record's pages in a real browser: filters that can be sent to someone, chains as links, page by page."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.conftest import report_body
from tests.hubs import LiveOperation, RealHub

Look = Callable[..., Screen]
PLACES = ("board", "plan", "people", "journal", "audit")


@pytest.fixture
def told(hub: RealHub) -> LiveOperation:
    """An operation with a report that was corrected and then withdrawn, one of another state, and one with a hostile note."""
    operation = hub.create_operation()
    first = operation.desk.post(operation.reports, report_body(note="<b>cleared</b>")).json["id"]
    second = operation.desk.post(operation.reports, report_body(corrects=first, reason="miscounted")).json["id"]
    assert operation.desk.post(f"{operation.reports}/{second}/withdrawal", {"reason": "sent twice"}).status == 201
    assert operation.desk.post(operation.reports, report_body(unit="TN", lines=[], nil=True)).status == 201
    operation.settled(4)
    return operation


def shown(look: Look, operation: LiveOperation, path: str, width: int = 1440, height: int = 900, **options: object) -> Page:
    """A page of the record as the desk sees it."""
    page = look(operation.desk.token, width, height, **options).page
    page.goto(f"{operation.hub.url}/operations/{operation.code}/{path}")
    page.get_by_role("button", name="Show").wait_for()
    return page


def entries(page: Page) -> list[str]:
    """The positions that are listed."""
    return page.locator(".record tbody th").all_inner_texts()


def test_the_journal_tells_what_was_said_and_what_became_of_it(look: Look, told: LiveOperation) -> None:
    page = shown(look, told, "journal")
    assert entries(page) == ["4", "3", "2", "1"]
    first = page.locator("#entry-1")
    expect(first).to_contain_text("Arrests made +3")
    expect(first).to_contain_text("Note: <b>cleared</b>")
    expect(first).to_contain_text("observed Thu, Aug 26, 2021, 9:15:00 pm CDT")
    first.get_by_role("link", name="entry 2").click()
    expect(page.locator("tr:target")).to_have_attribute("data-kind", "correction")
    expect(page.locator("tr:target")).to_contain_text("Withdrawn by entry 3")
    expect(page.locator("#entry-3")).to_contain_text("Reason: sent twice")
    expect(page.locator("#entry-4")).to_contain_text("nil report")
    page.locator("#entry-4 summary").click()
    seal = told.desk.get(f"/operations/{told.code}/journal").json["items"][0]["seal"]
    expect(page.locator("#entry-4 details > code")).to_have_text(seal)


def test_its_filters_stand_in_the_address(look: Look, told: LiveOperation) -> None:
    page = shown(look, told, "journal")
    page.get_by_label("Unit, with all below it").select_option("KY")
    page.get_by_label("Kind").select_option("withdrawal")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("caption")).to_contain_text("withdrawals alone, of KY with all below it")
    assert entries(page) == ["3"]
    again = look(told.desk.token).page
    again.goto(page.url)
    assert entries(again) == ["3"]
    again.get_by_role("link", name="entry 2").click()
    expect(again.locator("#entry-2")).to_contain_text("correction of entry 1")
    again.goto(page.url)
    again.get_by_role("link", name="All of it").click()
    expect(again.locator(".record tbody tr")).to_have_count(4)


def test_a_filter_that_can_not_be_is_said_beside_its_field(look: Look, told: LiveOperation) -> None:
    page = shown(look, told, "journal?unit=NOWHERE")
    expect(page.locator("#unit-error")).to_have_text("There is no unit NOWHERE in this operation.")
    page = shown(look, told, "journal?since=yesterday&kind=rumour")
    expect(page.locator("#kind-error")).to_contain_text("There is no kind rumour")
    page = shown(look, told, "audit?since=yesterday")
    expect(page.locator("#since-error")).to_contain_text("Not a time.")
    page = shown(look, told, "audit?cursor=eA")
    expect(page.locator("#cursor-error")).to_contain_text("Not a cursor of this list.")


def test_a_time_in_the_address_is_the_operations_own(look: Look, told: LiveOperation) -> None:
    page = shown(look, told, f"journal?since={quote('2190-01-01T06:00:00Z')}")
    expect(page.get_by_label("Since, America/Chicago")).to_have_value("2190-01-01T00:00")
    expect(page.get_by_text("Nothing fits these filters.")).to_be_visible()


def test_older_entries_follow_page_by_page_and_a_chain_leads_to_another_page(look: Look, operation: LiveOperation) -> None:
    first = operation.desk.post(operation.reports, report_body()).json["id"]
    for _ in range(50):
        assert operation.desk.post(operation.reports, report_body()).status == 201
    operation.settled(51)
    assert operation.desk.post(operation.reports, report_body(corrects=first, reason="late")).status == 201
    operation.settled(52)
    page = shown(look, operation, "journal")
    page.locator("#entry-52").get_by_role("link", name="entry 1").click()
    expect(page.locator("#entry-1")).to_contain_text("Corrected by entry 52")
    page.goto(f"{operation.hub.url}/operations/{operation.code}/journal?unit=KY")
    page.get_by_role("link", name="Older").click()
    expect(page.locator("#entry-2")).to_be_visible()
    assert entries(page) == ["2", "1"]
    assert "unit=KY" in page.url
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    page.get_by_role("link", name="Newest").click()
    expect(page.locator("#entry-52")).to_be_visible()


def test_the_audit_tells_who_did_what_and_whence(look: Look, operation: LiveOperation) -> None:
    assert operation.desk.patch(f"/operations/{operation.code}", {"name": "<i>Another</i>"}).status == 200
    page = shown(look, operation, "audit")
    newest = page.locator(".record tbody tr").first
    expect(newest).to_contain_text("operation changed")
    expect(newest).to_contain_text("members name")
    expect(newest).to_contain_text("127.0.0.1")
    page.get_by_label("Act").select_option("phase live")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".record tbody tr")).to_have_count(1)
    assert "act=phase+live" in page.url


def test_one_gets_from_the_board_to_each_of_them_and_back(look: Look, told: LiveOperation) -> None:
    screen = look(told.desk.token)
    page = screen.board(told)
    for word in ("Plan", "People", "Journal", "Audit", "Board"):
        page.get_by_role("link", name=word, exact=True).click()
        expect(page.get_by_role("link", name=word, exact=True)).to_have_attribute("aria-current", "page")
    page.goto(f"{told.hub.url}/")
    page.get_by_role("link", name="Journal").first.click()
    expect(page.locator(".record")).to_be_visible()


def test_whoever_only_watches_is_shown_no_way_that_is_closed(look: Look, told: LiveOperation) -> None:
    screen = look(told.caller("observer").token)
    ways = screen.board(told).locator(".ways").get_by_role("link")
    assert ways.all_inner_texts() == ["Board", "Releases", "Files"]
    screen.page.goto(f"{told.hub.url}/")
    expect(screen.page.locator(".entry")).to_have_count(1)
    for closed in ("Post figures", "Plan", "People", "Journal", "Audit"):
        expect(screen.page.get_by_role("link", name=closed)).to_have_count(0)
    expect(screen.page.get_by_role("link", name="New operation")).to_have_count(0)


def test_on_paper_it_is_a_table_without_what_can_only_be_pressed(look: Look, told: LiveOperation) -> None:
    page = shown(look, told, "journal?unit=KY", 390, 844)
    assert page.locator("#entry-1").evaluate("row => getComputedStyle(row).display") == "block"
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator(".ways")).to_be_hidden()
    expect(page.locator("caption")).to_contain_text("of KY with all below it")
    assert page.locator("#entry-1").evaluate("row => getComputedStyle(row).display") == "table-row"


def test_axe_finds_nothing(look: Look, hub: RealHub, told: LiveOperation) -> None:
    for path in ("journal", "audit", "journal?unit=NOWHERE"):
        page = shown(look, told, path, bypass_csp=True)
        for size in at_every_size(page):
            assert found(page) == [], (path, size)
            assert not too_wide(page), (path, size)
    landing = look(hub.admin.token, bypass_csp=True).page
    for path, drawn in (("/", ".entry"), ("/audit", ".record")):
        landing.goto(hub.url + path)
        landing.locator(drawn).first.wait_for()
        for size in at_every_size(landing):
            assert found(landing) == [], (path, size)
            assert not too_wide(landing), (path, size)


def test_an_admin_reads_what_was_done_on_the_whole_hub(look: Look, hub: RealHub, told: LiveOperation) -> None:
    page = look(hub.admin.token, 360, 740).page
    page.goto(f"{hub.url}/")
    page.get_by_role("link", name="Audit", exact=True).first.click()
    expect(page.get_by_role("heading", name="Who did what on this hub")).to_be_visible()
    page.get_by_label("Act").select_option("operation created")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("caption")).to_contain_text("times in UTC")
    assert not too_wide(page)
    page.get_by_role("link", name=told.code, exact=True).click()
    expect(page).to_have_url(f"{hub.url}/operations/{told.code}/audit")


def test_every_page_of_someone_signed_in_leads_to_their_sign_in(look: Look, hub: RealHub, told: LiveOperation) -> None:
    page = look(hub.admin.token, 360, 740).page
    for path in ("/", "/audit", "/sessions", "/operations/new", *(f"/operations/{told.code}/{name}" for name in PLACES)):
        page.goto(hub.url + path)
        expect(page.get_by_role("link", name="Your sign-in"), path).to_have_attribute("href", "/sessions")
        page.wait_for_function("() => performance.getEntriesByType('resource').some(one => one.name.endsWith('/js/presence.js'))")
        assert not too_wide(page), path
