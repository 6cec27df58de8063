"""The same key, the same report, the same prey: who comes first decides, and everyone is told the truth."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from coordinator.access.actor import console
from coordinator.db import session, transaction
from coordinator.operations import service as operations
from coordinator.reports import service
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import LONG, eventually
from tests.races.conftest import PATIENCE, at_once, compared, held_open, outcomes

pytestmark = pytest.mark.usefixtures("door")

TWINS = 32
ROUNDS = 300 if LONG else 8


def stored(operation) -> int:
    with transaction() as session:
        return int(session.scalar(text("SELECT count(*) FROM reports WHERE operation_id = :id"), {"id": operation.id}))


@pytest.mark.parametrize("caller", ["desk", "liaison"])
def test_the_same_report_sent_by_many_at_once_is_stored_once_and_all_get_one_receipt(operation, poster, caller, request) -> None:
    author = request.getfixturevalue(caller)
    callers = [poster(author) for _ in range(TWINS)]
    for number in range(ROUNDS // 2):
        key, body = uuid.uuid4().hex, report_body(lines=[{"measure": "arrests", "quantity": number}])
        answers = at_once(*(partial(c.post, f"/operations/{operation.code}/reports", body, key) for c in callers))
        assert outcomes(answers) == [(201, False)] + [(201, True)] * (TWINS - 1)
        assert len({answer.data for answer in answers}) == 1
    assert stored(operation) == fold_all(operation.id) == ROUNDS // 2
    again = author.post(f"/operations/{operation.code}/reports", body, key)
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, answers[0].data, "true")
    assert compared(operation.id).holds


def test_of_two_bodies_under_one_key_one_is_stored_and_the_other_refused_to_everyone(operation, desk, poster) -> None:
    callers = [poster(desk) for _ in range(16)]
    for number in range(ROUNDS):
        key = uuid.uuid4().hex
        bodies = [report_body(note=f"round {number}, body {which}") for which in ("a", "b")]
        posts = [partial(c.post, f"/operations/{operation.code}/reports", bodies[n % 2], key) for n, c in enumerate(callers)]
        answers = at_once(*posts)
        halves = sorted((outcomes(answers[half::2]) for half in (0, 1)), key=lambda half: half[0][0])
        assert halves == [[(201, False)] + [(201, True)] * 7, [(422, False)] * 8]
        assert {answer.json["type"] for answer in answers if answer.status_code == 422} == {"/problems/idempotency-key-reused"}
        assert len({answer.data for answer in answers if answer.status_code == 201}) == 1
    assert stored(operation) == ROUNDS


def test_the_same_key_of_two_callers_is_two_reports(operation, desk, liaison, poster) -> None:
    key = uuid.uuid4().hex
    callers = [poster(caller) for caller in (desk, liaison) * 8]
    answers = at_once(*(partial(c.post, f"/operations/{operation.code}/reports", report_body(), key) for c in callers))
    assert outcomes(answers) == [(201, False)] * 2 + [(201, True)] * 14
    assert len({answer.json["id"] for answer in answers}) == stored(operation) == 2


def correction(reports: str, caller, id: str):
    """Sends a correction to one arrest."""
    return caller.post(reports, report_body(lines=[{"measure": "arrests", "quantity": 1}], corrects=id, reason="miscounted"))


def withdrawal(reports: str, caller, id: str):
    """Sends a withdrawal."""
    return caller.post(f"{reports}/{id}/withdrawal", {"reason": "not ours"})


@pytest.mark.parametrize("acts", [(correction, correction), (correction, withdrawal), (withdrawal, withdrawal)])
def test_of_two_that_would_supersede_one_report_the_first_does_and_the_other_is_told_so(operation, desk, liaison, poster, acts) -> None:
    reports = f"/operations/{operation.code}/reports"
    (first, second), one, other = acts, poster(desk), poster(liaison)
    for _ in range(ROUNDS):
        id = liaison.post(reports, report_body()).json["id"]
        answers = at_once(partial(first, reports, one, id), partial(second, reports, other, id))
        assert outcomes(answers) == [(201, False), (409, False)]
        assert next(answer.json["type"] for answer in answers if answer.status_code == 409) == "/problems/report-not-current"
        shown = liaison.get(f"{reports}/{id}").json
        assert (shown["corrected_by"] is None) != (shown["withdrawal"] is None)
    fold_all(operation.id)
    assert compared(operation.id).holds


def test_a_report_and_its_own_correction_in_one_fold_come_to_the_correction_alone(operation, liaison) -> None:
    reports = f"/operations/{operation.code}/reports"
    id = liaison.post(reports, report_body()).json["id"]
    assert correction(reports, liaison, id).status_code == 201
    assert fold_all(operation.id) == 2
    assert liaison.get(f"/operations/{operation.code}/totals").json["national"]["arrests"]["total"] == 1


def test_two_who_hold_up_each_other_get_an_answer_that_is_safe_to_repeat(operation, desk, liaison, poster) -> None:
    """Each supersedes a report the other waits for. The database ends one of them: no mistake of ours, and the answer says so."""
    reports = f"/operations/{operation.code}/reports"
    one, other = (liaison.post(reports, report_body()).json["id"] for _ in range(2))
    batch = [report_body(corrects=id, reason="miscounted", idempotency_key=key) for key, id in (("a", other), ("b", one))]
    headers = desk.headers | {"Content-Type": "application/x-ndjson"}

    def send(caller):
        return caller.client.post(f"/api/v1{reports}/batch", data="\n".join(map(json.dumps, batch)).encode(), headers=headers)

    actor = actor_of(desk)
    with ThreadPoolExecutor(1) as pool, transaction():
        service.withdraw(actor, operation.code, uuid.UUID(one), "not ours", "c")
        sent = pool.submit(send, poster(desk))
        eventually(_someone_waits, what="the batch to wait for the withdrawal")
        service.withdraw(actor, operation.code, uuid.UUID(other), "not ours", "d")
        refused = sent.result(PATIENCE)
    assert (refused.status_code, refused.json["type"], refused.headers["Retry-After"]) == (503, "/problems/unavailable", "2")
    assert [json.loads(line)["status"] for line in send(desk).data.splitlines()] == [409, 409]
    assert fold_all(operation.id) == stored(operation) == 4


def _someone_waits() -> bool:
    return bool(session().scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))


@pytest.mark.parametrize("asked", ["report", "batch", "check-in"])
def test_what_names_a_unit_that_is_being_removed_is_refused_and_nothing_of_it_stored(create_operation, create_token, asked: str) -> None:
    operation = create_operation()
    desk = create_token("desk", operation.code)
    assert (
        desk.patch(f"/operations/{operation.code}", {"units": [{"code": "NV", "name": "Nevada", "kind": "jurisdiction"}]}).status_code
        == 200
    )

    def ask() -> Any:
        if asked == "batch":
            line = json.dumps(report_body(unit="NV") | {"idempotency_key": uuid.uuid4().hex})
            path, kind = f"/api/v1/operations/{operation.code}/reports/batch", "application/x-ndjson"
            return desk.client.post(path, data=line, content_type=kind, headers=desk.headers)
        body = report_body(unit="NV") if asked == "report" else {"unit": "NV"}
        return desk.post(f"/operations/{operation.code}/{'reports' if asked == 'report' else 'check-ins'}", body)

    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: operations.change(console(), operation.code, {"remove": {"units": ["NV"]}})), transaction() as session:
            asking = pool.submit(ask)
            eventually(lambda: session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")), what="the request to wait")
        answer = asking.result(PATIENCE)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/operation-changed")
    assert stored(operation) == 0
