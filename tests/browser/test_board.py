"""The board while a night runs: what comes shows at once and where it is, nothing is ever wrong, and what is lost is said."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from coordinator.nights import playing
from coordinator.nights.caller import Caller
from coordinator.nights.player import open_stage, perform, settled
from tests.browser.conftest import Screen
from tests.conftest import report_body
from tests.hubs import LiveOperation, RealHub, eventually

Look = Callable[..., Screen]

STALE_SECONDS = 30.0
"""Promise 20: staleness shows within this time."""


SPOKEN_SECONDS = 30
"""The headline is spoken no more often than this."""


def say(operation: LiveOperation, quantity: int = 3, **members: Any) -> str:
    """Posts arrests of Kentucky; answers the report's id."""
    members = {"lines": [{"measure": "arrests", "quantity": quantity}]} | members
    answer = operation.desk.post(operation.reports, report_body(**members))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def boxes(page: Page) -> list[dict[str, float]]:
    """Where everything lies that a change must not move."""
    places = page.locator(".figure, .makeup, .panels > *, .tile, .units tbody tr, .slider").all()
    return [box for place in places if (box := place.bounding_box())]


def test_the_night_of_united_front_as_it_is_played(hub: RealHub, look: Look) -> None:
    ready = playing.prepare("united-front-2021", 1)
    stage = open_stage(Caller(hub.url, hub.admin.token), ready.document, ready.night)
    screen = look(hub.admin.token)
    screen.board(LiveOperation(hub, stage.code, hub.admin))
    player = threading.Thread(target=perform, args=(stage, ready.night, 8.0, lambda told: None))
    player.start()
    seen: dict[int, str] = {}
    while player.is_alive():
        position, shown = screen.page.evaluate(
            "[document.getElementById('line').innerText, document.querySelector('#figure-arrests .figure-number').innerText]"
        )
        seen[int(position.removeprefix("live, entry "))] = shown
        screen.page.wait_for_timeout(200)
    player.join()
    totals = settled(stage, ready.night.entries())
    screen.await_figure("102")
    for measure, figure in (("victims_rescued", "47"), ("services_provided", "41"), ("currency_seized", "≥ $0")):
        screen.await_figure(figure, measure)
    assert len(seen) > 5, "the board moved while the night was played"
    for position, shown in seen.items():
        then = stage.desk.get(f"/operations/{stage.code}/totals?at={position}")["national"]["arrests"]
        assert shown == (str(then["total"]) if then["categories"] else "–"), f"at entry {position}"
    for place, words in (
        ("#figure-services_provided", "30 attributed to no state"),
        ("#figure-arrests", "9 conducted separately (SD)"),
        ("#figure-currency_seized", "amount not yet known"),
        ("#facts", f"{totals['reporting']['heard']} of 12 states reporting"),
    ):
        expect(screen.page.locator(place)).to_contain_text(words)
    stage.close()


