"""The plan's pages in a real browser: what is changed is stored, what is refused stays typed, and no one overwrites another unseen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.browser.looking import at_every_size, found, too_wide
from tests.hubs import LiveOperation, RealHub

Look = Callable[..., Screen]


@pytest.fixture
def briefed(hub: RealHub) -> LiveOperation:
    """An operation about to go live."""
    return hub.create_operation("briefing")


def plan(look: Look, operation: LiveOperation, width: int = 1440, height: int = 900, **options: object) -> Page:
    """The plan of an operation, drawn, as its desk sees it."""
    page = look(operation.desk.token, width, height, **options).page
    page.goto(f"{operation.hub.url}/operations/{operation.code}/plan")
    page.wait_for_selector("#units .tree li")
    return page


def now(operation: LiveOperation) -> dict[str, object]:
    """The operation as the hub has it."""
    document: dict[str, object] = operation.desk.get(f"/operations/{operation.code}").json
    return document


def test_a_phase_is_taken_once_it_has_been_said_what_it_means(look: Look, briefed: LiveOperation) -> None:
    page = plan(look, briefed)
    page.get_by_role("button", name="Go live…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Liaisons of 2 states can post.")
    expect(dialog).to_contain_text("This can't be undone: the phase only goes forward.")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()
    assert now(briefed)["phase"] == "briefing"
    page.get_by_role("button", name="Go live…").click()
    dialog.get_by_role("button", name="Go live", exact=True).click()
    expect(page.get_by_text("The operation is now live.")).to_be_visible()
    expect(page.locator("#phase")).to_have_text("live")
    expect(page.get_by_role("button", name="Stand down…")).to_be_visible()
    assert now(briefed)["phase"] == "live"


def test_a_phase_that_another_has_taken_is_refused_and_shown(look: Look, briefed: LiveOperation) -> None:
    page = plan(look, briefed)
    page.get_by_role("button", name="Go live…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    briefed.step("live")
    dialog.get_by_role("button", name="Go live", exact=True).click()
    expect(dialog).to_contain_text("The operation is live; from there it can go to standing_down, not to live.")
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("#changed")).to_contain_text("Someone changed this operation while the page was open: the phase.")
    expect(page.get_by_role("button", name="Stand down…")).to_be_visible()


def test_the_last_phase_leads_nowhere(look: Look, hub: RealHub) -> None:
    page = plan(look, hub.create_operation("archived"))
    expect(page.get_by_text("This is the last phase.")).to_be_visible()
    expect(page.locator("#next")).to_have_count(0)


def test_the_window_is_changed_in_its_own_zone_and_said_in_words(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation, timezone_id="Asia/Tokyo")
    expect(page.get_by_label("Starts")).to_have_value("2021-08-26T18:00")
    expect(page.locator("#head-starts_at-hint")).to_have_text("Thu, Aug 26, 2021, 6:00 pm CDT")
    page.get_by_label("Starts").fill("2021-08-26T17:30")
    page.locator("#head").get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_have_text("Saved.")
    document = now(operation)
    assert (document["starts_at"], document["ends_at"]) == ("2021-08-26T22:30:00Z", "2021-08-27T11:00:00Z")


def test_what_is_refused_stands_beside_its_field_and_what_was_typed_stays(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation)
    before = now(operation)
    head = page.locator("#head")
    head.get_by_label("Ends").fill("2021-08-26T12:00")
    head.get_by_label("Name").fill("Renamed")
    head.get_by_role("button", name="Save").click()
    expect(page.locator("#head-ends_at-error")).to_have_text("The window must end after it starts.")
    expect(head.get_by_label("Ends")).to_have_value("2021-08-26T12:00")
    head.get_by_label("Ends").fill("2021-08-27T06:00")
    head.get_by_label("Time zone").fill("Mars/Olympus")
    head.get_by_role("button", name="Save").click()
    expect(page.locator("#head-time_zone-error")).to_contain_text("Not a time zone of the IANA list")
    expect(head.get_by_label("Name")).to_have_value("Renamed")
    assert now(operation) == before


def test_units_measures_rules_and_derived_measures_are_added_changed_and_removed(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation)
    units = page.locator("#units")
    units.get_by_text("Add a unit").click()
    units.get_by_label("Code").fill("ky lmpd")
    units.get_by_label("Name").fill("Louisville Metro Police")
    units.get_by_label("Kind").select_option("agency")
    expect(units.get_by_label("Expected to report")).to_be_hidden()
    units.get_by_label("Below").select_option("KY")
    units.get_by_role("button", name="Save").click()
    expect(page.locator("#units-code-error")).not_to_be_empty()
    expect(units.get_by_label("Name")).to_have_value("Louisville Metro Police")
    units.get_by_label("Code").fill("KY-LMPD")
    units.get_by_role("button", name="Save").click()
    expect(units.locator(".tree .tree")).to_contain_text(["KY-LMPD Louisville Metro Police"])
    units.get_by_role("button", name="Change: KY-LMPD").click()
    expect(units.get_by_label("Code")).to_be_disabled()
    units.get_by_label("Name").fill("Louisville")
    units.get_by_role("button", name="Save").click()
    expect(units.get_by_role("button", name="Remove: KY-LMPD Louisville", exact=True)).to_be_visible()
    added = next(unit for unit in now(operation)["units"] if unit["code"] == "KY-LMPD")  # type: ignore[attr-defined]
    assert (added["name"], added["parent"], added["expected"]) == ("Louisville", "KY", False)
    units.get_by_role("button", name="Remove: KY-LMPD Louisville", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("#said")).to_have_text("Removed: KY-LMPD Louisville.")

    measures = page.locator("#measures")
    measures.get_by_role("button", name="Change: Victims rescued").click()
    measures.get_by_label("Categories, one a line").fill("minor\nmissing child")
    measures.get_by_role("button", name="Save").click()
    expect(measures).to_contain_text("missing child")

    rules = page.locator("#rules")
    rules.get_by_text("Add a rule").click()
    for label, text in (("Code", "no-more"), ("Must hold", "victims <= arrests"), ("What the board says", "Too many")):
        rules.get_by_label(label).fill(text)
    rules.get_by_role("button", name="Save").click()
    expect(page.locator("#rules-expression-error")).to_contain_text("There is no measure victims.")
    rules.get_by_label("Must hold").fill("victims_rescued <= arrests")
    rules.get_by_role("button", name="Save").click()
    expect(rules.locator(".tree")).to_contain_text("no-more")

    derived = page.locator("#derived")
    derived.get_by_role("button", name="Change: Arrests less victims").click()
    derived.get_by_label("Label").fill("The difference")
    derived.get_by_role("button", name="Save").click()
    expect(derived.locator(".tree")).to_contain_text("The difference")

    headlines = page.locator("#headlines")
    headlines.get_by_text("Add a headline").click()
    headlines.get_by_label("Code").fill("victims")
    headlines.get_by_label("Sentence").fill("{arrests} arrests, of whom {victims_rescued} victims")
    headlines.get_by_role("button", name="Save").click()
    expect(page.locator("#headlines-text-error")).to_contain_text("victims_rescued is said to be part of arrests")
    headlines.get_by_label("Sentence").fill("{victims_rescued} victims, of whom {victims_rescued.minor} minors")
    headlines.get_by_role("button", name="Save").click()
    expect(headlines.locator(".tree")).to_contain_text("of whom {victims_rescued.minor} minors")

    document = now(operation)
    assert "KY-LMPD" not in {unit["code"] for unit in document["units"]}  # type: ignore[attr-defined]
    assert document["measures"][1]["categories"] == ["minor", "unspecified", "missing child"]  # type: ignore[index]
    assert [rule["code"] for rule in document["rules"]] == ["fewer-victims", "no-more"]  # type: ignore[attr-defined]
    assert document["derived"][0]["label"] == "The difference"  # type: ignore[index]


def test_a_part_that_was_conducted_apart_is_told_with_its_times_and_its_footnote(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation, timezone_id="Asia/Tokyo")
    units = page.locator("#units")
    units.get_by_role("button", name="Change: TN Tennessee", exact=True).click()
    expect(units.get_by_role("group", name="When it was conducted")).to_be_hidden()
    units.get_by_label("Conducted apart from the operation's window").check()
    units.get_by_label("From", exact=True).fill("2021-08-14T18:00")
    units.get_by_label("To", exact=True).fill("2021-08-14T06:00")
    units.get_by_label("Footnote").fill("Two weeks earlier")
    expect(page.locator("#units-starts_at-hint")).to_have_text("Sat, Aug 14, 2021, 6:00 pm CDT")
    units.get_by_role("button", name="Save").click()
    expect(page.locator("#units-ends_at-error")).to_have_text("Must not end before it starts.")
    units.get_by_label("To", exact=True).fill("2021-08-15T06:00")
    units.get_by_role("button", name="Save").click()
    expect(units.locator(".there")).to_contain_text("conducted apart, Sat, Aug 14, 2021, 6:00 pm CDT to Sun, Aug 15, 2021, 6:00 am CDT")
    expect(units.locator(".there")).to_contain_text("Two weeks earlier")
    apart = {"starts_at": "2021-08-14T23:00:00Z", "ends_at": "2021-08-15T11:00:00Z", "footnote": "Two weeks earlier"}
    assert separately(operation, "TN") == apart
    board = look(operation.desk.token).board(operation)
    expect(board.locator("#row-TN .status")).to_contain_text("separate")
    units.get_by_role("button", name="Change: TN Tennessee", exact=True).click()
    expect(units.get_by_label("From", exact=True)).to_have_value("2021-08-14T18:00")
    units.get_by_label("Name").fill("State of Tennessee")
    units.get_by_role("button", name="Save").click()
    expect(units.locator(".there")).to_contain_text("State of Tennessee")
    assert separately(operation, "TN") == apart
    units.get_by_role("button", name="Change: TN State of Tennessee", exact=True).click()
    units.get_by_label("Conducted apart from the operation's window").uncheck()
    units.get_by_role("button", name="Save").click()
    expect(units.locator(".there")).not_to_contain_text("conducted apart")
    assert separately(operation, "TN") is None


def separately(operation: LiveOperation, code: str) -> object:
    """When a unit's part was conducted apart, as the hub has it."""
    return next(unit for unit in now(operation)["units"] if unit["code"] == code)["conducted_separately"]  # type: ignore[attr-defined]


