"""Broken builds: each is made by a trigger in the database of one hub, so that it stays broken whatever way the code goes.

``begins`` breaks it, ``ends`` mends it again. None is part of the product.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg


@dataclass(frozen=True)
class Mutant:
    """What is broken, and how it is done and undone. ``settings`` are the server's own."""

    about: str
    begins: str
    ends: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def broken(database_url: str, mutant: Mutant) -> Iterator[None]:
    """The hub on that database, broken inside the context."""
    _set(database_url, *(f"SET {name} = '{value}'" for name, value in mutant.settings.items()))
    _run(database_url, mutant.begins)
    try:
        yield
    finally:
        _run(database_url, mutant.ends)
        _set(database_url, *(f"RESET {name}" for name in mutant.settings))


def ask(database_url: str, query: str) -> int:
    """The one number that a query answers."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def _set(database_url: str, *changes: str) -> None:
    for change in changes:
        _run(database_url, f"ALTER SYSTEM {change}")
    _run(database_url, "SELECT pg_reload_conf()")


def _run(database_url: str, statements: str) -> None:
    if statements:
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(statements.encode())


ANSWERS_BEFORE_IT_IS_ON_DISK = Mutant(
    "synchronous_commit is off in every transaction that writes",
    """
    CREATE FUNCTION hasty() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$;
    CREATE TRIGGER hasty AFTER INSERT ON reports EXECUTE FUNCTION hasty();
    CREATE TRIGGER hasty AFTER INSERT ON journal EXECUTE FUNCTION hasty();
    CREATE TRIGGER hasty AFTER INSERT OR UPDATE ON heartbeats EXECUTE FUNCTION hasty();
    CREATE TRIGGER hasty AFTER INSERT OR UPDATE ON recounts EXECUTE FUNCTION hasty();
    """,
    """
    DROP TRIGGER hasty ON reports; DROP TRIGGER hasty ON journal; DROP TRIGGER hasty ON heartbeats; DROP TRIGGER hasty ON recounts;
    DROP FUNCTION hasty;
    """,
    {"wal_writer_delay": "10s"},
)
"""What a report waits for is the disk; here it waits for nothing, and a crash takes what was not written yet. That is a fifth of a
second's reports at most, which a slow machine may not have had: so the writing comes later too."""

FORGETS_TO_EMPTY_THE_INBOX = Mutant(
    "each report stands in the inbox once more after its first fold",
    """
    CREATE TABLE forgotten (report_id uuid PRIMARY KEY);
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO forgotten VALUES (OLD.report_id) ON CONFLICT DO NOTHING;
        IF FOUND THEN INSERT INTO inbox OVERRIDING SYSTEM VALUE SELECT OLD.*; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER forget AFTER DELETE ON inbox FOR EACH ROW EXECUTE FUNCTION forget();
    """,
    "DROP TRIGGER forget ON inbox; DROP FUNCTION forget; DROP TABLE forgotten; DELETE FROM inbox;",
)
"""The database's own key of the journal stands in its way: nothing counts twice, but nothing gets through either."""

COUNTS_TWICE = Mutant(
    "the same, with that key gone",
    FORGETS_TO_EMPTY_THE_INBOX.begins + "ALTER TABLE journal DROP CONSTRAINT uq_journal_report_id;",
    FORGETS_TO_EMPTY_THE_INBOX.ends
    + """
    ALTER TABLE journal DISABLE TRIGGER USER;
    DELETE FROM journal j USING journal earlier WHERE earlier.report_id = j.report_id AND earlier.position < j.position;
    ALTER TABLE journal ENABLE TRIGGER USER;
    ALTER TABLE journal ADD CONSTRAINT uq_journal_report_id UNIQUE (report_id);
    """,
)

FOLDS_BREAK_OFF = Mutant(
    "each third fold loses its connection after it has numbered its reports",
    """
    CREATE SEQUENCE broken_attempts;
    CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF nextval('broken_attempts') % 3 = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER z_break_off AFTER INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION break_off();
    """,
    "DROP TRIGGER z_break_off ON journal; DROP FUNCTION break_off; DROP SEQUENCE broken_attempts;",
)
"""Not a mutant yet, but the weather in which the next one shows: the promise holds in it."""

NUMBERS_FROM_A_SEQUENCE = Mutant(
    "positions come from a sequence, which no rollback takes back",
    FOLDS_BREAK_OFF.begins
    + """
    CREATE SEQUENCE numbers;
    CREATE FUNCTION draw() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE drawn bigint := nextval('numbers');
    BEGIN
        PERFORM set_config('mutant.ahead', (drawn - NEW.position)::text, true);
        NEW.position := drawn;
        RETURN NEW;
    END $$;
    CREATE FUNCTION follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        NEW.position := NEW.position + coalesce(nullif(current_setting('mutant.ahead', true), ''), '0')::bigint;
        RETURN NEW;
    END $$;
    CREATE TRIGGER draw BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION draw();
    CREATE TRIGGER follow BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION follow();
    CREATE TRIGGER follow BEFORE UPDATE ON heads FOR EACH ROW EXECUTE FUNCTION follow();
    """,
    """
    DROP TRIGGER draw ON journal; DROP TRIGGER follow ON entries; DROP TRIGGER follow ON heads;
    DROP FUNCTION draw; DROP FUNCTION follow; DROP SEQUENCE numbers;
    """
    + FOLDS_BREAK_OFF.ends,
)
