"""The stream, through a real web server: what comes first, what comes then, and what it adds up to."""

from __future__ import annotations

import json
import random
import threading
import uuid

import pytest

from tests.conftest import report_body
from tests.desk.nights import random_reports
from tests.desk.watching import Board, Watcher, comparable, equal
from tests.hubs import Api, LiveOperation, RealHub, eventually

PROMPT = 2.0
"""Seconds within which a watcher has what was folded, on a machine that has other things to do as well."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def arrests(quantity: int, unit: str = "KY") -> dict:
    return report_body(unit=unit, lines=[{"measure": "arrests", "quantity": quantity}])


def post(caller, operation, body) -> dict:
    answer = caller.post(operation.reports, body)
    assert answer.status == 201, answer.body
    return answer.json


def test_a_comment_line_comes_at_once_and_the_first_event_is_the_snapshot(operation) -> None:
    post(operation.desk, operation, arrests(3))
    operation.settled(1)
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        first = watcher.seen[0]
    assert watcher.comments[0][0] <= first.at and watcher.comments[0][0] - watcher.started < PROMPT
    assert (first.name, first.id) == ("snapshot", "1")
    assert comparable(first.content) == comparable(operation.totals())


def test_the_answer_is_an_event_stream_that_no_proxy_keeps(operation) -> None:
    connection = operation.hub.connection()
    try:
        connection.request(
            "GET", f"/api/v1/operations/{operation.code}/stream", headers={"Authorization": f"Bearer {operation.desk.token}"}
        )
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
        answer.close()
    finally:
        connection.close()


def test_after_the_snapshot_only_what_changed_is_sent_under_its_journal_position(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        post(operation.desk, operation, arrests(3))
        watcher.until_position(1)
        post(
            operation.desk,
            operation,
            report_body(unit="KY-KSP", lines=[{"measure": "victims_rescued", "category": "minor", "quantity": 2}]),
        )
        watcher.until_position(2)
    first, second = watcher.of("totals")
    assert (first.id, list(first.content["national"]), [unit["code"] for unit in first.content["units"]]) == ("1", ["arrests"], ["KY"])
    assert (second.id, list(second.content["national"])) == ("2", ["victims_rescued"])
    assert {unit["code"]: list(unit["measures"]) for unit in second.content["units"]} == {
        "KY": ["victims_rescued"],
        "KY-KSP": ["victims_rescued"],
    }
    assert second.content["national"]["victims_rescued"]["categories"] == {"minor": 2}


def test_a_nil_report_says_that_the_unit_was_heard_and_changes_no_figure(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        post(operation.desk, operation, report_body(unit="TN", lines=[], nil=True))
        status = watcher.until(lambda: watcher.of("status"))[-1]
        assert status.content["reporting"] == {"expected": 2, "heard": 1, "overdue": [], "nil": ["TN"]}
        assert watcher.of("totals")[0].content["national"] == {}
        assert comparable(watcher.board.document) == comparable(operation.totals())


def test_credit_for_a_joint_action_reaches_the_nations_second_book(operation) -> None:
    opened = operation.desk.post(f"/operations/{operation.code}/joint-actions", {"unit": "KY", "name": "Warehouse"})
    assert opened.status == 201, opened.body
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        post(operation.desk, operation, arrests(3, "TN") | {"joint_action": opened.json["code"]})
        watcher.until_position(1)
        (moved,) = watcher.of("totals")
        assert (moved.content["national"]["arrests"]["total"], moved.content["national"]["arrests"]["credited"]) == (0, 3)
        assert [(unit["code"], unit["measures"]["arrests"]["assisted"]) for unit in moved.content["units"]] == [("TN", 3)]
        equal(watcher, operation.totals)


@pytest.mark.parametrize("night", ["always the same", "another each time"])
def test_the_events_of_a_hundred_random_reports_lead_to_the_totals_whoever_watched_from_when(operation, seed, night) -> None:
    """One watches all the while; another comes and goes, and takes up its own board each time where it left."""
    poster = Poster(operation.desk.another(), operation, random.Random(1 if night == "always the same" else seed))
    board, last_id, stays = Board(), None, 0
    with Watcher(operation.desk, operation.code) as whole:
        whole.until(lambda: whole.seen)
        poster.start()
        while poster.is_alive():
            with Watcher(operation.desk, operation.code, last_id, board) as returning:
                enough = 1 + stays % 3
                eventually(lambda e=enough, r=returning: len(r.seen) >= e or (r.seen and not poster.is_alive()))
            board, last_id, stays = returning.board, returning.last_id, stays + 1
        poster.join()
        assert (poster.problem, operation.settled(100)["position"]) == (None, 100)
        with Watcher(operation.desk, operation.code, last_id, board) as returned:
            for watcher in (whole, returned):
                watcher.until_position(100)
                equal(watcher, operation.totals)
    print(f"{len(whole.seen)} events to the one, {stays} stays of the other")
    assert stays > 3 and [one.name for one in whole.seen].count("snapshot") == 1
    assert operation.recounted().holds


class Poster(threading.Thread):
    """Posts a hundred random reports, one after the other."""

    def __init__(self, caller: Api, operation: LiveOperation, chance: random.Random) -> None:
        super().__init__(name="poster", daemon=True)
        self.problem: BaseException | None = None
        self._reports = random_reports(chance, lambda body, path="": caller.post(operation.reports + path, body), 100)

    def run(self) -> None:
        try:
            for _ in self._reports:
                pass
        except BaseException as problem:
            self.problem = problem


def test_a_watcher_that_comes_back_gets_what_it_missed_and_no_more(operation) -> None:
    post(operation.desk, operation, arrests(3))
    before = operation.settled(1)
    post(operation.desk, operation, arrests(4, "TN"))
    after = operation.settled(2)
    with Watcher(operation.desk, operation.code, "1", Board(before)) as watcher:
        watcher.until(lambda: watcher.of("status"))
    assert [(one.name, one.id) for one in watcher.seen] == [("totals", "2"), ("status", "2")]
    assert [unit["code"] for unit in watcher.seen[0].content["units"]] == ["TN"]
    assert comparable(watcher.board.document) == comparable(after)
    with Watcher(operation.desk, operation.code, "2", Board(after)) as again:
        again.until(lambda: again.of("status"))
    assert [(one.name, one.id) for one in again.seen] == [("status", "2")]


@pytest.mark.parametrize("strange", ["", "3", "-1", "1.0", "one", "9" * 30, "²", "0x1"])
def test_a_last_event_id_the_hub_does_not_know_is_answered_with_a_snapshot(operation, strange) -> None:
    post(operation.desk, operation, arrests(3))
    operation.settled(1)
    with Watcher(operation.desk, operation.code, strange.encode().decode("latin-1")) as watcher:
        watcher.until(lambda: watcher.seen)
    assert (watcher.seen[0].name, watcher.seen[0].id) == ("snapshot", "1")


def test_a_watcher_that_has_missed_too_much_gets_a_snapshot(operation) -> None:
    lines = [json.dumps(arrests(1) | {"idempotency_key": uuid.uuid4().hex}) for _ in range(5_001)]
    answer = operation.desk.call("POST", f"{operation.reports}/batch", "\n".join(lines).encode(), {"Content-Type": "application/x-ndjson"})
    assert answer.status == 207
    operation.settled(5_001)
    for last_id, first in (("0", "snapshot"), ("1", "totals")):
        with Watcher(operation.desk, operation.code, last_id, Board(operation.totals())) as watcher:
            watcher.until(lambda w=watcher: w.seen)
        assert (watcher.seen[0].name, watcher.seen[0].id) == (first, "5001")


def test_nothing_falls_between_subscribing_and_the_snapshot(operation) -> None:
    """Twenty come at random moments of a storm of reports; each ends with the same board."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    chance, over, count = random.Random(seed), threading.Event(), 0

    def storm() -> None:
        nonlocal count
        caller = operation.desk.another()
        while not over.is_set():
            post(caller, operation, arrests(1, chance.choice(("KY", "TN", "KY-KSP"))))
            count += 1

    poster = threading.Thread(target=storm)
    poster.start()
    watchers: list[Watcher] = []
    try:
        for _ in range(20):
            reached = count + chance.randrange(8)
            eventually(lambda reached=reached: count >= reached or not poster.is_alive())
            watchers.append(Watcher(operation.desk, operation.code).__enter__())
        over.set()
        poster.join()
        now = operation.settled(count)
        for watcher in watchers:
            watcher.until_position(count)
            equal(watcher, lambda: now)
            assert [int(one.id) for one in watcher.seen] == sorted(int(one.id) for one in watcher.seen)
    finally:
        over.set()
        poster.join()
        for watcher in watchers:
            watcher.leave()


