"""Announcements: something has changed, look at the database. By Redis from process to process; may be lost.

Whoever listens reads the database anyway from time to time, so an announcement only makes it sooner. It carries the
operation's id and nothing else: what changed is read where it is true.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import cast

import redis
import structlog

from config.queueing import BRIEF
from coordinator.db import after_commit
from coordinator.nudger import Nudger

log = structlog.get_logger(__name__)

CHANNEL = "tallyroom:changed"

LONGEST_TURN_MILLISECONDS = 1_000
"""After this a fold is asked for again, whoever was asked before."""


class Announcer:
    """Both ends of the announcements of one process."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url, **BRIEF)
        self._url = redis_url
        self._nudger = Nudger(lambda operation_id: self._publish(cast(int, operation_id)))

    def announce(self, operation_id: int) -> None:
        """Says from a background thread that this operation has changed."""
        self._nudger.hand(operation_id)

    def listen(self, heard: Callable[[int], None]) -> None:
        """Calls ``heard(operation_id)`` for each announcement, from a thread of its own, for as long as the process lives."""
        threading.Thread(target=self._listen, args=(heard,), name="announcements", daemon=True).start()

    def ping(self) -> bool:
        """Whether Redis answers now."""
        return bool(self._redis.ping())

    def _publish(self, operation_id: int) -> None:
        self._redis.publish(CHANNEL, str(operation_id))

    def _listen(self, heard: Callable[[int], None]) -> None:
        while True:
            try:
                self._subscribe(heard)
            except Exception as problem:  # a Redis that is gone, a message that is none of ours: it must go on listening
                log.warning("announcements_interrupted", problem=repr(problem))
                time.sleep(1)

    def _subscribe(self, heard: Callable[[int], None]) -> None:
        """Listens until the connection breaks; a silent one is tested every few seconds, since a dead Redis says nothing."""
        client = redis.Redis.from_url(self._url, socket_connect_timeout=1, socket_timeout=15, health_check_interval=5)
        with client.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            while True:
                message = subscription.get_message(timeout=5)
                if message:
                    heard(int(message["data"]))


class Turns:
    """Whether somebody has been asked to fold an operation, so that a burst asks once and not once for each report.

    A turn that is never ended ends by itself, and one that is lost is only asked for again: what waits is in the database.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url, **BRIEF)

    def begin(self, operation_id: int) -> bool:
        """Claims the turn; whether nobody else holds it."""
        return bool(self._redis.set(_turn(operation_id), 1, nx=True, px=LONGEST_TURN_MILLISECONDS))

    def end(self, operation_id: int) -> None:
        """Gives it back: from now on the next report asks again. Look once more at what waits after this."""
        try:
            self._redis.delete(_turn(operation_id))
        except redis.RedisError as problem:
            log.warning("turn_not_ended", problem=repr(problem))


def _turn(operation_id: int) -> str:
    return f"tallyroom:turn:{operation_id}"


_announcers: list[Announcer] = []


def announce_by(announcer: Announcer) -> None:
    """Says how this process announces."""
    _announcers[:] = [announcer]


def announce(operation_id: int) -> None:
    """Announces, once the present transaction has committed, that this operation has changed."""

    def tell() -> None:
        for announcer in _announcers:
            announcer.announce(operation_id)

    after_commit(tell)
