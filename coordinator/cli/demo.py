"""``tallyroom demo``: a hub of its own on an empty folder, and the night of Operation United Front on it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from config.settings import variable
from coordinator.hosting import migrating
from coordinator.hosting.hub import ROOT, Hub
from coordinator.hosting.stopping import StopAsked, stopped_by_signals
from coordinator.nights import playing, tables
from coordinator.nights.caller import Caller, NightStopped
from coordinator.nights.comparison import Comparison
from coordinator.nights.player import Stage

NIGHT = "united-front-2021"
AFTERWARDS = ("standing_down", "reconciling")
"""The phases after the night: all have reported, and the figures are settled."""

OTHERS = {variable(name) + ending for name in ("database_url", "owner_url", "redis_url") for ending in ("", "_FILE")}
"""A demonstration never touches servers that the environment names."""

INVITED = (("The desk", "desk", list[str]()), ("A liaison of the Kentucky State Police", "liaison", ["KY-KSP"]))
"""Who is invited to look: words, role and units."""

INTERRUPTED = 130


@click.command()
@click.option("--exit", "leave", is_flag=True, help="Stop after the night. The exit status is 0 only if every figure is equal.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the web server.  [default: any free one]")
@click.option("--seconds", type=click.FloatRange(0, 86400), default=60.0, show_default=True, help="How long the night takes.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Which of all nights with these figures.")
def command(leave: bool, port: int, seconds: float, seed: int) -> int:
    """Start a hub on an empty folder and play the night of Operation United Front: twelve states, 102 arrests, 47 victims rescued.

    The figures are the published ones, the times between them are made up. Ctrl-C ends the hub and removes its folder.
    """
    console, status = playing.console(), INTERRUPTED
    try:
        with stopped_by_signals(), TemporaryDirectory(prefix="tallyroom-demo-") as folder, own_hub(console, Path(folder), port) as hub:
            token = admin_token(hub)
            status = 0 if _play(console, hub, token, playing.prepare(NIGHT, seed), seconds, watched=not leave).equal else 1
            if not leave:
                _look_around(console, hub, token)
                hub.watch()
    except NightStopped as problem:
        raise click.ClickException(str(problem)) from None
    except StopAsked:
        console.print("\nstopped; the hub and its folder are gone")
    return status


def own_hub(console: Console, folder: Path, port: int) -> Hub:
    console.print("A hub of its own, in a folder that is removed at the end:", style="bold")
    return Hub(
        folder / "data", migrating.begin, port=port, say=lambda line: console.print(f"  {line}", soft_wrap=True), environ=_environment()
    )


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OTHERS}


def admin_token(hub: Hub) -> str:
    """An admin's first token, as anyone gets it: from the command line, by whoever can read the data folder."""
    verb = ["token", "issue", "--role", "admin", "--name", "Demonstration", "--data", str(hub.folder.path)]
    issued = subprocess.run(
        [sys.executable, "-m", "coordinator", *verb], cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    if issued.returncode or not issued.stdout.split():
        raise NightStopped(f"No token was issued: {issued.stderr.strip() or 'nothing was printed'}")
    return issued.stdout.split()[-1]


def _play(console: Console, hub: Hub, token: str, ready: playing.Prepared, seconds: float, *, watched: bool) -> Comparison:
    """The night, the hub kept running meanwhile, then what it came to."""
    units, reports = {report.unit for report in ready.night.reports}, len(ready.night.reports)
    console.print(f"{ready.document['name']} in {seconds:g} seconds: {reports} reports by {len(units)} units.\n", style="bold")

    def wait(pause: float) -> None:
        hub.tend()
        time.sleep(pause)

    def opened(stage: Stage) -> None:
        if watched:
            _invite(console, stage)

    caller = Caller(hub.url, token, wait)
    stage, comparison = playing.play(ready, caller, seconds, console, phases=AFTERWARDS, wait=wait, opened=opened)
    tables.show(console, ready.document, stage.totals(), comparison)
    stage.close()
    return comparison


def _invite(console: Console, stage: Stage) -> None:
    """The ways in for a browser, before the night begins: pages are entered by an invitation, not by a token."""
    console.print("Watch it in Chrome, Edge or Firefox on this machine: open a link, choose a short code, and you are in.", style="bold")
    for words, role, units in INVITED:
        link = stage.desk.post("/invitations", {"name": words, "role": role, "operation": stage.code, "units": units}).content["link"]
        console.print(f"  {words}:  {link}", soft_wrap=True, highlight=False, markup=False)
    console.print("Each link is good once. Two at a time need two browsers, or a private window for the second.\n")


def _look_around(console: Console, hub: Hub, token: str) -> None:
    """Where to look around, in lines that can be copied whole."""
    totals = f"curl -H 'Authorization: Bearer {token}' {hub.url}/api/v1/operations/{NIGHT}/totals"
    console.print("\nThe hub goes on running, and so do the links above. For programs:", style="bold")
    for name, value in (
        ("its API", f"{hub.url}/api/docs"),
        ("token", f"{token} (an admin's, gone with the hub)"),
        ("totals", totals),
    ):
        console.print(f"  {name:<8} {value}", soft_wrap=True, highlight=False, markup=False)
    console.print("Ctrl-C ends it and removes everything.", style="bold")
