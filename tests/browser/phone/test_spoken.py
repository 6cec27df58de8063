"""A tunnel, and a telephone: the phone shows its line, the desk types it, and when the network is back the report counts once."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation, eventually


def test_a_report_read_out_and_sent_later_counts_once(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    phone, desk = create_phone(operation, "KY"), create_phone(operation, role="desk", opened=False)
    phone.offline()
    phone.post(46)
    phone.post(7)
    row = phone.rows("saved here").filter(has_text="46 arrests")
    expect(row.get_by_role("button", name="Change")).to_be_visible()
    row.get_by_role("button", name="Read it to the desk").click()
    expect(row.get_by_role("button", name="Change")).to_have_count(0)
    said = row.locator(".spoken-line")
    line = " ".join(said.inner_text().split())
    assert line.startswith("KY NEW A46 ")
    row.get_by_role("button", name="Spell it").click()
    expect(row.locator(".spelling li").nth(2)).to_have_text("A46 Alfa 4 6")

    page, heard = desk.page, desk.page.get_by_label("The line as they read it")
    heard.fill(line.replace("A46", "A64"))
    expect(page.locator("#heard-said .wrong")).to_contain_text("A64")
    expect(page.get_by_role("button", name="They say yes: take it")).to_have_count(0)
    heard.fill(line.lower())
    expect(page.locator("#heard-said .read-back")).to_contain_text("new: Arrests made 46.")
    page.get_by_role("button", name="They say yes: take it").click()
    expect(page.locator("#heard-said .done")).to_have_text("Taken. It counts for Kentucky.")
    eventually(lambda: len(phone.reports()) == 1)

    phone.offline(False)
    eventually(lambda: not [entry for entry in phone.queue() if entry["state"] == "waiting"], what=lambda: str(phone.queue()))
    assert sorted(report["lines"][0]["quantity"] for report in phone.reports()) == [7, 46]
    expect(phone.rows("received")).to_have_count(2)
    heard.fill(line)
    expect(page.locator("#heard-said")).to_contain_text("The hub has this report already.")
