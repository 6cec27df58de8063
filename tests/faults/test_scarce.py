"""A full disk, a process ended for its memory, a process that stands still: refused for a while, never lost, and well again by itself."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config.settings import variable
from coordinator.hosting.postgres import HUB, OWNER
from tests.conftest import report_body
from tests.faults.clients import Crowd, check_books, plan
from tests.hosting.verbs import Up
from tests.hubs import LONG, Address, LiveOperation, RealHub, eventually

MEBIBYTE = 1 << 20
DISK = 160 * MEBIBYTE
FULL_SECONDS = 75.0 if LONG else 5.0
RECOVERY = 30.0
"""Seconds after which all is well again once there is space, or whoever was in the way can be passed."""


class Addresses:
    """A PostgreSQL that someone else runs: where each login connects."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls

    def url(self, user: str) -> str:
        """The address for this login."""
        return self._urls[user]


class KeptHub(RealHub):
    """A hub that ``tallyroom up`` keeps running. It is asked and looked into; nothing of it is started or ended from here."""

    def __init__(self, up: Up) -> None:
        Address.__init__(self, up.url)
        named = json.loads((up.data / "hub.json").read_text())["settings"]
        self.postgres = Addresses({HUB: named[variable("database_url")], OWNER: named[variable("owner_url")]})  # type: ignore[assignment]
        self.admin = self._first_admin()


@contextmanager
def kept(up: Up) -> Iterator[KeptHub]:
    """That hub, with every connection to it closed at the end."""
    hub = KeptHub(up)
    yield hub
    hub.hang_up()


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A hub's folder whose database is on a disk of its own, and a small one."""
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-disk-"))
    disk = folder / "postgres"
    disk.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tallyroom-test", disk], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        shutil.rmtree(folder)
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
        shutil.rmtree(folder)


def fill(disk: Path) -> Path:
    """Takes every byte that is left; removing the file it answers gives them back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(64 * 1024))
            except OSError:
                return ballast


def end_the_log(hub: RealHub) -> None:
    """Has the database take the next file of its log, and the next, until there is none and no room to make one."""
    with pytest.raises(psycopg.OperationalError):
        while True:
            hub.query("SELECT pg_logical_emit_message(false, 'test', 'x')")
            hub.query("SELECT pg_switch_wal()")


@pytest.mark.parametrize("what", ["tables", "the log of the database"])
def test_a_full_disk_is_answered_with_503_loses_nothing_and_all_is_well_soon_after_there_is_space(small_disk, seed, what) -> None:
    """Where a table can't grow, PostgreSQL refuses the statement. Where its log can't, it ends, and can't start again either."""
    with Up(small_disk, TALLYROOM_WRITES_PER_SECOND="1e6", TALLYROOM_WRITE_BURST="1000000") as up, kept(up) as hub:
        operation = hub.create_operation()
        with Crowd(operation, plan(random.Random(seed), 400), pace=100) as crowd:
            crowd.until(100)
            ballast = fill(small_disk / "postgres")
            if what != "tables":
                end_the_log(operation.hub)
            eventually(lambda: crowd.tend() or crowd.statuses["503"], what="a refusal for want of space")
            crowd.pause(FULL_SECONDS)
            before = crowd.settled
            ballast.unlink()
            space = time.monotonic()
            eventually(lambda: crowd.tend() or crowd.settled > before + 4, RECOVERY, "reports to be taken again")
            print(f"{dict(crowd.answers)}; taken again {time.monotonic() - space:.1f} s after there was space")
            eventually(lambda: hub.get("/readyz").status == 200, space + RECOVERY - time.monotonic())
            crowd.all_answered()
        assert crowd.statuses.keys() <= {"201", "503"}, crowd.answers
        check_books(operation, crowd.planned)


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def test_a_database_process_ended_for_its_memory_takes_no_report_with_it(operation, seed) -> None:
    """The kernel ends one backend with SIGKILL; PostgreSQL then ends the others and recovers."""
    chance, times = random.Random(seed), 10 if LONG else 3
    with Crowd(operation, plan(chance, times * 150), pace=100) as crowd:
        for number in range(1, times + 1):
            crowd.until(number * 100)
            os.kill(chance.choice(eventually(lambda: backends(operation.hub), what="a backend")), signal.SIGKILL)
            killed = time.monotonic()
            crowd.until(number * 100 + 20)
            assert time.monotonic() - killed < RECOVERY
        crowd.all_answered()
    assert crowd.statuses.keys() <= {"201", "503"}, crowd.answers
    assert crowd.statuses["503"], "no one met the database away: the test proves nothing"
    check_books(operation, crowd.planned)


def backends(hub: RealHub) -> list[int]:
    """The processes that serve the hub's connections."""
    return [pid for (pid,) in hub.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'tallyroom'")]


STOP_AT = 7098
MARK = f"""
    CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_advisory_xact_lock_shared({STOP_AT}); RETURN NEW; END';
    CREATE TRIGGER stop_here BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION stop_here();
"""


@pytest.fixture(params=["first", "second"])
def stopped_in_a_fold(operation: LiveOperation, request: pytest.FixtureRequest) -> Iterator[LiveOperation]:
    """An operation whose worker stands still in the middle of its first or second fold, with rows in the journal not committed."""
    hub = operation.hub
    if request.param == "second":
        assert operation.desk.post(operation.reports, report_body()).status == 201
        operation.settled(1)
    hub.await_worker(hub.moment())  # where none takes work, it is the web that folds, and the wrong one that is stopped
    hub.query(MARK)
    with psycopg.connect(hub.postgres.url(user=OWNER), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [STOP_AT])
        assert operation.desk.post(operation.reports, report_body()).status == 201
        waits = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        backend = eventually(lambda: hub.query(waits, STOP_AT), what="a fold")[0][0]
        hub.freeze("worker")
    idle = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'idle in transaction'"
    eventually(lambda: hub.query(idle, backend), what="the fold to be the stopped worker's")
    yield operation
    hub.thaw("worker")
    hub.query("DROP TRIGGER stop_here ON journal; DROP FUNCTION stop_here()")


def test_a_worker_that_stands_still_in_the_middle_of_a_fold_holds_no_one_up_for_long(stopped_in_a_fold) -> None:
    """It holds the operation's lock and says nothing. Every other operation is folded all the while."""
    operation, stopped = stopped_in_a_fold, time.monotonic()
    folded = operation.totals()["position"]
    other = operation.hub.create_operation()
    for one in (operation, other):
        assert one.desk.post(one.reports, report_body()).status == 201
    other.settled(1, 5.0)
    operation.settled(folded + 2, RECOVERY)
    print(f"folded by others {time.monotonic() - stopped:.1f} s after the worker stood still")
    operation.hub.mend()
    assert operation.desk.post(operation.reports, report_body()).status == 201
    assert operation.settled(folded + 3)["national"]["arrests"]["total"] == 3 * (folded + 3)
    assert operation.recounted().holds
