"""``tallyroom migrate``: the database's tables as this version wants them."""

from __future__ import annotations

import click

from config.settings import Settings


@click.command()
def command() -> None:
    """Bring the database that TALLYROOM_OWNER_URL (or TALLYROOM_DATABASE_URL) names up to date."""
    from coordinator.schema import upgrade

    upgrade(Settings.from_environment().migration_url)
    click.echo("the database is up to date")
