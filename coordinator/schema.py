"""The database's schema: migrations run as the owner, never as the hub."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from coordinator.db import driver_url

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(owner_url: str) -> None:
    """Brings the database to the newest schema. Safe to run twice at once: the second waits and finds nothing to do."""
    command.upgrade(_config(owner_url), "head")


def at_head(url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return current == ScriptDirectory.from_config(_config(url)).get_current_head()


def knows(revision: str) -> bool:
    """Whether this version can bring tables of that revision to the newest."""
    return revision in {one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = driver_url(url)
    return config