def test_a_change_of_phase_is_an_event_and_what_it_changes_another(operation) -> None:
    for unit in ("KY", "TN"):
        post(operation.desk, operation, arrests(1, unit))
    operation.settled(2)
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        operation.step("standing_down")
        phase = watcher.until(lambda: watcher.of("phase"))[0]
        status = watcher.until(lambda: [one for one in watcher.of("status") if one.content["phase"] == "standing_down"])[-1]
        assert (phase.id, phase.content) == ("2", {"position": 2, "phase": "standing_down"})
        assert status.content["status"] == "unofficial-complete"
        assert comparable(watcher.board.document) == comparable(operation.totals())
    assert not watcher.of("totals")


def test_what_is_added_to_the_plan_reaches_those_who_watch(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        added = {
            "units": [{"code": "OH", "name": "Ohio", "kind": "jurisdiction"}],
            "measures": [{"code": "warrants", "label": "Warrants", "unit": "warrants"}],
        }
        assert operation.desk.patch(f"/operations/{operation.code}", added).status == 200
        watcher.until(lambda: len(watcher.of("snapshot")) == 2, what="a new snapshot")
        post(operation.desk, operation, report_body(unit="OH", lines=[{"measure": "warrants", "quantity": 2}]))
        watcher.until_position(1)
        equal(watcher, operation.totals)


def test_a_measure_of_which_nothing_is_left_does_not_stay_on_the_board(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        receipt = post(operation.desk, operation, arrests(3))
        watcher.until_position(1)
        assert operation.desk.post(f"{operation.reports}/{receipt['id']}/withdrawal", {"reason": "not ours"}).status == 201
        watcher.until_position(2)
        gone = watcher.of("totals")[-1].content["units"][0]["measures"]["arrests"]
        assert (gone["total"], gone["categories"]) == (0, {})
        equal(watcher, operation.totals)


def test_watchers_in_both_web_processes_see_the_same(operation) -> None:
    watchers = [Watcher(operation.desk, operation.code).__enter__() for _ in range(8)]
    try:
        post(operation.desk, operation, arrests(5))
        now = operation.settled(1)
        for watcher in watchers:
            watcher.until_position(1)
            equal(watcher, lambda: now)
    finally:
        for watcher in watchers:
            watcher.leave()
