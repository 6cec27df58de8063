"""The page for everyone: readable, large enough, nothing wider than the screen, in every state, size and colour scheme."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.looking import at_every_size, found
from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation

SIZES = ((360, 740), (390, 844), (1280, 800))
SMALL = ((360, 740),)
TARGETS = """() => [...document.querySelectorAll(
        "button:not(.link), select, summary, .tick, .basis label, input:not([type=checkbox]):not([type=radio])")]
    .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.height < 44 || box.width < 44)).map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SPILT = """() => [...document.querySelectorAll("#post *")]
    .filter(one => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".sr"))
    .map(one => one.outerHTML.slice(0, 90))"""


LOOKS = 10
STANDS = "() => [scrollY, document.documentElement.scrollHeight]"


def looked_at(page: Page) -> list[str]:
    """What axe finds where the bar of buttons stands in its own place: it covers what is scrolled beneath it, as it should, and that
    is then no target. What comes from the hub meanwhile moves the page; then it is looked at again."""
    for _ in range(LOOKS):
        page.locator(".bar").evaluate("bar => bar.parentElement.scrollIntoView({block: 'end'})")
        stood, seen = page.evaluate(STANDS), found(page)
        if page.evaluate(STANDS) == stood:
            return seen
    raise AssertionError(f"the page moved during each of {LOOKS} looks")


def well(page: Page, sizes: tuple[tuple[int, int], ...] = SIZES) -> None:
    """Nothing is wrong with what is shown now, in either scheme."""
    for look in at_every_size(page, sizes):
        assert looked_at(page) == [], look
        assert page.evaluate(WIDER) <= 0, (look, page.evaluate(SPILT))
        assert page.evaluate(TARGETS) == [], look


def test_every_state_of_the_page_is_for_everyone(phone: Phone) -> None:
    page = phone.page
    well(page)
    phone.post(43)
    expect(page.locator("li[data-listed]")).to_have_count(1)
    page.locator("#reports summary").click()
    well(page)
    for name in ("Seen now", "Who assisted", "Note"):
        page.get_by_role("button", name=name).click()
    page.get_by_role("radio", name="Earlier").check()
    page.get_by_label("Note", exact=True).fill("call 816-555-0123")
    page.get_by_label("Amount not known yet").check()
    phone.type("2.5")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.field("Arrests made")).to_have_attribute("aria-invalid", "true")
    well(page)
    page.get_by_label("Note", exact=True).fill("")
    phone.type("46")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".doubt")).to_be_visible()
    well(page)
    phone.agree("No, they are all new: send")
    phone.offline()
    phone.post(1)
    expect(page.locator(".banner.lost")).to_be_visible()
    well(page)


def test_refused_locked_and_correcting_are_for_everyone(phone: Phone, operation: LiveOperation) -> None:
    page = phone.page
    phone.post(5)
    expect(phone.page.locator("li[data-listed]")).to_have_count(1)
    page.locator("#reports summary").click()
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("button", name="Send correction").click()
    expect(page.locator("#reason-wrong")).not_to_be_empty()
    well(page, SMALL)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("dialog[data-takes-answers]")).to_be_visible()
    well(page, SMALL)
    phone.agree("Keep it")
    problem = {"status": 422, "title": "The content breaks a rule", "detail": "It is not so.", "type": "/problems/invalid"}
    refusal = {"status": 422, "content_type": "application/problem+json", "json": problem}
    phone.context.route("**/reports", lambda route: route.fulfill(**refusal) if route.request.method == "POST" else route.continue_())
    phone.post(2)
    expect(phone.rows("refused")).to_have_count(1)
    well(page, SMALL)
    for session in operation.desk.get("/sessions", operation=operation.code).json["items"]:
        operation.desk.delete(f"/sessions/{session['id']}")
    phone.post(3)
    expect(page.locator(".unlock")).to_be_visible()
    well(page, SMALL)


def test_text_at_twice_its_size_fits(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    phone = create_phone(operation, "KY", viewport={"width": 360, "height": 740})
    phone.page.evaluate(
        "() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('html { font-size: 200% }'); document.adoptedStyleSheets = [sheet]; }"
    )
    phone.type("12")
    for name in ("Seen now", "Who assisted", "Note"):
        phone.page.get_by_role("button", name=name).click()
    assert phone.page.evaluate(WIDER) <= 0, phone.page.evaluate(SPILT)
    phone.page.get_by_role("button", name="Send", exact=True).click()
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    assert phone.page.evaluate(WIDER) <= 0, phone.page.evaluate(SPILT)


def test_many_measures_with_long_names_fit(create_phone: Callable[..., Phone], operation: LiveOperation) -> None:
    long = "Department of Criminal Investigations, Special Prosecutions and Internationalorganisedcrime"
    units = [{"code": "KY", "name": long[:80], "kind": "jurisdiction"}]
    measures = [
        {
            "code": f"m{n}",
            "label": f"{long[: 20 + 4 * n]} {n}",
            "unit": "kg" if n % 3 else "persons",
            "scale": 3 if n % 3 else 0,
            "categories": ["minor"],
        }
        for n in range(12)
    ]
    other = operation.hub.create_operation(name=long, exercise=True, units=units, measures=measures, rules=[], derived=[])
    phone = create_phone(other, "KY", viewport={"width": 360, "height": 740})
    expect(phone.page.locator(".banner.exercise")).to_be_visible()
    well(phone.page, SMALL)


def test_it_is_an_app_of_its_own_on_the_home_screen(phone: Phone) -> None:
    page = phone.page
    manifest = phone.fetch(page.locator('link[rel="manifest"]').get_attribute("href") or "")["body"]
    assert (manifest["start_url"], manifest["display"]) == (phone.path, "standalone")
    for icon in manifest["icons"]:
        assert page.evaluate("src => fetch(src).then(answer => answer.status)", icon["src"]) == 200
    session = phone.context.new_cdp_session(page)
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [one["errorId"] for one in problems if one["errorId"] != "in-incognito"] == []
