"""``tallyroom recount``: compare totals with a recount of the record; rebuild them where asked."""

from __future__ import annotations

import json
import sys

import click

from coordinator.access.actor import console
from coordinator.cli.connected import connected
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.totals import fold, recount


@click.command()
@click.argument("operation", required=False)
@click.option("--rebuild", is_flag=True, help="Drop what is derived and fold the journal again, take up what was set aside, then compare.")
@connected
def command(operation: str | None, rebuild: bool) -> None:
    """Recount OPERATION, or all, from its first report, and compare with its totals; exit 1 where one figure differs."""
    with transaction():
        codes = [operation] if operation else [row.code for row in operations.visible(console(), 10_000, 0)]
    outcomes = [_recount(code, rebuild) for code in codes]
    if not all(outcomes):
        sys.exit(1)


def _recount(code: str, rebuild: bool) -> bool:
    with transaction():
        operation_id = operations.find(code).id
        if rebuild:
            recount.rebuild(operation_id)
            fold.take_up(operation_id)
    with transaction(snapshot=True):
        found = recount.compare(operation_id)
    with transaction():
        recount.record(found)
    click.echo(f"{code}: position {found.position}, {'equal' if found.holds else f'{len(found.differences)} differences'}")
    for difference in found.differences[: recount.MOST_SHOWN]:
        click.echo("  " + json.dumps(difference))
    return found.holds
