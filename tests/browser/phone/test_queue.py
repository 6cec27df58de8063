"""The phone's own queue: nothing lost and nothing twice, whatever becomes of the signal, the page, the session or the operation."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation, RealHub, eventually

MANY = 30
BANNER = ".banners .banner"


def quantities(phone: Phone) -> list[int]:
    """What the hub has, in the order of its journal."""
    found = phone.reports()
    assert len({report["id"] for report in found}) == len(found)
    return [line["quantity"] for report in found for line in report["lines"]]


def all_there(phone: Phone, expected: list[int]) -> None:
    """Waits until the hub has these, exactly once and in this order, and nothing waits here any more."""
    eventually(lambda: len(quantities(phone)) >= len(expected), what=lambda: str(phone.queue()))
    eventually(lambda: not [entry for entry in phone.queue() if entry["state"] == "waiting"])
    assert quantities(phone) == expected


def test_thirty_reports_without_a_signal_arrive_once_and_in_order(phone: Phone) -> None:
    phone.offline()
    expected = list(range(1, MANY + 1))
    for quantity in expected[: MANY // 2]:
        phone.post(quantity)
    expect(phone.page.locator(BANNER)).to_have_text("No signal. 15 reports are safe on this phone and will go out by themselves.")
    phone.shut()
    phone.reopen()
    expect(phone.rows("saved here")).to_have_count(MANY // 2)
    for quantity in expected[MANY // 2 :]:
        phone.post(quantity)
    observed = [entry["body"]["observed_at"] for entry in phone.queue()]
    assert phone.reports() == []
    phone.offline(False)
    all_there(phone, expected)
    assert [report["observed_at"].replace("000Z", "Z") for report in phone.reports()] == observed
    expect(phone.rows("received")).to_have_count(MANY)
    expect(phone.page.locator(BANNER)).to_have_count(0)


def test_a_phone_that_was_switched_off_has_lost_nothing(
    create_phone: Callable[..., Phone], operation: LiveOperation, tmp_path: Path
) -> None:
    phone = create_phone(operation, "KY", folder=tmp_path)
    phone.offline()
    for quantity in (1, 2, 3):
        phone.post(quantity)
    phone.type("9")
    phone.kept("'9'")
    phone.restart()
    phone.offline()
    phone.page.goto(phone.path)
    phone.ready()
    expect(phone.rows("saved here")).to_have_count(3)
    expect(phone.field("Arrests made")).to_have_value("9")
    phone.offline(False)
    all_there(phone, [1, 2, 3])


def test_the_page_opens_without_a_network_and_knows_its_figures(phone: Phone) -> None:
    phone.post(43)
    expect(phone.page.locator(".hub td").first).to_have_text("43")
    eventually(lambda: phone.page.evaluate(KEPT, phone.operation.code) == 43)
    phone.shut()
    phone.offline()
    phone.reopen()
    expect(phone.page.locator(".hub td").first).to_have_text("43")
    expect(phone.page.locator(".hub .age")).to_contain_text("Not live: as of")
    phone.type("3")
    expect(phone.page.locator(".sum")).to_contain_text("43 becomes 46")


KEPT = """code => new Promise(done => {
    const asked = indexedDB.open("tallyroom");
    asked.onsuccess = () => {
        const read = asked.result.transaction("known").objectStore("known").get(code);
        read.onsuccess = () => { asked.result.close(); done(read.result?.totals?.national.arrests.total); };
    };
})"""


def test_what_waits_is_in_the_figures_of_what_comes(phone: Phone) -> None:
    phone.offline()
    phone.post(5)
    phone.type("3")
    expect(phone.page.locator(".sum")).to_contain_text("5 becomes 8")
    expect(phone.page.locator(".counter-name").first).to_contain_text("5 so far, with what waits here")


def test_an_answer_that_got_lost_is_asked_for_again_with_the_same_key(phone: Phone) -> None:
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    phone.context.route("**/reports", lambda route: lose(route) if route.request.method == "POST" else route.continue_())
    phone.post(3)
    all_there(phone, [3])
    expect(phone.rows("received")).to_have_count(1)
    assert (len(keys), len(set(keys))) == (3, 1)


@pytest.mark.parametrize(
    ("status", "headers"), [(503, {}), (500, {}), (429, {"Retry-After": "1"}), (200, {}), (302, {"Location": "/healthz"})]
)
def test_what_is_not_the_hubs_own_word_on_a_report_keeps_it(phone: Phone, status: int, headers: dict[str, str]) -> None:
    answers = iter([status, status])

    def answer(route: Route) -> None:
        given = next(answers, None) if route.request.method == "POST" else None
        if given is None:
            route.continue_()
        else:
            route.fulfill(status=given, headers=headers, content_type="text/html", body="<h1>Sign in to the guest network</h1>")

    phone.context.route("**/reports", answer)
    phone.post(3)
    all_there(phone, [3])


def test_the_wait_that_the_hub_asks_for_is_kept(phone: Phone) -> None:
    times: list[float] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        times.append(phone.hub.moment().timestamp())
        if len(times) > 1:
            return route.continue_()
        return route.fulfill(
            status=429, headers={"Retry-After": "3"}, content_type="application/problem+json", body='{"detail": "Too many"}'
        )

    phone.context.route("**/reports", answer)
    phone.post(3)
    phone.post(4)
    all_there(phone, [3, 4])
    assert times[1] - times[0] >= 3


def revoke(phone: Phone) -> None:
    """The desk ends the phone's session."""
    desk, code = phone.operation.desk, phone.operation.code
    (session,) = [one for one in desk.get("/sessions", operation=code).json["items"] if one["name"] == phone.name]
    assert desk.delete(f"/sessions/{session['id']}").status == 204


