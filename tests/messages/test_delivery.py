"""Bulletins by the stream of a real hub: to those whom they reach, also where Redis has lost everything, and again to who comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.desk.watching import Watcher
from tests.hubs import LiveOperation, RealHub, eventually, hub, shared_hub

__all__ = ["hub", "shared_hub"]

TICK = 3.0
"""Seconds within which a stream tells what no announcement told it: a look each second, on a machine that has other things to do."""


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    return hub.create_operation()


@pytest.fixture
def three(operation: LiveOperation) -> Iterator[list[Watcher]]:
    """Desk, Kentucky and Tennessee, who have all heard the order to start."""
    callers = [operation.desk, operation.caller("liaison", "KY"), operation.caller("liaison", "TN")]
    watchers = [Watcher(caller, operation.code).__enter__() for caller in callers]
    for watcher in watchers:
        watcher.until(lambda w=watcher: w.of("bulletin"))
    yield watchers
    for watcher in watchers:
        watcher.leave()


def say(operation: LiveOperation, text: str, **content: object) -> dict:
    answer = operation.desk.post(f"/operations/{operation.code}/bulletins", {"text": text} | content)
    assert answer.status == 201, answer.body
    return answer.json


def texts(watcher: Watcher) -> list[str]:
    return [one.content["text"] for one in watcher.of("bulletin") if one.content["order"] is None]


def test_a_bulletin_reaches_those_it_is_to_and_nobody_else(operation: LiveOperation, three: list[Watcher]) -> None:
    with Watcher(operation.caller("observer"), operation.code) as observer:
        say(operation, "To Kentucky", units=["KY"])
        say(operation, "To all")
        for watcher in three:
            watcher.until(lambda w=watcher: "To all" in texts(w))
        assert [texts(watcher) for watcher in three] == [["To Kentucky", "To all"], ["To Kentucky", "To all"], ["To all"]]
        assert operation.desk.post(f"/operations/{operation.code}/reports", nil()).status == 201
        observer.until(lambda: observer.of("status"))
        assert observer.news == []


def nil() -> dict:
    return {"unit": "KY", "basis": "increment", "observed_at": "2021-08-26T22:15:00Z", "lines": [], "nil": True}


def test_who_comes_back_is_given_what_stands_and_not_what_was_superseded(operation: LiveOperation, three: list[Watcher]) -> None:
    kentucky = three[1]
    old = say(operation, "North gate")
    kentucky.until(lambda: "North gate" in texts(kentucky))
    last = kentucky.last_id
    kentucky.leave()
    new = say(operation, "South gate", kind="update", supersedes=old["id"])
    with Watcher(operation.caller("liaison", "KY"), operation.code, last) as again:
        again.until(lambda: "South gate" in texts(again))
        assert texts(again) == ["South gate"]
        assert again.of("bulletin")[-1].content["supersedes"] == {"id": old["id"], "number": old["number"]}
    assert new["number"] == old["number"] + 1


def test_the_desk_hears_of_every_answer_and_a_liaison_of_its_own_alone(operation: LiveOperation, three: list[Watcher]) -> None:
    desk, kentucky, tennessee = three
    path = f"/operations/{operation.code}/bulletins/{say(operation, 'Hold')['id']}/acknowledgements"
    for said in ({"answer": "question", "reason": "From when?"}, {"answer": "understood"}):
        for unit in ("KY", "TN"):
            assert operation.desk.post(path, {"unit": unit} | said).status == 201

    def units(watcher: Watcher) -> list[str]:
        return [one.content["unit"] for one in watcher.of("happening") if one.content["kind"] == "acknowledgement"]

    for watcher, heard in ((desk, ["KY", "TN", "KY", "TN"]), (kentucky, ["KY", "KY"]), (tennessee, ["TN", "TN"])):
        watcher.until(lambda w=watcher, heard=heard: len(units(w)) >= len(heard))
        assert units(watcher) == heard


def test_what_a_stream_was_given_is_on_record_by_unit_and_person(operation: LiveOperation, three: list[Watcher]) -> None:
    said = say(operation, "Hold")

    def given() -> dict[str, list[str]]:
        document = operation.desk.get(f"/operations/{operation.code}/bulletins/{said['id']}").json
        return {one["unit"]: [by["way"] for by in one["given"]] for one in document["asked"]}

    eventually(lambda: given() == {"KY": ["stream"], "TN": ["stream"]}, what=given)


def test_a_bulletin_arrives_within_the_tick_though_redis_is_flushed_or_frozen(operation: LiveOperation, three: list[Watcher]) -> None:
    kentucky, hub = three[1], operation.hub
    with redis.Redis.from_url(hub.valkey.url) as client:
        client.flushall()
    say(operation, "After the flush")
    kentucky.until(lambda: "After the flush" in texts(kentucky), TICK)
    hub.freeze("redis")
    say(operation, "While it stands still")
    kentucky.until(lambda: "While it stands still" in texts(kentucky), TICK)
    hub.thaw("redis")


def test_beat_and_worker_remind_whoever_is_late(operation: LiveOperation, three: list[Watcher]) -> None:
    """The order to start was to be acknowledged long ago: the hub finds that by itself."""
    desk, kentucky = three[:2]
    moved = """
        UPDATE bulletins SET acknowledge_by = clock_timestamp() - interval '1 second'
        WHERE operation_id = (SELECT id FROM operations WHERE code = %s)
    """
    operation.hub.query("ALTER TABLE bulletins DISABLE TRIGGER sealed")
    operation.hub.query(moved, operation.code)
    operation.hub.query("ALTER TABLE bulletins ENABLE TRIGGER sealed")
    for watcher in (desk, kentucky):
        reminded = watcher.until(lambda w=watcher: [one for one in w.of("happening") if one.content["kind"] == "reminder"], 40)
        assert reminded[0].content["unit"] == "KY"
