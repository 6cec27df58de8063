"""An evening from invitation to finals by three people in three browsers, with no other channel; then the log tells it in order.

Nobody here speaks to the hub but by its pages. Only time is moved, in the database, since an hour is too long to wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine

from coordinator.db import driver_url
from tests.browser.conftest import MOMENTS
from tests.browser.looking import found, too_wide
from tests.browser.phone.phones import Phone
from tests.browser.test_ways_in import join, sign_in
from tests.hubs import OWNER, LiveOperation, RealHub
from tests.messages.conftest import age
from tests.people import Account, new_account

REMINDED = 40_000
"""Milliseconds within which a beat has found who is overdue, and the page has asked."""

TOLD = [
    ("interval", r"KY is to report every 600 minutes\."),
    ("check-in", r"KY checked in\."),
    ("check-in", r"TN checked in\."),
    ("bulletin", r"Bulletin 1 \(alert, flash\) to all: Hold until you are told\."),
    ("acknowledgement", r"KY on bulletin 1: understood\."),
    ("acknowledgement", r"TN on bulletin 1: understood\."),
    ("phase", r"The operation went from briefing to live\."),
    ("acknowledgement", r"KY on bulletin 2: understood\."),
    ("acknowledgement", r"TN on bulletin 2: understood\."),
    ("report", r"Reported: Arrests made \+5\."),
    ("report", r"Reported: Arrests made \+4\."),
    ("correction", r"Corrected a report: Arrests made \+3\. Why: counted twice"),
    ("reminder", r"TN is overdue: the desk is to call\."),
    ("call", r"Called TN: reached\. they report at once"),
    ("report", r"Reported: nothing new\."),
    ("situation", r"Situation report 1 \(initial\) as of entry 4, told by bulletin 3\."),
    ("phase", r"The operation went from live to standing down\."),
    ("acknowledgement", r"KY on bulletin 4: understood\."),
    ("acknowledgement", r"TN on bulletin 4: understood\."),
    ("situation", r"Situation report 2 \(final\) as of entry 4, told by bulletin 5\."),
    ("phase", r"The operation went from standing down to reconciling\."),
    ("final", r"KY stated its finals, at entry 4\."),
    ("final", r"TN stated its finals, at entry 4\."),
]
"""What the log has of the evening, by kind, the first first."""


@dataclass
class Evening:
    """The desk at its screen and two liaisons with their phones, in one operation."""

    operation: LiveOperation
    desk: Page
    kentucky: Phone
    tennessee: Phone
    pictures: Path

    @property
    def phones(self) -> tuple[Phone, Phone]:
        """Both phones."""
        return self.kentucky, self.tennessee

    def go(self, place: str, page: Page | None = None) -> Page:
        """Opens a page of the operation, at the desk unless another is named."""
        page = page or self.desk
        page.goto(f"{self.operation.hub.url}/operations/{self.operation.code}/{place}")
        return page

    def understood(self, text: str) -> None:
        """Both liaisons are shown an order on their phones, and answer it in one tap."""
        for phone in self.phones:
            order = phone.page.locator(".order")
            expect(order).to_contain_text(text)
            order.get_by_role("button", name="Understood").click()
            expect(order).to_have_count(0)

    def phase(self, button: str) -> None:
        """The desk goes on to the next phase."""
        page = self.go("plan")
        page.get_by_role("button", name=f"{button}…").click()
        page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_text("The operation is now")).to_be_visible()

    def picture(self, name: str, page: Page | None = None) -> None:
        """What is on a screen, for whoever wants to look at it afterwards."""
        (page or self.desk).screenshot(path=self.pictures / f"{name}.png", full_page=True)


@pytest.fixture
def evening(browser: Browser, hub: RealHub, tmp_path: Path) -> Iterator[Evening]:
    """An operation that is briefed; the desk has signed in by an account, and nobody else is there yet."""
    operation = hub.create_operation("briefing")
    with hub.connected():
        account = new_account("desk", operation.code, name=f"Night desk of {operation.code}")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(MOMENTS)
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    phones = [Phone(browser, hub, operation, name, viewport={"width": 360, "height": 740}) for name in ("Kentucky", "Tennessee")]
    evening = Evening(operation, page, *phones, tmp_path)
    _enter(evening, account)
    yield evening
    context.close()
    for phone in phones:
        phone.close()
    assert not problems


def _enter(evening: Evening, account: Account) -> None:
    """The desk signs in, and invites one liaison after the other, who joins on the phone."""
    sign_in(evening.go("people"), account)
    for phone, unit in zip(evening.phones, ("KY", "TN"), strict=True):
        evening.desk.get_by_label("Who it is for").fill(f"{phone.name} duty desk")
        evening.desk.get_by_label("Unit it posts for").select_option(unit)
        evening.desk.get_by_role("button", name="Make an invitation").click()
        made = evening.desk.locator("#made")
        expect(made).to_contain_text(f"Invitation for {phone.name} duty desk")
        phone.page.goto(made.locator("code").inner_text())
        join(phone.page)
        phone.open()


def test_three_people_run_an_operation_by_its_pages_and_the_log_tells_it_in_order(evening: Evening) -> None:
    the_desk_says_how_often_kentucky_reports(evening)
    they_check_in_and_hear_the_first_bulletin(evening)
    evening.phase("Go live")
    evening.understood("Start.")
    they_report_one_of_them_from_a_tunnel_and_one_is_mended(evening)
    tennessee_falls_silent_is_called_and_speaks(evening)
    the_desk_tells_where_all_stands(evening)
    evening.phase("Stand down")
    evening.understood("Stand down.")
    expect(evening.go("bulletins").locator("#stand-down")).to_contain_text("Every unit has understood it.")
    the_final_report_is_made(evening)
    evening.phase("Begin to reconcile")
    their_finals_are_in(evening)
    the_log_tells_it_in_order(evening)


def the_desk_says_how_often_kentucky_reports(evening: Evening) -> None:
    unit = evening.go("bulletins").locator("#presence li[data-unit='KY']")
    unit.get_by_text("Reports every 60 min; whom to call").click()
    unit.get_by_label("Minutes between reports").fill("600")
    unit.get_by_role("button", name="Keep the interval").click()
    expect(unit.get_by_text("Reports every 600 min")).to_be_visible()
    unit.get_by_label("Name for tonight").fill("Duty desk")
    unit.get_by_label("Telephone", exact=True).fill("502 555 0142")
    unit.get_by_label("Who stands in").fill("Night desk")
    unit.get_by_role("button", name="Keep whom to call").click()
    expect(unit).to_contain_text("then Night desk")
    assert found(evening.desk) == []


def they_check_in_and_hear_the_first_bulletin(evening: Evening) -> None:
    presence = evening.desk.locator("#presence")
    for phone, unit in zip(evening.phones, ("KY", "TN"), strict=True):
        phone.page.get_by_role("button", name=f"Check in {unit}").click()
        expect(presence.locator(f"li[data-unit='{unit}'] .status")).to_have_text("checked in")
    form = evening.desk.locator("#write")
    form.get_by_label("Text", exact=True).fill("Hold until you are told.")
    form.get_by_label("flash").check()
    form.get_by_role("button", name="Send").click()
    evening.understood("Hold until you are told.")
    expect(evening.desk.locator("#bulletin-1")).to_contain_text("2 of 2")


def they_report_one_of_them_from_a_tunnel_and_one_is_mended(evening: Evening) -> None:
    kentucky, tennessee = evening.phones
    tennessee.offline()
    tennessee.post(4)
    expect(tennessee.rows("saved here")).to_have_count(1)
    kentucky.post(5)
    expect(kentucky.rows("received")).to_have_count(1)
    evening.operation.settled(1)
    tennessee.offline(False)
    expect(tennessee.rows("received")).to_have_count(1)
    evening.operation.settled(2)
    kentucky.page.locator("#reports summary").first.click()
    kentucky.page.locator("#reports").get_by_role("button", name="Correct").click()
    kentucky.type("3")
    kentucky.page.get_by_label("Why?").fill("counted twice")
    kentucky.page.get_by_role("button", name="Send correction").click()
    kentucky.agree("Yes, send")
    expect(kentucky.rows("corrected")).to_have_count(1)
    evening.operation.settled(3)


def tennessee_falls_silent_is_called_and_speaks(evening: Evening) -> None:
    unit = evening.go("bulletins").locator("#presence li[data-unit='TN']")
    expect(unit.locator(".status")).to_have_text("current")
    later(evening, 100)
    expect(unit).to_contain_text("call now", timeout=REMINDED)
    eventually_reminded(evening)
    expect(evening.tennessee.page.get_by_role("alert")).to_contain_text("Report now.")
    evening.picture("overdue")
    unit.get_by_text("Call, or check in").click()
    unit.get_by_label("What came of the call").select_option("reached")
    unit.get_by_label("Note").fill("they report at once")
    unit.get_by_role("button", name="Log the call").click()
    expect(unit).to_contain_text("they report at once")
    evening.tennessee.page.get_by_role("button", name="Nothing new").click()
    evening.operation.settled(4)
    expect(unit.locator(".status")).to_have_text("current")


def later(evening: Evening, minutes: float) -> None:
    """So many minutes later."""
    hub = evening.operation.hub
    engine = create_engine(driver_url(hub.postgres.url(user=OWNER)))
    [(id,)] = hub.query("SELECT id FROM operations WHERE code = %s", evening.operation.code)
    with engine.connect() as owner:
        age(owner, id, minutes)
    engine.dispose()


def eventually_reminded(evening: Evening) -> None:
    """The log shows the reminder by itself, since it follows the night."""
    page = evening.desk.context.new_page()
    evening.go("log?kind=reminder", page)
    expect(page.locator(".listed")).to_contain_text("TN is overdue: the desk is to call.", timeout=REMINDED)
    page.close()


def the_desk_tells_where_all_stands(evening: Evening) -> None:
    page = evening.go("situation")
    expect(page.get_by_text("No situation report has been made yet.")).to_be_visible()
    page.get_by_label("Remarks").fill("Tennessee was called, and is there.")
    page.get_by_role("button", name="Make the report").click()
    report = page.locator("#report")
    expect(report).to_contain_text("Situation report 1, initial")
    expect(report.locator("#reductions")).to_contain_text("Arrests made: 5 to 3 (-2)")
    expect(report.locator("#reductions")).to_contain_text("correction, entry 3: counted twice")
    expect(report).to_contain_text("Tennessee was called, and is there.")
    evening.picture("situation")
    phone = evening.go("situation", evening.kentucky.page)
    expect(phone.locator("#report .figures")).to_contain_text("Arrests made")
    for shown in (page, phone):
        assert found(shown) == []
        assert not too_wide(shown)
    evening.picture("situation-phone", phone)
    with phone.expect_download() as paper:
        phone.get_by_role("link", name="Paper (PDF)").click()
    paper.value.save_as(evening.pictures / "situation.pdf")
    evening.kentucky.open()


def the_final_report_is_made(evening: Evening) -> None:
    page = evening.go("situation")
    page.get_by_label("Kind").select_option("final")
    page.get_by_role("button", name="Make the report").click()
    expect(page.locator("#report")).to_contain_text("Situation report 2, final")
    expect(page.locator("#units [data-unit='KY'] .status")).to_have_text("stood down")
    expect(page.locator("#report")).to_contain_text("It waits for someone else of the desk to approve it")
    expect(page.get_by_role("button", name="Approve report 2")).to_have_count(0)


def their_finals_are_in(evening: Evening) -> None:
    for phone in evening.phones:
        page = evening.go("reconciliation", phone.page)
        page.get_by_text("State the finals of a unit").click()
        page.get_by_role("button", name="State these finals").click()
        expect(page.locator("#said")).to_contain_text("are stated")
    presence = evening.go("bulletins").locator("#presence")
    for unit in ("KY", "TN"):
        expect(presence.locator(f"li[data-unit='{unit}'] .status")).to_have_text("final in")


def the_log_tells_it_in_order(evening: Evening) -> None:
    page = evening.go("log")
    expect(page.locator("#line")).to_have_text("Follows the night as it goes.")
    rows = list(reversed(page.locator(".record tbody .said").all_inner_texts()))
    kinds = [kind.lower() for kind in reversed(page.locator(".record tbody .kind").all_inner_texts())]
    said = [(kind, what) for kind, what in zip(kinds, rows, strict=True) if kind in {kind for kind, _ in TOLD} and "planned" not in what]
    assert [kind for kind, _ in said] == [kind for kind, _ in TOLD], said
    assert not [(what, told) for (_, what), (_, told) in zip(said, TOLD, strict=True) if not re.fullmatch(told, what)]
    assert found(page) == []
    assert not too_wide(page)
    evening.picture("log")
    page.get_by_label("Unit, with all below it").select_option("TN")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".record tbody tr").first).to_contain_text("TN")
    expect(page.locator(".record")).not_to_contain_text("KY on bulletin")
    with page.expect_download() as file:
        page.get_by_role("link", name="As a file (CSV)").click()
    text = Path(file.value.path()).read_text()
    assert "TN on bulletin 4: understood." in text
    assert "KY on bulletin" not in text
    page.set_viewport_size({"width": 360, "height": 740})
    assert not too_wide(page)
    evening.picture("log-phone")
