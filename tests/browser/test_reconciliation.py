"""The page of reconciliation in a real browser: what is open is settled there, and shown as it is then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.conftest import report_body
from tests.hubs import LiveOperation, RealHub
from tests.totals.evening import arrests, money, victims

Look = Callable[..., Screen]


@pytest.fixture
def night(hub: RealHub) -> LiveOperation:
    """An operation that is reconciling, with something open of every kind."""
    operation = hub.create_operation("reconciling")
    bodies = [
        report_body(lines=[arrests(8, "TN"), victims(45), money("12500.00")]),
        report_body(unit="KY-KSP", lines=[arrests(2), money(None)]),
        report_body(unit="TN", lines=[arrests(5)]),
        report_body(unit="UNATTRIBUTED", lines=[victims(1, "minor")]),
    ]
    for body in bodies:
        assert operation.desk.post(operation.reports, body).status == 201
    operation.settled(len(bodies))
    control = {"measure": "victims_rescued", "quantity": 47, "source": "press release of 2021-09-10"}
    finals = {"unit": "TN", "figures": [{"measure": "arrests", "quantity": 6}]}
    for path, content in (("controls", control), ("finals", finals)):
        assert operation.desk.post(f"/operations/{operation.code}/{path}", content).status == 201
    return operation


def reconciliation(look: Look, operation: LiveOperation, token: str = "", width: int = 1440, height: int = 900, **options: object) -> Page:
    """The page, drawn, as its desk sees it or whoever has the token."""
    page = look(token or operation.desk.token, width, height, **options).page
    page.goto(f"{operation.hub.url}/operations/{operation.code}/reconciliation")
    page.wait_for_selector("#clock small")
    return page


def test_what_two_units_counted_is_taken_out_and_settled(look: Look, night: LiveOperation) -> None:
    page = reconciliation(look, night)
    joint = page.get_by_role("article", name="Counted by two units: KY and TN, Arrests made", exact=True)
    expect(joint).to_contain_text("KY counts 8 in which TN assisted, and TN has 5 of its own of the same time.")
    joint.get_by_text("Take out what both count").click()
    joint.get_by_label("Together they come to").select_option("number")
    joint.get_by_label("The number, where it is one").fill("20")
    joint.get_by_role("textbox", name="Reason").fill("one raid on the county line")
    joint.get_by_role("button", name="Adjust").click()
    expect(joint.locator("[data-error='/number']")).to_contain_text("They come to 10 at least")
    joint.get_by_label("The number, where it is one").fill("12")
    joint.get_by_role("button", name="Adjust").click()
    expect(page.locator("#said")).to_have_text("The adjustment stands.")
    expect(joint).to_be_hidden()
    adjustments = page.locator("#adjustments")
    expect(adjustments).to_contain_text("KY 10, TN 5 come to 12 (number): 3 taken out of the nation. one raid on the county line")
    assert night.totals()["national"]["arrests"]["total"] == 12
    adjustments.get_by_text("Withdraw", exact=True).click()
    adjustments.get_by_label("Reason").first.fill("two raids after all")
    adjustments.get_by_role("button", name="Withdraw it").click()
    expect(page.locator("#said")).to_have_text("The adjustment is withdrawn.")
    expect(adjustments).to_contain_text("two raids after all")
    assert night.totals()["national"]["arrests"]["total"] == 15


def test_a_check_shows_its_working_and_is_explained(look: Look, night: LiveOperation) -> None:
    page = reconciliation(look, night)
    rule = page.get_by_role("article", name="Rule: KY, fewer-victims", exact=True)
    rule.get_by_text("How this was checked").click()
    expect(rule).to_contain_text("victims_rescued <= arrests")
    rule.get_by_text("Explain", exact=True).first.click()
    rule.get_by_label("Why it may stay as it is").fill("ask 502-555-0142")
    rule.get_by_role("button", name="Explain").click()
    expect(rule.locator("[data-error='/text']")).to_contain_text("a telephone number")
    rule.get_by_label("Why it may stay as it is").fill("few arrests freed many")
    rule.get_by_role("button", name="Explain").click()
    expect(page.locator("#said")).to_have_text("Explained.")
    expect(rule).to_be_hidden()
    expect(page.locator("#settled")).to_contain_text("Settled: 1")
    night.desk.post(night.reports, report_body(lines=[victims(1)]))
    night.settled(5)
    page.reload()
    expect(rule).to_contain_text("Explained before, of other figures: “few arrests freed many”")


def test_a_liaison_states_its_finals_and_takes_them_and_sees_no_other_unit(look: Look, night: LiveOperation) -> None:
    liaison = night.caller("liaison", "KY")
    page = reconciliation(look, night, liaison.token, 390, 844, has_touch=True)
    expect(page.locator("#units")).not_to_contain_text("Tennessee")
    expect(page.locator("#controls")).to_have_count(0)
    page.get_by_text("State the finals of a unit").click()
    state = page.locator("#state")
    expect(state.get_by_label("Arrests made")).to_have_value("10")
    state.get_by_label("Arrests made").fill("11")
    state.get_by_label("Currency seized").fill("a large amount")
    state.get_by_role("button", name="State these finals").click()
    expect(page.locator("#said")).to_have_text("The finals of KY are stated.")
    open_one = page.get_by_role("article", name="Final and reported: KY, Arrests made", exact=True)
    expect(open_one).to_contain_text("KY states 11, 1 more than was reported.")
    open_one.get_by_role("button", name="Take the final as the figure").click()
    expect(page.locator("#said")).to_have_text("The final is the figure now.")
    expect(open_one).to_be_hidden()
    assert next(unit for unit in night.totals()["units"] if unit["code"] == "KY")["measures"]["arrests"]["total"] == 11


def test_a_control_total_is_entered_and_its_remainder_given_to_no_unit(look: Look, night: LiveOperation) -> None:
    page = reconciliation(look, night)
    controls = page.locator("#controls")
    expect(controls).to_contain_text("The nation has 46. Remainder 1.")
    controls.get_by_text("Attribute the remainder").click()
    controls.get_by_role("button", name="Report 1 for it").click()
    expect(page.locator("#said")).to_have_text("The remainder is reported for UNATTRIBUTED.")
    expect(controls).to_contain_text("The nation has 47. Nothing remains.")
    controls.get_by_text("Enter a control total").click()
    controls.get_by_label("Measure").select_option(label="Currency seized")
    controls.get_by_label("National figure").fill("12500.50")
    controls.get_by_label("Where it stands").fill("the bank")
    controls.get_by_role("button", name="Enter it").click()
    expect(controls).to_contain_text("Currency seized: $12,500.50 by the bank")
    expect(controls).to_contain_text("Remainder $0.50.")


def test_a_link_to_a_check_opens_what_it_lies_in(look: Look, night: LiveOperation) -> None:
    page = reconciliation(look, night)
    for details in page.locator("#open > details").all():
        details.evaluate("one => { one.open = false; }")
    page.locator("#units summary", has_text="Tennessee").click()
    page.locator("#units a", has_text="Open").first.click()
    expect(page.get_by_role("article", name="Final and reported: TN, Arrests made", exact=True)).to_be_visible()


def test_everyone_can_use_it(look: Look, night: LiveOperation) -> None:
    page = reconciliation(look, night, bypass_csp=True)
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true; }")
    for shown in at_every_size(page):
        assert found(page) == [], shown
        assert not too_wide(page), shown
