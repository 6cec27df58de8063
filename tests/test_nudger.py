"""The nudger: messages delivered briefly, or not at all, and nobody waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Hashable

import pytest

from coordinator import nudger
from coordinator.nudger import Nudger

PATIENCE = 10


class Wire:
    """What is delivered, with a gate that can be held shut, and a fault that can be switched on."""

    def __init__(self) -> None:
        self.delivered: list[Hashable] = []
        self.gate, self.entered, self.arrived = threading.Event(), threading.Event(), threading.Condition()
        self.broken = False
        self.gate.set()

    def deliver(self, message: Hashable) -> None:
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        with self.arrived:
            self.delivered.append(message)
            self.arrived.notify_all()
        if self.broken:
            raise OSError("Redis is away")

    def wait_for(self, *messages: Hashable) -> None:
        """Waits until exactly these have been delivered."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.delivered) >= len(messages), PATIENCE)
        assert self.delivered == list(messages)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A wire, and a nudger that takes no rest."""
    monkeypatch.setattr(nudger, "REST", 0.0)
    monkeypatch.setattr(nudger, "GAP", 0.0)
    return Wire()


def test_a_message_is_delivered_by_another_thread() -> None:
    threads: queue.Queue[str] = queue.Queue()
    Nudger(lambda _: threads.put(threading.current_thread().name)).hand("x")
    assert threads.get(timeout=PATIENCE) == "nudger"


def test_whoever_hands_a_message_over_does_not_wait_for_its_delivery(wire: Wire) -> None:
    wire.gate.clear()
    hands = Nudger(wire.deliver)
    hands.hand("first")
    assert wire.entered.wait(PATIENCE)
    hands.hand("second")  # returns although the first is still stuck
    assert wire.delivered == []
    wire.gate.set()
    wire.wait_for("first", "second")


def test_equal_messages_that_wait_together_go_as_one_in_the_order_they_first_came(wire: Wire) -> None:
    wire.gate.clear()
    hands = Nudger(wire.deliver)
    hands.hand("stuck")
    assert wire.entered.wait(PATIENCE)
    for message in ("b", "a", "b", "a", "b"):
        hands.hand(message)
    wire.gate.set()
    wire.wait_for("stuck", "b", "a")
    hands.hand("a")
    wire.wait_for("stuck", "b", "a", "a")


def test_a_delivery_that_fails_is_given_up_and_the_next_is_tried(wire: Wire) -> None:
    hands = Nudger(wire.deliver)
    wire.broken = True
    hands.hand("lost")
    wire.wait_for("lost")
    wire.broken = False
    hands.hand("next")
    wire.wait_for("lost", "next")


def test_a_thread_that_has_died_is_replaced(wire: Wire) -> None:
    """As after a fork, which takes no threads along."""
    hands = Nudger(wire.deliver)
    hands._thread = threading.Thread(target=lambda: None)
    hands._thread.start()
    hands._thread.join()
    hands.hand("x")
    wire.wait_for("x")


def test_after_a_failure_it_rests_and_what_comes_meanwhile_goes_as_one(monkeypatch: pytest.MonkeyPatch, wire: Wire) -> None:
    rests: list[float] = []
    resting, go_on = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        resting.set()
        assert go_on.wait(PATIENCE)

    monkeypatch.setattr(nudger, "REST", 1.0)
    monkeypatch.setattr(nudger.time, "sleep", sleep)
    hands = Nudger(wire.deliver)
    wire.broken = True
    hands.hand("lost")
    assert resting.wait(PATIENCE)
    assert rests == [1.0]
    wire.broken = False
    for _ in range(3):
        hands.hand("later")
    go_on.set()
    wire.wait_for("lost", "later")
