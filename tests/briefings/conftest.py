"""What the tests of briefings share: an operation with everyone who takes part, and a pack to publish."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, report_body

QUESTION = {
    "question": "A suspect is cited and released. Is that an arrest?",
    "choices": ["Yes", "No"],
    "right": 1,
    "measure": "arrests",
}


class Briefed:
    """Short ways through one operation's briefing."""

    def __init__(self, operation: Catalogue, desk: Caller) -> None:
        self.operation, self.desk = operation, desk
        self.place = f"/operations/{operation.code}"
        self.path = f"{self.place}/briefings"

    def publish(self, **members: Any) -> dict[str, Any]:
        """A version of the pack."""
        answer = self.desk.post(self.path, pack(**members))
        assert answer.status_code == 201, answer.json
        return answer.json

    def acknowledge(self, caller: Caller, version: int = 1, unit: str = "KY", answers: tuple[int, ...] = (1,)) -> Any:
        """A try at the check, as the HTTP answer to it."""
        return caller.post(f"{self.path}/{version}/acknowledgements", {"unit": unit, "answers": list(answers)})

    def post(self, caller: Caller, key: str = "", **members: Any) -> Any:
        """A report, as the HTTP answer to it."""
        return caller.post(f"{self.place}/reports", report_body(**members), key or uuid.uuid4().hex)

    def report(self, answer: Any) -> dict[str, Any]:
        """The report of a receipt."""
        assert answer.status_code == 201, answer.json
        return self.desk.get(f"{self.place}/reports/{answer.json['id']}").json


def pack(**members: Any) -> dict[str, Any]:
    """A pack as it is sent."""
    return {"pages": [{"title": "Tonight", "markdown": "Count **arrests** once."}], "questions": [QUESTION]} | members


@pytest.fixture
def briefed(operation: Catalogue, desk: Caller) -> Briefed:
    """The live operation of a test."""
    return Briefed(operation, desk)


@pytest.fixture
def trooper(create_token: Callable[..., Caller], operation: Catalogue) -> Caller:
    """The liaison of an agency of Kentucky."""
    return create_token("liaison", operation.code, "KY-KSP")
