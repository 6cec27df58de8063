"""Reminding: each step of an alarm is taken once, told to those whom it concerns, and silenced by a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from coordinator.db import transaction
from coordinator.messages import happenings, reminding
from coordinator.messages.presence import STEPS
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body
from tests.messages.conftest import Night

Pass = Callable[[Catalogue, float], None]
CONTACT = {"name": "Duty desk", "telephone": "extension 12", "alternate": "Night desk"}


def remind(night: Night) -> int:
    with transaction():
        return reminding.remind(night.operation.id)


def said(night: Night) -> list[str]:
    """What the log has of reminders, the oldest first."""
    items = night.desk.get(f"{night.path}/log", kind="reminder").json["items"]
    return [one["what"] for one in reversed(items)]


def version(night: Night) -> int:
    with transaction():
        return happenings.mark(night.operation.id)


@pytest.fixture
def alone(night: Night) -> Night:
    """Only Kentucky can be late: Tennessee's interval is a week, and nobody is asked to acknowledge the start any more."""
    for unit in ("KY", "TN"):
        night.acknowledge(night.desk, night.order(), unit)
    week = {"unit": "TN", "minutes": 10080}
    assert night.desk.client.put(f"/api/v1{night.path}/intervals", json=week, headers=night.desk.headers).status_code == 200
    return night


def test_nobody_is_reminded_before_anything_is_due(alone: Night, pass_minutes: Pass) -> None:
    pass_minutes(alone.operation, 59)
    before = version(alone)
    assert (remind(alone), version(alone)) == (0, before)


def test_the_liaison_then_the_alternate_then_the_desk_hear_of_it_each_once(alone: Night, liaison: Caller, pass_minutes: Pass) -> None:
    liaison.post(f"{alone.path}/check-ins", {"unit": "KY", "contact": CONTACT})
    pass_minutes(alone.operation, 61)
    assert alone.desk.get(f"{alone.path}/totals").json["reporting"]["overdue"] == ["KY"], "Tennessee's own interval holds there too"
    for step in STEPS:
        assert (remind(alone), remind(alone)) == (1, 0)
        (alarm,) = alone.unit()["alarms"]
        assert (alarm["why"], alarm["whom"], alarm["bulletin"]) == ("overdue", step, None)
        assert alone.desk.get(f"{alone.path}/presence").json["to_call"] == (["KY"] if step == "desk" else [])
        pass_minutes(alone.operation, 10)
    assert remind(alone) == 0
    assert said(alone) == [
        "KY is overdue: reminded the liaison.",
        "KY is overdue: reminded the alternate.",
        "KY is overdue: the desk is to call.",
    ]


def test_where_nobody_stands_in_the_desk_is_next(alone: Night, pass_minutes: Pass) -> None:
    pass_minutes(alone.operation, 71)
    assert remind(alone) == 1
    assert alone.unit()["alarms"][0]["whom"] == "desk"


def test_a_call_silences_the_alarm_until_the_next_interval_when_it_begins_anew(alone: Night, pass_minutes: Pass) -> None:
    pass_minutes(alone.operation, 95)
    assert remind(alone) == 1
    assert alone.desk.post(f"{alone.path}/calls", {"unit": "KY", "outcome": "no_answer"}).status_code == 201
    assert (alone.unit()["alarms"], alone.unit()["status"], remind(alone)) == ([], "overdue", 0)
    pass_minutes(alone.operation, 59)
    assert remind(alone) == 0
    pass_minutes(alone.operation, 2)
    assert remind(alone) == 1
    assert alone.unit()["alarms"][0]["step"] == 1


def test_a_report_ends_the_alarm(alone: Night, liaison: Caller, pass_minutes: Pass) -> None:
    pass_minutes(alone.operation, 95)
    assert remind(alone) == 1
    assert liaison.post(f"{alone.path}/reports", report_body()).status_code == 201
    fold_all(alone.operation.id)
    assert (alone.unit()["alarms"], alone.unit()["status"], remind(alone)) == ([], "current", 0)


def test_who_is_late_to_acknowledge_is_escalated_the_faster_the_more_urgent_it_is(
    alone: Night, owner: Connection, pass_minutes: Pass
) -> None:
    bulletin = alone.say(units=["KY"], priority="flash", acknowledge_by="2099-01-01T00:00:00Z")
    assert remind(alone) == 0
    move_deadline(owner, bulletin)
    for step, whom in enumerate(("liaison", "desk", "desk"), 1):
        assert remind(alone) == 1
        (alarm,) = alone.unit()["alarms"]
        assert (alarm["why"], alarm["bulletin"], alarm["step"], alarm["whom"]) == ("acknowledgement", bulletin["number"], step, whom)
        pass_minutes(alone.operation, 1)
    assert alone.asked(bulletin["id"])["late"]
    alone.acknowledge(alone.desk, bulletin, answer="question", reason="Which gate?")
    assert (remind(alone), alone.unit()["alarms"], alone.asked(bulletin["id"])["late"]) == (0, [], False)


def test_nobody_is_chased_for_a_bulletin_that_no_longer_stands(alone: Night, owner: Connection) -> None:
    bulletin = alone.say(units=["KY"], acknowledge_by="2099-01-01T00:00:00Z")
    move_deadline(owner, bulletin)
    alone.say("All clear.", kind="cancel", supersedes=bulletin["id"])
    assert (remind(alone), alone.unit()["alarms"]) == (0, [])


def move_deadline(owner: Connection, bulletin: dict[str, Any]) -> None:
    """The time to acknowledge a bulletin by has just passed."""
    with owner.begin():
        owner.execute(text("SET LOCAL session_replication_role = replica"))
        moved = "UPDATE bulletins SET acknowledge_by = clock_timestamp() - interval '1 second' WHERE id = :id"
        owner.execute(text(moved), {"id": bulletin["id"]})


def test_nobody_is_overdue_before_the_operation_is_live_or_after_it_has_stood_down(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], pass_minutes: Pass
) -> None:
    for phase in ("briefing", "reconciling"):
        operation = create_operation(phase)
        night = Night(operation, create_token("desk", operation.code))
        pass_minutes(operation, 300)
        assert {alarm["why"] for one in night.desk.get(f"{night.path}/presence").json["items"] for alarm in one["alarms"]} <= {
            "acknowledgement"
        }
