"""The same races at the real door: several web processes, a connection for each caller, closing by one of them."""

from __future__ import annotations

import random
import subprocess
import threading
import uuid
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.hosting.postgres import OWNER, PrivatePostgres
from coordinator.hosting.postgres_programs import binaries
from coordinator.operations import service as operations
from tests.conftest import report_body
from tests.hubs import LONG, Answer, Api, LiveOperation, RealHub, real_hub
from tests.races.conftest import PATIENCE, at_once, outcomes

TWINS = 32
ROUNDS = 300 if LONG else 30
POSTERS = 8
CLOSINGS = 40 if LONG else 5
KEPT = 50


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def arrests(quantity: int) -> dict:
    return report_body(lines=[{"measure": "arrests", "quantity": quantity}])


def test_one_report_sent_by_many_at_once_is_stored_once_and_all_get_one_receipt(operation) -> None:
    callers = [operation.desk.another() for _ in range(TWINS)]
    for number in range(ROUNDS):
        key, body = uuid.uuid4().hex, arrests(number)
        answers = at_once(*(partial(caller.post, operation.reports, body, key) for caller in callers))
        assert outcomes(answers) == [(201, False)] + [(201, True)] * (TWINS - 1), f"round {number}"
        assert len({answer.body for answer in answers}) == 1
    assert operation.settled(ROUNDS)["national"]["arrests"]["total"] == sum(range(ROUNDS))
    assert operation.recounted().holds


def test_when_closing_has_returned_nothing_more_gets_in_by_any_process(hub) -> None:
    for _ in range(CLOSINGS):
        _close_under_fire(hub.create_operation("reconciling"))


def _close_under_fire(operation: LiveOperation) -> None:
    answers: Counter[int] = Counter()
    under_fire, closed = threading.Event(), threading.Event()

    def post_until_refused(caller: Api) -> list[Answer]:
        """Posts on until refused, and once more after closing has returned."""
        given = [caller.post(operation.reports, arrests(1))]
        while given[-1].status == 201:
            answers["taken"] += 1
            if answers["taken"] > POSTERS * 2:
                under_fire.set()
            given.append(caller.post(operation.reports, arrests(1)))
        assert closed.wait(PATIENCE)
        return [*given, caller.post(operation.reports, arrests(1))]

    def close() -> int:
        assert under_fire.wait(PATIENCE)
        with operation.hub.connected(), transaction():  # the step that the desk's second signature takes, under figures that stand still
            operations.set_phase(console(), operation.code, "certified")
        stored = recorded(operation)
        closed.set()
        return stored

    *given, when_closed = at_once(*(partial(post_until_refused, operation.desk.another()) for _ in range(POSTERS)), close)
    statuses = Counter(answer.status for those in given for answer in those)
    assert statuses == {201: when_closed, 409: POSTERS * 2}
    assert recorded(operation) == when_closed
    assert operation.settled(when_closed)["national"]["arrests"]["total"] == when_closed
    assert operation.recounted().holds


def recorded(operation: LiveOperation) -> int:
    """How many reports there are."""
    rows = operation.hub.query(
        "SELECT count(*) FROM reports r JOIN operations o ON o.id = r.operation_id WHERE o.code = %s", operation.code
    )
    return int(rows[0][0])


class Kept:
    """What a client keeps of a report: where it went, its key, its body, and the first answer."""

    def __init__(self, operation: LiveOperation, body: dict, path: str = "") -> None:
        self.caller, self.path, self.body, self.key = operation.desk, operation.reports + path, body, uuid.uuid4().hex
        self.first = self.caller.post(self.path, self.body, self.key)
        assert (self.first.status, self.first.replayed) == (201, False), self.first.body

    def again(self) -> None:
        """Sends it once more, and holds the answer against the first."""
        answer = self.caller.post(self.path, self.body, self.key)
        assert (answer.status, answer.replayed, answer.body) == (201, True, self.first.body)


def test_the_first_receipt_is_given_after_closing_starting_again_and_restoring(tmp_path: Path, seed: int) -> None:
    with real_hub("web") as hub:
        chance, closing, open_still = random.Random(seed), hub.create_operation(), hub.create_operation()
        kept = [kept for operation in (closing, open_still) for kept in _a_night(operation, chance)]
        before = {operation.code: operation.settled(KEPT + 2) for operation in (closing, open_still)}
        for phase in ("standing_down", "reconciling", "certified"):
            closing.step(phase)
        _all_again(hub, kept)
        hub.hang_up()  # it waits for whoever is connected
        hub.end("web")
        hub.begin("web")
        _all_again(hub, kept)
        _restore_elsewhere(hub, tmp_path / "night.dump")
        _all_again(hub, kept)
        for operation in (closing, open_still):
            assert operation.totals()["national"] == before[operation.code]["national"]
            assert operation.recounted().holds
        Kept(open_still, arrests(1))
        assert open_still.settled(KEPT + 3)["position"] == KEPT + 3, "the next position follows"


def _a_night(operation: LiveOperation, chance: random.Random) -> list[Kept]:
    """Reports, one of them corrected and that correction withdrawn: each of the three has a receipt."""
    reports = [Kept(operation, arrests(chance.randrange(100))) for _ in range(KEPT)]
    corrects = {"corrects": chance.choice(reports).first.json["id"], "reason": "miscounted"}
    correction = Kept(operation, arrests(1) | corrects)
    withdrawal = Kept(operation, {"reason": "all of it"}, f"/{correction.first.json['id']}/withdrawal")
    return [*reports, correction, withdrawal]


def _all_again(hub: RealHub, kept: list[Kept]) -> None:
    hub.hang_up()
    for one in kept:
        one.again()


def _restore_elsewhere(hub: RealHub, dump: Path) -> None:
    """Dumps the hub's database while it runs, and lets the hub go on with another server on which it was restored."""
    _run("pg_dump", "--format=custom", f"--file={dump}", hub.postgres.url(user=OWNER))
    hub.hang_up()
    for name in hub.processes:
        hub.end(name)
    hub.postgres.stop()
    hub.postgres = PrivatePostgres(hub.folder / "restored")
    hub.postgres.start()
    _run("pg_restore", "--exit-on-error", f"--dbname={hub.postgres.url(user=OWNER)}", str(dump))
    for name in hub.processes:
        hub.begin(name)


def _run(program: str, *arguments: str) -> None:
    done = subprocess.run([binaries() / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
