"""A phone: one browser with its own storage, and what a liaison does on it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from coordinator.cli import chromium
from tests.hubs import LiveOperation, RealHub, eventually
from tests.people import CODE

SOON = 15_000
"""Milliseconds an event on the page may take that has no promise of its own."""

SIZE = {"width": 390, "height": 844}
FETCH = """async ([path, method, body]) => {
    const headers = body ? {"Content-Type": "application/json"} : {};
    const answer = await fetch(path, {method, headers, body: body ? JSON.stringify(body) : undefined});
    return {status: answer.status, body: await answer.json().catch(() => null)};
}"""


KEPT = """(most) => Promise.race([
    navigator.serviceWorker.ready.then(({ active }) => active.state === "activated" || new Promise((done) => {
        active.addEventListener("statechange", () => done(true), {once: true});
    })),
    new Promise((_, refuse) => setTimeout(() => refuse(new Error("the page was not kept")), most)),
])"""
"""Waits until the worker keeps the page and serves it; for ever, where nothing bounds it, if one of its files is not there."""


class Phone:
    """A liaison's phone; ``page`` is the page it shows now.

    The tunnel of a test is the page's alone: the browser knows that its own network is there, and would send what waits at once
    from behind the page. So it may not, but for a phone that is made with ``by_itself=True``. ``script`` runs before each page's own.
    """

    def __init__(self, browser: Browser, hub: RealHub, operation: LiveOperation, name: str, **options: Any) -> None:
        self.hub, self.operation, self.name = hub, operation, name
        self.code = CODE
        self.errors: list[str] = []
        options = {"viewport": SIZE, "time_zone": "America/New_York", "color_scheme": "light"} | options
        zone, self._by_itself, self._script = options.pop("time_zone"), options.pop("by_itself", False), options.pop("script", "")
        options |= {"base_url": hub.url, "timezone_id": zone, "locale": "en-US"}
        folder = options.pop("folder", None)
        self._start = partial(_restartable, browser, folder, options) if folder else partial(browser.new_context, **options)
        self._begin()

    def _begin(self) -> None:
        self.context: BrowserContext = self._start()
        if not self._by_itself:
            self.context.grant_permissions([])
        if self._script:
            self.context.add_init_script(self._script)
        self.context.on("weberror", lambda error: self.errors.append(str(error.error)))
        self.context.on("console", lambda message: self.errors.append(message.text) if "Content Security Policy" in message.text else None)
        self.page = self.context.new_page()

    def restart(self) -> None:
        """Switches the phone off and on again: all that is left is what the browser has written to its folder."""
        self.context.close()
        self._begin()

    @property
    def path(self) -> str:
        """Where the page is."""
        return f"/operations/{self.operation.code}/post"

    def invite(self, role: str, *units: str) -> None:
        """Takes an invitation of the desk's on this phone."""
        content = {"name": self.name, "role": role, "operation": None if role == "admin" else self.operation.code, "units": list(units)}
        caller = self.hub.admin if role == "admin" else self.operation.desk
        made = caller.post("/invitations", content)
        assert made.status == 201, made.body
        self.page.goto("/healthz")
        taken = self.fetch("/api/v1/devices", "POST", {"invitation": made.json["link"].split("#")[1], "name": self.name, "code": self.code})
        assert taken["status"] == 201, taken

    def fetch(self, path: str, method: str = "GET", body: Any = None) -> Any:
        """Asks the hub as a page of this browser does."""
        return self.page.evaluate(FETCH, [path, method, body])

    def open(self) -> Page:
        """Opens the page, and waits until it can be used and is kept for the next time."""
        self.page.goto(self.path)
        self.ready()
        self.page.evaluate(KEPT, SOON)
        return self.page

    def ready(self) -> None:
        """Waits for the form."""
        expect(self.page.locator("#form")).to_be_visible()

    def shut(self) -> None:
        """Closes the page, as when the phone goes back into the pocket."""
        self.page.close()

    def reopen(self) -> Page:
        """Opens it again, from the home screen."""
        self.page = self.context.new_page()
        self.page.goto(self.path)
        self.ready()
        return self.page

    def offline(self, off: bool = True) -> None:
        """Into the tunnel, or out of it."""
        self.context.set_offline(off)

    def field(self, name: str) -> Locator:
        """The figure of a measure."""
        return self.page.get_by_role("textbox", name=name, exact=True)

    def type(self, figure: str, name: str = "Arrests made") -> None:
        """Types a figure."""
        self.field(name).fill(figure)

    def send(self) -> None:
        """Sends and says yes."""
        self.page.get_by_role("button", name="Send", exact=True).click()
        self.agree("Yes, send")

    def agree(self, answer: str) -> None:
        """Gives an answer, once the page takes one."""
        self.page.locator("dialog[data-takes-answers]").get_by_role("button", name=answer).click()
        expect(self.page.locator("dialog")).to_have_count(0)

    def post(self, figure: int, name: str = "Arrests made") -> None:
        """Posts one figure."""
        self.type(str(figure), name)
        self.send()

    def rows(self, word: str) -> Locator:
        """Reports in the list that stand under this word."""
        return self.page.locator("#reports li.report").filter(has=self.page.locator(".state", has_text=word))

    def queue(self) -> list[dict[str, Any]]:
        """What stands in the phone's own queue."""
        return list(self.page.evaluate(STORED, "queue"))

    def kept(self, words: str) -> None:
        """Waits until the phone has kept what was typed, which it does after each key: until its draft holds these words."""
        eventually(lambda: words in str(self.page.evaluate(STORED, "drafts")), what=lambda: str(self.page.evaluate(STORED, "drafts")))

    def reports(self, **query: Any) -> list[dict[str, Any]]:
        """What the hub has, oldest first. Asking the browser something as well lets it hand over requests that a test answers."""
        self.context.cookies()
        return list(reversed(self.operation.desk.get(self.operation.reports, limit=200, **query).json["items"]))

    def close(self) -> None:
        """Throws the phone away; what its pages complained of fails the test."""
        self.context.close()
        assert not self.errors, self.errors


def _restartable(browser: Browser, folder: Path, options: dict[str, Any]) -> BrowserContext:
    """A browser whose storage stands in a folder."""
    program = chromium.find()
    return browser.browser_type.launch_persistent_context(folder, executable_path=program, args=list(chromium.FLAGS), **options)


STORED = """store => new Promise((done, broken) => {
    const asked = indexedDB.open("tallyroom");
    asked.onerror = () => broken(asked.error);
    asked.onsuccess = () => {
        const read = asked.result.transaction(store).objectStore(store).getAll();
        read.onsuccess = () => { asked.result.close(); done(read.result); };
    };
})"""
