"""A night with something of everything, a checkpoint that someone kept, and ways to bundles and verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.verification import checkpoints, signing
from coordinator.verification.checks import Signed, signed
from coordinator.verification.findings import Findings
from coordinator.verification.verify import Held, verify
from tests.conftest import Caller, fold_all, report_body
from tests.releases.signing import Signing
from tests.structure.worlds import brief, hear, live_operation, new_token, speak, state, step


def checkpoint(operation_id: int) -> int | None:
    """What the worker's task does for one operation."""
    with transaction():
        return checkpoints.make(operation_id, signing.signer())


def as_held(document: dict[str, Any]) -> Signed:
    """A checkpoint as it is read from a file."""
    return signed(document["text"], document["signature"])


@dataclass
class Night:
    """An operation, its desk, and where its bundles are written."""

    operation: Catalogue
    desk: Caller
    folder: Path
    receipts: list[dict[str, Any]] = field(default_factory=list)

    def post(self, **members: Any) -> dict[str, Any]:
        """Posts a report; answers its receipt."""
        answer = self.desk.post(f"/operations/{self.operation.code}/reports", report_body(**members))
        assert answer.status_code == 201, answer.json
        self.receipts.append(answer.json)
        return dict(answer.json)

    def withdraw(self, id: str) -> None:
        """Withdraws a report."""
        answer = self.desk.post(f"/operations/{self.operation.code}/reports/{id}/withdrawal", {"reason": "sent by mistake"})
        assert answer.status_code == 201, answer.json

    def fold(self) -> None:
        """Folds what waits."""
        fold_all(self.operation.id)

    def kept(self) -> dict[str, Any]:
        """Makes a checkpoint, and answers what someone keeps elsewhere."""
        assert checkpoint(self.operation.id)
        return dict(self.desk.get(f"/operations/{self.operation.code}/checkpoints/latest").json)

    def bundle(self, name: str = "bundle.zip", **query: Any) -> Path:
        """Asks for the bundle and writes it to a file."""
        answer = self.desk.get(f"/operations/{self.operation.code}/bundle", **query)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        path = self.folder / name
        path.write_bytes(answer.get_data())
        return path

    def verdict(self, path: Path, *kept: dict[str, Any], **held: Any) -> Findings:
        """What ``verify`` finds."""
        return verify(path, Held(tuple(map(as_held, kept)), **held))


def play(night: Night) -> None:
    """Increments, standing figures, money, what is not known yet, who assisted, a nil report, a correction, a withdrawal."""
    first = night.post(lines=[{"measure": "arrests", "quantity": 3, "assisting": ["KY-KSP", "TN"]}], note="zweite Straße, “cleared” \\ /")
    night.post(
        unit="KY-KSP", lines=[{"measure": "arrests", "quantity": 5}, {"measure": "victims_rescued", "category": "minor", "quantity": 2}]
    )
    night.post(unit="TN", basis="to_date", lines=[{"measure": "arrests", "quantity": 11}], observed_at="2021-08-27T01:00:00-04:00")
    night.post(unit="TN", lines=[{"measure": "arrests", "quantity": 4}], observed_at="2021-08-27T00:30:00-04:00")
    night.post(unit="TN", lines=[{"measure": "currency_seized", "unquantified": "large amount"}])
    night.post(lines=[{"measure": "currency_seized", "quantity": "12500.25"}], observed_at="2021-08-20T00:30:00-04:00")
    night.post(unit="US", lines=[], nil=True)
    night.post(unit="UNATTRIBUTED", lines=[{"measure": "victims_rescued", "quantity": 1}])
    wrong = night.post(unit="TN", lines=[{"measure": "victims_rescued", "quantity": 40}])
    led = night.desk.post(f"/operations/{night.operation.code}/joint-actions", {"unit": "KY", "name": "County line"})
    assert led.status_code == 201, led.json
    night.post(lines=[{"measure": "arrests", "quantity": 6}], joint_action=led.json["code"])
    night.post(unit="TN", lines=[{"measure": "arrests", "quantity": 2}], joint_action=led.json["code"], channel="telephone")
    night.post(unit="US", lines=[{"measure": "currency_seized", "quantity": "7.5"}], channel="telephone")
    night.fold()
    checkpoint(night.operation.id)
    night.withdraw(wrong["id"])
    night.post(corrects=first["id"], reason="one was counted twice", lines=[{"measure": "arrests", "quantity": 2, "assisting": ["KY-KSP"]}])
    night.fold()


@pytest.fixture
def begin(app: Any, tmp_path: Path) -> Callable[[], Night]:
    """Makes a live operation in which nothing has been said."""

    def begun() -> Night:
        operation = live_operation()
        return Night(operation, new_token(app.test_client(), "desk", operation.code), tmp_path)

    return begun


@pytest.fixture
def night(begin: Callable[[], Night]) -> Night:
    """A night that has been played."""
    begun = begin()
    play(begun)
    return begun


@pytest.fixture
def certified(night: Night, app: Any) -> Night:
    """The same, signed and released, amended and released again, with something open waived."""
    hear(night.operation, night.desk)
    night.fold()
    brief(night.operation, night.desk)
    speak(night.operation, night.desk)
    night.kept()
    step(night.operation.code, "standing_down", "reconciling")
    signing = Signing(night.operation, partial(new_token, app.test_client()))
    signing.sign_units("KY", "TN")
    signing.waive_all()
    signing.release()
    night.kept()
    assert signing.amend().status_code == 201
    night.post(unit="KY-KSP", lines=[{"measure": "arrests", "quantity": 1}])
    night.fold()
    signing.sign_units("KY")
    signing.waive_all()
    signing.release()
    state(night.operation, UUID(night.desk.id))
    return night


def saved(path: Path, document: Any) -> Path:
    """A document as a file."""
    path.write_text(json.dumps(document))
    return path


__all__ = ["FlaskClient", "step"]
