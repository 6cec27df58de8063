"""Channels from within: what a failing look, a newcomer and a leaver do to the others."""

from __future__ import annotations

import queue
import threading

import pytest
from sqlalchemy.exc import OperationalError

from coordinator import db
from coordinator.access import tokens
from coordinator.desk import channels
from coordinator.desk.channels import ALIVE, LET_GO, Channel, Channels, Watcher
from coordinator.desk.events import Event
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import eventually


class Watched(Watcher):
    """A watcher whose connection remembers being cut."""

    cuts: list[bool]


class Waiting(queue.SimpleQueue):
    """A queue into which one can look, while a channel's thread puts more into it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def put(self, event: Event, *how) -> None:
        self.events.append(event)
        super().put(event, *how)

    def get(self, *how) -> Event:
        super().get(*how)
        return self.events.pop(0)


def watcher_of(caller) -> Watched:
    cuts: list[bool] = []
    watcher = Watched(actor_of(caller), lambda: cuts.append(True), waiting=Waiting())
    watcher.cuts = cuts
    return watcher


def taken(watcher: Watcher) -> list[Event]:
    """All that waits for the watcher."""
    return list(watcher.waiting.events)


def names(watcher: Watcher) -> list[str]:
    """What waits, bulletins apart."""
    return [event.name for event in taken(watcher) if event.name != "bulletin"]


def joined(channel: Channel, watcher: Watcher) -> Watcher:
    """The watcher, after the look that gives it its opening."""
    channel.newcomers.add(watcher)
    channel._look()
    return watcher


@pytest.fixture
def channel(operation) -> Channel:
    """A channel that looks only when it is told to."""
    return Channel(operation.id)


def report(operation, caller) -> None:
    assert caller.post(f"/operations/{operation.code}/reports", report_body()).status_code == 201
    fold_all(operation.id)


def test_after_a_look_that_fails_halfway_those_who_watch_begin_anew(operation, desk, channel, monkeypatch) -> None:
    watcher = joined(channel, watcher_of(desk))
    report(operation, desk)
    with monkeypatch.context() as broken:
        broken.setattr(tokens, "standing", lambda ids: (_ for _ in ()).throw(OperationalError("SELECT", {}, OSError("gone"))))
        with pytest.raises(OperationalError):
            channel._look()
    assert names(watcher) == ["snapshot"]
    channel._look()
    assert [(one.name, one.position) for one in taken(watcher) if one.name != "bulletin"] == [("snapshot", 0), ("snapshot", 1)]


def test_a_watcher_that_comes_while_tokens_are_looked_at_is_not_let_go_with_the_revoked(
    operation, create_token, channel, monkeypatch
) -> None:
    first, newcomer = (watcher_of(create_token("observer", operation.code)) for _ in range(2))
    joined(channel, first)
    standing = tokens.standing

    def meanwhile(ids):
        channel.newcomers.add(newcomer)
        return standing(ids)

    monkeypatch.setattr(tokens, "standing", meanwhile)
    channel._look()
    assert (first.gone, newcomer.gone, channel.newcomers) == (None, None, {newcomer})


def test_a_watcher_too_far_behind_gets_what_waits_and_its_end_and_is_cut_if_it_takes_neither(operation, desk, channel, monkeypatch) -> None:
    monkeypatch.setattr(channels, "MOST_WAITING", 3)
    watcher = joined(channel, watcher_of(desk))
    while not watcher.waiting.empty():
        watcher.waiting.get()
    for _ in range(5):
        report(operation, desk)
        channel._look()
    assert names(watcher) == ["totals", "status", "totals", LET_GO.name]
    assert taken(watcher)[-1] is LET_GO
    assert watcher.cuts == []
    monkeypatch.setattr(channels, "PATIENCE", 0.0)
    channel._look()
    assert watcher.cuts == [True]


def test_a_channel_ends_with_its_last_watcher_and_begins_anew_with_the_next(operation, desk, monkeypatch) -> None:
    monkeypatch.setattr(channels, "TICK", 0.05)
    mine = f"channel-{operation.id}"
    all_channels = Channels()
    for _ in range(2):
        one, other = watcher_of(desk), watcher_of(desk)
        for watcher in (one, other):
            all_channels.watch(operation.id, watcher)
        assert all_channels.watching() == 2
        assert [thread.name for thread in threading.enumerate()].count(mine) == 1
        eventually(lambda o=one: names(o) == ["snapshot"])
        report(operation, desk)
        all_channels.heard(operation.id)
        eventually(lambda o=one: names(o)[:2] == ["snapshot", "totals"])
        for watcher in (one, other):
            all_channels.leave(operation.id, watcher)
        assert all_channels.watching() == 0
        eventually(lambda: mine not in [thread.name for thread in threading.enumerate()])


def test_a_process_that_is_to_end_lets_its_watchers_go(operation, desk, monkeypatch) -> None:
    monkeypatch.setattr(channels, "TICK", 0.05)
    all_channels, watcher = Channels(), watcher_of(desk)
    all_channels.watch(operation.id, watcher)
    eventually(lambda: names(watcher) == ["snapshot"])
    all_channels.serving = lambda: False
    eventually(lambda: names(watcher)[-1:] == [LET_GO.name])
    latecomer = watcher_of(desk)
    all_channels.watch(operation.id, latecomer)
    eventually(lambda: names(latecomer) == [LET_GO.name])
    for one in (watcher, latecomer):
        all_channels.leave(operation.id, one)


def test_a_stream_holds_no_transaction_and_no_connection_between_its_events(operation, desk, app) -> None:
    with desk.get(f"/operations/{operation.code}/stream") as answer:
        chunks = answer.iter_encoded()
        assert next(chunks) == b": tallyroom\n\n"
        assert next(chunks).startswith(b"id: 0\nevent: snapshot\ndata: {")
        eventually(lambda: db._engines[0].pool.checkedout() == 0)
        answer.close()
    assert app.extensions["tallyroom.channels"].watching() == 0


def test_whoever_has_heard_nothing_for_long_is_told_that_we_are_there(channel, desk) -> None:
    quiet, lively = joined(channel, watcher_of(desk)), joined(channel, watcher_of(desk))
    everyone = Channels()
    everyone._channels[channel.operation_id] = channel
    quiet.offered -= 10.0
    before = len(taken(lively))
    everyone.keep_quiet_alive(5.0)
    assert (taken(quiet)[-1], len(taken(lively))) == (ALIVE, before)
