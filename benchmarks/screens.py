"""What the board costs whoever looks at it: its first view, a change on the screen, and a change of everything at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from benchmarks.client import Connection, report
from benchmarks.figures import Figure, percentile
from benchmarks.hubs import Hub, Night, night
from coordinator.cli import chromium

UNITS, MEASURES = 60, 20
"""The largest operation whose board is to move without a dropped frame."""

FRAME = 1000 / 60
"""Milliseconds that the page's thread has for a frame."""

FIRST_VIEW_KB = 250

DRAWN = ".uplot canvas, .happening"
OURS = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
"""What the page makes its thread do. Painting is left out: here a processor does it that others use too, elsewhere a graphics card."""

WATCH = """([id]) => {
    window.seen = new Map();
    const figure = document.querySelector(`#figure-${id} .figure-number`);
    new MutationObserver(() => {
        const shown = figure.innerText.replaceAll(",", "");
        requestAnimationFrame(() => { if (!window.seen.has(shown)) window.seen.set(shown, Date.now()); });
    }).observe(figure, { subtree: true, childList: true, characterData: true });
}"""
"""Notes when each figure is on the screen: at the frame after it was put into the page."""


async def measure(on: Hub, times: int = 10, changes: int = 40) -> list[Figure]:
    """Opens boards in the machine's Chromium, each with an empty cache, and changes what they show. Nothing where there is no Chromium."""
    program = chromium.find()
    if program is None:
        print("no Chromium on this machine: the screens are not measured")
        return []
    running = await night(on, UNITS, MEASURES)
    await _fill(running)
    async with _browser(program) as browser:
        views = [await _first_view(browser, on, running) for _ in range(times)]
        floor = [await _page(browser, on, "/sign-in", "#sign-in") for _ in range(times)]
        seen, each = await _changes(browser, on, running, changes)
    size = f"{UNITS} states, {MEASURES} measures"
    first, less = f"the board's first view, empty cache, {size}", "the page for signing in, p50"
    return [
        Figure(
            f"{first}, p50", percentile([ms for ms, _ in views], 0.5), "ms", percentile([ms for ms, _ in floor], 0.5), 1000, limit_is=less
        ),
        Figure("the same, compressed", max(kb for _, kb in views), "KB", max(kb for _, kb in floor), FIRST_VIEW_KB, limit_is=less),
        Figure("receipt of a report to the board's screen, p50", percentile(seen, 0.5), "ms", FRAME, 300, limit_is="a frame"),
        Figure(f"a change of all {MEASURES} measures, the page's thread", each, "ms", None, FRAME),
    ]


@asynccontextmanager
async def _browser(program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))
        yield browser
        await browser.close()


async def _fill(running: Night) -> None:
    """Every cell gets a figure."""
    for unit, caller in running.liaisons.items():
        await _post(running, caller, unit, 1000)


async def _post(running: Night, caller: Connection, unit: str, quantity: int = 1) -> None:
    """A report of every measure of a unit."""
    lines = [{"measure": measure, "quantity": quantity} for measure in running.measures]
    status, answer = await caller.ask("POST", running.reports, report(unit, lines=lines))
    if status != 201:
        raise RuntimeError(f"a report was answered {status}: {answer[:200]!r}")


async def _first_view(browser: Browser, on: Hub, running: Night) -> tuple[float, float]:
    return await _page(browser, on, f"/operations/{running.code}/board", DRAWN)


async def _page(browser: Browser, on: Hub, path: str, drawn: str) -> tuple[float, float]:
    """Milliseconds until a page is drawn that nothing is kept of, and KB on the way."""
    page, session = await _open(browser, on)
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    await session.send("Network.enable")
    started = time.perf_counter()
    await page.goto(on.url + path, wait_until="commit")
    for selector in drawn.split(", "):
        await page.wait_for_selector(selector)
    taken = (time.perf_counter() - started) * 1000
    await page.context.close()
    return taken, sum(sizes) / 1024


async def _open(browser: Browser, on: Hub) -> tuple[Page, CDPSession]:
    headers = {"Authorization": f"Bearer {on.token}"}
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, extra_http_headers=headers)
    page = await context.new_page()
    return page, await context.new_cdp_session(page)


async def _changes(browser: Browser, on: Hub, running: Night, changes: int) -> tuple[list[float], float]:
    """Milliseconds from each receipt to the frame that shows it, one change after another; and of the page's thread for each."""
    page, session = await _open(browser, on)
    await page.goto(f"{on.url}/operations/{running.code}/board")
    await page.wait_for_selector("#line[data-line=live]")
    await page.evaluate(WATCH, [running.measures[0]])
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before, seen = await _thread(session), []
    callers = list(running.liaisons.items())
    for number in range(changes):
        unit, caller = callers[number % 4]
        await _post(running, caller, unit)
        received, shown = time.time() * 1000, str(UNITS * 1000 + number + 1)
        await page.wait_for_function("shown => window.seen.has(shown)", arg=shown)
        seen.append(max(0.0, await page.evaluate("shown => window.seen.get(shown)", shown) - received))
    spent = await _thread(session) - before
    await page.context.close()
    return seen, spent / changes * 1000


async def _thread(session: CDPSession) -> float:
    """Seconds that the page's thread has worked for what is ours."""
    metrics: list[dict[str, Any]] = (await session.send("Performance.getMetrics"))["metrics"]
    return sum(float(one["value"]) for one in metrics if one["name"] in OURS)
