"""Those who watch: kept awake, let go, cut off, forgotten; and the alarm they must all see."""

from __future__ import annotations

import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import report_body
from tests.desk.watching import Watcher, comparable, equal
from tests.hubs import Api, LiveOperation, RealHub, eventually

CROWD = 50
"""Watchers of each kind, those who read and those who don't."""

IN_TIME = 5.0
"""Seconds within which every one of the others sees each change, on a machine on which all of them and the hub run."""

AT_ONCE = 5.0
"""Seconds within which a revoked token's streams have ended."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


def post(caller: Api, operation: LiveOperation, **members: Any) -> dict[str, Any]:
    answer = caller.post(operation.reports, report_body(**members))
    assert answer.status == 201, answer.body
    return answer.json


@contextmanager
def storm(operation: LiveOperation) -> Iterator[Callable[[], int]]:
    """Reports one after the other, for as long as the block lasts; gives how many so far."""
    over, posted, caller = threading.Event(), [], operation.desk.another()

    def run() -> None:
        while not over.is_set():
            posted.append(post(caller, operation))

    thread = threading.Thread(target=run, name="storm")
    thread.start()
    try:
        yield lambda: len(posted)
    finally:
        over.set()
        thread.join()


def test_a_quiet_stream_says_that_it_is_alive_and_nothing_else(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: len(watcher.comments) >= 4)
        assert [line for _, line in watcher.comments[:4]] == [": tallyroom", *[": alive"] * 3]
        assert {one.name for one in watcher.seen} <= {"snapshot"}
        came = [at - watcher.started for at, _ in watcher.comments[1:4]]
        assert all(at > 0.9 * number for number, at in enumerate(came, 1)), came


@pytest.mark.parametrize("busy", [False, True])
def test_revoking_a_token_ends_its_streams_at_once_and_no_other(operation, busy) -> None:
    watching = [operation.caller("observer") for _ in range(2)]
    with Watcher(watching[0], operation.code) as revoked, Watcher(watching[1], operation.code) as other:
        for watcher in (revoked, other):
            watcher.until(lambda w=watcher: w.seen)
        with storm(operation) if busy else nullcontext(lambda: 0) as posted:
            eventually(lambda: posted() >= (10 if busy else 0))
            assert operation.desk.delete(f"/tokens/{watching[0].id}").status == 204
            revoked.until(lambda: revoked.ended, AT_ONCE, "the stream's end")
            assert revoked.problem is None
            count = len(other.seen)
            if busy:
                other.until(lambda: len(other.seen) > count + 3)
        assert not other.ended
        count = operation.totals()["position"] + 1
        post(operation.desk, operation)
        other.until_position(count)
        assert revoked.position < count
    assert watching[0].get(f"/operations/{operation.code}/stream").status == 401


def test_a_token_that_runs_out_ends_its_streams(operation) -> None:
    issued = operation.desk.post(
        "/tokens", {"name": "short", "role": "observer", "operation": operation.code, "units": [], "expires_at": None}
    )
    with Watcher(Api(operation.hub, issued.json["token"]), operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        operation.hub.query("UPDATE tokens SET expires_at = clock_timestamp() WHERE id = %s", uuid.UUID(issued.json["id"]))
        watcher.until(lambda: watcher.ended, AT_ONCE, "the stream's end")


def held(hub: RealHub, port: int) -> bool:
    """Whether the web server still holds its end of the connection from this port."""
    mine, theirs = f":{hub.port:04X}", f":{port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(mine) and row[2].endswith(theirs) and row[9] != "0" for row in rows)


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc to see which connections the server holds")


@linux
def test_a_watcher_that_leaves_is_forgotten_also_where_nothing_happens(operation) -> None:
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        port = watcher.port
        assert held(operation.hub, port)
    eventually(lambda: not held(operation.hub, port), what="the connection's end")


class Stalled:
    """Opens a stream and never reads it."""

    def __init__(self, caller: Api, code: str) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", caller.hub.port))
        self.port = self.socket.getsockname()[1]
        request = f"GET /api/v1/operations/{code}/stream HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {caller.token}\r\n\r\n"
        self.socket.sendall(request.encode())
        assert self.socket.recv(15) == b"HTTP/1.1 200 OK"

    def leave(self) -> None:
        """Goes away."""
        self.socket.close()


@pytest.fixture
def short_queues(hub: RealHub) -> Iterator[RealHub]:
    """The hub with a web server that lets go whoever is twenty events behind, and with little room on the way."""
    hub.hang_up()
    hub.end("web")
    hub.send_room(4096)
    hub.run("web", [sys.executable, "-m", "gunicorn", "-c", "python:tests.desk.short_queues", "coordinator.wsgi:app()"])
    yield hub
    hub.hang_up()
    hub.end("web")
    hub.send_room(1 << 20)


@linux
def test_a_watcher_that_reads_nothing_harms_no_other_and_is_cut_off(short_queues) -> None:
    operation = short_queues.create_operation()
    good = [Watcher(operation.desk, operation.code).__enter__() for _ in range(CROWD)]
    stalled = [Stalled(operation.desk, operation.code) for _ in range(CROWD)]
    try:
        deadline, count, slowest = time.monotonic() + 60, 0, 0.0
        while any(held(short_queues, one.port) for one in stalled):
            assert time.monotonic() < deadline, f"not cut off after {count} reports"
            count, posted = count + 1, time.monotonic()
            post(operation.desk, operation)
            for watcher in good:
                watcher.until_position(count, IN_TIME)
            slowest = max(slowest, time.monotonic() - posted)
        print(f"cut off after {count} events; the slowest of the others waited {slowest:.2f} s")
        now = operation.totals()
        assert all(comparable(watcher.board.document) == comparable(now) for watcher in good)
        assert not any(watcher.ended for watcher in good)
    finally:
        for one in (*good, *stalled):
            one.leave()


def test_a_figure_changed_by_hand_raises_an_alarm_on_the_stream_until_it_is_mended(operation) -> None:
    post(operation.desk, operation)
    operation.settled(1)
    with Watcher(operation.desk, operation.code) as watcher:
        watcher.until(lambda: watcher.seen)
        changed = (
            "UPDATE cells SET total = total + 1 FROM units u WHERE u.id = cells.unit_id AND u.code = 'NATIONAL' AND u.operation_id = %s"
        )
        id = operation.hub.query("SELECT id FROM operations WHERE code = %s", operation.code)[0][0]
        operation.hub.query(changed, id)
        watcher.until(lambda: watcher.board.document["alarms"], what="the alarm")
        alarm = watcher.of("status")[-1].content["alarms"][0]
        assert (alarm["code"], alarm["position"]) == ("totals-differ", 1)
        assert {
            "what": "total",
            "unit": "NATIONAL",
            "measure": "arrests",
            "category": "unspecified",
            "stored": "4",
            "recounted": "3",
        } in alarm["differences"]
        with Watcher(operation.desk, operation.code) as latecomer:
            latecomer.until(lambda: latecomer.seen)
            assert latecomer.board.document["national"]["arrests"]["total"] == 4
            refused = operation.hub.verb("recount", operation.code)
            assert (refused.returncode, refused.stderr) == (1, "")
            assert f"{operation.code}: position 1, 1 differences" in refused.stdout
            mended = operation.hub.verb("recount", operation.code, "--rebuild")
            assert (mended.returncode, mended.stderr) == (0, ""), mended
            for one in (watcher, latecomer):
                one.until(lambda one=one: not one.board.document["alarms"], what="the alarm's end")
                equal(one, operation.totals)
                assert one.board.document["national"]["arrests"]["total"] == 3
    assert "totals_differ" in operation.hub.log("worker").read_text()