def test_a_revoked_session_keeps_what_waits_and_goes_on_when_unlocked(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    phone.post(2)
    revoke(phone)
    phone.type("9")
    phone.offline(False)
    banner = phone.page.locator(BANNER)
    expect(banner).to_contain_text("This phone is locked. 2 reports are safe on this phone until you are back.")
    assert phone.reports() == []
    phone.page.get_by_label("Your code").fill("111111")
    phone.page.get_by_role("button", name="Unlock").click()
    expect(phone.page.locator("#code-wrong")).not_to_be_empty()
    phone.page.get_by_label("Your code").fill(phone.code)
    phone.page.get_by_role("button", name="Unlock").click()
    all_there(phone, [1, 2])
    expect(banner).to_have_count(0)
    expect(phone.field("Arrests made")).to_have_value("9")


def test_another_of_the_same_unit_sends_what_the_first_left_and_nothing_twice(phone: Phone) -> None:
    posts: list[str] = []

    def lose_first(route: Route) -> None:
        if route.request.method == "POST":
            posts.append(route.request.headers["idempotency-key"])
            route.fetch()
        route.abort()

    phone.context.route("**/reports", lose_first)
    phone.post(1)
    eventually(lambda: quantities(phone) == [1])
    phone.offline()
    phone.post(2)
    phone.shut()
    phone.offline(False)
    phone.context.unroute("**/reports")
    phone.page = phone.context.new_page()
    phone.name = "the next shift"
    phone.invite("liaison", "KY")
    phone.page.close()
    phone.reopen()
    all_there(phone, [1, 2])
    assert [report["author"]["name"] for report in phone.reports()][1] == "the next shift"


def test_someone_of_another_unit_keeps_it_and_is_told(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    phone.shut()
    phone.offline(False)
    phone.page = phone.context.new_page()
    phone.name = "Tennessee"
    phone.invite("liaison", "TN")
    phone.page.close()
    phone.reopen()
    expect(phone.page.locator(BANNER)).to_contain_text("Not sent.")
    assert [entry["state"] for entry in phone.queue()] == ["waiting"]


def test_an_operation_that_closed_meanwhile_keeps_it_and_says_so(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    for phase in ("standing_down", "reconciling", "certified"):
        phone.operation.step(phase)
    phone.offline(False)
    expect(phone.page.locator(BANNER)).to_contain_text("The operation takes no reports now.")
    expect(phone.page.locator(BANNER)).to_contain_text("1 report is safe on this phone")
    assert [entry["state"] for entry in phone.queue()] == ["waiting"]
    phone.page.reload()
    phone.ready()
    expect(phone.rows("saved here")).to_have_count(1)


def refused(phone: Phone) -> None:
    """A report that the hub refuses: a minute that was not to come when the phone's clock ran ahead."""
    body = {
        "status": 422,
        "title": "The content breaks a rule",
        "detail": "It breaks the rules listed in errors.",
        "type": "/problems/invalid",
    }
    errors = {"/lines/0/quantity": ["That is too many for one night."]}

    def answer(route: Route) -> None:
        if route.request.method == "POST" and '"quantity":999' in (route.request.post_data or ""):
            route.fulfill(status=422, content_type="application/problem+json", json=body | {"errors": errors})
        else:
            route.continue_()

    phone.context.route("**/reports", answer)
    phone.post(999)
    expect(phone.rows("refused")).to_have_count(1)


def test_a_refused_report_says_why_holds_up_no_other_and_is_mended(phone: Phone) -> None:
    refused(phone)
    expect(phone.page.locator(BANNER)).to_contain_text("1 report was refused and does not count.")
    expect(phone.page.locator(".refusal")).to_contain_text("That is too many for one night.")
    phone.post(2)
    all_there(phone, [2])
    key = next(entry["key"] for entry in phone.queue() if entry["state"] == "refused")
    phone.page.get_by_role("button", name="Edit and send again").click()
    expect(phone.field("Arrests made")).to_have_value("999")
    expect(phone.page.locator(".counter .wrong")).to_have_text("That is too many for one night.")
    phone.type("9")
    phone.page.get_by_role("button", name="Send again").click()
    phone.agree("Yes, send")
    all_there(phone, [2, 9])
    assert phone.reports(idempotency_key=key) == []
    expect(phone.page.locator(BANNER)).to_have_count(0)


def test_a_refused_report_is_dropped_only_after_a_question(phone: Phone) -> None:
    refused(phone)
    phone.page.get_by_role("button", name="Drop").click()
    phone.agree("Keep it")
    expect(phone.rows("refused")).to_have_count(1)
    phone.page.get_by_role("button", name="Drop").click()
    phone.agree("Drop it")
    expect(phone.rows("refused")).to_have_count(0)
    eventually(lambda: phone.queue() == [], what=lambda: str(phone.queue()))


def test_the_hubs_own_refusal_is_shown_as_it_says_it(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    phone.page.evaluate(AHEAD)
    phone.page.reload()
    phone.offline(False)
    expect(phone.rows("refused")).to_have_count(1)
    expect(phone.page.locator(".refusal")).to_contain_text(re.compile("The time lies in the future. The hub's clock says"))


AHEAD = """() => new Promise(done => {
    const asked = indexedDB.open("tallyroom");
    asked.onsuccess = () => {
        const store = asked.result.transaction("queue", "readwrite").objectStore("queue");
        const read = store.getAll();
        read.onsuccess = () => {
            const [entry] = read.result;
            entry.body.observed_at = new Date(Date.now() + 3600000).toISOString();
            store.put(entry).onsuccess = () => { asked.result.close(); done(); };
        };
    };
})"""


def test_what_never_went_out_is_changed_or_taken_back(phone: Phone) -> None:
    phone.offline()
    phone.post(1)
    phone.post(2)
    phone.rows("saved here").last.get_by_role("button", name="Change").click()
    expect(phone.field("Arrests made")).to_have_value("1")
    phone.type("11")
    phone.page.get_by_role("button", name="Send again").click()
    phone.agree("Yes, send")
    phone.rows("saved here").last.get_by_role("button", name="Drop").click()
    phone.agree("Drop it")
    expect(phone.rows("saved here")).to_have_count(1)
    phone.offline(False)
    all_there(phone, [11])


def test_two_tabs_send_each_report_once_and_in_order(phone: Phone) -> None:
    sent: list[Any] = []
    phone.context.on(
        "request", lambda request: sent.append(request) if request.method == "POST" and request.url.endswith("/reports") else None
    )
    phone.offline()
    first = phone.page
    phone.reopen()
    expected = list(range(1, 9))
    for quantity in expected:
        phone.page = first if quantity % 2 else next(page for page in phone.context.pages if page is not first)
        phone.page.bring_to_front()
        phone.post(quantity)
    expect(first.locator("#reports li.report")).to_have_count(len(expected))
    phone.offline(False)
    all_there(phone, expected)
    answered = [request for request in sent if request.response() is not None]
    assert len(answered) == len(expected)


def test_a_newer_version_takes_over_and_the_queue_stays(phone: Phone) -> None:
    phone.page.evaluate("caches.open('post of an older version').then(() => true)")
    phone.offline()
    phone.post(1)
    phone.type("5")
    phone.offline(False)
    phone.page.evaluate("navigator.serviceWorker.register('/post/worker.js?newer', {scope: '/operations/'}).then(() => true)")
    expect(phone.page.locator(".banner.news")).to_contain_text("newer version")
    eventually(lambda: "post of an older version" not in phone.page.evaluate("caches.keys()"))
    phone.offline()
    phone.post(2)
    with phone.page.expect_navigation():
        phone.page.get_by_role("button", name="Use it now").click()
    phone.ready()
    phone.offline(False)
    all_there(phone, [1, 2])


def test_reports_for_another_operation_are_not_forgotten(create_phone: Callable[..., Phone], phone: Phone, hub: RealHub) -> None:
    phone.offline()
    phone.post(1)
    phone.shut()
    phone.offline(False)
    other: LiveOperation = hub.create_operation()
    first, phone.operation = phone.operation, other
    phone.page = phone.context.new_page()
    phone.invite("liaison", "KY")
    phone.page.goto(phone.path)
    expect(phone.page.locator(BANNER)).to_contain_text("1 report is still waiting on this phone for another operation.")
    expect(phone.page.locator(f'a[href="/operations/{first.code}/post"]')).to_be_visible()
