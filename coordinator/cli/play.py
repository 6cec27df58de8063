"""``tallyroom play``: an operation's published night, played against a running hub."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from coordinator.nights import playing, tables
from coordinator.nights.caller import Caller, NightStopped


@click.command()
@click.argument("facts")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="Address of the hub.")
@click.option("--token", envvar="TALLYROOM_TOKEN", show_envvar=True, help="An admin's token.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Which of all nights with these figures.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 86400),
    default=20.0,
    show_default=True,
    help="How long the night takes; 0: as fast as the hub is.",
)
@click.option("--code", help="Code of the operation, where that of the facts is taken.  [default: as in the facts]")
@click.option("--now", is_flag=True, help="As if the night ended now, so that the last 15 minutes move. Else at its own time.")
def command(facts: str, url: str, token: str | None, seed: int, seconds: float, code: str | None, now: bool) -> int:
    """Play the night of FACTS: a template's name, or a file of published facts.

    Creates the operation and its tokens, posts as its liaisons, and prints the hub's figures beside the published ones.
    The exit status is 0 if they are equal, 1 if not, 2 if the night could not be played.
    """
    if not token:
        raise click.ClickException(
            "give an admin's token with --token or TALLYROOM_TOKEN: `tallyroom token issue --role admin --name NAME` prints one"
        )
    console = playing.console()
    try:
        played = playing.prepare(facts, seed, code, datetime.now(UTC) if now else None)
        stage, comparison = playing.play(played, Caller(url, token), seconds, console)
        tables.show(console, played.document, stage.totals(), comparison)
        stage.close()
    except NightStopped as problem:
        raise click.ClickException(str(problem)) from None
    return 0 if comparison.equal else 1
