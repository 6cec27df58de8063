"""Looking at a page as everyone does: at every size, in both colour schemes, and as a machine that looks for barriers does."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is well is looked at, and not listed
}
SCHEMES = ("light", "dark")
SIZES = ((360, 740), (1440, 900), (3840, 2160))
"""A small phone, a desk's screen, a wall."""

STILL = """async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    await frame();
    await frame();
    const passing = (one) => one.playState === "running" && Number.isFinite(one.effect?.getComputedTiming().endTime);
    await Promise.allSettled(document.getAnimations().filter(passing).map((one) => one.finished));
}"""
"""Waits until the page has been laid out and drawn for what it was told, and whatever passes by itself has passed."""


def in_both_schemes(page: Page) -> Iterator[str]:
    """The page in light and in dark, one after the other."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(STILL)
        yield scheme


def at_every_size(page: Page, sizes: tuple[tuple[int, int], ...] = SIZES) -> Iterator[str]:
    """The page at each of the sizes and in both schemes, one after the other; as it is, and not loaded anew."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in in_both_schemes(page):
            yield f"{width}x{height} {scheme}"


def found(page: Page) -> list[str]:
    """What axe finds, each with where and why."""
    violations = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {[(node['target'], node.get('failureSummary', '')[:160]) for node in one['nodes']][:3]}" for one in violations]


def too_wide(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
