"""What leaves the hub, in a real browser: the desk enters a webhook, sees what failed and tries again; a phone asks to be woken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from coordinator.verification.fresh_key import fresh_key
from tests.browser.conftest import Screen
from tests.browser.looking import found, too_wide
from tests.browser.phone.phones import Phone
from tests.deliveries import phones
from tests.deliveries.receivers import Receiver, receiver
from tests.hubs import LiveOperation, RealHub, eventually, real_hub

SUBSCRIBE = """([endpoint, key, auth]) => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0)).buffer;
  const keys = { p256dh: bytes(key), auth: bytes(auth) };
  let made = null;
  PushManager.prototype.getSubscription = async () => made;
  PushManager.prototype.subscribe = async () => (made = { endpoint, getKey: (name) => keys[name] });
}"""
"""The push service of this test in place of the browser's own, which is far away."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Receiver]:
    """Where webhooks go, and phones are woken from."""
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def open_hub(elsewhere: Receiver) -> Iterator[RealHub]:
    """A hub to which the ways there are open."""
    ways = {"webhook_hosts": elsewhere.url, "push_hosts": elsewhere.url, "webhook_private": "127.0.0.0/8"}
    with real_hub(signing_key=fresh_key(), push_contact="mailto:hub@example.gov", **ways) as made:
        yield made


@pytest.fixture
def night(open_hub: RealHub, elsewhere: Receiver) -> LiveOperation:
    """A live operation of the test's own, of which nothing has left yet."""
    elsewhere.got.clear()
    return open_hub.create_operation()


def test_the_desk_enters_a_webhook_sees_what_failed_and_why_and_tries_again(
    look: Callable[..., Screen], night: LiveOperation, elsewhere: Receiver
) -> None:
    page = look(night.desk.token).page
    page.goto(f"{night.hub.url}/operations/{night.code}/deliveries")
    page.get_by_label("Address", exact=True).fill("http://127.0.0.1:1/x")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#add-address-error")).to_contain_text("it is not on the list TALLYROOM_WEBHOOK_HOSTS")
    page.get_by_label("Address", exact=True).fill(f"{elsewhere.url}/hook")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#made-secret")).to_contain_text("whsec_")
    assert found(page) == []
    page.get_by_role("button", name="Put it away").click()
    expect(page.locator("#addresses li")).to_contain_text(f"KY, liaison, Webhook {elsewhere.url}")
    elsewhere.answer = lambda _: (410, {})
    night.desk.post(f"/operations/{night.code}/bulletins", {"text": "Hold at the gate."})
    elsewhere.await_number(1)
    page.reload()
    failed = page.locator("#failed li")
    expect(failed).to_contain_text("Failed: The receiver answered 410.")
    elsewhere.answer = lambda _: (204, {})
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator("#out li").first).to_contain_text("Delivered")
    expect(failed).to_have_text("None.")
    page.set_viewport_size({"width": 390, "height": 800})
    assert (found(page), too_wide(page)) == ([], False)
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#addresses li")).to_have_text("None.")


def test_a_phone_asks_to_be_woken_and_shows_what_its_worker_is_told(
    browser: Browser, open_hub: RealHub, night: LiveOperation, elsewhere: Receiver
) -> None:
    theirs = phones.Phone(f"{elsewhere.url}/phone")
    phone = Phone(browser, open_hub, night, "Kentucky duty desk")
    try:
        words = [theirs.endpoint, *(theirs.subscription[name] + "=" * (-len(theirs.subscription[name]) % 4) for name in ("key", "auth"))]
        phone.context.add_init_script(f"({SUBSCRIBE})({json.dumps(words)})")
        phone.context.grant_permissions(["notifications"])
        phone.invite("liaison", "KY")
        phone.open()
        phone.page.get_by_role("button", name="Wake this phone for bulletins").click()
        expect(phone.page.get_by_role("button", name="Don't wake this phone")).to_be_visible()
        night.desk.post(f"/operations/{night.code}/bulletins", {"text": "Hold at the gate.", "priority": "flash"})
        (received,) = elsewhere.await_number(1)
        told = theirs.read(received.body)
        assert _shown_by_worker(phone, told) == [[told["title"], told["body"], told["page"]]]
        assert _opened_by_a_tap(phone) == [f"opened {told['page']}"]
        assert _shown_by_worker(phone, told | {"id": "another", "page": phone.path})[-1][2] == phone.path
        assert _opened_by_a_tap(phone) == [f"focused {phone.path}"], "a page that is there already is not opened twice"
        changed = f"{theirs.endpoint}/changed"
        phone.page.add_init_script(f"({SUBSCRIBE})({json.dumps([changed, *words[1:]])}); PushManager.prototype.subscribe()")
        phone.page.reload()
        expect(phone.page.get_by_role("button", name="Don't wake this phone")).to_be_visible()
        woken = phone.fetch(f"/api/v1/operations/{night.code}/push-subscriptions")["body"]["items"]
        assert changed in [one["endpoint"] for one in woken], "what the browser has changed by itself is told to the hub"
        phone.page.get_by_role("button", name="Don't wake this phone").click()
        expect(phone.page.get_by_role("button", name="Wake this phone for bulletins")).to_be_visible()
        night.desk.post(f"/operations/{night.code}/bulletins", {"text": "Go on."})
        assert len(night.desk.get(f"/operations/{night.code}/deliveries").json["items"]) == 1
        assert not phone.errors
    finally:
        phone.close()


TAP = """async () => {
  const shown = [];
  WindowClient.prototype.focus = async function () { shown.push(`focused ${new URL(this.url).pathname}`); };
  Clients.prototype.openWindow = async (address) => { shown.push(`opened ${new URL(address).pathname}`); };
  const [notification] = await self.registration.getNotifications();
  const tap = new NotificationEvent("notificationclick", { notification });
  tap.waitUntil = (opening) => { tap.opening = opening; };
  self.dispatchEvent(tap);
  await tap.opening;
  return [shown, (await self.registration.getNotifications()).length];
}"""
"""A tap on the notification. A browser lets a worker bring a window to the front after a real tap alone: here that much is noted."""


def _opened_by_a_tap(phone: Phone) -> list[str]:
    """Where a tap on the notification that is shown leads; it is shown no more."""
    (worker,) = phone.context.service_workers
    opened, left = worker.evaluate(TAP)
    assert left == 0
    return list(opened)


def _shown_by_worker(phone: Phone, told: dict[str, Any]) -> list[list[str]]:
    """Hands the worker what the phone has read, as the browser would, and answers which notifications it shows."""
    registrations: list[dict[str, Any]] = []
    session = phone.context.new_cdp_session(phone.page)
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    phone.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    session.send("ServiceWorker.enable")
    eventually(lambda: phone.context.cookies() and registrations, what="the worker to be known")
    pushed = {"origin": phone.hub.url, "registrationId": registrations[-1]["registrationId"], "data": json.dumps(told)}
    session.send("ServiceWorker.deliverPushMessage", pushed)
    shown = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((one) => [one.title, one.body, one.data])"
    return list(eventually(lambda: phone.page.evaluate(shown), what="the notification"))
