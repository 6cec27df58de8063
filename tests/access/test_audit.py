"""The audit record: every act, in the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from coordinator import live
from coordinator.access import audit
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, actor_of, operation_document, report_body


def acts(caller: Caller) -> list[tuple[str, int | None, dict[str, Any]]]:
    """What the record holds of a caller's acts, in order: act, operation, detail."""
    query = text("SELECT act, operation_id, detail, actor_name, origin FROM audit WHERE actor_id = :id ORDER BY id")
    with transaction() as session:
        found = session.execute(query, {"id": caller.id}).all()
    assert all(row.actor_name and row.origin == "127.0.0.1" for row in found), "who, and whence"
    return [(row.act, row.operation_id, row.detail) for row in found]


@pytest.fixture
def admin(create_token: Callable[..., Caller]) -> Caller:
    """An admin who has done nothing yet."""
    return create_token()


def test_making_changing_and_stepping_an_operation_is_on_record(admin: Caller) -> None:
    document = operation_document()
    assert admin.post("/operations", document).status_code == 201
    assert admin.patch(f"/operations/{document['code']}", {"name": "Another", "reporting_interval_minutes": 30}).status_code == 200
    assert admin.post(f"/operations/{document['code']}/phase", {"phase": "briefing"}).status_code == 200
    with transaction():
        id = operations.find(document["code"]).id
    assert acts(admin) == [
        ("operation created", id, {"code": document["code"], "exercise": False}),
        ("operation changed", id, {"members": ["name", "reporting_interval_minutes"]}),
        ("phase briefing", id, {"from": "planned"}),
    ]


def test_issuing_and_ending_a_token_is_on_record_without_its_text(admin: Caller, operation: Catalogue) -> None:
    issued = admin.post("/tokens", {"name": "KY", "role": "liaison", "operation": operation.code, "units": ["KY"]}).json
    admin.delete(f"/tokens/{issued['id']}")
    admin.delete(f"/tokens/{issued['id']}")
    assert acts(admin) == [
        ("token issued", operation.id, {"token": issued["id"], "name": "KY", "role": "liaison", "units": ["KY"]}),
        ("token revoked", operation.id, {"token": issued["id"], "name": "KY"}),
    ], "and ending it again was no act"


def test_a_repeated_request_is_one_act(admin: Caller) -> None:
    document = operation_document()
    for _ in range(3):
        assert admin.post("/operations", document, "k").status_code == 201
    assert len(acts(admin)) == 1


def test_what_was_refused_leaves_no_row(admin: Caller, operation: Catalogue) -> None:
    refused = [
        admin.post("/operations", operation_document(code=operation.code)),
        admin.post("/operations", operation_document(ends_at="2021-08-26T18:00:00-05:00")),
        admin.post("/operations", operation_document(rules=[{"code": "r", "expression": "nothing <= arrests", "message": "x"}])),
        admin.patch(f"/operations/{operation.code}", {"remove": {"units": ["NATIONAL"]}}),
        admin.post(f"/operations/{operation.code}/phase", {"phase": "archived"}),
        admin.post("/tokens", {"name": "x", "role": "liaison", "operation": operation.code, "units": ["XX"]}),
        admin.delete("/tokens/00000000-0000-7000-8000-000000000000"),
    ]
    assert [one.status_code for one in refused] == [409, 422, 422, 409, 409, 422, 404]
    assert acts(admin) == []


def test_an_act_that_is_rolled_back_takes_its_row_with_it(admin: Caller, operation: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub fails after the act and before the commit: neither is there afterwards."""

    def broken(_: int) -> None:
        raise LookupError

    monkeypatch.setattr(live, "announce", broken)
    with capture_logs():
        assert admin.patch(f"/operations/{operation.code}", {"name": "Never"}).status_code == 500
    assert acts(admin) == []
    assert admin.get(f"/operations/{operation.code}").json["name"] == "A night"


def test_and_without_its_row_there_is_no_act(admin: Caller, operation: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(audit, "record", broken)
    with capture_logs():
        assert admin.patch(f"/operations/{operation.code}", {"name": "Never"}).status_code == 500
        assert admin.post("/tokens", {"name": "never issued", "role": "observer", "operation": operation.code}).status_code == 500
    assert admin.get(f"/operations/{operation.code}").json["name"] == "A night"
    assert "never issued" not in {item["name"] for item in admin.get("/tokens").json["items"]}


def test_the_command_line_is_on_record_as_itself(create_operation: Callable[..., Catalogue]) -> None:
    made = create_operation("planned")
    with transaction() as session:
        row = session.execute(text("SELECT actor_id, actor_name, origin, act FROM audit WHERE operation_id = :id"), {"id": made.id}).one()
    assert tuple(row) == (None, "command line", "console", "operation created")


def test_reports_are_their_own_record(operation: Catalogue, liaison: Caller) -> None:
    assert liaison.post(f"/operations/{operation.code}/reports", report_body()).status_code == 201
    assert acts(liaison) == []


def test_a_row_carries_the_time_of_the_act_and_not_of_its_transaction(operation: Catalogue, desk: Caller) -> None:
    actor = actor_of(desk)
    with transaction() as session:
        session.execute(text("SELECT pg_sleep(0.002)"))
        audit.record(actor, "tried", operation.id, {})
        session.flush()
        assert session.scalar(text("SELECT bool_and(at > now()) FROM audit WHERE act = 'tried'"))


def test_the_console_is_an_admin_of_no_operation() -> None:
    assert (console().role, console().operation, console().id) == ("admin", None, None)
