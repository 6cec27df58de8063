"""Backup and restore: PostgreSQL's own dump of one snapshot, with what it must come to again, in one file.

The file is a zip of ``database.dump`` (custom format) and ``backup.json``: the tables' version, how many rows each has, and the
dump's digest. A restore looks at all of that before it touches anything, fills an empty database in one transaction, and then
counts. The hub may go on running while it is backed up. Nothing here knows Flask or the rooms.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from coordinator.hosting.checkup_database import plain
from coordinator.hosting.postgres_clients import Program
from coordinator.hosting.refusals import HostingRefused

FORM = "tallyroom-backup-1"
NOTES, DUMP = "backup.json", "database.dump"
CHUNK = 1 << 20
NOT_KEPT = "heartbeats"
"""A table whose rows are of the moment: who was alive when."""

Progress = Callable[[int], None]
"""Told how many more rows, or bytes, are done."""


@dataclass(frozen=True)
class Notes:
    """What a backup says of itself: ``tables`` are rows by table, ``revision`` the tables' version."""

    form: str
    revision: str
    made_at: str
    server: str
    tables: dict[str, int]
    bytes: int
    sha256: str

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.tables.values())


@dataclass
class Snapshot:
    """One moment of a database, held open while it is dumped."""

    name: str
    revision: str
    server: str
    tables: dict[str, int]


def backup(url: str, file: Path, begun: Callable[[int], Progress]) -> Notes:
    """Writes the database at the owner's ``url`` to a new ``file``; ``begun`` is told the rows there are, and gets what is to be told
    of progress. Refuses with HostingRefused."""
    if file.exists():
        raise HostingRefused(f"{file} is there already: name another file")
    draft = file.with_name(file.name + ".unfinished")
    try:
        with psycopg.connect(plain(url), application_name="tallyroom backup") as connection:
            snapshot = _snapshot(connection)
            os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            notes = _dump(url, snapshot, draft, begun(sum(snapshot.tables.values())))
        draft.rename(file)
        return notes
    except OSError as problem:
        raise HostingRefused(f"{file} can't be written: {problem.strerror}") from problem
    finally:
        draft.unlink(missing_ok=True)


def read(file: Path) -> Notes:
    """What a backup says of itself, once all of it has been compared with its digest. Refuses with HostingRefused."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(DUMP) as dump:
            notes = _notes(json.loads(archive.read(NOTES)))
            digest, size = hashlib.sha256(), 0
            while part := dump.read(CHUNK):
                digest.update(part)
                size += len(part)
    except FileNotFoundError:
        raise HostingRefused(f"there is no {file}") from None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as problem:
        raise HostingRefused(f"{file} is not a whole backup: it was cut, altered, or is something else ({problem})") from problem
    if (digest.hexdigest(), size) != (notes.sha256, notes.bytes):
        raise HostingRefused(f"{file} was altered since it was made: its dump does not have the digest it was written with")
    return notes


def restore(url: str, file: Path, notes: Notes, progress: Progress) -> None:
    """Fills the empty database at the owner's ``url`` from a backup that was read; all of it or nothing. Refuses with HostingRefused."""
    with psycopg.connect(plain(url), autocommit=True, application_name="tallyroom restore") as connection:
        _refuse_full(connection)
        _make_role(connection)
        _fill(url, file, progress)
        counted = _count(connection)
        if counted != notes.tables:
            raise HostingRefused(f"the restored tables do not have the rows that were backed up: {_unequal(notes.tables, counted)}")
        _forbid_temporary(connection)
        connection.execute("ANALYZE")


def _snapshot(connection: psycopg.Connection[Any]) -> Snapshot:
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    name = _value(connection, "SELECT pg_export_snapshot()")
    if not _value(connection, "SELECT to_regclass('public.alembic_version') IS NOT NULL"):
        raise HostingRefused("there are no tables of a hub in this database")
    revision = _value(connection, "SELECT version_num FROM public.alembic_version")
    return Snapshot(name, revision, _value(connection, "SELECT current_setting('server_version')"), _count(connection))


def _count(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows by table, but for what is not kept."""
    names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename").fetchall()
    counts = {}
    for (name,) in names:
        if name != NOT_KEPT:
            counts[name] = int(_value(connection, sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name))))
    return counts


def _dump(url: str, snapshot: Snapshot, draft: Path, progress: Progress) -> Notes:
    options = ("--format=custom", f"--snapshot={snapshot.name}", f"--exclude-table-data=public.{NOT_KEPT}", "--verbose")
    digest, size = hashlib.sha256(), 0
    with zipfile.ZipFile(draft, "w") as archive:
        with archive.open(DUMP, "w", force_zip64=True) as member, Program("pg_dump", url, options, snapshot.server) as program:
            program.hear(lambda line: progress(_rows_in(line, snapshot.tables)))
            while part := program.output.read(CHUNK):
                member.write(part)
                digest.update(part)
                size += len(part)
        made_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        notes = Notes(FORM, snapshot.revision, made_at, snapshot.server, snapshot.tables, size, digest.hexdigest())
        archive.writestr(NOTES, json.dumps(notes.__dict__, indent=1))
    return notes


def _rows_in(line: str, tables: dict[str, int]) -> int:
    """How many rows the table has of which the program says that it comes next."""
    _, found, table = line.partition("dumping contents of table ")
    return tables.get(table.strip().replace('"', "").removeprefix("public."), 0) if found else 0


def _notes(document: Any) -> Notes:
    if document["form"] != FORM:
        raise ValueError(f"it is of the form {document['form']}, and this version knows {FORM}")
    return Notes(**document)


def _refuse_full(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')"
    if there := _value(connection, query):
        raise HostingRefused(
            f"this database is not empty (it has {there} tables and sequences): restore into a new one, nothing was changed"
        )


def _make_role(connection: psycopg.Connection[Any]) -> None:
    """The role to which the dump's grants go; migrations make it, and they have not run here."""
    if not _value(connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tallyroom_app')"):
        connection.execute("CREATE ROLE tallyroom_app NOLOGIN")
    connection.execute("""
        DO $$ BEGIN
            IF NOT pg_has_role(current_user, 'tallyroom_app', 'MEMBER') THEN
                EXECUTE 'GRANT tallyroom_app TO ' || quote_ident(current_user);
            END IF;
        END $$
    """)


def _forbid_temporary(connection: psycopg.Connection[Any]) -> None:
    """What the first migration says of the database itself, which no dump of its tables holds."""
    connection.execute("DO $$ BEGIN EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()); END $$")


def _fill(url: str, file: Path, progress: Progress) -> None:
    options = ("--single-transaction", "--exit-on-error", "--no-owner", "--format=custom")
    with zipfile.ZipFile(file) as archive, archive.open(DUMP) as dump, Program("pg_restore", url, options) as program:
        program.hear(lambda _: None)
        for part in _parts(dump):
            try:
                program.input.write(part)
            except BrokenPipeError:
                break
            progress(len(part))


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(CHUNK):
        yield part


def _unequal(wanted: dict[str, int], found: dict[str, int]) -> str:
    names = [name for name in sorted(wanted.keys() | found.keys()) if wanted.get(name) != found.get(name)]
    return ", ".join(f"{name} {found.get(name)} instead of {wanted.get(name)}" for name in names)


def _value(connection: psycopg.Connection[Any], query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
