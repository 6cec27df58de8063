"""Forgetting a phone: nothing of the operation stays on it but what has not reached the hub, and that only until someone says so."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.phone.phones import Phone
from tests.browser.phone.test_queue import all_there

LEFT = """async () => {
    const open = () => new Promise((done, broken) => {
        const asked = indexedDB.open("tallyroom");
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => broken(asked.error);
    });
    const count = (db, store) => new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).count();
        asked.onsuccess = () => done(asked.result);
    });
    const db = await open();
    const [queue, known, drafts] = [await count(db, "queue"), await count(db, "known"), await count(db, "drafts")];
    db.close();
    const workers = await navigator.serviceWorker.getRegistrations();
    return {queue, known, drafts, caches: await caches.keys(), marks: Object.keys(localStorage), workers: workers.length};
}"""
"""What the hub's pages have left in this browser."""

NOTHING = {"queue": 0, "known": 0, "drafts": 0, "caches": [], "marks": [], "workers": 0}


def ask_to_forget(phone: Phone) -> None:
    """From the page's foot to the question."""
    phone.page.get_by_role("link", name="Lock or forget this phone").click()
    phone.page.get_by_role("button", name="Forget this phone").click()
    expect(phone.page.get_by_role("dialog")).to_contain_text("is removed")


def forget(phone: Phone) -> None:
    """Says yes."""
    phone.page.get_by_role("button", name="Forget it").click()
    expect(phone.page).to_have_url(re.compile("/sign-in"))
    assert not [one for one in phone.context.cookies() if one["name"].startswith("__Host-")]


def cut(phone: Phone) -> None:
    """Keeps what the page sends from the hub, and nothing else."""
    phone.page.route("**/reports", lambda route: route.abort() if route.request.method == "POST" else route.continue_())


def test_nothing_is_left_of_the_operation(phone: Phone) -> None:
    phone.post(3)
    expect(phone.rows("received")).to_have_count(1)
    phone.type("7")
    ask_to_forget(phone)
    expect(phone.page.get_by_label("Remove")).to_be_hidden()
    forget(phone)
    assert phone.page.evaluate(LEFT) == NOTHING
    assert phone.operation.desk.get("/devices", operation=phone.operation.code).json["items"] == []


def test_what_has_not_reached_the_hub_stays_and_goes_out_when_someone_signs_in_again(phone: Phone) -> None:
    cut(phone)
    phone.post(3)
    ask_to_forget(phone)
    expect(phone.page.get_by_role("dialog")).to_contain_text("1 report on it has not reached the hub. It stays here")
    forget(phone)
    assert phone.page.evaluate(LEFT) == NOTHING | {"queue": 1}
    phone.page.unroute_all()
    phone.name = "the next shift"
    phone.invite("liaison", "KY")
    phone.open()
    all_there(phone, [3])


def test_it_goes_too_where_one_says_so(phone: Phone) -> None:
    cut(phone)
    phone.post(3)
    phone.post(4)
    assert [entry["state"] for entry in phone.queue()] == ["waiting", "waiting"]
    ask_to_forget(phone)
    expect(phone.page.get_by_role("dialog")).to_contain_text("2 reports on it have not reached the hub.")
    phone.page.get_by_label("Remove these 2 reports too").check()
    forget(phone)
    assert phone.page.evaluate(LEFT) == NOTHING
    assert phone.reports() == []


def test_another_page_of_it_writes_nothing_back(phone: Phone) -> None:
    other = phone.page
    phone.page = phone.context.new_page()
    phone.page.goto(phone.path)
    phone.ready()
    ask_to_forget(phone)
    forget(phone)
    expect(other).to_have_url(re.compile("/sign-in"))
    assert phone.page.evaluate(LEFT) == NOTHING


def test_where_the_hub_can_not_be_reached_nothing_is_forgotten(phone: Phone) -> None:
    ask_to_forget(phone)
    phone.offline()
    phone.page.get_by_role("button", name="Forget it").click()
    expect(phone.page.get_by_role("dialog")).to_contain_text("The hub can't be reached.")
    phone.offline(False)
    forget(phone)
