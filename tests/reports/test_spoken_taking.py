"""The desk takes a report as one spoken line: read back, taken once, and the phone's own report finds it, in whatever order they come."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import saying, telephone
from coordinator.reports.routes.posting import _post_alone
from coordinator.reports.service import Post
from tests.conftest import Caller, actor_of, fold_all, report_body
from tests.structure.worlds import live_operation, new_token

Body = dict[str, Any]


def line_of(catalogue: Catalogue, body: Body, key: str) -> str:
    """What the phone shows for a report."""
    line = saying.write(telephone.book(catalogue), body, datetime.fromisoformat(body["observed_at"]), key)
    assert line is not None
    return line


@pytest.fixture
def said(night: Catalogue) -> Callable[..., tuple[Body, str, str]]:
    """A report of a phone, its key and its line."""

    def make(**members: Any) -> tuple[Body, str, str]:
        lines = [{"measure": "arrests", "quantity": 46}, {"measure": "victims_rescued", "category": "minor", "quantity": 2}]
        body, key = report_body(observed_at="2021-08-26T22:15:07.250-04:00", lines=lines) | members, str(uuid.uuid4())
        return body, key, line_of(night, body, key)

    return make


def arrests(night: Catalogue, hub: Caller) -> int:
    """Kentucky's own arrests so far."""
    fold_all(night.id)
    units = hub.get(f"/operations/{night.code}/totals").json["units"]
    return next((unit["measures"]["arrests"]["own"] for unit in units if unit["code"] == "KY" and "arrests" in unit["measures"]), 0)


Said = Callable[..., tuple[Body, str, str]]


def test_a_line_is_read_back_in_words_and_nothing_is_taken_by_that(
    night: Catalogue, hub: Caller, said: Said, leaves_no_trace: Callable[[], bool]
) -> None:
    _, _, line = said(lines=[{"measure": "arrests", "quantity": 46}, {"measure": "currency_seized", "quantity": "12500.50"}])
    answer = hub.post(f"/operations/{night.code}/spoken", {"line": line.lower()}, None)
    assert (answer.status_code, answer.json["good"], answer.json["line"], answer.json["there"]) == (200, True, line, None)
    assert answer.json["says"] == "Kentucky, 26 August 9:15:07 pm CDT, new: Arrests made 46; Currency seized 12500.50."
    wrong = hub.post(f"/operations/{night.code}/spoken", {"line": line.replace("A46", "A48")}, None).json
    assert (wrong["good"], "A48" in wrong["doubtful"], wrong["says"]) == (False, True, None)
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line.replace("A46", "A48")})
    assert (taken.status_code, taken.json["type"]) == (422, "/problems/invalid")
    assert taken.json["errors"]["/line"] == [wrong["problem"]]
    assert leaves_no_trace()


def test_what_the_desk_took_is_the_phones_report_when_its_queue_comes_through(
    night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said
) -> None:
    body, key, line = said(note="second location cleared")
    before = arrests(night, hub)
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line})
    assert (taken.status_code, taken.json["before"]) == (201, False)
    again = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line})
    assert (again.json["before"], again.json["receipt"]) == (True, taken.json["receipt"])
    for _ in range(2):
        came = kentucky.post(reports, body, key)
        assert (came.status_code, came.json, came.headers["Idempotent-Replayed"]) == (201, taken.json["receipt"], "true")
    listed = hub.get(f"{reports}/{taken.json['receipt']['id']}").json
    assert (listed["channel"], listed["observed_at"]) == ("telephone", "2021-08-27T02:15:07Z")
    assert arrests(night, hub) == before + 46
    assert hub.post(f"/operations/{night.code}/spoken", {"line": line}).json["there"] == listed["id"]
    kept = [one["what"] for one in hub.get(f"/operations/{night.code}/log", kind="other").json["items"] if "second location" in one["what"]]
    assert kept == ["KY, with a report that the desk had taken as a spoken line: second location cleared"], "the note is kept, once"


def test_what_has_come_from_the_phone_by_itself_is_not_taken_again(
    night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said
) -> None:
    body, key, line = said(lines=[{"measure": "arrests", "quantity": 2}, {"measure": "arrests", "quantity": 3}])
    came = kentucky.post(reports, body, key).json
    before = arrests(night, hub)
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line}).json
    assert (taken["before"], taken["receipt"], taken["there"]) == (True, came, came["id"])
    assert arrests(night, hub) == before