def test_what_has_reports_stays_and_a_code_that_is_there_is_not_written_over(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation)
    page.get_by_role("button", name="Remove: KY Kentucky", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("It stays: it has ")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    measures = page.locator("#measures")
    measures.get_by_text("Add a measure").click()
    for label, text in (("Code", "arrests"), ("Label", "Other arrests"), ("Unit of count", "persons")):
        measures.get_by_label(label, exact=True).fill(text)
    measures.get_by_role("button", name="Save").click()
    expect(page.locator("#measures-code-error")).to_have_text("There is arrests already. Change that one, or choose another code.")
    assert now(operation)["measures"][0]["label"] == "Arrests made"  # type: ignore[index]


def test_a_page_whose_operation_was_changed_meanwhile_says_so_and_overwrites_nothing_unseen(look: Look, operation: LiveOperation) -> None:
    page = plan(look, operation)
    head = page.locator("#head")
    head.get_by_label("Name").fill("Mine")
    assert operation.desk.patch(f"/operations/{operation.code}", {"name": "Theirs", "reporting_interval_minutes": 30}).status == 200
    head.get_by_role("button", name="Save").click()
    expect(page.locator("#changed")).to_contain_text(
        "Someone changed this operation while the page was open: the name, the minutes between reports."
    )
    expect(head.get_by_role("alert")).to_contain_text("Someone changed the operation meanwhile: nothing was stored.")
    expect(head.get_by_label("Name")).to_have_value("Mine")
    expect(head.get_by_label("Minutes between reports")).to_have_value("30")
    assert now(operation)["name"] == "Theirs"
    head.get_by_role("button", name="Save").click()
    expect(page.locator("#said")).to_have_text("Saved.")
    document = now(operation)
    assert (document["name"], document["reporting_interval_minutes"]) == ("Mine", 30)


def test_an_admin_makes_an_operation_from_a_template(look: Look, hub: RealHub, operation: LiveOperation) -> None:
    page = look(hub.admin.token).page
    page.goto(f"{hub.url}/")
    page.get_by_role("link", name="New operation").click()
    page.get_by_label("Begin with").select_option("united-front-2021")
    expect(page.get_by_label("Name")).to_have_value("Operation United Front")
    expect(page.get_by_label("Starts")).to_have_value("2021-08-26T18:00")
    expect(page.locator("#first")).to_be_hidden()
    page.get_by_label("Code", exact=True).first.fill(operation.code)
    page.get_by_label("This is an exercise").check()
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#new-code-error")).to_contain_text("already. Choose another code.")
    code = f"{operation.code}-again"
    page.get_by_label("Code", exact=True).first.fill(code)
    page.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(re.compile(f"/operations/{code}/plan$"))
    expect(page.get_by_role("region", name="Exercise")).to_be_visible()
    made = hub.admin.get(f"/operations/{code}").json
    assert (made["exercise"], made["phase"], made["starts_at"]) == (True, "planned", "2021-08-26T23:00:00Z")
    assert sum(unit["expected"] for unit in made["units"] if unit["kind"] == "jurisdiction") == 12


def test_an_operation_is_rehearsed_and_signed_at_zero_before_it_goes_live(look: Look, hub: RealHub) -> None:
    real = hub.create_operation("briefing")
    screen = look(real.desk.token)
    page = screen.page
    page.goto(f"{hub.url}/operations/{real.code}/plan")
    page.locator("#rehearse").click()
    page.locator("#confirm-do").click()
    expect(page.locator("#said")).to_have_text(f"Made: {real.code}-ex1.")
    expect(page.locator("#rehearsal")).to_contain_text("0 of 2 have practised")
    link = page.get_by_role("link", name="to the exercise").get_attribute("href")
    assert link is not None and "/join#tri_" in link
    page.get_by_role("button", name="Go live").click()
    page.locator("#confirm-do").click()
    expect(page.locator("#confirm-problem")).to_contain_text("sign on its plan that every counter of it is at zero")
    page.locator("#confirm-not").click()
    page.locator("#sign-zero").click()
    page.locator("#confirm-do").click()
    expect(page.locator("#zero-signed")).to_contain_text("Every counter is at zero: signed by")
    page.get_by_role("button", name="Go live").click()
    page.locator("#confirm-do").click()
    expect(page.locator("#phase")).to_have_text("live")
    page.goto(f"{hub.url}/")
    page.context.set_extra_http_headers({"Authorization": f"Bearer {hub.admin.token}"})
    page.goto(f"{hub.url}/operations/{real.code}-ex1/plan")
    expect(page.get_by_role("region", name="Exercise")).to_be_visible()
    expect(page.locator("#rehearsal-title")).to_have_text("Practice")
    expect(page.locator("#sign-zero")).to_have_count(0)


def test_an_admin_makes_an_operation_from_nothing(look: Look, hub: RealHub, operation: LiveOperation) -> None:
    page = look(hub.admin.token).page
    page.goto(f"{hub.url}/operations/new")
    code = f"{operation.code}-empty"
    page.get_by_label("Name").fill("An empty one")
    page.locator("#new-code").fill(code)
    page.get_by_label("Time zone").fill("America/Denver")
    page.get_by_label("Starts").fill("2026-12-01T18:00")
    page.get_by_label("Ends").fill("2026-12-02T06:00")
    page.get_by_label("Label").fill("Arrests made")
    page.locator("#first-measure").fill("Arrests!")
    page.get_by_label("Unit of count").fill("persons")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#first-measure-error")).not_to_be_empty()
    page.locator("#first-measure").fill("arrests")
    page.get_by_role("button", name="Make it").click()
    expect(page).to_have_url(re.compile(f"/operations/{code}/plan$"))
    made = hub.admin.get(f"/operations/{code}").json
    assert (made["starts_at"], [measure["code"] for measure in made["measures"]]) == ("2026-12-02T01:00:00Z", ["arrests"])


def test_axe_finds_nothing(look: Look, hub: RealHub, operation: LiveOperation) -> None:
    page = plan(look, operation, bypass_csp=True)
    page.get_by_text("Add a unit").click()
    page.get_by_label("Conducted apart from the operation's window").check()
    page.get_by_role("button", name="Change: Arrests made").click()
    for shown in at_every_size(page):
        assert found(page) == [], f"plan {shown}"
        assert not too_wide(page), shown
    page.locator("#next").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    for shown in at_every_size(page):
        assert found(page) == [], f"confirmation {shown}"
    other = look(hub.admin.token, bypass_csp=True).page
    other.goto(f"{hub.url}/operations/new")
    other.get_by_role("button", name="Make it").wait_for()
    for shown in at_every_size(other):
        assert found(other) == [], f"new {shown}"
        assert not too_wide(other), shown
