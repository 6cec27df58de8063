"""The migrated database is what the models say, and the migrations stand in one row."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect

from coordinator.db import driver_url
from coordinator.models import metadata
from coordinator.schema import MIGRATIONS, at_head, upgrade


@pytest.fixture
def connection(owner_url: str) -> Iterator[Connection]:
    """The migrated database, as its owner."""
    engine = create_engine(driver_url(owner_url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def script() -> ScriptDirectory:
    """All migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def test_models_and_migrated_database_are_equal(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, metadata) == []


def test_every_check_of_the_models_is_in_the_database_and_no_other(connection: Connection) -> None:
    inspector = inspect(connection)
    for table in metadata.tables.values():
        wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        assert {one["name"] for one in inspector.get_check_constraints(table.name)} == wanted, table.name


def test_there_is_one_head_and_every_migration_follows_the_one_before(script: ScriptDirectory) -> None:
    revisions = list(reversed(list(script.walk_revisions())))
    assert script.get_heads() == [revisions[-1].revision]
    assert [one.revision for one in revisions] == [f"{number:04}" for number in range(1, len(revisions) + 1)]
    assert [one.down_revision for one in revisions] == [None, *[one.revision for one in revisions[:-1]]]


def test_the_files_are_named_after_their_revisions(script: ScriptDirectory) -> None:
    for one in script.walk_revisions():
        assert re.fullmatch(rf"{one.revision}_[a-z_]+\.py", one.path.rsplit("/", 1)[-1])


def test_migrating_a_migrated_database_changes_nothing(owner_url: str) -> None:
    assert at_head(owner_url)
    upgrade(owner_url)
    assert at_head(owner_url)
