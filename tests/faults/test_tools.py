"""What the trials rest on: every finding can be made, a history outlives its client, the wire does what it is told."""

from __future__ import annotations

import dataclasses
import http.client
import http.server
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faults import checker, counting, nemesis, plan
from faults.checker import Stored
from faults.clients import Outcome
from faults.history import History, Reader
from faults.proxy import Proxy
from tests.totals import naive

COUNT = 200


@pytest.fixture
def outcomes(seed) -> list[Outcome]:
    """A plan all of which went well."""
    found = []
    for one in plan.plan(seed, COUNT, 4):
        receipt = {json.dumps({"id": f"id {one.number}"})} if one.good else set()
        found.append(Outcome(one, 1.0, 2.0, receipt, not one.good))
    return found


def stored(outcomes: list[Outcome]) -> list[Stored]:
    """What a sound hub has of it."""
    good = [one.planned for one in outcomes if one.planned.good]
    return [Stored(one.key, f"id {one.number}", checker._said(one.body), 1) for one in good]


def found(outcomes: list[Outcome], have: list[Stored]) -> set[str]:
    """What is found wrong."""
    return {one.about for one in (*checker.of_clients(outcomes, {"201": 1}), *checker.of_record(outcomes, have)) if one.count}


def test_where_nothing_is_wrong_nothing_is_found(outcomes) -> None:
    assert not found(outcomes, stored(outcomes))


Spoil = Callable[[list[Outcome], list[Stored]], object]
SPOILED: dict[str, Spoil] = {
    "acknowledged and missing": lambda _, have: have.pop(),
    "stored twice": lambda _, have: have.append(dataclasses.replace(have[0], id="another")),
    "altered": lambda _, have: have.append(dataclasses.replace(have.pop(), said=("KY",))),
    "receipt of another report": lambda _, have: have.append(dataclasses.replace(have.pop(), id="another")),
    "never sent but stored": lambda sent, _: setattr(sent[0], "sent_at", None),
    "refused and stored": lambda sent, _: setattr(sent[0], "refused", True),
    "good and refused": lambda sent, _: setattr(sent[0], "refused", True),
    "bad and acknowledged": lambda sent, _: next(one for one in sent if not one.planned.good).receipts.add('{"id": "x"}'),
    "told two different receipts": lambda sent, _: sent[0].receipts.add('{"id": "x"}'),
    "never told what became of it": lambda sent, _: sent[0].receipts.clear(),
}


@pytest.mark.parametrize("about", SPOILED)
def test_each_finding_is_made_where_it_should_be(outcomes, about) -> None:
    have = stored(outcomes)
    SPOILED[about](outcomes, have)
    assert about in found(outcomes, have)


@pytest.mark.parametrize("answer", ["500 no problem document, of another media type", "503 unavailable", "401 not-signed-in, Retry-After"])
def test_answers_that_nobody_may_be_given_are_found(outcomes, answer) -> None:
    assert [one.about for one in checker.of_clients(outcomes, {"201": 5, answer: 1}) if one.count] == ["answered what nobody may be"]


def test_its_own_count_is_that_of_the_contract(seed) -> None:
    """Against the other one, which is written from the contract too and knows nothing of this one."""
    good = [one for one in plan.plan(seed, COUNT, 4) if one.good]
    course, records = counting.steps(good), [_record(one) for one in good]
    for unit in plan.PARENTS:
        own = {cell: naive.cell(records, unit, *cell) for cell in plan.CELLS}
        assert counting.own(course)[unit] == {cell: figure for cell, figure in own.items() if figure is not None}
        below = counting.together(counting.own(course), counting.with_all_below(unit))
        assert below == {cell: naive.unit_total(records, plan.PARENTS, unit, *cell) for cell in below}
    for measure in counting.MEASURES:
        points = counting.series(course, counting.with_all_below(None), measure, plan.BEGINS, checker.STEP, checker.STEPS)
        ends = [plan.BEGINS + number * checker.STEP - datetime.resolution for number in range(1, checker.STEPS + 1)]
        assert [standing for _, standing in points] == [naive.national(records, plan.PARENTS, measure, as_of=end) or 0 for end in ends]


def _record(one: plan.Planned) -> naive.Record:
    lines = tuple(naive.Line(line["measure"], line["category"], line["quantity"]) for line in one.body["lines"])
    at = datetime.fromisoformat(one.body["observed_at"])
    return naive.Record(one.key, one.body["unit"], "report", None, one.body["basis"], at, datetime.now(UTC), not lines, lines)


def test_a_history_that_was_torn_by_a_kill_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "history"
    History(path).note(1, "sent")
    with path.open("ab") as file:
        file.write(b'{"at": 5, "numb')
    reader = Reader(path)
    assert [event.number for event in reader.news()] == [1]
    History(path).note(2, "answered", 201, "receipt")
    assert [(event.number, event.said) for event in reader.news()] == [(2, "receipt")]
    assert reader.news() == []


def test_each_kind_of_fault_comes_once_before_any_comes_twice() -> None:
    reach = nemesis.Reach(None, random.Random(1))  # type: ignore[arg-type]
    kinds = {name: (lambda _: True) for name in ("a", "b", "c")}
    with nemesis.Nemesis(reach, kinds) as one:
        assert sorted(one.strike() for _ in range(3)) == ["a", "b", "c"]
        assert sorted(one.strike() for _ in range(3)) == ["a", "b", "c"]


def test_a_fault_with_nothing_to_hit_is_put_off() -> None:
    reach = nemesis.Reach(None, random.Random(1))  # type: ignore[arg-type]
    there: list[bool] = [False]
    with nemesis.Nemesis(reach, {"always": lambda _: True, "sometimes": lambda _: there[0]}) as one:
        assert [one.strike() for _ in range(3)] == ["always"] * 3
        there[0] = True
        assert "sometimes" in [one.strike() for _ in range(2)]


def test_faults_are_chosen_by_a_word_of_their_names() -> None:
    assert set(nemesis.only(["beat"], nemesis.ALL)) == {"beat killed", "beat asked to stop"}
    assert nemesis.only([], nemesis.ALL) == nemesis.ALL
    with pytest.raises(ValueError, match="no fault has thunder in its name"):
        nemesis.only(["thunder"], nemesis.ALL)


class Slow(http.server.BaseHTTPRequestHandler):
    """Answers ``ok``, and keeps the connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def wire() -> Iterator[Proxy]:
    """A wire to a server."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Proxy(f"http://127.0.0.1:{server.server_port}") as proxy:
            yield proxy
        server.shutdown()


def ask(wire: Proxy) -> float:
    """The seconds that an answer takes by it."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(wire.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"ok"
    finally:
        connection.close()
    return time.monotonic() - began


def test_a_wire_passes_on_what_it_is_given(wire) -> None:
    assert ask(wire) < 5


def test_a_wire_that_is_stalled_or_drips_still_passes_everything_on(wire) -> None:
    wire.stall(0.5)
    assert ask(wire) >= 0.4
    wire.drip(30)
    assert ask(wire) >= 0.4, "some sixty bytes each way, a hundredth of a second apart"


def test_a_wire_that_is_cut_breaks_off_with_a_reset(wire) -> None:
    connection = http.client.HTTPConnection(wire.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"ok"
    wire.stall(5)
    connection.request("GET", "/")
    assert wire.cut() == 2
    with pytest.raises(ConnectionError):
        connection.getresponse()
    connection.close()
