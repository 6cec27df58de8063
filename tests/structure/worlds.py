"""Operations and callers that a whole file of tests shares, where making them anew for each row of a table would cost minutes."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, text

from coordinator.access import tokens
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.exports.models import Publication
from coordinator.operations import members
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.schemas.operations import OperationIn
from coordinator.reconciliation.models import Control, Explanation, Final
from coordinator.reports import saying, telephone
from coordinator.reports.models import Adjusted, Adjustment, Report
from tests.conftest import Caller, operation_document, report_body


def live_operation(**content: Any) -> Catalogue:
    """A live operation, as the fixture ``operation`` makes it."""
    with transaction():
        catalogue = operations.create(console(), load(OperationIn(), operation_document(**content)))
        operations.set_phase(console(), catalogue.code, "briefing")
        return operations.set_phase(console(), catalogue.code, "live")


def step(code: str, *phases: str) -> None:
    """Takes an operation through these phases."""
    for phase in phases:
        with transaction():
            operations.set_phase(console(), code, phase)


def new_token(client: FlaskClient, role: str, operation: str | None = None, *units: str, **content: Any) -> Caller:
    """A token, as the fixture ``create_token`` makes it."""
    actor = dataclasses.replace(console(), secret=tokens.fresh_secret())
    name = f"{role} {' '.join(units)}".strip()
    asked = {"role": role, "name": name, "operation": operation, "units": list(units), "expires_at": None} | content
    with transaction():
        issued = members.issue(actor, asked)
    return Caller(client, tokens.text_of(actor, uuid.UUID(issued["id"])), issued["id"])


def state(operation: Catalogue, author: uuid.UUID) -> None:
    """Something in every table beside the journal: stated, explained, controlled, adjusted, shown in public."""
    arrests, kentucky = operation.measure_by_code["arrests"], operation.unit_by_code["KY"]
    ours: dict[str, Any] = {"operation_id": operation.id, "position": 1, "author_id": author}
    category = arrests.categories["unspecified"]
    with transaction() as session:
        session.add(Final(id=uuid.uuid4(), unit_id=kentucky.id, category_id=category, quantity=3, **ours))
        session.add(Explanation(id=uuid.uuid4(), check="heard:TN", inputs=bytes(32), text="the lines were down", **ours))
        session.add(Control(id=uuid.uuid4(), measure_id=arrests.id, quantity=4, source="a press release", **ours))
        report = session.scalars(select(Report.id).where(Report.operation_id == operation.id).limit(1)).one()
        about = {"report_id": report, "operation_id": operation.id}
        session.add(Adjustment(category_id=category, method="sum", result=3, reason="no raid in common", **about))
        session.flush()
        session.add(Publication(operation_id=operation.id, position=1, release=0, patterns={}, digest=bytes(32), name="desk"))
        session.add(Adjusted(unit_id=kentucky.id, quantity=3, **about))


def hear(operation: Catalogue, desk: Caller) -> None:
    """A report taken by telephone as a line, and zero signed."""
    with transaction() as session:
        line = saying.write(telephone.book(operation), report_body(), operation.starts_at, str(uuid.uuid4()))
        zero = text("INSERT INTO zeros (operation_id, signed_by_name) VALUES (:operation, 'desk')")
        session.execute(zero, {"operation": operation.id})
    assert desk.post(f"/operations/{operation.code}/spoken/taking", {"line": line}).status_code == 201


def brief(operation: Catalogue, desk: Caller) -> None:
    """Something in every table of briefings."""
    path = f"/operations/{operation.code}/briefings"
    headers = desk.headers | {"Content-Type": "application/octet-stream"}
    sent = desk.client.post(f"/api/v1{path}/files", query_string={"name": "rules.txt"}, data=b"Count once.", headers=headers)
    pack = {"pages": [{"title": "Tonight", "markdown": "Count once."}], "files": [sent.json["id"]]}
    assert desk.post(path, pack).status_code == 201
    liaison = new_token(desk.client, "liaison", operation.code, "KY")
    assert liaison.get(f"{path}/1").status_code == 200
    assert liaison.post(f"{path}/1/acknowledgements", {"unit": "KY", "answers": []}).status_code == 201


def speak(operation: Catalogue, desk: Caller) -> None:
    """Something in every table of messages: said, heard, answered, called, reminded and closed."""
    path, understood = f"/operations/{operation.code}", {"unit": "KY", "answer": "understood"}
    said = desk.post(f"{path}/bulletins", {"text": "Hold at the gate."}).json["id"]
    assert desk.post(f"{path}/bulletins/{said}/acknowledgements", understood).status_code == 201
    assert desk.post(f"{path}/bulletins/{said}/messages", {"unit": "KY", "text": "Which gate?"}).status_code == 201
    assert desk.post(f"{path}/check-ins", {"unit": "KY"}).status_code == 201
    assert desk.post(f"{path}/calls", {"unit": "KY", "outcome": "reached"}).status_code == 201
    assert desk.post(f"{path}/situation-reports", {}).status_code == 201
    other = new_token(desk.client, "desk", operation.code, name="the other desk")
    assert other.post(f"{path}/situation-reports/1/approval", {}).status_code == 201
    liaison = new_token(desk.client, "liaison", operation.code, "KY")
    assert liaison.get(f"{path}/bulletins").status_code == 200
    place = {"operation": operation.id, "unit": operation.unit_by_code["KY"].id}
    due = "INSERT INTO reminders (operation_id, unit_id, due_at, step) VALUES (:operation, :unit, now(), 1)"
    closed = "INSERT INTO stand_downs (operation_id, reason, missing, by_name) VALUES (:operation, 'no signal', '{TN}', 'desk')"
    with transaction() as session:
        session.execute(text(due), place)
        session.execute(text(closed), place)
