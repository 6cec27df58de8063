"""Parts that are alive and do their work no more, noticed and replaced."""

from __future__ import annotations

import math
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config.queueing import own_queue
from config.settings import Settings
from coordinator.hosting import lookout
from coordinator.hosting.lookout import LONGEST_LOOK, Lookout
from coordinator.hosting.processes import wait_until
from coordinator.hosting.pulse import LOOKS, Pulses, check
from tests.hosting.verbs import Up

LONGEST, TO_START = 10.0, 60.0


class Clock:
    """A clock that is moved by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        """The time it was moved to."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which lookouts judge."""
    moved = Clock()
    monkeypatch.setattr(lookout, "time", moved)
    return moved


def test_a_part_may_be_silent_for_long_at_its_start_and_not_so_long_afterwards(clock: Clock) -> None:
    one = Lookout(lambda _: 0.0, LONGEST, TO_START)
    assert one.silent(7) is None
    clock.now += TO_START
    assert one.silent(7) is None
    one._heard(7, 0.0, clock.now)
    clock.now += LONGEST
    assert one.silent(7) is None
    clock.now += 1
    assert one.silent(7) == LONGEST + 1


def test_a_part_that_never_gives_a_sign_is_found_silent(clock: Clock) -> None:
    one = Lookout(lambda _: math.inf, LONGEST, TO_START)
    one.silent(7)
    clock.now += TO_START + 1
    one._heard(7, math.inf, clock.now)
    assert one.silent(7) == TO_START + 1


def test_a_part_that_was_started_again_is_judged_anew(clock: Clock) -> None:
    one = Lookout(lambda _: 0.0, LONGEST, TO_START)
    one.silent(7)
    clock.now += TO_START + 1
    assert one.silent(8) is None
    one._heard(7, 0.0, clock.now)
    clock.now += TO_START
    assert one.silent(8) is None
    assert one.silent(0) is None


def test_who_was_away_judges_nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that took too long, as one at a frozen database, or a lookout that was stopped itself."""

    def slow(_: int) -> float:
        clock.now += LONGEST_LOOK + TO_START
        return math.inf

    one = Lookout(slow, LONGEST, TO_START)
    one.silent(7)
    one._over.wait = lambda _: clock.now > 1000.0  # type: ignore[method-assign]
    one._run()
    assert one.silent(7) is None


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A hub that soon misses a worker's heartbeat."""
    with Up(tmp_path_factory.mktemp("hub") / "data", TALLYROOM_STUCK_SECONDS="6") as running:
        yield running


def pids(hub: Up) -> dict[str, int]:
    """The numbers of its processes."""
    return dict(hub.notes()["pids"])


def settings(hub: Up) -> Settings:
    """Its settings."""
    return Settings.from_environment(hub.notes()["settings"] | {"TALLYROOM_STUCK_SECONDS": "6"})


def age(hub: Up) -> float:
    """Seconds since its worker was heard from by itself, 0 where it can't be."""
    with Pulses(settings(hub)) as pulses:
        return pulses.age(pids(hub)["worker"])


def heard(hub: Up) -> Callable[[], bool]:
    """Whether its worker has been heard from by itself."""
    return lambda: age(hub) < 6


@pytest.mark.parametrize("whole", [True, False], ids=["the worker", "all its processes but the first"])
def test_a_worker_that_is_stopped_is_replaced_and_the_new_one_takes_work(hub: Up, whole: bool) -> None:
    assert wait_until(heard(hub), 30)
    worker = pids(hub)["worker"]
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    for pid in [worker] if whole else map(int, children):
        os.kill(pid, signal.SIGSTOP)
    hub.hear("worker has given no sign of life for")
    hub.hear("worker started again")
    assert wait_until(lambda: pids(hub)["worker"] != worker and heard(hub)(), 60)


def test_a_worker_is_not_blamed_for_a_redis_that_is_frozen(hub: Up) -> None:
    assert wait_until(heard(hub), 30)
    with psycopg.connect(settings(hub).database_url, autocommit=True) as connection:
        last = "SELECT max(at) < clock_timestamp() - make_interval(secs => 8) FROM heartbeats"
        os.kill(pids(hub)["valkey"], signal.SIGSTOP)
        try:
            assert wait_until(lambda: connection.execute(last).fetchone() == (True,), 60, 0.2)
            assert age(hub) == 0.0
        finally:
            os.kill(pids(hub)["valkey"], signal.SIGCONT)
    assert wait_until(heard(hub), 60, 0.2)


def test_a_web_server_that_answers_nobody_is_replaced(hub: Up) -> None:
    web = pids(hub)["web"]
    os.killpg(web, signal.SIGSTOP)
    hub.hear("web has given no sign of life for")
    hub.hear("web started again")
    assert wait_until(lambda: pids(hub)["web"] != web, 10)
    assert wait_until(lambda: lookout.answer_age(hub.url) == 0.0, 60)


def test_a_redis_that_answers_nobody_is_replaced(hub: Up) -> None:
    valkey = pids(hub)["valkey"]
    os.kill(valkey, signal.SIGSTOP)
    hub.hear("Valkey has given no sign of life for")
    hub.hear("Valkey started again")
    assert wait_until(lambda: pids(hub)["valkey"] != valkey and lookout.answer_age(hub.url, "/readyz") == 0.0, 60)


def test_a_scheduler_that_asks_for_nothing_is_replaced(hub: Up) -> None:
    assert wait_until(heard(hub), 60)
    beat = pids(hub)["beat"]
    os.kill(beat, signal.SIGSTOP)
    hub.hear("beat has given no sign of life for")
    hub.hear("beat started again")
    assert wait_until(lambda: pids(hub)["beat"] != beat, 10)


def test_the_health_check_of_a_container_ends_a_worker_that_stays_silent(hub: Up, tmp_path: Path) -> None:
    """One after the other servers were away may be too early; the third in a row ends it."""
    silent = subprocess.Popen(["sleep", "600"])
    notes = tmp_path / "notes"
    try:
        for _ in range(LOOKS - 1):
            assert not check(settings(hub), silent.pid, notes)
        assert silent.poll() is None
        assert not check(settings(hub), silent.pid, notes)
        assert silent.wait(10) == -signal.SIGKILL
    finally:
        silent.kill()
        silent.wait()


def test_the_health_check_of_a_container_begins_anew_once_the_worker_is_heard(hub: Up, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.write_text(str(LOOKS - 1))
    assert wait_until(heard(hub), 30)
    assert check(settings(hub), pids(hub)["worker"], notes)
    assert not notes.exists()


def test_a_worker_is_known_by_its_machine_and_its_main_process() -> None:
    assert own_queue("machine", 7) == "worker machine 7"
