"""Clocks that are hours apart, step back and forth, or are put back by law: order comes from the journal, limits from the database.

The processes get other clocks by ``clock/sitecustomize.py``; PostgreSQL keeps the right one.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coordinator.hosting.hub import ROOT
from tests.conftest import report_body
from tests.desk.watching import Watcher, equal
from tests.faults.clients import Crowd, check_books, plan
from tests.hubs import LONG, PROCESSES, LiveOperation, RealHub, eventually

WRONG = Path(__file__).parent / "clock"
HOURS = 12
BEHIND = 5.0


class Clocks:
    """The clocks of a hub's processes, each set by a file that the process reads whenever it asks for the time."""

    def __init__(self, hub: RealHub) -> None:
        self._files = {name: hub.folder / f"{name}.clock" for name in PROCESSES}
        for name, file in self._files.items():
            self.set(name, 0)
            hub.apart[name] = {"PYTHONPATH": f"{WRONG}:{ROOT}", "WRONG_CLOCK": str(file)}

    def set(self, name: str, seconds: int) -> None:
        """So many seconds from the right time."""
        draft = self._files[name].with_suffix(".new")
        draft.write_text(f"{seconds:+d}\n")
        draft.replace(self._files[name])


@pytest.fixture
def clocks(hub: RealHub) -> Iterator[Clocks]:
    """Clocks that can be set, for processes that start from now on; at the end they start again with the right ones."""
    yield Clocks(hub)
    hub.apart.clear()
    _start_again(hub)


def _start_again(hub: RealHub) -> None:
    hub.hang_up()
    for name in reversed(PROCESSES):
        hub.kill(name)
    moment = hub.moment()
    for name in PROCESSES:
        hub.begin(name)
    hub.await_worker(moment)
    eventually(lambda: hub.get("/readyz").status == 200)


def apart(hub: RealHub, name: str, seconds: int) -> bool:
    """Whether that process's last words in its log are dated so far from the right time, to the minute."""
    said = re.findall(r'"timestamp":"([^"]+)"', hub.log(name).read_text())
    off = datetime.fromisoformat(said[-1]).replace(tzinfo=UTC) - datetime.now(UTC) if said else timedelta()
    return abs(off.total_seconds() - seconds) < 60


def test_processes_hours_apart_agree_on_order_limits_and_totals(hub, clocks, seed) -> None:
    chance = random.Random(seed)
    for turn in range(3 if LONG else 1):
        off = {name: chance.choice((-1, 1)) * chance.randint(3600, HOURS * 3600) for name in PROCESSES}
        if turn == 0:
            off |= {"web": -5 * 3600, "worker": 7 * 3600, "beat": -3 * 3600}
        print(f"seconds from the right time: {off}")
        for name, seconds in off.items():
            clocks.set(name, seconds)
        _start_again(hub)
        eventually(lambda o=off: all(apart(hub, name, o[name]) for name in ("web", "worker")), what="logs with the wrong time")
        _agree(hub.create_operation())


def _agree(operation: LiveOperation) -> None:
    """Order, times and limits as with right clocks; the safety nets that beat asks for work as well."""
    hub = operation.hub
    with Watcher(operation.desk, operation.code) as watcher:
        sent = []
        for number in range(1, 6):
            before = hub.moment()
            receipt = operation.desk.post(operation.reports, report_body()).json
            assert before <= datetime.fromisoformat(receipt["received_at"]) <= hub.moment()
            operation.settled(number, BEHIND)
            sent.append(receipt["id"])
        assert [operation.desk.get(f"{operation.reports}/{id}").json["position"] for id in sent] == [1, 2, 3, 4, 5]
        for minutes, status in ((4, 201), (6, 422)):
            observed = hub.moment() + timedelta(minutes=minutes)
            assert operation.desk.post(operation.reports, report_body(observed_at=observed.isoformat())).status == status
        equal(watcher, operation.totals, BEHIND)
    moment = hub.moment()
    query = "SELECT 1 FROM recounts r JOIN operations o ON o.id = r.operation_id WHERE o.code = %s AND r.holds AND r.at > %s"
    eventually(lambda: hub.query(query, operation.code, moment), what="a recount after that")
    hub.await_worker(moment)
    assert operation.recounted().holds


