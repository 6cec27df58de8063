"""Idempotency keys of reports: the same key and body, the first receipt for ever; the same key and another body, nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, event, text

from config.settings import Settings
from coordinator.db import database, driver_url, transaction
from coordinator.jobs import Job
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import PHASES
from tests.conftest import Caller, fold_all, report_body
from tests.structure.worlds import step


def raw(caller: Caller, path: str, body: str, key: str) -> Any:
    """Posts JSON exactly as written."""
    headers = caller.headers | {"Idempotency-Key": key}
    return caller.client.post("/api/v1" + path, data=body.encode(), content_type="application/json", headers=headers)


def recorded(caller: Caller) -> int:
    """How many reports, corrections and withdrawals the caller has on record."""
    with transaction() as session:
        return session.scalar(text("SELECT count(*) FROM reports WHERE author_id = :id"), {"id": caller.id}) or 0


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The reports of an operation of this test's own."""
    return f"/operations/{operation.code}/reports"


def test_a_report_needs_a_key(liaison: Caller, path: str, leaves_no_trace: Callable[[], bool]) -> None:
    answer = liaison.post(path, report_body(), None)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")
    assert answer.json["errors"] == {"": ["An Idempotency-Key of 1 to 255 visible characters is needed."]}
    assert leaves_no_trace()


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "x" * 256, "kéy", "\x7f", "日本"])
def test_a_key_that_is_none_is_refused(kentucky: Caller, reports: str, key: str, leaves_no_trace: Callable[[], bool]) -> None:
    headers = kentucky.headers | {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = kentucky.client.post("/api/v1" + reports, json=report_body(), headers=headers)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [""])
    assert leaves_no_trace()


@pytest.mark.parametrize("key", ["k", "!", "~", "x" * 255, '"quoted"', "8e03978e-40d5-43e8-bc93-6894a57f9324", "a;b,c=d"])
def test_any_visible_characters_are_a_key(liaison: Caller, path: str, key: str) -> None:
    first, again = (liaison.post(path, report_body(), key) for _ in range(2))
    assert (first.status_code, again.data) == (201, first.data)
    assert recorded(liaison) == 1


def test_a_key_is_told_from_one_that_differs_in_case_alone(liaison: Caller, path: str) -> None:
    assert len({liaison.post(path, report_body(), key).json["id"] for key in ("key", "KEY")}) == 2


SPELLINGS = [
    '{"unit": "KY", "basis": "increment", "observed_at": "2021-08-26T22:15:00-04:00", "lines": [{"measure": "arrests", "quantity": 3}]}',
    '{"lines":[{"quantity":3,"measure":"arrests"}],"observed_at":"2021-08-26T22:15:00-04:00","basis":"increment","unit":"KY"}',
    ' {"unit":"\\u004bY", "basis":"increment", "observed_at":"2021-08-27T02:15:00Z", "lines":[{"measure":"arrests", "quantity":3.0}]}\n',
    '{"unit":"KY","basis":"increment","observed_at":"2021-08-27T02:15:00.000+00:00","lines":[{"measure":"arrests","quantity":30e-1}]}',
    """{"unit": "KY", "basis": "increment", "observed_at": "2021-08-27T02:15:00Z", "nil": false, "note": null, "corrects": null,
        "reason": null, "lines": [{"measure": "arrests", "quantity": 3, "category": "unspecified", "assisting": []}]}""",
]


def test_bodies_compare_as_what_they_say_and_not_as_they_are_spelt(liaison: Caller, path: str, sent: list[Job]) -> None:
    answers = [raw(liaison, path, body, "k") for body in SPELLINGS]
    assert [one.status_code for one in answers] == [201] * len(SPELLINGS)
    assert {one.data for one in answers} == {answers[0].data}
    assert [one.headers.get("Idempotent-Replayed") for one in answers] == [None] + ["true"] * (len(SPELLINGS) - 1)
    assert {one.headers["Location"] for one in answers} == {answers[0].headers["Location"]}
    assert recorded(liaison) == len(sent) == 1


