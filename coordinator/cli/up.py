"""``tallyroom up``: a whole hub on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from coordinator.hosting import migrating
from coordinator.hosting.hub import Hub
from coordinator.hosting.stopping import StopAsked, stopped_by_signals


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the web server, 0 for any free one.  [default: TALLYROOM_BIND's]")
@click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="Folder of all the hub keeps.")
def command(port: int | None, data: Path) -> None:
    """Start a hub: PostgreSQL and Valkey unless TALLYROOM_DATABASE_URL or TALLYROOM_REDIS_URL name others, web, worker, beat.

    It runs until Ctrl-C or SIGTERM, which stop all of it. Everything it keeps is in the data folder.
    """
    try:
        with stopped_by_signals(), Hub(data, migrating.begin, port=port, say=click.echo) as hub:
            click.echo(f"Tallyroom is ready at {hub.url}\n{_advice(data)}")
            hub.watch()
    except StopAsked:
        click.echo("stopped")


def _advice(data: Path) -> str:
    where = "" if data == Path("var") else f" --data {data}"
    verb = "tallyroom" if shutil.which("tallyroom") else "python3 -m coordinator"
    return (
        f"To sign in, from another terminal, once:  {verb} account add --role admin --name NAME{where}\n"
        f"A token for a program:                    {verb} token issue --role admin --name NAME{where}\n"
        f"Logs are in {data / 'logs'}; Ctrl-C stops everything."
    )
