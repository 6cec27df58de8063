"""Channels: one reader of the database for each watched operation and process, however many watch.

A channel sleeps until an announcement wakes it, a watcher comes, or a second has passed: Redis only makes it sooner. Then it
brings its picture on, encodes what has changed once, and puts the same bytes into every watcher's queue. Whoever comes is given its
opening by the same hand, so nothing can fall between the opening and what follows. A watcher that does not empty its queue is let
go, cut off where it does not even take that, and comes back with its last position.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from coordinator.access import sessions
from coordinator.access.actor import LIAISON, Actor
from coordinator.access.sessions import Proof
from coordinator.db import transaction
from coordinator.desk.events import Event
from coordinator.desk.picture import Picture
from coordinator.messages import bulletins

log = structlog.get_logger(__name__)

TICK = 1.0
"""Seconds after which a channel looks by itself."""

LOOK_ANYWAY = 15.0
"""Seconds after which it looks although nothing was folded: time alone makes a unit overdue and a window empty."""

MOST_WAITING = 500
"""Events a watcher may be behind before it is let go."""

PATIENCE = 5.0
"""Seconds a watcher that was let go has to take what still waits for it."""

ALIVE, LET_GO = Event(-1, "", b": alive\n\n"), Event(-1, "", b"")
"""A word that only says that we are there, and the last one."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One open stream: who watches, what it has still to be sent and when it was last offered anything, how its connection is cut, and
    the bulletins ``given`` to it that are not yet on record as such."""

    actor: Actor
    cut: Callable[[], None]
    last_event_id: str | None = None
    waiting: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    offered: float = field(default_factory=time.monotonic)
    gone: float | None = None
    given: set[UUID] = field(default_factory=set)

    def offer(self, event: Event) -> None:
        """Puts an event into the queue, or lets a watcher go that is too far behind."""
        if self.waiting.qsize() >= MOST_WAITING:
            self.let_go()
        elif self.gone is None and (event.reach is None or event.reach.includes(self.actor)):
            self.waiting.put(event)
            self.offered = time.monotonic()
            if event.bulletin is not None:
                self.given.add(event.bulletin)

    def let_go(self) -> None:
        """Ends the stream after what waits already. Asked again after PATIENCE, cuts it: who does not read its socket holds up
        whoever writes to it for as long as the network lasts."""
        if self.gone is None:
            self.gone = time.monotonic()
            self.waiting.put(LET_GO)
        elif time.monotonic() - self.gone > PATIENCE:
            self.cut()


class Channel:
    """The watchers of one operation in this process, and the thread that reads for them."""

    def __init__(self, operation_id: int, serving: Callable[[], bool] = lambda: True) -> None:
        self.operation_id = operation_id
        self.serving = serving
        self.watchers: set[Watcher] = set()
        self.newcomers: set[Watcher] = set()
        self.wake = threading.Event()
        self._looked = 0.0
        self._picture: Picture | None = None

    def run(self) -> None:
        """Reads and sends for as long as someone watches."""
        while self.watchers or self.newcomers:
            self.wake.wait(TICK)
            self.wake.clear()
            began = time.monotonic()
            if not self.serving():
                self._end()
                continue
            try:
                self._look()
            except Exception as problem:  # whatever it was, those who watch are still there, and the next look makes up for it
                log.warning("channel_interrupted", operation=self.operation_id, problem=repr(problem))
            time.sleep(min(TICK, time.monotonic() - began))  # half the time at most is spent looking: a burst is told in fewer words

    def _end(self) -> None:
        """Lets everyone go: this process is about to end, and another gives them what comes next."""
        for watcher in [*self.watchers, *self.newcomers]:
            watcher.let_go()

    def _look(self) -> None:
        """Sends what has changed to those whose token or session still stands, and their opening to those who have come.

        What was read counts as known only once all of it was: a look that fails on the way loses the picture, and the next begins
        with a new one, so whoever watches gets a snapshot.
        """
        watchers, newcomers = list(self.watchers), list(self.newcomers)
        picture, self._picture = self._picture, None
        due = bool(newcomers) or time.monotonic() - self._looked > LOOK_ANYWAY
        with transaction(snapshot=True):
            if picture is None:
                picture = Picture(self.operation_id)
                found = picture.opening(None) if watchers else []
            else:
                found = picture.look(anyway=due)
            opening = picture.openings()
            openings = [(newcomer, opening(newcomer.last_event_id)) for newcomer in newcomers]
            asked = {watcher.actor.proof for watcher in watchers}
            ended = asked - sessions.standing(asked)
        self._picture = picture
        self._looked = time.monotonic() if due else self._looked
        self._send(watchers, found, ended)
        self._welcome(openings)
        self._record_given()

    def _send(self, watchers: list[Watcher], found: list[Event], ended: set[Proof]) -> None:
        for watcher in watchers:
            if watcher.gone is not None or watcher.actor.proof in ended:
                watcher.let_go()
            for event in found:
                watcher.offer(event)

    def _welcome(self, openings: list[tuple[Watcher, list[Event]]]) -> None:
        for newcomer, opening in openings:
            for event in opening:
                newcomer.offer(event)
            if newcomer in self.newcomers:  # it may have left meanwhile
                self.watchers.add(newcomer)
                self.newcomers.discard(newcomer)

    def _record_given(self) -> None:
        """Writes down which liaisons have been given which bulletins. What fails is tried again at the next look."""
        those = [watcher for watcher in self.watchers if watcher.given]
        given = [(id, watcher.actor.id) for watcher in those for id in watcher.given if watcher.actor.role == LIAISON and watcher.actor.id]
        if given:
            with transaction():
                bulletins.delivered(self.operation_id, given, "stream")
        for watcher in those:
            watcher.given.clear()


class Channels:
    """All channels of this process. ``serving`` says whether it goes on: streams would hold up one that has been asked to end."""

    def __init__(self) -> None:
        self.serving: Callable[[], bool] = lambda: True
        self._channels: dict[int, Channel] = {}
        self._lock = threading.Lock()

    def watch(self, operation_id: int, watcher: Watcher) -> None:
        """Subscribes: the channel's next look gives the watcher its opening, and every look after it what has changed since."""
        with self._lock:
            channel = self._channels.get(operation_id)
            if channel is None or not (channel.watchers or channel.newcomers):
                channel = self._channels[operation_id] = Channel(operation_id, lambda: self.serving())
                channel.newcomers.add(watcher)
                threading.Thread(target=channel.run, name=f"channel-{operation_id}", daemon=True).start()
            channel.newcomers.add(watcher)
            channel.wake.set()

    def leave(self, operation_id: int, watcher: Watcher) -> None:
        """Unsubscribes; a channel without watchers ends at its next look."""
        with self._lock:
            channel = self._channels.get(operation_id)
            if channel is not None:
                channel.newcomers.discard(watcher)
                channel.watchers.discard(watcher)

    def heard(self, operation_id: int) -> None:
        """An announcement has come for this operation."""
        channel = self._channels.get(operation_id)
        if channel is not None:
            channel.wake.set()

    def watching(self) -> int:
        """How many watch in this process."""
        return len(self._everyone())

    def keep_alive(self, seconds: float) -> None:
        """Says to each watcher, after so many seconds of silence, that we are there: for ever, one thread for all of them."""
        while True:
            time.sleep(min(1.0, seconds / 4))
            self.keep_quiet_alive(seconds)

    def keep_quiet_alive(self, seconds: float) -> None:
        """Tells those who have been offered nothing for so long."""
        now = time.monotonic()
        for watcher in self._everyone():
            if now - watcher.offered >= seconds:
                watcher.offer(ALIVE)

    def _everyone(self) -> list[Watcher]:
        return [one for channel in list(self._channels.values()) for one in (*channel.watchers, *channel.newcomers)]
