"""The fold, a sentence at a time: what it takes, what it moves, and that it happens whole or not at all."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from coordinator import live
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import service as reports
from coordinator.reports.schemas import ReportIn
from coordinator.totals import fold, ledger
from tests.conftest import Caller, actor_of, report_body
from tests.totals.evening import Evening, arrests, money

SECONDS = 30.0
"""How long a thread is waited for before the test gives up."""

LARGE = ["inbox", "reports", "lines", "assists", "journal", "entries", "cells", "series", "hearings"]
"""Tables that grow with the night."""


def test_a_fold_takes_the_whole_inbox_and_an_empty_inbox_is_no_work(evening: Evening) -> None:
    assert evening.fold() == 0
    for number in range(5):
        evening.say(arrests(number))
    assert evening.fold() == 5
    assert evening.fold() == 0
    assert (evening.nation(), evening.totals()["position"]) == (10, 5)


def test_a_fold_takes_no_more_than_it_is_told_and_the_first_come_first(evening: Evening) -> None:
    ids = [evening.say(arrests(1)) for _ in range(5)]
    assert [evening.fold(2), evening.fold(2), evening.fold(2), evening.fold(2)] == [2, 2, 1, 0]
    assert [position_of(evening, id) for id in ids] == [1, 2, 3, 4, 5]


def test_a_fold_of_one_operation_leaves_the_others_waiting(
    evening: Evening, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    catalogue = create_operation()
    other = Evening(catalogue, create_token("desk", catalogue.code))
    evening.say(arrests(1))
    other.say(arrests(2))
    assert (evening.fold(), evening.nation(), other.nation()) == (1, 1, 0)
    assert (other.fold(), evening.nation(), other.nation()) == (1, 1, 2)


def test_positions_follow_the_order_of_waiting_without_gaps_across_folds(evening: Evening) -> None:
    first = [evening.say(arrests(1)) for _ in range(3)]
    evening.fold()
    corrected = evening.correct(first[1], arrests(5))
    second = [evening.say(arrests(1), at=minute) for minute in (40, 5)]
    evening.fold()
    assert [position_of(evening, id) for id in (*first, corrected, *second)] == [1, 2, 3, 4, 5, 6]


def test_a_report_that_commits_late_is_neither_waited_for_nor_left_out(evening: Evening) -> None:
    """Its number in the inbox is the older one: a fold that went on from the last number would skip it for ever."""
    posted, commit = threading.Event(), threading.Event()
    actor, content = actor_of(evening.desk), load(ReportIn(), report_body())

    def late() -> Any:
        with transaction():
            receipt, _ = reports.post(actor, evening.catalogue.code, content, "late")
            posted.set()
            assert commit.wait(SECONDS)
        return receipt["id"]

    with ThreadPoolExecutor() as threads:
        first = threads.submit(late)
        assert posted.wait(SECONDS)
        soon = evening.say(arrests(2))
        assert (evening.fold(), evening.fold(), position_of(evening, soon)) == (1, 0, 1)
        commit.set()
        first.result(SECONDS)
    assert (evening.fold(), position_of(evening, first.result())) == (1, 2)
    assert (evening.nation(), evening.differences()) == (5, [])


def test_a_second_fold_at_the_same_time_does_nothing_and_does_not_wait(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    evening.say(arrests(1))
    evening.fold()
    evening.say(arrests(2))
    inside, go_on = threading.Event(), threading.Event()
    write = ledger.write

    def slow(*arguments: Any) -> None:
        inside.set()
        assert go_on.wait(SECONDS)
        write(*arguments)

    monkeypatch.setattr(ledger, "write", slow)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(evening.fold)
        assert inside.wait(SECONDS)
        assert evening.fold() == 0
        go_on.set()
        assert first.result(SECONDS) == 1
    assert (evening.nation(), evening.fold(), evening.differences()) == (3, 0, [])


def test_of_many_folds_at_once_each_report_is_taken_by_one(evening: Evening) -> None:
    """The very first fold too, which has to make the row that is the lock."""
    for round in range(1, 9):
        for _ in range(6):
            evening.say(arrests(1, "TN"))
        line = threading.Barrier(4)

        def at_once(line: threading.Barrier = line) -> int:
            line.wait(SECONDS)
            return evening.fold(4)

        with ThreadPoolExecutor() as threads:
            folded = [outcome.result(SECONDS) for outcome in [threads.submit(at_once) for _ in range(4)]]
        assert sum(folded) + evening.fold() + evening.fold() == 6, folded
        assert evening.nation() == 6 * round
    assert evening.differences() == []


def test_the_seals_can_be_recomputed_from_the_digests_of_the_receipts(evening: Evening, owner: psycopg.Connection) -> None:
    first = evening.say(arrests(1))
    evening.fold()
    ids = [first, evening.say(money("2.50")), evening.say()]
    evening.fold()
    seals = owner.execute("SELECT position, seal FROM journal WHERE operation_id = %s ORDER BY position", [evening.id]).fetchall()
    seal = bytes(32)
    for (position, stored), id in zip(seals, ids, strict=True):
        digest = bytes.fromhex(evening.desk.get(f"{evening.path}/reports/{id}").json["digest"].removeprefix("sha-256:"))
        seal = hashlib.sha256(seal + position.to_bytes(8, "big") + digest).digest()
        assert stored == seal
    assert owner.execute("SELECT position, seal FROM heads WHERE operation_id = %s", [evening.id]).fetchone() == (3, seal)


def test_a_fold_that_fails_half_way_leaves_everything_and_the_next_takes_it_all(
    evening: Evening, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = evening.say(arrests(3))
    evening.fold()
    evening.correct(said, arrests(4), at=20)
    evening.say(money("1.00"), unit="TN")
    before, heard = everything_of(evening, owner), Heard(monkeypatch)
    with monkeypatch.context() as broken:
        broken.setattr(live, "announce", fail)
        with pytest.raises(ZeroDivisionError):
            evening.fold()
    assert (everything_of(evening, owner), heard.told) == (before, [])
    assert (evening.nation(), len(before["inbox"])) == (3, 2)
    assert (evening.fold(), evening.fold(), evening.nation(), evening.differences()) == (2, 0, 4, [])


def test_a_fold_is_announced_once_it_has_committed_and_no_work_is_not(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard(monkeypatch)
    evening.say(arrests(3))
    with transaction():
        assert fold.fold(evening.id) == 1
        assert heard.told == []
    assert heard.told == [evening.id]
    assert (evening.fold(), heard.told) == (0, [evening.id])


def test_what_was_left_lying_is_found_until_a_fold_has_been_there(evening: Evening, owner: psycopg.Connection) -> None:
    def stale() -> bool:
        with transaction():
            return evening.id in fold.stale(60)

    evening.say(arrests(1))
    assert not stale(), "it has only just come"
    owner.execute("UPDATE inbox SET received_at = received_at - interval '2 minutes' WHERE operation_id = %s", [evening.id])
    assert stale()
    evening.fold()
    evening.say(arrests(1))
    owner.execute("UPDATE inbox SET received_at = received_at - interval '2 minutes' WHERE operation_id = %s", [evening.id])
    assert not stale(), "a fold has just been there and may be working through a long inbox"
    owner.execute("UPDATE heads SET folded_at = folded_at - interval '2 minutes' WHERE operation_id = %s", [evening.id])
    assert stale()
    evening.fold()
    assert not stale()


def test_figures_past_64_bits_add_up_exactly(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    catalogue = create_operation(
        measures=[{"code": "currency_seized", "label": "Currency seized", "unit": "USD", "scale": 6}], rules=[], derived=[]
    )
    evening = Evening(catalogue, create_token("desk", catalogue.code))
    most = {"measure": "currency_seized", "quantity": "1000000000000"}
    for number in range(3):
        evening.say(*[most | {"assisting": ["TN"]}] * 99, most | {"quantity": "0.000001"}, at=number)
        evening.fold()
    evening.say(most, unit="KY-KSP", basis="to_date")
    evening.fold()
    assert evening.unit(measure="currency_seized")["total"] == "298000000000000.000003"
    assert evening.unit("TN", "currency_seized")["assisted"] == "297000000000000.000000"
    assert evening.points("currency_seized", step="1h")[-1][2] == evening.nation("currency_seized") == "298000000000000.000003"
    assert evening.nation("currency_seized", at=1) == "99000000000000.000001"
    assert evening.differences() == []


def test_a_count_past_64_bits_is_an_exact_integer_of_json(evening: Evening, owner: psycopg.Connection) -> None:
    """No night posts nine million reports of 10^12; the cell is set by hand."""
    evening.say(arrests(1))
    evening.fold()
    owner.execute("UPDATE cells SET total = total + 10::numeric ^ 30 WHERE operation_id = %s", [evening.id])
    body = evening.desk.get(f"{evening.path}/totals").data
    assert b'"total": 1000000000000000000000000000001' in body or b'"total":1000000000000000000000000000001' in body
    assert evening.totals()["derived"] == {"difference": 10**30 + 1}


class Heard:
    """Hears the announcements of this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.told: list[int] = []
        monkeypatch.setattr(live, "_announcers", [self])

    def announce(self, operation_id: int) -> None:
        """Keeps what is announced."""
        self.told.append(operation_id)


