"""``tallyroom migrate``: the database's tables as this version wants them."""

from __future__ import annotations

import click

from config.settings import Settings
from coordinator.hosting.checkup_database import refuse_unfit


@click.command()
def command() -> None:
    """Bring the database that TALLYROOM_OWNER_URL (or TALLYROOM_DATABASE_URL) names up to date."""
    settings = Settings.from_environment()
    from coordinator.schema import upgrade

    refuse_unfit(settings.migration_url)
    upgrade(settings.migration_url)
    click.echo("the database is up to date")
