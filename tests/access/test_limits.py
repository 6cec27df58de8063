"""How fast a token may write."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from coordinator.access.limits import Limits, whose
from coordinator.errors import TooManyWrites
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, operation_document, report_body


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


def spend(limits: Limits, times: int, who: str = "a") -> int:
    """Tries so many writes; answers how many were let through."""
    passed = 0
    for _ in range(times):
        try:
            limits.spend(who)
        except TooManyWrites:
            continue
        passed += 1
    return passed


def test_a_full_bucket_lets_its_burst_through_and_no_more(clock: Clock) -> None:
    assert spend(Limits(20, 300, clock), 400) == 300


def test_an_empty_bucket_fills_at_its_rate(clock: Clock) -> None:
    limits = Limits(20, 300, clock)
    spend(limits, 300)
    clock.now += 1
    assert spend(limits, 100) == 20
    clock.now += 0.5
    assert spend(limits, 100) == 10


def test_it_never_holds_more_than_its_burst(clock: Clock) -> None:
    limits = Limits(20, 300, clock)
    spend(limits, 300)
    clock.now += 86_400
    assert spend(limits, 1000) == 300


def test_whoever_is_refused_loses_nothing_by_having_asked(clock: Clock) -> None:
    limits = Limits(1, 1, clock)
    spend(limits, 1)
    for _ in range(9):
        clock.now += 0.1
        assert spend(limits, 1) == 0
    clock.now += 0.11
    assert spend(limits, 1) == 1


def test_a_refusal_says_exactly_when_there_will_be_one_again(clock: Clock) -> None:
    limits = Limits(4, 1, clock)
    spend(limits, 1)
    with pytest.raises(TooManyWrites) as found:
        limits.spend("a")
    assert found.value.seconds == pytest.approx(0.25)
    clock.now += found.value.seconds
    limits.spend("a")


def test_one_subscriber_is_one_however_many_addresses_it_has() -> None:
    assert whose("2001:db8:1:2::1") == whose("2001:db8:1:2:ffff::9%eth0") != whose("2001:db8:1:3::1")
    assert whose("192.0.2.1") == whose("::ffff:192.0.2.1") != whose("192.0.2.2")
    assert whose("") == ""


def test_each_caller_has_a_bucket_of_its_own(clock: Clock) -> None:
    limits = Limits(1, 2, clock)
    assert [spend(limits, 3, who) for who in ("a", "b")] == [2, 2]


def test_buckets_that_are_full_again_are_forgotten_and_others_kept(clock: Clock) -> None:
    limits = Limits(1, 2, clock)
    for number in range(10_000):
        limits.spend(number)
    clock.now += 1
    limits.spend("late")
    assert set(limits._buckets) == {"late"}
    assert spend(limits, 3, "late") == 1


@pytest.fixture
def low(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Limits:
    """The application's limits, made low: a burst of three, one more every two seconds."""
    limits = Limits(0.5, 3, clock)
    monkeypatch.setitem(app.extensions, "tallyroom.limits", limits)
    return limits


def test_past_its_limit_a_write_is_429_with_the_time_to_wait_and_leaves_no_trace(
    operation: Catalogue, liaison: Caller, low: Limits, clock: Clock
) -> None:
    path = f"/operations/{operation.code}/reports"
    assert [liaison.post(path, report_body()).status_code for _ in range(4)] == [201, 201, 201, 429]
    refused = liaison.post(path, report_body(), "kept")
    assert (refused.headers["Retry-After"], refused.content_type) == ("2", "application/problem+json")
    assert (refused.json["type"], refused.json["status"]) == ("/problems/too-many-writes", 429)
    assert len(liaison.get(path).json["items"]) == 3
    clock.now += int(refused.headers["Retry-After"])
    later = liaison.post(path, report_body(), "kept")
    assert later.status_code == 201, "the wait was long enough"
    assert "Idempotent-Replayed" not in later.headers, "and the key was free"


def test_every_kind_of_write_counts_and_no_read_does(create_token: Callable[..., Caller], operation: Catalogue, low: Limits) -> None:
    admin = create_token()
    assert [admin.get("/me").status_code for _ in range(9)] == [200] * 9
    writes = [
        admin.post("/operations", operation_document()),
        admin.patch(f"/operations/{operation.code}", {"name": "x"}),
        admin.delete(f"/tokens/{admin.id}x"),
        admin.post(f"/operations/{operation.code}/reports", {}),
        admin.post("/tokens", {}),
    ]
    assert [one.status_code for one in writes] == [201, 200, 404, 422, 429], "an address that is not there costs nothing"
    assert admin.get("/me").status_code == 200


def test_one_caller_at_its_limit_does_not_hold_up_another(
    create_token: Callable[..., Caller], operation: Catalogue, liaison: Caller, low: Limits
) -> None:
    path = f"/operations/{operation.code}/reports"
    for _ in range(5):
        liaison.post(path, report_body())
    assert create_token("liaison", operation.code, "KY").post(path, report_body()).status_code == 201


def test_whoever_is_not_known_has_no_bucket_to_fill(client, low: Limits) -> None:
    assert {client.post("/api/v1/operations", json={}, headers={"Authorization": f"Bearer {n}"}).status_code for n in range(9)} == {401}
    assert low._buckets == {}