def test_the_same_report_with_other_figures_is_refused_with_both_in_words(
    night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said
) -> None:
    body, key, line = said()
    hub.post(f"/operations/{night.code}/spoken/taking", {"line": line})
    before = arrests(night, hub)
    other = kentucky.post(reports, body | {"lines": [{"measure": "arrests", "quantity": 64}]}, key)
    assert (other.status_code, other.json["type"]) == (409, "/problems/heard-otherwise")
    assert "new: Arrests made 46; Victims rescued, minor 2" in other.json["detail"] and "Arrests made 64" in other.json["detail"]
    typed = line_of(night, body | {"lines": [{"measure": "arrests", "quantity": 64}]}, key)
    assert hub.post(f"/operations/{night.code}/spoken/taking", {"line": typed}).status_code == 409
    assert arrests(night, hub) == before


@pytest.mark.parametrize(
    "members",
    [
        {"lines": [], "nil": True},
        {"basis": "to_date", "lines": [{"measure": "currency_seized", "quantity": "12.00"}]},
        {"lines": [{"measure": "currency_seized", "unquantified": "a large amount"}, {"measure": "arrests", "quantity": 0}]},
        {"lines": [{"measure": "arrests", "quantity": 3, "assisting": ["TN", "KY-KSP"]}]},
    ],
)
def test_whatever_a_line_can_say_is_recognised(
    night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said, members: Body
) -> None:
    body, key, line = said(**members)
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line}).json
    assert kentucky.post(reports, body, key).json == taken["receipt"]


def test_a_joint_action_is_named_in_the_line_too(night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said) -> None:
    named = hub.post(f"/operations/{night.code}/joint-actions", {"unit": "TN", "name": "Warehouse"}).json["code"]
    body, key, line = said(joint_action=named)
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line}).json
    assert hub.get(f"{reports}/{taken['receipt']['id']}").json["joint_action"] == named
    assert kentucky.post(reports, body, key).json == taken["receipt"]


def test_a_batch_finds_it_as_well(night: Catalogue, hub: Caller, kentucky: Caller, reports: str, said: Said) -> None:
    body, key, line = said()
    taken = hub.post(f"/operations/{night.code}/spoken/taking", {"line": line}).json
    lines = [body | {"idempotency_key": key}, report_body() | {"idempotency_key": str(uuid.uuid4())}]
    content = "\n".join(json.dumps(one) for one in lines)
    headers = kentucky.headers | {"Content-Type": "application/x-ndjson"}
    answers = kentucky.client.post(f"/api/v1{reports}/batch", data=content, headers=headers).get_data(as_text=True).splitlines()
    found = [json.loads(one) for one in answers]
    assert found[0]["receipt"] == taken["receipt"] and found[0]["replayed"]
    assert found[1]["status"] == 201 and "replayed" not in found[1]


def test_a_line_is_taken_while_the_operation_is_open_and_by_the_desk_alone(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    early = create_operation("briefing")
    line = line_of(early, report_body(), str(uuid.uuid4()))
    path = f"/operations/{early.code}/spoken"
    refused = create_token("desk", early.code).post(f"{path}/taking", {"line": line})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/operation-not-open")
    assert create_token("liaison", early.code, "KY").post(path, {"line": line}).status_code == 403


ROUNDS = 12


def test_phone_and_desk_at_once_count_once(app: Flask) -> None:
    """Two desks take the line while two phones of the same liaison send the report: one report, one receipt for all."""
    night = live_operation()
    callers = [
        actor_of(new_token(app.test_client(), role, night.code, *units))
        for role, units in (("desk", ()), ("desk", ()), ("liaison", ("KY",)))
    ]
    with ThreadPoolExecutor(4) as pool:
        for number in range(ROUNDS):
            body, key = report_body(observed_at=f"2021-08-26T22:{number:02}:07-04:00"), str(uuid.uuid4())
            line, start = line_of(night, body, key), threading.Barrier(4)
            content = {**body, "observed_at": datetime.fromisoformat(body["observed_at"])} | {
                "nil": False, "note": None, "corrects": None, "reason": None,
                "lines": [{"measure": "arrests", "category": "unspecified", "quantity": 3, "assisting": []}],
            }  # fmt: skip

            def take(actor: Any) -> Any:
                with app.app_context():
                    start.wait()  # noqa: B023 (used up in this round)
                    with transaction():
                        return telephone.take(actor, night.code, line)["receipt"]  # noqa: B023

            def send(actor: Any) -> Any:
                with app.app_context():
                    start.wait()  # noqa: B023
                    outcome = _post_alone(Post(actor, night.code, content, key))  # noqa: B023
                    assert isinstance(outcome, tuple), outcome
                    return outcome[0]

            asked = [pool.submit(take, callers[0]), pool.submit(take, callers[1]), *(pool.submit(send, callers[2]) for _ in range(2))]
            receipts = [one.result(60) for one in asked]
            assert all(receipt == receipts[0] for receipt in receipts), receipts
    assert fold_all(night.id) == ROUNDS
