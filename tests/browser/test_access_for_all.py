"""For everyone: WCAG 2.2 AA by axe at every size and in both colour schemes, and all of it by the keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Screen
from tests.browser.looking import STILL, at_every_size, found, too_wide
from tests.conftest import operation_document, report_body
from tests.hubs import LiveOperation, RealHub

Look = Callable[..., Screen]


@pytest.fixture(scope="module")
def busy(shared_hub: RealHub) -> LiveOperation:
    """An operation of which there is everything to see: figures, gaps, corrections, a broken rule, someone silent, a separate part. It is
    only looked at."""
    units = [{"code": code, "name": code, "kind": "jurisdiction"} for code in ("KY", "TN", "OH", "NE")]
    apart = {"starts_at": "2021-08-14T00:00:00Z", "ends_at": "2021-08-15T00:00:00Z", "footnote": "two weeks earlier"}
    units += [{"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": apart}]
    long = {"code": "referred", "label": "Victims referred to providers of services within seventy-two hours", "unit": "persons"}
    operation = shared_hub.create_operation(exercise=True, units=units, measures=[*operation_document()["measures"], long])
    lines = [{"measure": "victims_rescued", "category": "minor", "quantity": 4}, {"measure": "arrests", "quantity": 3}]
    first = operation.desk.post(operation.reports, report_body(lines=lines)).json["id"]
    bodies = [
        report_body(corrects=first, reason="counted twice"),
        report_body(unit="UNATTRIBUTED", lines=[{"measure": "victims_rescued", "quantity": 9}]),
        report_body(unit="OH", lines=[{"measure": "currency_seized", "unquantified": "some"}]),
        report_body(unit="SD"),
        report_body(unit="NE", lines=[], nil=True),
    ]
    for body in bodies:
        assert operation.desk.post(operation.reports, body).status == 201
    operation.settled(1 + len(bodies))
    return operation


def test_axe_finds_nothing(busy: LiveOperation, look: Look) -> None:
    page = look(busy.desk.token, bypass_csp=True).board(busy)
    page.wait_for_selector(".uplot canvas")
    page.wait_for_selector(".happening")
    for shown in at_every_size(page):
        assert found(page) == [], f"live {shown}"
    page.locator("input[type=range]").press("ArrowLeft")
    page.wait_for_selector("#past")
    page.locator("summary").first.click()
    for shown in at_every_size(page):
        assert found(page) == [], f"in the past {shown}"
    page.locator("#figure-arrests button").click()
    page.wait_for_selector(".sources tbody tr")
    for shown in at_every_size(page):
        assert found(page) == [], f"where a figure comes from {shown}"


def test_axe_finds_nothing_on_the_other_pages(busy: LiveOperation, look: Look) -> None:
    screen = look(busy.desk.token, bypass_csp=True)
    for address in ("/", "/operations/no-such-operation/board"):
        screen.page.goto(busy.hub.url + address)
        for shown in at_every_size(screen.page):
            assert found(screen.page) == [], f"{address} {shown}"
    page = screen.board(busy, "?wall")
    for shown in at_every_size(page):
        assert found(page) == [], f"the wall {shown}"


def test_nothing_sticks_out_to_the_side(busy: LiveOperation, look: Look) -> None:
    """As it comes on a small phone, as it becomes on everything larger, and as it is when it is small again."""
    page = look(busy.desk.token, 360, 800).board(busy)
    page.wait_for_selector(".uplot canvas")
    for width in (360, 390, 768, 1024, 1440, 3840, 360):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(STILL)
        assert not too_wide(page), width


def test_everything_can_be_reached_and_done_by_the_keyboard(busy: LiveOperation, look: Look) -> None:
    page = look(busy.desk.token).board(busy)
    page.wait_for_selector(".uplot canvas")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("() => location.hash") == "#main"
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('.figure').id") == "figure-arrests"
    page.keyboard.press("Enter")
    page.wait_for_selector(".sources tbody tr")
    page.keyboard.press("Escape")
    page.wait_for_selector(".sources", state="detached")
    page.wait_for_function("() => document.activeElement.closest('.figure')?.id === 'figure-arrests'")  # back where it was opened
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.closest('section')?.className ?? ''"))
    assert {"places", "chart", "feed", "units", "slider"} <= {word for classes in reached for word in classes.split()}


def test_the_arrow_keys_go_from_state_to_state_as_they_lie(busy: LiveOperation, look: Look) -> None:
    page = look(busy.desk.token).board(busy)
    page.locator(".tile[tabindex='0']").focus()
    seen = {page.evaluate("() => document.activeElement.innerText.slice(0, 2)")}
    for key in ("ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight") * 4:
        page.keyboard.press(key)
        seen.add(page.evaluate("() => document.activeElement.innerText.slice(0, 2)"))
    assert {"KY", "TN", "OH", "NE", "SD"} <= seen


def test_without_motion_or_colour_a_change_is_still_told(operation: LiveOperation, look: Look) -> None:
    assert operation.desk.post(operation.reports, report_body()).status == 201
    operation.settled(1)
    screen = look(operation.desk.token, reduced_motion="reduce", forced_colors="active")
    page = screen.board(operation)
    screen.await_figure("3")
    assert operation.desk.post(operation.reports, report_body()).status == 201
    screen.await_figure("6")
    assert page.locator("#figure-arrests .figure-change").inner_text().endswith("+3")