OTHERS: list[dict[str, Any]] = [
    {"unit": "KY-KSP"},
    {"basis": "to_date"},
    {"observed_at": "2021-08-26T22:15:01-04:00"},
    {"note": "second location cleared"},
    {"lines": [{"measure": "arrests", "quantity": 4}]},
    {"lines": [{"measure": "arrests", "quantity": 3}] * 2},
    {"lines": [{"measure": "victims_rescued", "quantity": 3}]},
    {"lines": [{"measure": "arrests", "quantity": 3, "assisting": ["TN"]}]},
    {"lines": [{"measure": "arrests", "unquantified": "some"}]},
    {"lines": [], "nil": True},
]


def test_the_same_key_with_anything_else_is_refused_and_reveals_nothing(liaison: Caller, path: str) -> None:
    first = liaison.post(path, report_body(note="the first of all"), "k").json
    for members in OTHERS:
        answer = liaison.post(path, report_body(**members), "k")
        assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")
        assert not {first["id"], first["digest"], "the first of all"} & set(answer.get_data(as_text=True).replace('"', " ").split(" "))
    assert recorded(liaison) == 1
    assert liaison.post(path, report_body(note="the first of all"), "k").json == first, "and the first is still answered"


def test_another_callers_same_key_is_another_key(
    liaison: Caller, desk: Caller, create_token: Callable[..., Caller], operation: Catalogue, path: str
) -> None:
    callers = (liaison, desk, create_token("liaison", operation.code, "KY"))
    answers = [caller.post(path, report_body(), "k") for caller in callers]
    assert [one.status_code for one in answers] == [201] * 3
    assert len({one.json["id"] for one in answers}) == 3
    assert all("Idempotent-Replayed" not in one.headers for one in answers)


def test_a_key_is_the_callers_and_not_the_operations(
    create_token: Callable[..., Caller], create_operation: Callable[..., Catalogue]
) -> None:
    """An admin belongs to every operation: its key there is used here too."""
    admin, first, second = create_token(), create_operation(), create_operation()
    assert admin.post(f"/operations/{first.code}/reports", report_body(), "k").status_code == 201
    answer = admin.post(f"/operations/{second.code}/reports", report_body(), "k")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")


def test_the_first_receipt_is_given_whatever_has_happened_since(
    liaison: Caller, desk: Caller, operation: Catalogue, path: str, create_token: Callable[..., Caller]
) -> None:
    body = report_body(observed_at="2021-08-26T22:59:59Z", note="as the first time")
    first = liaison.post(path, body, "k")
    assert first.json["warnings"] != []

    def again() -> bool:
        answer = liaison.post(path, body, "k")
        return (answer.status_code, answer.data, answer.headers["Idempotent-Replayed"]) == (201, first.data, "true")

    assert again()
    fold_all(operation.id)
    assert again(), "after it was folded"
    desk.patch(f"/operations/{operation.code}", {"starts_at": "2021-08-01T00:00:00Z", "name": "Another"})
    assert again(), "after what was warned of is within the window"
    correction = liaison.post(path, report_body(corrects=first.json["id"], reason="miscounted"), "k2")
    assert again(), "after it was corrected"
    liaison.post(f"{path}/{correction.json['id']}/withdrawal", {"reason": "all of it"}, "k3")
    assert liaison.post(path, report_body(corrects=first.json["id"], reason="miscounted"), "k2").data == correction.data, (
        "the correction too"
    )
    step(operation.code, *PHASES[3:])
    assert again(), "after the operation closed"
    assert recorded(liaison) == 3


def test_a_withdrawal_keeps_its_key_too(liaison: Caller, path: str) -> None:
    id = liaison.post(path, report_body(), "k").json["id"]
    first = liaison.post(f"{path}/{id}/withdrawal", {"reason": "sent twice"}, "w")
    again = liaison.post(f"{path}/{id}/withdrawal", {"reason": "sent twice"}, "w")
    assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    other = liaison.post(f"{path}/{id}/withdrawal", {"reason": "another reason"}, "w")
    assert (other.status_code, other.json["type"]) == (422, "/problems/idempotency-key-reused")


