"""What ``doctor`` asks PostgreSQL. Each look is what it is about, what was found, whether that is safe, and how to mend it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import psycopg

from config.settings import Settings
from coordinator.hosting.refusals import HostingRefused

Connection = psycopg.Connection[Any]
Look = tuple[str, str, bool, str]

WAIT_SECONDS = 5
OLDEST = 15
RECORD = (
    *("reports", "lines", "assists", "journal", "joint_actions", "audit", "definitions", "checkpoints"),
    *("bulletins", "addressees", "acknowledgements", "bulletin_messages", "deliveries"),
    *("check_ins", "calls", "reminders", "stand_downs", "happenings"),
    *("adjustments", "adjusted", "finals", "explanations", "controls"),
    *("signatures", "waivers", "amendments", "releases", "publications"),
)
"""Tables to which rows are added and never changed."""
APPLICATION = "tallyroom_app"
SPARE_CONNECTIONS = 10
"""For migrations, verbs and whoever looks at the database by hand."""
MOST_SECONDS_APART = 2.0


def refuse_unfit(url: str) -> None:
    """HostingRefused where the hub's promises can't hold on that PostgreSQL; psycopg.OperationalError where none answers."""
    with psycopg.connect(plain(url), connect_timeout=WAIT_SECONDS, autocommit=True) as connection:
        unfit = [f"{about} is {found}: {mend}" for about, found, safe, mend in durability(connection) if not safe]
    if unfit:
        raise HostingRefused(f"this PostgreSQL can't keep the record ({'; '.join(unfit)})")


def plain(url: str) -> str:
    """A database URL as psycopg wants it, without SQLAlchemy's driver."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def durability(connection: Connection) -> Iterator[Look]:
    """What "a 2xx is on disk" rests on."""
    number, version = connection.info.server_version, _show(connection, "server_version")
    yield "postgresql version", version, number >= OLDEST * 10_000, f"move to PostgreSQL {OLDEST} or later"
    yield _durable(connection, "synchronous_commit", "an answer is given before the report is on disk")
    yield _durable(connection, "fsync", "a crash of the machine can lose or damage everything")
    yield _durable(connection, "full_page_writes", "a crash of the machine can damage pages")


def settings_kept(connection: Connection, settings: Settings) -> Iterator[Look]:
    """Durability, letters of every language, and room for every process's connections."""
    yield from durability(connection)
    encoding = _show(connection, "server_encoding")
    yield "server_encoding", encoding, encoding == "UTF8", "make the database anew with ENCODING 'UTF8'"
    yield _room(connection, settings)


def record_kept(connection: Connection) -> Iterator[Look]:
    """The second wall: what the hub's login could do to the record if the application's own checks were gone."""
    login, powerful = _row(connection, "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
    advice = f"let the hub log in as a plain role that is a member of {APPLICATION}, and name the owner in TALLYROOM_OWNER_URL alone"
    yield "the hub logs in as", f"{login}{' (all-powerful)' if powerful else ''}", not powerful, advice
    yield "owner of the tables", *_ownership(connection), advice
    for table in RECORD:
        yield f"record: {table}", *_changes_allowed(connection, table)


def could_be_better(connection: Connection) -> Iterator[Look]:
    """What does no harm by itself."""
    zone = _show(connection, "TimeZone")
    advice = "set timezone = 'UTC' so that what people read in the database is what the hub says"
    yield "timezone", zone, zone in ("UTC", "Etc/UTC", "GMT"), advice
    apart = _seconds_apart(connection)
    yield "clock against the database's", f"{apart:+.2f} s", abs(apart) < MOST_SECONDS_APART, "let both machines keep time by NTP"


def _durable(connection: Connection, name: str, danger: str) -> Look:
    value = _show(connection, name)
    mend = f"ALTER SYSTEM SET {name} = on, then reload (look at ALTER DATABASE and ALTER ROLE too): with off {danger}"
    return name, value, value != "off", mend


def _room(connection: Connection, settings: Settings) -> Look:
    most = int(_show(connection, "max_connections")) - int(_show(connection, "superuser_reserved_connections"))
    needed = settings.web_processes * settings.database_pool + settings.worker_processes * 2 + SPARE_CONNECTIONS
    ours = f"TALLYROOM_DATABASE_POOL ({settings.database_pool}) or TALLYROOM_WEB_PROCESSES ({settings.web_processes})"
    advice = f"raise max_connections, or lower {ours}"
    return "connections", f"{most} allowed, {needed} used at most by one web server and one worker", most >= needed, advice


def _ownership(connection: Connection) -> tuple[str, bool]:
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(session_user, tableowner, 'MEMBER')"
    ours = [str(owner) for (owner,) in connection.execute(owners)]
    return ("the hub's login" if ours else "another role", not ours)


def _changes_allowed(connection: Connection, table: str) -> tuple[str, bool, str]:
    """Whether the login, by itself or by the role it takes, could change what is recorded."""
    there = _row(connection, "SELECT to_regclass(%s) IS NOT NULL", f"public.{table}")[0]
    if not there:
        return "not there", False, "run `tallyroom migrate`"
    question = """
        SELECT has_table_privilege(session_user, %(table)s, right_to)
            OR right_to = 'UPDATE' AND has_any_column_privilege(session_user, %(table)s, right_to)
        FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS right_to
    """
    allowed = [bool(row[0]) for row in connection.execute(question, {"table": f"public.{table}"})]
    found = "can be changed" if any(allowed) else "rows can only be added"
    return found, not any(allowed), f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {APPLICATION} and from the hub's login"


def _seconds_apart(connection: Connection) -> float:
    """This machine's clock minus the database's, half the way there and back allowed for."""
    before = time.time()
    theirs = float(_row(connection, "SELECT extract(epoch FROM clock_timestamp())")[0])
    return (before + time.time()) / 2 - theirs


def _show(connection: Connection, name: str) -> str:
    return str(_row(connection, "SELECT current_setting(%s)", name)[0])


def _row(connection: Connection, query: str, *values: object) -> tuple[Any, ...]:
    row = connection.execute(query.encode(), values).fetchone()
    if row is None:
        raise psycopg.DataError(f"no answer to {query}")
    return tuple(row)
