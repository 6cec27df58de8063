"""With the page closed: what waits goes out by the worker, once, and what needs a person stays for the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.phone.phones import Phone
from tests.browser.phone.test_queue import all_there, revoke
from tests.conftest import report_body
from tests.hubs import LiveOperation, eventually

HOLD_THE_LINE = """code => new Promise(held => navigator.locks.request(`tallyroom sending ${code}`, () => {
    held();
    return new Promise(() => {});
}))"""
"""Takes the turn to send, as whoever is sending already, for as long as its page is open."""


def put_away(phone: Phone) -> None:
    """Closes the page and leaves the tunnel. What is left open is none of the operation's pages, and runs no script of the hub."""
    phone.shut()
    phone.offline(False)
    phone.page = phone.context.new_page()
    phone.page.goto("/healthz")


def network_is_back(phone: Phone) -> None:
    """Tells the worker what the browser tells it when there is a network again."""
    session = phone.context.new_cdp_session(phone.page)
    known: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: known.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    eventually(lambda: phone.context.cookies() and known)
    asked = {"origin": phone.hub.url, "registrationId": known[-1]["registrationId"], "tag": "send", "lastChance": False}
    session.send("ServiceWorker.dispatchSyncEvent", asked)
    session.detach()


def states(phone: Phone) -> list[str]:
    """Where each report of the phone's queue stands."""
    return [entry["state"] for entry in phone.queue()]


def test_reports_go_out_once_and_in_order_though_the_page_is_closed(phone: Phone) -> None:
    phone.offline()
    for quantity in (1, 2, 3):
        phone.post(quantity)
    put_away(phone)
    network_is_back(phone)
    network_is_back(phone)
    all_there(phone, [1, 2, 3])
    phone.page.close()
    phone.reopen()
    expect(phone.rows("received")).to_have_count(3)
    assert len(phone.reports()) == 3


def test_the_browser_sends_by_itself_what_the_page_could_not(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    phone = create_phone(operation, "KY", by_itself=True)
    phone.page.route("**/api/**", lambda route: route.abort())
    for quantity in (1, 2):
        phone.post(quantity)
    phone.shut()
    phone.page = phone.context.new_page()
    phone.page.goto("/healthz")
    all_there(phone, [1, 2])


def test_a_page_that_is_closed_before_its_turn_comes_leaves_its_report_to_the_browser(
    create_phone: Callable[..., Phone], operation: LiveOperation
) -> None:
    phone = create_phone(operation, "KY", by_itself=True)
    other = phone.context.new_page()
    other.goto("/healthz")
    other.evaluate(HOLD_THE_LINE, operation.code)
    phone.post(1)
    phone.shut()
    other.close()
    phone.page = phone.context.new_page()
    phone.page.goto("/healthz")
    all_there(phone, [1])


def test_an_open_page_and_the_worker_send_nothing_twice(phone: Phone) -> None:
    phone.offline()
    for quantity in range(1, 11):
        phone.post(quantity)
    phone.offline(False)
    network_is_back(phone)
    all_there(phone, list(range(1, 11)))
    expect(phone.rows("received")).to_have_count(10)


def test_a_report_that_is_refused_meanwhile_says_so_when_the_page_is_opened(phone: Phone) -> None:
    gone = phone.operation.desk.post(phone.operation.reports, report_of_kentucky()).json["id"]
    expect(phone.rows("received")).to_have_count(1)
    phone.rows("received").locator("summary").click()
    phone.offline()
    phone.page.get_by_role("button", name="Withdraw").click()
    phone.page.locator("#why").fill("counted twice")
    phone.agree("Withdraw it")
    phone.post(2)
    put_away(phone)
    assert phone.operation.desk.post(f"{phone.operation.reports}/{gone}/withdrawal", {"reason": "by the desk"}).status == 201
    network_is_back(phone)
    eventually(lambda: states(phone) == ["refused", "received"], what=lambda: str(phone.queue()))
    phone.page.close()
    phone.reopen()
    expect(phone.page.locator(".banners")).to_contain_text("1 report was refused")


def test_a_phone_that_is_locked_meanwhile_keeps_it(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    revoke(phone)
    put_away(phone)
    with phone.context.expect_event("response", lambda answer: answer.url.endswith("/api/v1/me") and answer.status == 401):
        network_is_back(phone)
    assert states(phone) == ["waiting"]
    phone.page.close()
    phone.reopen()
    phone.page.get_by_label("Your code").fill(phone.code)
    phone.page.get_by_role("button", name="Unlock").click()
    all_there(phone, [1])


def test_a_browser_that_can_not_send_by_itself_keeps_the_page_all_the_same(
    create_phone: Callable[..., Phone], operation: LiveOperation
) -> None:
    phone = create_phone(operation, "KY", script="delete window.SyncManager")
    worker = "navigator.serviceWorker.ready.then(found => (found.active ?? found.waiting ?? found.installing).scriptURL)"
    assert phone.page.evaluate(worker) == f"{phone.hub.url}/post/worker.js"
    phone.offline()
    phone.post(4)
    phone.shut()
    phone.reopen()
    expect(phone.rows("saved here")).to_have_count(1)
    phone.offline(False)
    all_there(phone, [4])


def report_of_kentucky() -> dict[str, Any]:
    """Nine arrests of Kentucky, a minute ago or thereabouts."""
    return report_body(lines=[{"measure": "arrests", "quantity": 9}])
