"""``tallyroom bundle``: write an operation's bundle to a file."""

from __future__ import annotations

from pathlib import Path

import click

from coordinator.access.actor import console
from coordinator.cli.connected import connected
from coordinator.db import transaction
from coordinator.verification import service


@click.command()
@click.argument("operation")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--at", type=click.IntRange(0), help="A position of the journal.  [default: the newest]")
@click.option("--release", type=click.IntRange(1), help="The position of this release instead.")
@connected
def command(operation: str, file: Path, at: int | None, release: int | None) -> None:
    """Write all that the figures of OPERATION rest on to FILE, for `verify`."""
    if file.exists():
        raise click.ClickException(f"{file} is there already: name another file")
    draft = file.with_name(file.name + ".unfinished")
    try:
        with draft.open("wb") as out, transaction(snapshot=True):
            position = service.bundle(console(), operation, at, out, release)
        draft.rename(file)
    finally:
        draft.unlink(missing_ok=True)
    click.echo(f"{operation} up to position {position}: {file}, {file.stat().st_size:,} bytes")