def fail(*arguments: Any) -> None:
    """Breaks whatever it stands for."""
    raise ZeroDivisionError


def position_of(evening: Evening, id: str) -> Any:
    """A report's place in the journal."""
    return evening.desk.get(f"{evening.path}/reports/{id}").json["position"]


def everything_of(evening: Evening, owner: psycopg.Connection) -> dict[str, list[Any]]:
    """Every row a fold may touch."""
    tables = ("inbox", "journal", "entries", "cells", "series", "hearings", "heads")
    return {
        table: sorted(owner.execute(f"SELECT {table}::text FROM {table} WHERE operation_id = %s", [evening.id]).fetchall())
        for table in tables
    }


def test_a_backlog_is_folded_by_keys_though_the_statistics_say_that_nothing_waits(evening: Evening, owner: psycopg.Connection) -> None:
    evening.say(arrests(1))
    evening.fold()
    owner.execute("ANALYZE inbox, reports, lines, assists, journal, entries, cells, series, hearings")
    for _ in range(20):
        evening.say(arrests(1))
    read = text("SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname = ANY(:many)")
    with transaction() as session:
        before = dict(session.execute(read, {"many": LARGE}).all())
        assert fold.fold(evening.catalogue.id) == 20
        assert dict(session.execute(read, {"many": LARGE}).all()) == before
