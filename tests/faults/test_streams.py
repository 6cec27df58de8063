"""A stream that is cut anywhere is taken up without a gap: after each return the watcher has what the hub had at that position."""

from __future__ import annotations

import random
import threading
from collections import Counter
from typing import Any

import pytest

from tests.desk.nights import random_reports
from tests.desk.watching import Board, Watcher, comparable, differences, equal
from tests.faults.proxy import WAYS, BadLine, badly
from tests.hubs import LONG, Api, LiveOperation, RealHub

CUTS = 1_000 if LONG else 60
MOST_BYTES = 12_000
"""Of an answer that a line carries before it fails: about two snapshots and what follows."""

SILENCE = 2.5
"""Seconds without a word after which a watcher takes its line for dead: twice the heartbeat of this hub and a bit."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


class Storm(threading.Thread):
    """Posts random reports of every form until it is told to stop."""

    def __init__(self, operation: LiveOperation, chance: random.Random) -> None:
        super().__init__(name="storm", daemon=True)
        caller, self.over, self.problem = operation.desk.another(), threading.Event(), list[BaseException]()
        self._reports = random_reports(chance, lambda body, path="": caller.post(operation.reports + path, body), CUTS * 1000)

    def run(self) -> None:
        try:
            for _ in self._reports:
                if self.over.wait(0.02):  # fifty a second at most, so that the night lasts as long as the cuts
                    return
        except BaseException as problem:
            self.problem.append(problem)


def test_a_stream_cut_anywhere_is_taken_up_without_a_gap(operation, seed) -> None:
    chance = random.Random(seed)
    storm, board, last_id, came = Storm(operation, random.Random(seed + 1)), Board(), None, Counter[str]()
    storm.start()
    with BadLine(operation.hub, badly(chance, MOST_BYTES)) as line:
        caller = Api(line, operation.desk.token)
        while len(line.met) < CUTS:
            last_id = _watch_until_it_fails(caller, operation, last_id, board, came)
            assert not storm.problem, storm.problem
    storm.over.set()
    storm.join()
    with Watcher(operation.desk, operation.code, last_id, board) as whole:
        equal(whole, operation.totals)
    print(f"failed {Counter(line.met)}, began with {came}, position {whole.position}")
    assert Counter(line.met).keys() == set(WAYS), "not every way was tried"
    assert came["totals"] + came["status"] > came["snapshot"], "most returns are to bring what was missed"


def _watch_until_it_fails(caller: Api, operation: LiveOperation, last_id: str | None, board: Board, came: Counter[str]) -> str | None:
    """One stay: holds the board against the hub's totals of that position once something has come; answers where to go on."""
    watcher = Watcher(caller, operation.code, last_id, board)
    watcher.start()
    try:
        while watcher.hear(SILENCE):
            pass
    finally:
        watcher.leave()
    if watcher.seen:
        came[watcher.seen[0].name] += 1
        _hold_against_the_hub(operation, watcher.board.document)
    return watcher.last_id or last_id


FIGURES = ("national", "units", "derived", "rules")


def _hold_against_the_hub(operation: LiveOperation, shown: dict[str, Any]) -> None:
    """Every figure on the board beside what the hub answers for that position."""
    answer = operation.desk.get(f"/operations/{operation.code}/totals", at=shown["position"])
    assert answer.status == 200, answer.body
    theirs, ours = ({name: comparable(one)[name] for name in FIGURES} for one in (answer.json, shown))
    assert theirs == ours, list(differences(ours, theirs))[:5]
