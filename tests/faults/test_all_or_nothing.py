"""A report of up to 100 lines is stored whole or not at all, wherever in the middle of it something is killed.

A trigger of the test's own makes the database stop at a chosen row until the test lets it go on: so what is killed is killed
there, and not by luck.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from coordinator.hosting.postgres import OWNER
from faults.nemesis import children
from tests.conftest import report_body
from tests.hubs import BROKEN, LONG, SOON, Answer, LiveOperation, RealHub, eventually

ROUNDS = 10 if LONG else 1
LOCK = 7099

HOLD = f"""
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_advisory_xact_lock_shared({LOCK}); RETURN NEW; END'
"""
PLACES = {
    "at the report": "CREATE TRIGGER hold BEFORE INSERT ON reports FOR EACH ROW EXECUTE FUNCTION hold()",
    "between its lines": "CREATE TRIGGER hold BEFORE INSERT ON lines FOR EACH ROW WHEN (NEW.number = {number}) EXECUTE FUNCTION hold()",
    "between its credits": "CREATE TRIGGER hold BEFORE INSERT ON assists FOR EACH ROW WHEN (NEW.number = {number}) EXECUTE FUNCTION hold()",
    "at its place in the inbox": "CREATE TRIGGER hold BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION hold()",
    "at the commit": "CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON reports DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION hold()",
}
COUNTS = """
    SELECT (SELECT count(*) FROM reports WHERE idempotency_key = %(key)s),
           (SELECT count(*) FROM lines WHERE report_id IN (SELECT id FROM reports WHERE idempotency_key = %(key)s)),
           (SELECT count(*) FROM assists WHERE report_id IN (SELECT id FROM reports WHERE idempotency_key = %(key)s)),
           (SELECT count(*) FROM inbox WHERE report_id IN (SELECT id FROM reports WHERE idempotency_key = %(key)s))
         + (SELECT count(*) FROM journal WHERE report_id IN (SELECT id FROM reports WHERE idempotency_key = %(key)s))
"""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


@contextmanager
def held(hub: RealHub, place: str, number: int) -> Iterator[psycopg.Connection[Any]]:
    """The database stops at this place for as long as the connection that is given holds the lock; all of it is gone at the end."""
    hub.query(HOLD)
    hub.query(PLACES[place].format(number=number))
    holder = psycopg.connect(hub.postgres.url(user=OWNER), autocommit=True)
    try:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield holder
    finally:
        holder.close()
        eventually(lambda: hub.query("DROP FUNCTION hold() CASCADE") == [], what="the database")


def waiting(hub: RealHub) -> int:
    """The backend that has stopped there; 0 where none has."""
    rows = hub.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", LOCK)
    return int(rows[0][0]) if rows else 0


FAULTS = {
    "the web's processes killed": lambda hub, _: [os.kill(pid, signal.SIGKILL) for pid in children(hub.children["web"].pid)],
    "its backend killed": lambda _, backend: os.kill(backend, signal.SIGKILL),
    "its connection ended": lambda hub, backend: hub.query("SELECT pg_terminate_backend(%s)", backend),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_report_is_whole_or_not_there_when_it_is_interrupted(operation, seed, place, fault) -> None:
    chance = random.Random(f"{seed} {place} {fault}")
    for number in range(1, ROUNDS + 1):
        _interrupt(operation, chance, place, fault)
        operation.settled(number)
    assert operation.recounted().holds


def _interrupt(operation: LiveOperation, chance: random.Random, place: str, fault: str) -> None:
    hub, key, lines = operation.hub, uuid.uuid4().hex, _lines(chance)
    whole = (1, len(lines), sum(len(line["assisting"]) for line in lines), 1)
    with held(hub, place, chance.randrange(len(lines))) as holder:
        sending = Sending(operation, report_body(lines=lines), key)
        backend = eventually(lambda: waiting(hub), what="the report to come to the place")
        FAULTS[fault](hub, backend)
        holder.close()
        given = sending.result()
        eventually(lambda: not hub.query("SELECT 1 FROM pg_stat_activity WHERE pid = %s", backend), what="the end of its backend")
        stored = counts(hub, key)
    assert stored == (0, 0, 0, 0) or (place == "at the commit" and stored == whole), stored
    if isinstance(given, Answer):
        assert (given.status, given.json["type"], given.headers["Retry-After"]) == (503, "/problems/unavailable", "2"), given.body
    again = eventually(lambda: _taken(operation, report_body(lines=lines), key), what="the report to be taken")
    assert again.replayed == (stored == whole)
    assert counts(hub, key) == whole


def _lines(chance: random.Random) -> list[dict[str, Any]]:
    """1 to 100 lines, each credited to others; the most of them often, since that is where the most can be lost."""
    count = chance.choice((100, chance.randint(1, 100)))
    return [
        {"measure": "arrests", "quantity": chance.randrange(100), "assisting": chance.sample(["TN", "US", "KY-KSP"], chance.randint(1, 3))}
        for _ in range(count)
    ]


def counts(hub: RealHub, key: str) -> tuple[int, ...]:
    """How many rows there are of the report with this key: itself, its lines, its credits, its places in inbox and journal."""
    with psycopg.connect(hub.postgres.url(user=OWNER)) as connection:
        return tuple(connection.execute(COUNTS, {"key": key}).fetchone() or ())


def _taken(operation: LiveOperation, body: dict[str, Any], key: str) -> Answer | None:
    answer = operation.desk.post(operation.reports, body, key)
    assert answer.status in (201, 409, 503), answer.body
    return answer if answer.status == 201 else None


class Sending:
    """A report on its way from a thread of its own."""

    def __init__(self, operation: LiveOperation, body: dict[str, Any], key: str) -> None:
        self._given: list[Answer | Exception] = []
        self._thread = threading.Thread(target=self._send, args=(operation.desk.another(), operation.reports, body, key), daemon=True)
        self._thread.start()

    def _send(self, caller: Any, path: str, body: dict[str, Any], key: str) -> None:
        try:
            self._given.append(caller.post(path, body, key))
        except BROKEN as problem:
            self._given.append(problem)

    def result(self) -> Answer | Exception:
        """The answer, or how it failed to come."""
        self._thread.join(SOON)
        return self._given[0]
