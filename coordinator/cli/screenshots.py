"""``tallyroom screenshots``: the pictures in the README, taken of the night of Operation United Front as it is played."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from coordinator.cli import chromium
from coordinator.cli.demo import NIGHT, admin_token, own_hub
from coordinator.hosting.hub import ROOT
from coordinator.nights import playing
from coordinator.nights.caller import Caller
from coordinator.nights.player import Stage, Told, open_stage, perform, settled

SECONDS = 150.0
INTERVAL = 1
"""Minutes between reports: the night is played some fifty times too fast, and who is silent for a minute of it is overdue."""

EARLY = 0.6
"""The part of the night after which the board is taken while it runs."""

OVERDUE = 2
"""So many states are late when it is taken at the end."""

DESK, PHONE, WALL = (1440, 900), (390, 844), (1600, 900)
MOST = 200 * 1024
"""Bytes of a picture: they are in the repository."""

Shoot = Callable[..., None]


@click.command()
@click.option(
    "--folder", type=click.Path(path_type=Path), default=ROOT / "docs" / "screenshots", help="Where to.  [default: docs/screenshots]"
)
@click.option("--seconds", type=click.FloatRange(1, 3600), default=SECONDS, show_default=True, help="How long the night takes.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Which of all nights with these figures.")
def command(folder: Path, seconds: float, seed: int) -> None:
    """Start a hub on an empty folder, play the night of Operation United Front, and take the board's pictures at three moments."""
    console = playing.console()
    folder.mkdir(parents=True, exist_ok=True)
    ready = playing.prepare(NIGHT, seed, None, datetime.now(UTC))
    ready.document["reporting_interval_minutes"] = INTERVAL
    with TemporaryDirectory(prefix="tallyroom-screenshots-") as data, own_hub(console, Path(data), 0) as hub:

        def wait(pause: float) -> None:
            hub.tend()
            time.sleep(pause)

        token = admin_token(hub)
        stage = open_stage(Caller(hub.url, token, wait), ready.document, ready.night)
        with _camera(f"{hub.url}/operations/{stage.code}/board", token, folder) as shoot:
            perform(stage, ready.night, seconds, lambda told: _during(told, shoot), wait)
            settled(stage, ready.night.entries(), wait)
            while len(stage.totals()["reporting"]["overdue"]) < OVERDUE:
                wait(0.5)
            _afterwards(stage, shoot)
        stage.close()
    for path in sorted(folder.glob("*.png")):
        console.print(f"{path}: {path.stat().st_size / 1024:.0f} KB")
        if path.stat().st_size > MOST:
            raise click.ClickException(f"{path} is larger than {MOST // 1024} KB: too large for the repository")


def _during(told: Told, shoot: Shoot) -> None:
    if told.number == int(EARLY * told.of):
        shoot("board-early", DESK)


def _afterwards(stage: Stage, shoot: Shoot) -> None:
    """The night's end by day, in the dark, on a phone and on a wall; and back to an earlier moment."""
    shoot("board", DESK)
    shoot("board-dark", DESK, color_scheme="dark")
    shoot(
        "board-past",
        DESK,
        act=lambda page: page.locator("input[type=range]").fill(str(stage.totals()["position"] // 2)),
        until="#past span:has-text('as it stood')",
    )
    shoot("board-phone", PHONE)
    shoot("board-wall", WALL, query="?wall")


@contextmanager
def _camera(address: str, token: str, folder: Path) -> Iterator[Shoot]:
    """Yields what takes a picture of the page: a name, a size, and options of the browser's context."""
    from playwright.sync_api import Page, sync_playwright

    program = chromium.find()
    if program is None:
        raise click.ClickException(f"none of {', '.join(chromium.NAMES)} is installed: pictures need a browser (`apt install chromium`)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))

        def shoot(
            name: str, size: tuple[int, int], *, act: Callable[[Page], Any] | None = None, until: str = "", query: str = "", **options: Any
        ) -> None:
            width, height = size
            headers = {"Authorization": f"Bearer {token}"}
            context = browser.new_context(viewport={"width": width, "height": height}, extra_http_headers=headers, **options)
            page = context.new_page()
            page.goto(address + query)
            for selector in ("#line[data-line=live]", ".uplot canvas", ".happening"):
                page.wait_for_selector(selector)
            if act:
                act(page)
                page.wait_for_selector(until)
            page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
            page.screenshot(path=str(folder / f"{name}.png"))
            context.close()

        yield shoot
        browser.close()
