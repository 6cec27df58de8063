"""The page's own knowledge, tried in the browser it runs in: persons in a note, clocks and calendars, and the hub's arithmetic."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from coordinator.browser import files
from coordinator.reports import spoken
from coordinator.reports.personal import looks_like
from tests.browser.phone.phones import Phone
from tests.hubs import RealHub
from tests.reports.test_personal import HARMLESS, PERSONAL
from tests.reports.test_spoken_lines import VECTORS

NIGHTS = 200


@pytest.fixture(scope="module")
def page(browser: Browser, shared_hub: RealHub) -> Iterator[Page]:
    """A liaison's page, which is asked for what its modules know and changes nothing by it."""
    phone = Phone(browser, shared_hub, shared_hub.create_operation(), "Kentucky")
    phone.invite("liaison", "KY")
    yield phone.open()
    phone.close()


def run(page: Page, module: str, body: str, given: Any) -> Any:
    """What ``body``, a function of the module ``m`` and what is given, answers in the page."""
    address = files.load().address(f"js/post/{module}.js")
    return page.evaluate(f"async given => {{ const m = await import('{address}'); return ({body})(m, given); }}", given)


def test_the_page_sees_in_a_note_what_the_hub_sees(page: Page) -> None:
    texts = [text for group in PERSONAL.values() for text in group] + HARMLESS
    said = run(page, "personal", "(m, texts) => texts.map(text => m.complaint(text))", texts)
    for text, sentence in zip(texts, said, strict=True):
        found = looks_like(text)
        assert (f"This looks like {found}." in sentence) if found else sentence == "", text


def test_the_page_reads_a_joint_actions_code_as_the_hub_does(page: Page) -> None:
    chance = random.Random(7)
    codes = [spoken.fresh(chance.randrange) for _ in range(NIGHTS)]
    typed = [*codes, *(code.lower().replace("-", " ").replace("0", "o").replace("1", "l") for code in codes)]
    typed += [code[:place] + chance.choice(spoken.DIGITS) + code[place + 1 :] for code in codes for place in (0, 1, 2, 3, 5)]
    typed += ["", "7K2M", "7K2M-XY", "7K2M_X", "7K2U-X"]
    found = run(page, "joint", "(m, texts) => texts.map(text => m.codeOf(text))", typed)
    for text, answer in zip(typed, found, strict=True):
        try:
            assert answer == {"code": spoken.read(text), "problem": ""}
        except ValueError as problem:
            assert answer == {"code": None, "problem": str(problem) if text else ""}, text


@pytest.mark.parametrize("zone", ["America/New_York", "America/Phoenix", "America/St_Johns", "Pacific/Guam"])
def test_a_time_typed_in_a_zone_is_the_moment_it_means(page: Page, zone: str) -> None:
    start = datetime(2026, 3, 7, 12, tzinfo=ZoneInfo("UTC"))
    moments = [start + timedelta(minutes=17 * n) for n in range(300)]
    typed = [moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M").split() for moment in moments]
    found = run(page, "moments", "(m, [typed, zone]) => typed.map(([d, t]) => m.momentOf(d, t, zone, 4e12))", [typed, zone])
    assert found == [int(moment.timestamp() * 1000) for moment in moments]


def test_a_time_that_clocks_skip_is_none_and_one_they_repeat_is_the_later_one_not_to_come(page: Page) -> None:
    body = "(m, [date, time, now]) => m.momentOf(date, time, 'America/New_York', now)"
    assert run(page, "moments", body, ["2026-03-08", "02:30", 4e12]) is None
    first = int(datetime(2026, 11, 1, 5, 30, tzinfo=ZoneInfo("UTC")).timestamp() * 1000)
    assert run(page, "moments", body, ["2026-11-01", "01:30", 4e12]) == first + 3_600_000
    assert run(page, "moments", body, ["2026-11-01", "01:30", first + 60_000]) == first


def naive(entries: list[dict[str, Any]]) -> int:
    """The contract's sentence, word by word."""
    standing = max(
        (entry for entry in enumerate(entries) if entry[1]["basis"] == "to_date"), key=lambda e: (e[1]["at"], e[0]), default=None
    )
    since = standing[1]["at"] if standing else -1
    steps = sum(entry["quantity"] for entry in entries if entry["basis"] == "increment" and entry["at"] > since)
    return steps + (standing[1]["quantity"] if standing else 0)


def test_the_page_adds_up_as_the_hub_does(page: Page) -> None:
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    kinds = ("increment", "increment", "to_date")
    nights = [
        [{"basis": rng.choice(kinds), "at": rng.randrange(8), "quantity": rng.randrange(50)} for _ in range(rng.randrange(9))]
        for _ in range(NIGHTS)
    ]
    body = "(m, nights) => nights.map(one => String(m.position(one.map(e => ({...e, quantity: BigInt(e.quantity)})))))"
    assert run(page, "cells", body, nights) == [str(naive(night)) for night in nights], f"seed {seed}"


def test_the_page_writes_the_line_that_the_hub_reads(page: Page) -> None:
    """The shared table of lines, which the hub writes too (tests/reports/test_spoken_lines.py); and each symbol has a word."""
    asked = [[one["body"], one["key"]] for one in VECTORS["reports"]]
    body = "(m, [operation, asked]) => asked.map(([body, key]) => m.lineOf(operation, body, key))"
    assert run(page, "line", body, [VECTORS["operation"], asked]) == [one["line"] for one in VECTORS["reports"]]
    spelled = run(page, "line", "(m, line) => m.spelled(line).map(one => one.said)", "KY NEW C12.50 D? J7K2MX +TN 0XO #R7")
    words = "Kilo Yankee|new|Charlie 1 2 point 5 0|Delta some, how much is not known|Juliett 7 Kilo 2 Mike X-ray|with Tango November"
    assert spelled == [*words.split("|"), "0 X-ray Oscar", "check Romeo 7"]


def test_one_is_spoken_of_as_one(page: Page) -> None:
    labels = {
        "Arrests made": "1 arrest made",
        "Children located": "1 child located",
        "Persons provided services": "1 person provided services",
        "Agencies taking part": "1 agency taking part",
        "Search warrants served": "1 search warrant served",
        "DNA samples": "1 DNA sample",
    }
    body = "(m, labels) => labels.map(label => m.amount({measure: {label, scale: 0, unit: 'persons'}, only: true}, 1n))"
    assert run(page, "words", body, list(labels)) == list(labels.values())


def test_a_phase_that_has_just_closed_says_so_before_anything_is_sent(phone: Phone) -> None:
    for phase in ("standing_down", "reconciling", "certified"):
        phone.operation.step(phase)
    expect(phone.page.locator(".banners")).to_contain_text("The operation takes no reports now. A night is certified.")
