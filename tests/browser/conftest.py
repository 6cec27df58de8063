"""A real browser on a real hub. Where there is no Chromium on the machine, or set-up could not fetch what pages need, these tests
are skipped and say so."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from coordinator.browser import parts
from coordinator.cli import chromium
from tests.hubs import LiveOperation, RealHub, hub, shared_hub

__all__ = ["hub", "shared_hub"]

MOMENTS = 20_000
"""Milliseconds anything on a page may take that has no promise of its own."""

expect.set_options(timeout=MOMENTS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium."""
    program = chromium.find()
    if program is None:
        pytest.skip(f"none of {', '.join(chromium.NAMES)} is installed: `apt install chromium` runs the tests of pages")
    if not parts.held(parts.folder(Path(sys.prefix))):
        pytest.skip("set-up could not fetch what pages need: `python3 -m coordinator.browser.parts` does, with a network")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))
        yield running
        running.close()


@dataclasses.dataclass
class Screen:
    """A page as someone sees it, and all that went wrong on it."""

    page: Page
    problems: list[str]

    def board(self, operation: LiveOperation, query: str = "") -> Page:
        """The board of an operation, drawn and live."""
        self.page.goto(f"{operation.hub.url}/operations/{operation.code}/board{query}")
        self.page.wait_for_selector("#line[data-line=live]")
        return self.page

    def figure(self, measure: str = "arrests") -> str:
        """The national figure of a measure as it is shown at this moment."""
        return self.page.locator(f"#figure-{measure} .figure-number").inner_text()

    def await_figure(self, shown: str, measure: str = "arrests", seconds: float = 20) -> None:
        """Waits until that is the figure."""
        self.page.wait_for_function(
            "([id, shown]) => document.querySelector(`#figure-${id} .figure-number`).innerText === shown",
            arg=[measure, shown],
            timeout=seconds * 1000,
        )


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[..., Screen]]:
    """Opens a screen for whoever has this token: ``look(operation.desk.token, width=390)``. Nothing may go wrong on it."""
    screens: list[Screen] = []

    def open_screen(token: str, width: int = 1440, height: int = 900, **options: Any) -> Screen:
        headers = {"Authorization": f"Bearer {token}"}
        context = browser.new_context(viewport={"width": width, "height": height}, extra_http_headers=headers, **options)
        page = context.new_page()
        page.set_default_timeout(MOMENTS)
        screen = Screen(page, [])
        page.on("pageerror", lambda problem: screen.problems.append(str(problem)))
        page.on("dialog", lambda dialog: (screen.problems.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: screen.problems.append(said.text) if "Content Security Policy" in said.text else None)
        screens.append(screen)
        return screen

    yield open_screen
    for screen in screens:
        screen.page.context.close()
    assert not [problem for screen in screens for problem in screen.problems]


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    """A live operation with nothing reported yet."""
    return hub.create_operation()
