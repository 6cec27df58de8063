"""Whole hubs: what is to leave leaves, whatever happens to Redis and to whoever sends it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from config.queueing import CARE
from coordinator.verification.fresh_key import fresh_key
from tests.deliveries.receivers import Receiver, receiver
from tests.hubs import SOON, LiveOperation, RealHub, eventually, real_hub


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    """Where webhooks of these tests go."""
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def sending_hub(hook: Receiver) -> Iterator[RealHub]:
    """A hub to which the way there is open."""
    with real_hub(webhook_hosts=hook.url, webhook_private="127.0.0.0/8", signing_key=fresh_key()) as made:
        yield made


@pytest.fixture
def operation(sending_hub: RealHub, hook: Receiver) -> LiveOperation:
    """A live operation that calls Kentucky's webhook."""
    hook.got.clear()
    made = sending_hub.create_operation()
    asked = {"kind": "webhook", "address": hook.url, "whose": "liaison", "unit": "KY"}
    assert made.desk.post(f"/operations/{made.code}/addresses", asked).status == 201
    return made


def say(operation: LiveOperation) -> str:
    """A bulletin of the desk, by its id."""
    answer = operation.desk.post(f"/operations/{operation.code}/bulletins", {"text": "Hold.", "kind": "alert", "priority": "flash"})
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def delivered(operation: LiveOperation) -> list[dict[str, Any]]:
    """What has been delivered."""
    return list(operation.desk.get(f"/operations/{operation.code}/deliveries?state=delivered").json["items"])


def test_what_redis_has_lost_leaves_at_the_next_look_of_beat(sending_hub: RealHub, operation: LiveOperation, hook: Receiver) -> None:
    """Promise 11: the message that asked for it is gone, the row of the outbox is not."""
    for name in ("beat", "worker"):
        sending_hub.end(name)
    with redis.Redis.from_url(sending_hub.valkey.url) as client:
        client.flushall()
        say(operation)
        eventually(lambda: client.llen(CARE))
        client.flushall()
        began = time.monotonic()
        for name in ("worker", "beat"):
            sending_hub.begin(name)
        hook.await_number(1)
    assert time.monotonic() - began < SOON
    eventually(lambda: len(delivered(operation)) == 1)
    assert len(hook.got) == 1


def test_a_worker_killed_in_the_middle_loses_nothing_and_what_comes_again_comes_under_its_id(
    sending_hub: RealHub, operation: LiveOperation, hook: Receiver
) -> None:
    """The receiver has it, the worker dies before it hears so: at least once, and the same to the last byte."""
    dead = threading.Event()
    hook.answer = lambda received: (dead.wait(30), (204, {}))[1] if len(hook.got) == 1 else (204, {})
    bulletin = say(operation)
    (first,) = hook.await_number(1)
    sending_hub.kill("worker")
    dead.set()
    (item,) = operation.desk.get(f"/operations/{operation.code}/deliveries").json["items"]
    assert (item["state"], item["tries"]) == ("sending", 1)
    sending_hub.begin("worker")
    sending_hub.query("UPDATE outgoing SET next_at = clock_timestamp() WHERE id = %s", item["id"])  # its lease is over
    first, second = hook.await_number(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == item["id"]
    assert (first.body, json.loads(first.body)["bulletin"]["id"]) == (second.body, bulletin)
    eventually(lambda: [(one["id"], one["tries"]) for one in delivered(operation)] == [(item["id"], 2)])
