"""``tallyroom backup`` and ``tallyroom restore``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from coordinator import db
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.hosting import backups
from coordinator.hosting.reaching import Reached, database
from coordinator.hosting.refusals import HostingRefused
from coordinator.operations import service as operations
from coordinator.schema import knows, upgrade
from coordinator.totals import recount

DATA = click.option("--data", type=click.Path(path_type=Path), default=Path("var"), show_default=True, help="The data folder of the hub.")
FILE = click.argument("file", type=click.Path(path_type=Path))


@click.command()
@FILE
@DATA
def backup(file: Path, data: Path) -> None:
    """Write all that the hub keeps to FILE, while it goes on running or while it does not."""
    began = time.monotonic()
    with database(data) as reached:
        bar = click.progressbar(length=0, label="backing up", file=sys.stderr)

        def begun(rows: int) -> backups.Progress:
            bar.length = rows
            return bar.update

        with bar:
            notes = backups.backup(reached.owner_url, file, begun)
    size, seconds = file.stat().st_size, time.monotonic() - began
    click.echo(f"{notes.rows:,} rows of {len(notes.tables)} tables as of {notes.made_at}: {file}, {size:,} bytes, in {seconds:.0f} s")
    click.echo("It holds who may come in: keep it as you keep the hub. The signing key is not in it: keep that apart.")


@click.command()
@FILE
@DATA
@click.pass_context
def restore(ctx: click.Context, file: Path, data: Path) -> None:
    """Fill an empty database from FILE, all of it or nothing; then count every total again. Exit 1 where one differs."""
    began = time.monotonic()
    notes = backups.read(file)
    if not knows(notes.revision):
        raise HostingRefused(f"{file} is of a later version of Tallyroom (its tables are {notes.revision}): restore it with that one")
    with database(data, make=True) as reached:
        with click.progressbar(length=notes.bytes, label="restoring", file=sys.stderr) as bar:
            backups.restore(reached.owner_url, file, notes, bar.update)
        upgrade(reached.owner_url)
        click.echo(f"{notes.rows:,} rows of {len(notes.tables)} tables as of {notes.made_at}, in {time.monotonic() - began:.0f} s")
        equal = _recount(reached)
    if reached.private:
        click.echo(f"The hub that is started on {data} from now on is the one that was backed up.")
    ctx.exit(0 if equal else 1)


def _recount(reached: Reached) -> bool:
    """Compares every total with the record, and says so."""
    engine = db.connect(reached.hub_url, pool=1)
    try:
        with transaction():
            known = {row.id: row.code for row in operations.visible(console(), 10_000, 0)}
        holds = [_compare(id, code) for id, code in known.items()]
    finally:
        engine.dispose()
    return all(holds)


def _compare(id: int, code: str) -> bool:
    with transaction(snapshot=True):
        found = recount.compare(id)
    click.echo(f"{code}: position {found.position}, {'equal' if found.holds else f'{len(found.differences)} differences'}")
    return found.holds
