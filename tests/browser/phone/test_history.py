"""The unit's own reports on the phone: what the hub has, live, and mended by correction and withdrawal, with or without a signal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.phone.phones import Phone
from tests.conftest import report_body
from tests.hubs import eventually


@pytest.fixture
def posted(phone: Phone) -> Phone:
    """A phone that has posted five arrests, with the row open."""
    phone.post(5)
    expect(phone.page.locator("li[data-listed]")).to_have_count(1)
    phone.page.locator("#reports summary").first.click()
    return phone


def correct(phone: Phone, figure: str, reason: str) -> None:
    """Puts another figure in place of the first."""
    phone.page.locator("#reports").get_by_role("button", name="Correct").click()
    expect(phone.field("Arrests made")).to_have_value("5")
    phone.type(figure)
    phone.page.get_by_label("Why?").fill(reason)
    phone.page.get_by_role("button", name="Send correction").click()


def withdraw(phone: Phone, reason: str) -> None:
    """Withdraws the first."""
    phone.page.locator("#reports").get_by_role("button", name="Withdraw").click()
    phone.page.get_by_role("dialog").get_by_label("Why?").fill(reason)
    phone.page.get_by_role("dialog").get_by_role("button", name="Withdraw it").click()


@pytest.mark.parametrize("offline", [False, True])
def test_a_correction_shows_what_it_changed(posted: Phone, offline: bool) -> None:
    posted.offline(offline)
    correct(posted, "3", "counted twice")
    expect(posted.page.locator(".read-back")).to_contain_text("Arrests made: 5 becomes 3. Because: counted twice.")
    posted.agree("Yes, send")
    if offline:
        expect(posted.rows("saved here")).to_contain_text("5")
        expect(posted.page.locator("#reports")).to_contain_text("A correction of it waits on this phone.")
        posted.offline(False)
    row = posted.rows("corrected")
    expect(row).to_have_count(1)
    expect(row.locator("del")).to_have_text("was 5")
    expect(row.locator("ins")).to_have_text("is 3")
    expect(row).to_contain_text("Corrected: counted twice")
    first, second = posted.reports()
    assert (first["status"], second["corrects"], second["observed_at"]) == ("corrected", first["id"], first["observed_at"])
    expect(posted.page.locator(".hub td").first).to_have_text("3")


def test_a_correction_needs_a_reason_and_says_so_beside_it(posted: Phone) -> None:
    correct(posted, "3", " ")
    expect(posted.page.locator("#reason-wrong")).to_have_text("Say why it is corrected.")
    expect(posted.page.get_by_label("Why?")).to_be_focused()
    expect(posted.field("Arrests made")).to_have_value("3")


def test_what_was_being_typed_comes_back_after_a_correction(posted: Phone) -> None:
    posted.type("8")
    correct(posted, "3", "counted twice")
    posted.agree("Yes, send")
    expect(posted.field("Arrests made")).to_have_value("8")


@pytest.mark.parametrize("offline", [False, True])
def test_a_withdrawn_report_counts_no_more_and_stays_in_sight(posted: Phone, offline: bool) -> None:
    posted.offline(offline)
    withdraw(posted, "was another unit's")
    if offline:
        expect(posted.rows("saved here")).to_contain_text("withdrawal of 5 arrests made")
        posted.offline(False)
    expect(posted.rows("withdrawn")).to_contain_text("Withdrawn: was another unit's")
    assert [report["status"] for report in posted.reports()] == ["withdrawn"]
    expect(posted.page.locator(".hub td").first).to_have_text("–no figure")
    expect(posted.rows("saved here")).to_have_count(0)


def test_a_withdrawal_needs_a_reason_without_a_person_in_it(posted: Phone) -> None:
    withdraw(posted, "")
    expect(posted.page.locator("#why-wrong")).to_have_text("Say why it is withdrawn.")
    posted.page.get_by_role("dialog").get_by_label("Why?").fill("DOB 3/4/1990")
    expect(posted.page.locator("#why-wrong")).to_contain_text("This looks like a date of birth")
    posted.page.get_by_role("dialog").get_by_role("button", name="Withdraw it").click()
    posted.agree("Keep it")
    assert posted.queue() == []
    assert [report["status"] for report in posted.reports()] == ["current"]


def test_a_report_that_another_has_corrected_meanwhile_is_refused_and_can_be_dropped(posted: Phone) -> None:
    (first,) = posted.reports()
    posted.offline()
    correct(posted, "3", "counted twice")
    posted.agree("Yes, send")
    body = report_body(corrects=first["id"], reason="by the desk", lines=[{"measure": "arrests", "quantity": 4}])
    assert posted.operation.desk.post(posted.operation.reports, body).status == 201
    posted.offline(False)
    expect(posted.page.locator(".refusal")).to_contain_text("The report has been corrected or withdrawn already.")
    posted.page.get_by_role("button", name="Drop").click()
    posted.agree("Drop it")
    expect(posted.rows("refused")).to_have_count(0)
    expect(posted.rows("corrected")).to_contain_text("by the desk")


def test_figures_and_reports_of_others_come_live(phone: Phone) -> None:
    expect(phone.page.locator("#reports")).to_contain_text("None yet.")
    desk, reports = phone.operation.desk, phone.operation.reports
    assert desk.post(reports, report_body(lines=[{"measure": "arrests", "quantity": 7}])).status == 201
    assert desk.post(reports, report_body(unit="TN", lines=[{"measure": "arrests", "quantity": 2}])).status == 201
    cells = phone.page.locator(".hub tbody tr").first.locator("td")
    expect(cells).to_have_text(["7", "9"])
    expect(phone.rows("received")).to_have_count(1)
    expect(phone.page.locator(".counter-name").first).to_contain_text("7 so far")


def test_a_units_own_figure_is_told_from_that_of_the_units_below_it(phone: Phone) -> None:
    desk, reports = phone.operation.desk, phone.operation.reports
    for unit, quantity in (("KY", 4), ("KY-KSP", 10)):
        assert desk.post(reports, report_body(unit=unit, lines=[{"measure": "arrests", "quantity": quantity}])).status == 201
    expect(phone.page.locator(".hub td").first).to_have_text("14")
    expect(phone.page.locator(".counter-name").first).to_contain_text("4 so far")
    expect(phone.page.locator(".counter-name").first).to_contain_text("14 with the units below")
    expect(phone.page.locator("#reports")).to_contain_text("Kentucky State Police: 10 arrests made")
    phone.type("3")
    expect(phone.page.locator(".sum")).to_contain_text("14 becomes 17")
    phone.page.get_by_label("Standing figure").check(force=True)
    phone.type("17")
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.locator(".doubt")).to_contain_text("have 10 arrests made of their own; with this it comes to 27.")


def test_an_increment_that_a_later_standing_figure_covers_says_that_nothing_moves(phone: Phone, create_phone: Callable[..., Phone]) -> None:
    desk, reports = phone.operation.desk, phone.operation.reports
    standing = report_body(basis="to_date", observed_at="2021-08-27T03:00:00Z", lines=[{"measure": "arrests", "quantity": 43}])
    assert desk.post(reports, standing).status == 201
    expect(phone.rows("received")).to_have_count(1)
    phone.type("3")
    expect(phone.page.locator(".sum")).to_contain_text("43 becomes 46")
    phone.page.get_by_role("button", name="Seen now").click()
    phone.page.get_by_label("Earlier").check()
    phone.page.get_by_label("Day").fill("2021-08-26")
    phone.page.get_by_label("Time").fill("21:30")
    expect(phone.page.locator(".sum")).to_contain_text("it stays 43, since a later standing figure covers that time")
    phone.send()
    eventually(lambda: len(phone.reports()) == 2)
    assert phone.operation.settled(2)["national"]["arrests"]["total"] == 43
