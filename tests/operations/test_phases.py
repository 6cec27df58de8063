"""Phases: strictly in order, reports only while it is open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import OPEN_PHASES, PHASES
from tests.conftest import Caller, report_body


def step(caller: Caller, operation: Catalogue, phase: object, key: str | None = ""):
    """Asks for the next phase."""
    return caller.post(f"/operations/{operation.code}/phase", {"phase": phase}, key)


@pytest.fixture
def planned(create_operation: Callable[..., Catalogue]) -> Catalogue:
    """An operation that has only been planned."""
    return create_operation("planned")


def test_an_operation_goes_through_its_phases_in_order_and_takes_reports_in_three(
    planned: Catalogue, create_token: Callable[..., Caller]
) -> None:
    desk = create_token("desk", planned.code)
    taken = {}
    for number, phase in enumerate(PHASES):
        assert desk.get(f"/operations/{planned.code}").json["phase"] == phase
        answer = desk.post(f"/operations/{planned.code}/reports", report_body())
        taken[phase] = answer.status_code
        if answer.status_code == 409:
            assert answer.json["type"] == "/problems/operation-not-open"
            assert phase.replace("_", " ") in answer.json["detail"]
        for other in PHASES:
            if other not in PHASES[number + 1 : number + 2]:
                refused = step(desk, planned, other)
                assert (refused.status_code, refused.json["type"]) == (409, "/problems/phase-not-next"), (phase, other)
        if phase == "reconciling":
            assert "Two people of the desk sign" in step(desk, planned, "certified").json["detail"]
            with transaction():
                operations.set_phase(console(), planned.code, "certified")
        elif number + 1 < len(PHASES):
            followed = step(desk, planned, PHASES[number + 1])
            assert (followed.status_code, followed.json["phase"]) == (200, PHASES[number + 1])
    assert {phase for phase, status in taken.items() if status == 201} == set(OPEN_PHASES)
    assert {phase for phase, status in taken.items() if status == 409} == set(PHASES) - set(OPEN_PHASES)


def test_a_refused_step_says_which_one_is_next(
    planned: Catalogue, create_token: Callable[..., Caller], create_operation: Callable[..., Catalogue]
) -> None:
    admin = create_token()
    assert "from there it can go to briefing, not to live" in step(admin, planned, "live").json["detail"]
    assert "the last phase" in step(admin, create_operation("archived"), "planned").json["detail"]


def test_going_live_is_remembered(planned: Catalogue, create_token: Callable[..., Caller]) -> None:
    admin = create_token()
    assert step(admin, planned, "briefing").json["live_at"] is None
    live_at = step(admin, planned, "live").json["live_at"]
    assert live_at.endswith("Z")
    assert step(admin, planned, "standing_down").json["live_at"] == live_at


@pytest.mark.parametrize("phase", ["Live", "standing down", "", None, 3, ["live"], "closed"])
def test_a_phase_that_is_none_is_refused(operation: Catalogue, desk: Caller, phase: object) -> None:
    answer = step(desk, operation, phase)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/phase"])
    assert desk.get(f"/operations/{operation.code}").json["phase"] == "live"


@pytest.mark.parametrize("body", [{}, {"phase": "standing_down", "force": True}, []])
def test_a_step_names_its_phase_and_nothing_else(operation: Catalogue, desk: Caller, body: object) -> None:
    assert desk.post(f"/operations/{operation.code}/phase", body).status_code == 422
    assert desk.get(f"/operations/{operation.code}").json["phase"] == "live"


def test_a_step_repeated_with_its_key_is_answered_as_the_first_time_whatever_came_since(operation: Catalogue, desk: Caller) -> None:
    first = step(desk, operation, "standing_down", "k")
    assert step(desk, operation, "reconciling").status_code == 200
    again = step(desk, operation, "standing_down", "k")
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (200, first.data, "true")
    assert desk.get(f"/operations/{operation.code}").json["phase"] == "reconciling"
    assert step(desk, operation, "standing_down").status_code == 409, "without the key it is a new request"


def test_the_key_of_a_step_is_not_good_for_another_step_or_operation(
    operation: Catalogue, desk: Caller, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    admin, other = create_token(), create_operation()
    assert step(admin, operation, "standing_down", "k").status_code == 200
    for again in (step(admin, operation, "reconciling", "k"), step(admin, other, "standing_down", "k")):
        assert (again.status_code, again.json["type"]) == (422, "/problems/idempotency-key-reused")


def test_the_key_of_a_refused_step_is_free(operation: Catalogue, desk: Caller) -> None:
    assert step(desk, operation, "archived", "k").status_code == 409
    assert step(desk, operation, "standing_down", "k").status_code == 200


def test_a_closed_operation_can_still_be_read(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    closed = create_operation("archived")
    observer = create_token("observer", closed.code)
    for path in ("", "/totals", "/statistics.json", "/statistics.csv"):
        assert observer.get(f"/operations/{closed.code}{path}").status_code == 200, path