def test_a_key_of_a_report_is_not_good_for_a_withdrawal_nor_the_other_way(liaison: Caller, path: str) -> None:
    id = liaison.post(path, report_body(), "report").json["id"]
    used = liaison.post(f"{path}/{id}/withdrawal", {"reason": "twice"}, "report")
    assert (used.status_code, used.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert liaison.post(f"{path}/{id}/withdrawal", {"reason": "twice"}, "withdrawal").status_code == 201
    used = liaison.post(path, report_body(), "withdrawal")
    assert (used.status_code, used.json["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (422, report_body(unit="XX")),
        (422, report_body(note="SSN 123-45-6789")),
        (403, report_body(unit="TN")),
        (404, report_body(corrects="00000000-0000-7000-8000-000000000000", reason="x")),
        (422, {"anything": "else"}),
    ],
)
def test_the_key_of_a_refused_report_is_free(kentucky: Caller, reports: str, status: int, body: dict[str, Any]) -> None:
    key = f"free-{status}-{json.dumps(body)[:40].replace(' ', '')}"
    assert kentucky.post(reports, body, key).status_code == status
    taken = kentucky.post(reports, report_body(), key)
    assert taken.status_code == 201
    assert "Idempotent-Replayed" not in taken.headers


def test_the_key_of_a_report_that_came_too_early_is_good_once_it_is_open(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    early = create_operation("briefing")
    desk, path = create_token("desk", early.code), f"/operations/{early.code}/reports"
    assert desk.post(path, report_body(), "k").status_code == 409
    step(early.code, "live")
    assert desk.post(path, report_body(), "k").status_code == 201


@pytest.fixture
def impatient(app: Flask) -> Iterator[None]:
    """Whoever waits for a lock waits a moment, not five seconds."""

    def hurry(connection: Any) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '150ms'")

    with app.app_context():
        engine = database.engine
    event.listen(engine, "begin", hurry)
    yield
    event.remove(engine, "begin", hurry)


@pytest.mark.usefixtures("impatient")
def test_while_the_same_request_is_still_being_answered_its_repeat_is_409_and_then_free(
    liaison: Caller, operation: Catalogue, path: str, settings: Settings
) -> None:
    claim = text("""
        INSERT INTO reports (id, operation_id, unit_id, kind, author_id, channel, idempotency_key, asked, basis, observed_at, received_at,
                             nil, digest)
        VALUES (gen_random_uuid(), :operation, :unit, 'report', :author, 'api', 'k', '', 'increment', now(), now(), false, sha256(''))
    """)
    twin = create_engine(driver_url(settings.database_url))
    with twin.connect() as under_way:
        under_way.execute(claim, {"operation": operation.id, "unit": operation.unit_by_code["KY"].id, "author": liaison.id})
        waited = liaison.post(path, report_body(), "k")
        assert (waited.status_code, waited.json["type"]) == (409, "/problems/idempotency-key-in-use")
        assert liaison.post(path, report_body(), "another").status_code == 201, "which holds up no other"
        under_way.rollback()
    twin.dispose()
    assert liaison.post(path, report_body(), "k").status_code == 201


@pytest.mark.usefixtures("impatient")
def test_the_same_holds_for_everything_else_that_is_made(desk: Caller, operation: Catalogue, settings: Settings) -> None:
    asked = {"name": "x", "role": "observer", "operation": operation.code}
    twin = create_engine(driver_url(settings.database_url))
    with twin.connect() as under_way:
        under_way.execute(text("INSERT INTO answers (caller, key, asked) VALUES (:caller, 'k', '')"), {"caller": desk.id})
        waited = desk.post("/tokens", asked, "k")
        assert (waited.status_code, waited.json["type"]) == (409, "/problems/idempotency-key-in-use")
        under_way.rollback()
    twin.dispose()
    assert desk.post("/tokens", asked, "k").status_code == 201
