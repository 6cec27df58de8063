"""An installation that has counted before it could tell what the desk entered: brought up to date, it tells what the fold would."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command
from psycopg import sql

from coordinator.schema import _config, upgrade
from tests.conftest import OWNER, Servers
from tests.totals.evening import Evening, arrests, money, victims

TABLES = ("operations", "tokens", "units", "measures", "categories", "reports", "lines", "assists", "journal", "heads", "entries", "cells")
"""In an order in which each finds what it refers to."""

CALLED: dict[str, Any] = {"channel": "telephone"}


@pytest.fixture
def older(servers: Servers) -> Iterator[str]:
    """A database at the revision before, as its owner."""
    name = f"older_{uuid.uuid4().hex[:8]}"
    servers.postgres.create_database(name)
    url = servers.postgres.url(name, OWNER)
    command.upgrade(_config(url), "0003")
    yield url
    servers.postgres.drop_database(name)


def test_what_the_desk_entered_and_the_nations_credit_are_filled_in(evening: Evening, owner: psycopg.Connection, older: str) -> None:
    speak(evening)
    evening.fold()
    assert evening.differences() == []
    with psycopg.connect(older, autocommit=True) as connection:
        copy(owner, connection, evening.id)
        connection.execute("ALTER TABLE units ALTER COLUMN id RESTART WITH 1000000000")
        connection.execute("UPDATE cells SET assisted = 0 WHERE unit_id = %s", [evening.catalogue.nation])
        upgrade(older)
        for derived in ("cells", "entries"):
            assert rows(connection, derived, evening.id) == rows(owner, derived, evening.id), derived
        assert connection.execute("SELECT count(*) FROM units WHERE code = 'OVERLAP' AND kind = 'overlap'").fetchone() == (1,)


def speak(evening: Evening) -> None:
    """Something of everything that decides whose a figure is."""
    evening.say(arrests(5, "TN"), at=10, **CALLED)
    evening.say(arrests(9), at=12, basis="to_date")
    evening.say(arrests(2), unit="KY-KSP", at=13, **CALLED)
    evening.say(arrests(1, "US"), unit="KY-KSP", at=14)
    evening.say(victims(4, "minor"), unit="TN", at=15, basis="to_date")
    evening.say(victims(3, "minor"), unit="TN", at=15, basis="to_date", **CALLED)
    evening.say(victims(2, "minor"), unit="TN", at=16, **CALLED)
    evening.say(money("1.05"), unit="TN", at=16, **CALLED)
    evening.say(money(None), unit="TN", at=17, **CALLED)
    evening.withdraw(evening.say(arrests(40), unit="TN", **CALLED))
    evening.correct(evening.say(arrests(50), unit="US", **CALLED), arrests(6), unit="US")
    evening.say(unit="US", **CALLED)


def copy(source: psycopg.Connection, target: psycopg.Connection, operation: int) -> None:
    """Everything of one operation, in the columns the older schema has; without the unit it did not have."""
    for table in TABLES:
        found = target.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]).fetchall()
        columns = sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)
        of = sql.SQL("{} = {}").format(sql.Identifier("id" if table == "operations" else "operation_id"), operation)
        only = sql.SQL(" AND code <> 'OVERLAP'" if table == "units" else "")
        out = sql.SQL("COPY (SELECT {} FROM {} WHERE {}{}) TO STDOUT").format(columns, sql.Identifier(table), of, only)
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with source.cursor().copy(out) as read, target.cursor().copy(into) as written:
            for chunk in read:
                written.write(chunk)


def rows(connection: psycopg.Connection, table: str, operation: int) -> list[tuple]:
    """All of an operation's rows, in an order of their own, by the names of their columns."""
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t WHERE operation_id = {} ORDER BY 1").format(sql.Identifier(table), operation)
    return connection.execute(query).fetchall()