def test_clocks_that_step_back_and_forth_lose_nothing_and_count_nothing_twice(hub, clocks, seed) -> None:
    _start_again(hub)
    chance, operation, over = random.Random(seed), hub.create_operation(), threading.Event()

    def step() -> None:
        while not over.wait(0.2):
            clocks.set(chance.choice(PROCESSES), chance.randint(-HOURS * 3600, HOURS * 3600))

    stepping = threading.Thread(target=step)
    stepping.start()
    try:
        with Crowd(operation, plan(chance, 3_000 if LONG else 400), pace=100) as crowd, Watcher(operation.desk, operation.code) as watcher:
            crowd.all_answered()
            check_books(operation, crowd.planned, BEHIND)
            equal(watcher, operation.totals)
            assert not watcher.ended
    finally:
        over.set()
        stepping.join()
    assert crowd.statuses.keys() == {"201"}, crowd.answers


CHICAGO = {"time_zone": "America/Chicago"}
NIGHTS = {
    "the clock is put back, and an hour comes twice": ("2021-11-06T22:00:00-05:00", "2021-11-07T04:00:00-06:00"),
    "the clock is put on, and an hour is missing": ("2021-03-13T22:00:00-06:00", "2021-03-14T06:00:00-05:00"),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_on_the_night_that(hub, seed, night) -> None:
    """The moment counts, not the hands: every step is there once, and a standing figure holds from its moment on."""
    chance, (starts, ends) = random.Random(seed), NIGHTS[night]
    operation = hub.create_operation(**CHICAGO, starts_at=starts, ends_at=ends)
    begin, end = datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    minutes = chance.sample(range(1, int((end - begin).total_seconds()) // 60), 60)
    said = {begin.astimezone(UTC) + timedelta(minutes=minute): chance.randrange(100) for minute in minutes}
    standing = set(chance.sample(sorted(said), 6))
    bodies = [
        report_body(
            basis="to_date" if moment in standing else "increment",
            observed_at=_as_on_the_wall(moment),
            lines=[{"measure": "arrests", "quantity": quantity}],
        )
        for moment, quantity in said.items()
    ]
    chance.shuffle(bodies)
    for body in bodies:
        answer = operation.desk.post(operation.reports, body)
        assert (answer.status, answer.json["warnings"]) == (201, []), answer.body
    operation.settled(len(bodies))
    _hold_against(operation, said, standing, begin.astimezone(UTC), end.astimezone(UTC))


def _as_on_the_wall(moment: datetime) -> str:
    """As a phone in Chicago would write it, with the offset that held then."""
    return moment.astimezone(ZoneInfo(CHICAGO["time_zone"])).isoformat()


def _hold_against(operation: LiveOperation, said: dict[datetime, int], standing: set[datetime], begin: datetime, end: datetime) -> None:
    """Series and as-of answers beside the rule, worked out from the reports by hand."""

    def at(moment: datetime) -> int:
        figure = 0
        for when in sorted(said):
            if when <= moment:
                figure = said[when] if when in standing else figure + said[when]
        return figure

    asked = {"measure": "arrests", "step": "15m", "from": begin.isoformat(), "to": end.isoformat()}
    points = operation.desk.get(f"/operations/{operation.code}/series", **asked).json["points"]
    times = [datetime.fromisoformat(point[0]) for point in points]
    assert {later - sooner for sooner, later in pairwise(times)} == {timedelta(minutes=15)}
    assert (times[0], len(times)) == (begin, (end - begin) // timedelta(minutes=15) + 1)
    last = timedelta(minutes=14, seconds=59)
    assert {one: figure for one, (_, _, figure) in zip(times, points, strict=True)} == {one: at(one + last) for one in times}
    for moment in [begin + (end - begin) * n / 40 for n in range(41)]:
        document = operation.desk.get(f"/operations/{operation.code}/totals", as_of=moment.isoformat()).json
        assert document["national"].get("arrests", {"total": 0})["total"] == at(moment), moment
