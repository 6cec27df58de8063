"""Channels from within: what a failing look, a newcomer and a leaver do to the others."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import OperationalError

from coordinator import db
from coordinator.access import tokens
from coordinator.desk import channels
from coordinator.desk.channels import Channel, Channels
from coordinator.desk.connections import Connection
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import eventually


class Watcher(channels.Watcher):
    """A watcher whose connection ends here, in ``far``."""

    def __init__(self, caller, room: int | None = None) -> None:
        near, self.far = socket.socketpair()
        if room:
            near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, room)
        self.far.setblocking(False)
        self.heard = b""
        super().__init__(actor_of(caller), Connection(near, chunked=False))

    def listen(self) -> bytes:
        """All that has come so far; without ``ended`` at its end while the connection goes on."""
        try:
            while chunk := self.far.recv(1 << 20):
                self.heard += chunk
            return self.heard + b"ended"
        except BlockingIOError:
            return self.heard

    def leave(self) -> None:
        """Goes away."""
        self.far.close()
        self.connection.cut()
        self.connection._socket.close()


@pytest.fixture
def watch() -> Iterator[Callable[..., Watcher]]:
    """Makes watchers, and closes both ends of each afterwards."""
    made: list[Watcher] = []

    def make(caller, room: int | None = None) -> Watcher:
        made.append(Watcher(caller, room))
        return made[-1]

    yield make
    for watcher in made:
        watcher.leave()


def names(watcher: Watcher) -> list[str]:
    """What has come: the names of events, those of bulletins apart, comments without their colon, and ``ended``."""
    blocks = [block for block in watcher.listen().decode().split("\n\n") if "\nevent: bulletin\n" not in block]
    return [block.split("\n")[1].removeprefix("event: ") if "\n" in block else block.removeprefix(": ") for block in blocks if block]


def joined(channel: Channel, watcher: Watcher) -> Watcher:
    """The watcher, after the look that gives it its opening."""
    channel.newcomers.add(watcher)
    channel._look()
    return watcher


@pytest.fixture
def channel(operation) -> Channel:
    """A channel that looks only when it is told to."""
    return Channel(operation.id, 60)


def report(operation, caller) -> None:
    assert caller.post(f"/operations/{operation.code}/reports", report_body()).status_code == 201
    fold_all(operation.id)


def test_after_a_look_that_fails_halfway_those_who_watch_begin_anew(operation, desk, channel, monkeypatch, watch) -> None:
    watcher = joined(channel, watch(desk))
    report(operation, desk)
    with monkeypatch.context() as broken:
        broken.setattr(tokens, "standing", lambda ids: (_ for _ in ()).throw(OperationalError("SELECT", {}, OSError("gone"))))
        with pytest.raises(OperationalError):
            channel._look()
    assert names(watcher) == ["snapshot"]
    channel._look()
    assert names(watcher) == ["snapshot", "snapshot"]
    assert b"id: 0\n" in watcher.heard
    assert b"id: 1\n" in watcher.heard


def test_a_watcher_that_comes_while_tokens_are_looked_at_is_not_let_go_with_the_revoked(
    operation, create_token, channel, monkeypatch, watch
) -> None:
    first, newcomer = (watch(create_token("observer", operation.code)) for _ in range(2))
    joined(channel, first)
    standing = tokens.standing

    def meanwhile(ids):
        channel.newcomers.add(newcomer)
        return standing(ids)

    monkeypatch.setattr(tokens, "standing", meanwhile)
    channel._look()
    assert (first.gone, newcomer.gone, channel.newcomers) == (None, None, {newcomer})


def test_a_watcher_too_far_behind_gets_what_waits_and_its_end(operation, desk, channel, monkeypatch, watch) -> None:
    monkeypatch.setattr(channels, "MOST_WAITING", 3)
    watcher = joined(channel, watch(desk, room=1))
    while watcher.gone is None:
        report(operation, desk)
        channel._look()
    assert watcher.connection.behind == 3
    report(operation, desk)
    channel._look()
    assert watcher.connection.behind == 3
    eventually(lambda: names(watcher)[-1] == "ended")
    got = names(watcher)
    assert got[0] == "snapshot"
    assert got.count("totals") >= 1
    assert f"id: {got.count('totals') + 1}\n".encode() not in watcher.heard
    assert not channel._anyone()


def test_a_watcher_that_does_not_take_its_end_either_is_cut_off(operation, desk, channel, monkeypatch, watch) -> None:
    monkeypatch.setattr(channels, "MOST_WAITING", 3)
    monkeypatch.setattr(channels, "PATIENCE", 0.0)
    watcher = joined(channel, watch(desk, room=1))
    while channel._anyone():
        report(operation, desk)
        channel._look()
    assert watcher.gone is not None
    assert names(watcher)[-1] == "ended"


def test_a_slow_watcher_gets_every_byte_in_order(desk, watch) -> None:
    watcher = watch(desk, room=1)
    chunks = [b"%06d " % number * 1000 for number in range(100)]
    for chunk in chunks:
        watcher.connection.send(chunk)
    assert watcher.connection.behind > 0
    watcher.connection.end()
    watcher.connection.send(b"too late")
    eventually(lambda: watcher.listen().endswith(b"ended"))
    assert watcher.heard == b"".join(chunks)
    assert watcher.connection.closed


def test_silence_is_broken_for_all_who_are_not_behind(operation, desk, monkeypatch, watch) -> None:
    channel = Channel(operation.id, 0.0)
    watcher, stuck = joined(channel, watch(desk)), joined(channel, watch(desk, room=1))
    while not stuck.connection.behind:
        stuck.connection.send(b"x" * 65536)
    channel._break_silence()
    assert names(watcher) == ["snapshot", "alive"]
    stuck.connection.cut()
    eventually(lambda: stuck.connection.closed)
    assert b": alive" not in stuck.listen()


def test_a_channel_ends_with_its_last_watcher_and_begins_anew_with_the_next(operation, desk, monkeypatch, watch) -> None:
    monkeypatch.setattr(channels, "TICK", 0.05)
    mine = f"channel-{operation.id}"
    all_channels = Channels(0.05)
    for _ in range(2):
        one, other = watch(desk), watch(desk)
        for watcher in (one, other):
            all_channels.watch(operation.id, watcher)
        assert [thread.name for thread in threading.enumerate()].count(mine) == 1
        eventually(lambda o=one: "snapshot" in names(o))
        report(operation, desk)
        all_channels.heard(operation.id)
        eventually(lambda o=one: "totals" in names(o))
        for watcher in (one, other):
            watcher.leave()
        eventually(lambda: mine not in [thread.name for thread in threading.enumerate()])
        assert one.connection.closed
        assert other.connection.closed


def test_a_process_that_is_to_end_lets_its_watchers_go(operation, desk, monkeypatch, watch) -> None:
    monkeypatch.setattr(channels, "TICK", 0.05)
    all_channels, watcher = Channels(60), watch(desk)
    all_channels.watch(operation.id, watcher)
    eventually(lambda: names(watcher) == ["snapshot"])
    all_channels.serving = lambda: False
    eventually(lambda: names(watcher)[-1:] == ["ended"])
    latecomer = watch(desk)
    all_channels.watch(operation.id, latecomer)
    eventually(lambda: names(latecomer) == ["ended"])


def test_a_chunked_body_has_its_end(desk, watch) -> None:
    watcher = watch(desk)
    watcher.connection._chunked = True
    watcher.connection.send(b"twelve bytes")
    watcher.connection.end()
    assert watcher.listen() == b"c\r\ntwelve bytes\r\n0\r\n\r\nended"


def test_a_stream_takes_its_connection_over_and_holds_nothing_else_between_its_events(operation, desk) -> None:
    lent, far = socket.socketpair()
    with pytest.raises(StopIteration):
        desk.client.get(f"/api/v1/operations/{operation.code}/stream", headers=desk.headers, environ_overrides={"gunicorn.socket": lent})
    lent.close()
    far.settimeout(5)
    head, _, rest = far.recv(65536).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: text/event-stream; charset=utf-8\r\n" in head
    assert b"Transfer-Encoding: chunked" in head
    assert b"Content-Length" not in head
    while b"data: {" not in rest:
        rest += far.recv(65536)
    assert rest.startswith(b"d\r\n: tallyroom\n\n\r\n")
    assert b"id: 0\nevent: snapshot\n" in rest
    eventually(lambda: db._engines[0].pool.checkedout() == 0)
    far.close()