def test_a_change_shows_at_once_where_it_is_and_moves_nothing_else(operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    operation.settled(1)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    screen.await_figure("40")
    page.wait_for_selector(".uplot canvas")
    page.wait_for_selector(".happening")
    before = boxes(page)
    said = time.monotonic()
    say(operation, 2)
    screen.await_figure("42")
    assert time.monotonic() - said < 2.0
    assert page.locator("#figure-arrests[data-fresh]").count() == 1
    assert page.locator("#figure-victims_rescued[data-fresh]").count() == 0
    assert page.locator("#figure-arrests .figure-change").inner_text().endswith("+2")
    assert page.locator("#row-KY td[data-fresh]").inner_text() == "42"
    assert boxes(page) == before
    page.wait_for_selector("#figure-arrests:not([data-fresh])")
    assert boxes(page) == before


def test_a_frozen_hub_is_seen_in_time_and_the_figures_stay_with_their_moment(hub: RealHub, operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    screen.await_figure("40")
    hub.freeze("web")
    frozen = time.monotonic()
    page.wait_for_selector("#lost", timeout=STALE_SECONDS * 1000)
    assert time.monotonic() - frozen < STALE_SECONDS
    assert re.search(r"No word from the hub\. These are the figures of \d+:\d\d:\d\d [ap]m, entry 1\.", page.locator("#lost").inner_text())
    assert screen.figure() == "40"
    hub.thaw("web")
    page.wait_for_selector("#lost", state="detached", timeout=STALE_SECONDS * 1000)
    hub.hang_up()
    say(operation, 2)
    screen.await_figure("42")


def test_a_lost_connection_comes_back_by_itself_with_all_that_was_missed(hub: RealHub, operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    screen.await_figure("40")
    page.route("**/journal?*", lambda route: route.fulfill(body='{"items": ['))
    with page.expect_response("**/journal?*"):  # an answer that breaks off, as of a hub that is killed
        say(operation, 0)
    hub.kill("web")
    page.unroute_all()
    page.wait_for_selector("#lost", timeout=STALE_SECONDS * 1000)
    assert screen.figure() == "40"
    hub.hang_up()
    hub.begin("web")
    eventually(lambda: hub.get("/healthz").status == 200)
    for quantity in (1, 2, 3):
        say(operation, quantity)
    screen.await_figure("46", seconds=2 * STALE_SECONDS)  # a request no one answered is given up after that time, and asked again
    page.wait_for_selector("#lost", state="detached", timeout=STALE_SECONDS * 1000)
    assert "live, entry 5" in page.locator("#line").inner_text()


def test_whoever_may_no_longer_look_is_told_so(hub: RealHub, operation: LiveOperation, look: Look) -> None:
    say(operation)
    desk = operation.caller("desk")
    page = look(desk.token).board(operation)
    assert hub.admin.delete(f"/tokens/{desk.id}").status == 204
    expect(page.locator("#lost")).to_contain_text("You are no longer signed in")


def test_back_through_the_night_as_the_hub_knew_it(operation: LiveOperation, look: Look) -> None:
    first = say(operation, 9)
    say(operation, 7, corrects=first, reason="counted twice")
    operation.settled(2)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    screen.await_figure("7")
    page.locator("input[type=range]").press("ArrowLeft")
    screen.await_figure("9")
    expect(page.locator("#past")).to_contain_text("The board as it stood at entry 1")
    expect(page.locator("#past")).to_contain_text("1 entry has come since")
    expect(page.locator("#line")).to_have_text("in the past")
    expect(page.locator("input[type=range]")).to_have_attribute("aria-valuetext", re.compile("^entry 1 of 2"))
    say(operation, 5)
    operation.settled(3)
    expect(page.locator("#past")).to_contain_text("2 entries have come since")
    assert screen.figure() == "9", "what comes in does not disturb the past"
    page.get_by_role("button", name="Back to live").click()
    screen.await_figure("12")
    expect(page.locator("#past")).to_have_count(0)


def test_back_through_the_night_as_it_is_now_known(operation: LiveOperation, look: Look) -> None:
    say(operation, 1, observed_at="2021-08-26T19:30:00-05:00")
    say(operation, 2, observed_at="2021-08-26T23:00:00-05:00")
    operation.settled(2)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    page.get_by_label("Which past").select_option("as_of")
    page.locator("input[type=range]").fill("120")  # minutes after 6 pm
    screen.await_figure("1")
    expect(page.locator("#past")).to_contain_text("by 8:00 pm")
    page.locator("input[type=range]").fill("60")
    screen.await_figure("–")
    expect(page.locator("#figure-arrests")).to_contain_text("nothing reported yet")


def test_the_night_plays_to_its_end_and_goes_on_live(operation: LiveOperation, look: Look) -> None:
    for _ in range(4):
        say(operation, 10)
    operation.settled(4)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    page.evaluate(
        "window.shown = []; new MutationObserver(() => shown.push(document.querySelector('#figure-arrests .figure-number').innerText))"
        ".observe(document.getElementById('board'), {subtree: true, childList: true, characterData: true})"
    )
    page.get_by_role("button", name="Play the night").click()
    page.wait_for_selector("#past")
    page.wait_for_selector("#past", state="detached")
    shown = list(dict.fromkeys(page.evaluate("shown")))
    assert [figure for figure in shown if figure != "40"] == ["–", "10", "20", "30"]
    screen.await_figure("40")


def test_any_figure_opens_where_it_comes_from(operation: LiveOperation, look: Look) -> None:
    first = say(operation, 9, note="north side")
    say(operation, 7, corrects=first, reason="counted twice")
    say(operation, 4, unit="TN")
    operation.settled(3)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    page.locator("#row-KY td.number button").first.click()
    rows = page.locator(".sources tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("corrected: counted twice")
    expect(rows.nth(1)).to_contain_text("north side")
    expect(page.locator(".sources-total")).to_have_text("7")
    page.keyboard.press("Escape")
    page.wait_for_selector(".sources", state="detached")
    page.locator("#figure-arrests button").click()
    expect(rows).to_have_count(3)
    expect(page.locator(".sources-total")).to_have_text("11")


def test_a_correction_and_a_withdrawal_are_shown_as_what_they_changed(operation: LiveOperation, look: Look) -> None:
    first = say(operation, 9)
    say(operation, 7, corrects=first, reason="counted twice at hand-over")
    gone = say(operation, 50, unit="TN")
    page = look(operation.desk.token).board(operation)
    page.wait_for_function("() => document.querySelectorAll('.happening').length === 3")
    assert operation.desk.post(f"{operation.reports}/{gone}/withdrawal", {"reason": "keyed in twice"}).status == 201
    page.wait_for_selector(".happening[data-kind=withdrawn]")
    feed = [" ".join(text.split()) for text in page.locator(".happening .said").all_inner_texts()]
    assert feed[0] == "withdrawn: +50 arrests made, keyed in twice"
    assert feed[2] == "correction: arrests made was 9 7, counted twice at hand-over"
    assert page.locator(".happening[data-kind=correction] s").inner_text().endswith("9")


def test_what_came_long_ago_is_still_told_when_it_is_taken_back_and_when_one_looks_back(operation: LiveOperation, look: Look) -> None:
    old = say(operation, 50)
    for _ in range(70):
        say(operation, 1, unit="TN")
    operation.settled(71)
    page = look(operation.desk.token).board(operation)
    page.wait_for_selector(".happening")
    assert page.locator(".happening", has_text="+50").count() == 0, "far below the newest"
    assert operation.desk.post(f"{operation.reports}/{old}/withdrawal", {"reason": "another night's"}).status == 201
    taken = page.locator(".happening[data-kind=withdrawn]")
    taken.wait_for()
    assert " ".join(taken.locator(".said").inner_text().split()) == "withdrawn: +50 arrests made, another night's"
    page.locator("input[type=range]").fill("2")
    page.locator(".happening[data-kind=report]", has_text="+50").wait_for()
    expect(page.locator(".happening")).to_have_count(2)
    page.get_by_role("button", name="Back to live").click()
    taken.wait_for()


def test_who_is_overdue_is_called_and_a_night_that_has_just_begun_is_no_alarm(hub: RealHub, look: Look) -> None:
    more = [{"code": code, "name": code, "kind": "jurisdiction"} for code in ("KY", "TN", "OH")]
    operation = hub.create_operation(units=more, reporting_interval_minutes=10)
    say(operation)
    operation.settled(1)
    page = look(operation.desk.token).board(operation)
    expect(page.locator(".calls")).to_contain_text("No one is overdue. Not heard from yet: TN and OH, due by")
    expect(page.locator(".call")).to_have_count(0)
    expect(page.locator("#row-TN .status")).to_contain_text("not heard yet")
    hub.query(
        "UPDATE operations SET live_at = live_at - interval '35 minutes', version = version + 1 WHERE code = %s", operation.code
    )  # as if it had begun that long ago
    calls = page.locator(".call[data-late]")
    expect(calls).to_have_text([re.compile(r"^\s*TN"), re.compile(r"^\s*OH")])
    expect(calls.first).to_contain_text(re.compile(r"2[5-9] min overdue"))
    expect(calls.first).to_contain_text("never heard")
    expect(page.locator("#facts")).to_contain_text("2 overdue")
    expect(page.locator("#row-TN .status")).to_contain_text("overdue")


def test_where_units_are_not_states_there_are_bars_and_no_empty_map(hub: RealHub, look: Look) -> None:
    units = [
        {"code": "CITY", "name": "The city", "kind": "jurisdiction"},
        {"code": "CITY-PD", "name": "Its police", "kind": "agency", "parent": "CITY"},
        {"code": "CITY-PARK", "name": "The park", "kind": "site", "parent": "CITY"},
    ]
    operation = hub.create_operation(units=units)
    say(operation, 6, unit="CITY-PD")
    say(operation, 2, unit="CITY-PARK")
    operation.settled(2)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    screen.await_figure("8")
    expect(page.locator(".bars li")).to_have_count(3)
    assert [" ".join(bar.split()) for bar in page.locator(".bars li").all_inner_texts()] == ["The city 8", "Its police 6", "The park 2"]
    expect(page.locator("#facts")).to_contain_text("1 of 1 jurisdiction reporting")
    expect(page.locator("#row-CITY-PD")).to_have_count(1)
    expect(page.locator(".tiles")).to_have_count(0)


def test_an_observer_sees_the_figures_and_no_reports(operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    operation.settled(1)
    screen = look(operation.caller("observer").token)
    page = screen.board(operation)
    screen.await_figure("40")
    assert page.locator("#figure-arrests button, #row-KY td button, .feed").count() == 0


def test_a_liaison_traces_the_figures_of_its_own_units_alone(operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    say(operation, 4, unit="TN")
    operation.settled(2)
    page = look(operation.caller("liaison", "KY").token).board(operation)
    expect(page.locator("#row-KY td button")).to_have_count(1)
    expect(page.locator("#row-TN")).to_contain_text("4")
    assert page.locator("#figure-arrests button, #row-TN td button").count() == 0


def test_sorting_holds_until_it_is_asked_for_again(operation: LiveOperation, look: Look) -> None:
    say(operation, 5)
    say(operation, 9, unit="TN")
    operation.settled(2)
    screen = look(operation.desk.token)
    page = screen.board(operation)
    page.get_by_role("button", name="Arrests made").filter(has_text="↕").click()
    order = "[...document.querySelectorAll('.units tbody tr')].map((row) => row.id.slice(4)).filter((code) => ['KY', 'TN'].includes(code))"
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Arrests made")
    assert page.evaluate(order) == ["TN", "KY"]
    say(operation, 20)
    screen.await_figure("34")
    assert page.evaluate(order) == ["TN", "KY"]
    page.locator("th[aria-sort=descending] button").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    assert page.evaluate(order) == ["TN", "KY"], "ascending now"
    page.locator("th[aria-sort=ascending] button").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    assert page.evaluate(order) == ["KY", "TN"]


def test_the_wall_has_nothing_to_press_and_stays_awake(operation: LiveOperation, look: Look) -> None:
    say(operation, 40)
    operation.settled(1)
    screen = look(operation.desk.token, 3840, 2160)
    page = screen.board(operation, "?wall")
    screen.await_figure("40")
    page.wait_for_selector("html[data-awake]")
    assert page.locator("main button:visible, select:visible, input:visible").count() == 0
    assert page.evaluate("getComputedStyle(document.body).cursor") == "none"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_headline_is_spoken_politely_and_seldom(operation: LiveOperation, look: Look) -> None:
    """The page's own clock is put on: what it waits for is half a minute."""
    say(operation, 40)
    operation.settled(1)
    screen = look(operation.desk.token)
    screen.page.clock.install()
    page = screen.board(operation)
    page.evaluate(
        "window.spoken = []; new MutationObserver(() => spoken.push([performance.now(), document.getElementById('spoken').innerText]))"
        ".observe(document.getElementById('spoken'), {childList: true, characterData: true, subtree: true})"
    )
    assert page.locator("#spoken").get_attribute("aria-live") == "polite"
    for quantity in range(5):
        say(operation, quantity)
    screen.await_figure("50")
    assert page.evaluate("spoken.length") == 0
    page.clock.fast_forward(SPOKEN_SECONDS * 1000)
    page.wait_for_function("() => spoken.length > 0")
    assert page.evaluate("spoken.length") == 1, "five changes are one sentence"
    assert "Arrests made 50; Victims rescued 0" in page.evaluate("spoken[0][1]")
