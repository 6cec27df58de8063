"""Runs migrations one at a time, all in one transaction, under a lock that makes a second run wait."""

from alembic import context
from sqlalchemy import create_engine, text

from coordinator.models import metadata

LOCK = 74610

engine = create_engine(context.config.attributes["url"])
with engine.begin() as connection:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(connection=connection, target_metadata=metadata)
    context.run_migrations()
engine.dispose()
