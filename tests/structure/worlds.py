"""Operations and callers that a whole file of tests shares, where making them anew for each row of a table would cost minutes."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from flask.testing import FlaskClient

from coordinator.access import tokens
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.operations import members
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.schemas.operations import OperationIn
from tests.conftest import Caller, operation_document


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


def new_token(client: FlaskClient, role: str, operation: str | None = None, *units: str) -> Caller:
    """A token, as the fixture ``create_token`` makes it."""
    actor = dataclasses.replace(console(), secret=tokens.fresh_secret())
    asked = {"role": role, "name": f"{role} {' '.join(units)}".strip(), "operation": operation, "units": list(units), "expires_at": None}
    with transaction():
        issued = members.issue(actor, asked)
    return Caller(client, tokens.text_of(actor, uuid.UUID(issued["id"])), issued["id"])
