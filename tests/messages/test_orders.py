"""Start and stand-down as orders: told to all in the step that begins the phase, over when all have understood."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.messages.conftest import Night


def stand_down(night: Night, caller: Caller | None = None) -> dict:
    return (caller or night.desk).get(f"{night.path}/stand-down").json


def begin(night: Night, phase: str) -> None:
    assert night.desk.post(f"{night.path}/phase", {"phase": phase}).status_code == 200


def test_going_live_is_an_order_to_every_state(night: Night, liaison: Caller) -> None:
    order = night.order()
    assert (order["number"], order["kind"], order["priority"], order["to_all"], order["units"]) == (
        1, "alert", "immediate", True, ["KY", "TN"],
    )  # fmt: skip
    assert order["text"].startswith("Start. A night is live since ") and order["acknowledge_by"]
    assert night.acknowledge(liaison, order).status_code == 201
    assert [one["answer"] for one in night.order()["asked"]] == ["understood", None]


def test_the_stand_down_stands_in_place_of_the_start(night: Night, liaison: Caller) -> None:
    start = night.order()
    begin(night, "standing_down")
    order = night.order("standing_down")
    assert (order["kind"], order["supersedes"]) == ("update", {"id": start["id"], "number": 1})
    assert night.acknowledge(liaison, start).status_code == 409


def test_the_stand_down_is_over_when_every_state_has_understood(night: Night, liaison: Caller, tennessee: Caller) -> None:
    assert stand_down(night)["state"] == "not ordered"
    begin(night, "standing_down")
    order = night.order("standing_down")
    night.acknowledge(liaison, order)
    night.acknowledge(tennessee, order, "TN", "cannot_comply", reason="A search is under way.")
    assert (stand_down(night)["state"], stand_down(night)["missing"]) == ("under way", ["TN"])
    assert [night.unit(code)["status"] for code in ("KY", "TN")] == ["stood down", "current"]
    night.acknowledge(tennessee, order, "TN")
    assert (stand_down(night, liaison)["state"], stand_down(night)["missing"]) == ("over", [])
    refused = night.desk.post(f"{night.path}/stand-down/close", {"reason": "x"})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/stand-down-not-under-way")


def test_who_takes_the_understanding_back_has_not_stood_down(night: Night, liaison: Caller) -> None:
    begin(night, "standing_down")
    order = night.order("standing_down")
    night.acknowledge(liaison, order)
    night.acknowledge(liaison, order, answer="cannot_comply", reason="Shots fired.")
    assert (night.unit()["status"], stand_down(night)["missing"]) == ("current", ["KY", "TN"])


def test_the_desk_says_why_it_goes_on_without(night: Night, liaison: Caller) -> None:
    assert night.desk.post(f"{night.path}/stand-down/close", {"reason": "x"}).status_code == 409
    begin(night, "standing_down")
    night.acknowledge(liaison, night.order("standing_down"))
    closed = night.desk.post(f"{night.path}/stand-down/close", {"reason": "Tennessee has no signal."})
    assert (closed.status_code, closed.json["state"]) == (201, "closed")
    assert (closed.json["closed"]["reason"], closed.json["closed"]["missing"]) == ("Tennessee has no signal.", ["TN"])
    assert night.desk.post(f"{night.path}/stand-down/close", {"reason": "again"}).status_code == 409
    assert liaison.post(f"{night.path}/stand-down/close", {"reason": "x"}).status_code == 403


def test_the_order_is_in_the_step_itself_so_a_step_that_fails_orders_nothing(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    operation = create_operation("briefing")
    night = Night(operation, create_token("desk", operation.code))
    with pytest.raises(RuntimeError, match="after the step"), transaction():
        operations.set_phase(console(), operation.code, "live")
        raise RuntimeError("after the step")
    assert night.desk.get(f"{night.path}/bulletins").json["items"] == []
    begin(night, "live")
    assert night.order()["number"] == 1


def test_a_state_that_was_not_expected_is_not_waited_for(night: Night) -> None:
    begin(night, "standing_down")
    assert "US" not in stand_down(night)["missing"]
