"""The one way to be in a transaction."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coordinator import asking, db
from coordinator.asking import enqueue
from coordinator.db import after_commit, session, transaction
from coordinator.jobs import FoldInbox, Job
from tests.conftest import Caller

pytestmark = pytest.mark.usefixtures("app")

BEAT = text("INSERT INTO heartbeats (name, at) VALUES (:name, now())")


def beats(name: str) -> int:
    """How many heartbeats of this name are committed."""
    with transaction() as now:
        return now.scalar(text("SELECT count(*) FROM heartbeats WHERE name = :name"), {"name": name}) or 0


def test_a_transaction_commits_at_its_end() -> None:
    with transaction():
        session().execute(BEAT, {"name": "committed"})
    assert beats("committed") == 1


def test_an_error_rolls_everything_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        session().execute(BEAT, {"name": "rolled back"})
        raise ZeroDivisionError
    assert beats("rolled back") == 0


def test_a_transaction_within_a_transaction_is_an_error_and_the_outer_goes_on() -> None:
    with transaction() as outer:
        with pytest.raises(RuntimeError, match="a transaction is open already"), transaction():
            pass
        assert session() is outer
        session().execute(BEAT, {"name": "outer"})
    assert beats("outer") == 1


def test_without_a_transaction_there_is_no_session_and_nothing_to_wait_for() -> None:
    with pytest.raises(RuntimeError, match="no transaction is open"):
        session()
    with pytest.raises(RuntimeError, match="no transaction is open"):
        after_commit(lambda: None)
    with pytest.raises(RuntimeError, match="no transaction is open"):
        enqueue(FoldInbox(1))


def test_after_a_failed_transaction_the_next_one_opens() -> None:
    with suppress(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    with transaction():
        assert session().scalar(text("SELECT 1")) == 1


def test_what_waits_for_the_commit_runs_after_it_and_in_order() -> None:
    seen: list[tuple[str, int]] = []
    with transaction():
        session().execute(BEAT, {"name": "in order"})
        for name in ("first", "second", "third"):
            after_commit(lambda name=name: seen.append((name, beats("in order"))))
        assert seen == []
    assert seen == [("first", 1), ("second", 1), ("third", 1)]


def test_a_rollback_drops_what_was_waiting() -> None:
    seen: list[str] = []
    with suppress(ZeroDivisionError), transaction():
        after_commit(lambda: seen.append("never"))
        raise ZeroDivisionError
    with transaction():
        pass
    assert seen == []


def test_a_commit_that_fails_drops_it_too() -> None:
    """The connection breaks just before it: whether it was stored is not known, and nothing may leave."""
    seen: list[str] = []
    with pytest.raises(DBAPIError), transaction():
        session().execute(BEAT, {"name": "nobody"})
        after_commit(lambda: seen.append("never"))
        session().connection().connection.driver_connection.close()
    assert seen == []
    assert beats("nobody") == 0, "and the pool gives a fresh connection"


def test_a_commit_waits_for_the_disk_whatever_the_server_was_told_for_this_login(settings, owner_url) -> None:
    """Set for the role behind the hub's back after it has started, it would take receipts back that were given."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ALTER ROLE tallyroom_hub SET synchronous_commit = off")
        try:
            before, engine = list(db._engines), db.connect(settings.database_url, pool=2)
            with transaction() as now:
                assert now.scalar(text("SHOW synchronous_commit")) == "on"
            engine.dispose()
            db._engines[:] = before
        finally:
            owner.execute("ALTER ROLE tallyroom_hub RESET synchronous_commit")


def test_a_snapshot_sees_one_moment_and_writes_nothing() -> None:
    with transaction(snapshot=True) as now:
        before = now.scalar(text("SELECT count(*) FROM heartbeats"))
        writer = threading.Thread(target=_beat, args=("meanwhile",))
        writer.start()
        writer.join()
        assert now.scalar(text("SELECT count(*) FROM heartbeats")) == before
    assert beats("meanwhile") == 1
    with pytest.raises(DBAPIError, match="read-only"), transaction(snapshot=True) as now:
        now.execute(BEAT, {"name": "never"})


def _beat(name: str) -> None:
    with transaction() as now:
        now.execute(BEAT, {"name": name})


def test_each_thread_has_a_transaction_of_its_own() -> None:
    with transaction() as mine:
        own = mine.scalar(text("SELECT pg_backend_pid()"))
        theirs: list[object] = []
        other = threading.Thread(target=lambda: theirs.append(_pid()))
        other.start()
        other.join()
        assert theirs != [own]


def _pid() -> int:
    with transaction() as now:
        return now.scalar(text("SELECT pg_backend_pid()")) or 0


def test_every_connection_speaks_utc_and_waits_for_nothing_for_ever() -> None:
    with transaction() as now:
        found = {name: now.scalar(text(f"SHOW {name}")) for name in ("timezone", "lock_timeout", "statement_timeout", "synchronous_commit")}
    assert found == {"timezone": "UTC", "lock_timeout": "5s", "statement_timeout": "1min", "synchronous_commit": "on"}


@pytest.mark.parametrize("url", ["postgres://u:p@h:1/d", "postgresql://u:p@h:1/d", "postgresql+psycopg://u:p@h:1/d"])
def test_every_spelling_of_the_address_ends_at_the_one_driver(url: str) -> None:
    assert db.driver_url(url) == "postgresql+psycopg://u:p@h:1/d"


def test_a_job_is_handed_over_after_the_commit_and_a_refused_report_hands_over_none(operation, liaison: Caller, sent: list[Job]) -> None:
    with suppress(ZeroDivisionError), transaction():
        enqueue(FoldInbox(1))
        raise ZeroDivisionError
    assert liaison.post(f"/operations/{operation.code}/reports", {"unit": "KY"}).status_code == 422
    assert sent == []
    with transaction():
        enqueue(FoldInbox(7))
        assert sent == []
    assert sent == [FoldInbox(7)]


def test_a_job_names_its_task_and_is_equal_to_its_twin() -> None:
    assert FoldInbox.name() == "tallyroom.FoldInbox"
    assert len({FoldInbox(1), FoldInbox(1), FoldInbox(2)}) == 2


def test_jobs_go_where_the_process_says_and_nowhere_before_it_has(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    delivered: list[Job] = []
    monkeypatch.setattr(asking, "_deliveries", [])
    asking._nudger._deliver(FoldInbox(1))
    asking.deliver_by(delivered.append)
    asking._nudger._deliver(FoldInbox(2))
    assert delivered == [FoldInbox(2)]
