"""What the tests of messages share: a desk and liaisons, and time that has passed for what is on record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from coordinator.db import driver_url
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller

SEALED = ("bulletins", "acknowledgements", "bulletin_messages", "check_ins", "calls", "reminders")
TIMES = {
    "operations": ("live_at",),
    "bulletins": ("at", "acknowledge_by"),
    "acknowledgements": ("at",),
    "bulletin_messages": ("at",),
    "check_ins": ("at",),
    "calls": ("at",),
    "reminders": ("at", "due_at"),
    "hearings": ("last_report_at",),
    "situation_reports": ("made_at", "due_at"),
    "situation_schedules": ("since",),
}
"""Every time stamp that presence is made from."""


@pytest.fixture
def tennessee(create_token: Callable[..., Caller], operation: Catalogue) -> Caller:
    """Tennessee's liaison."""
    return create_token("liaison", operation.code, "TN")


@pytest.fixture
def owner(owner_url: str) -> Iterator[Connection]:
    """The tables' owner, who alone can move what is on record."""
    engine = create_engine(driver_url(owner_url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def pass_minutes(owner: Connection) -> Callable[[Catalogue, float], None]:
    """Lets minutes pass: everything on record of an operation becomes so much older."""

    return lambda operation, minutes: age(owner, operation.id, minutes)


def age(owner: Connection, operation_id: int, minutes: float) -> None:
    """Everything on record of an operation that presence is made from becomes so many minutes older."""
    with owner.begin():
        owner.execute(text("SET LOCAL session_replication_role = replica"))  # a record's seal is off for its owner's clock alone
        for table, columns in TIMES.items():
            moved = ", ".join(f"{name} = {name} - make_interval(secs => :seconds)" for name in columns)
            place = "id" if table == "operations" else "operation_id"
            owner.execute(text(f"UPDATE {table} SET {moved} WHERE {place} = :id"), {"seconds": minutes * 60, "id": operation_id})
        owner.execute(text("UPDATE operations SET version = version + 1 WHERE id = :id"), {"id": operation_id})


class Night:
    """Short ways to speak in one operation."""

    def __init__(self, operation: Catalogue, desk: Caller) -> None:
        self.operation, self.desk, self.path = operation, desk, f"/operations/{operation.code}"

    def say(self, text: str = "Hold at the gate.", **content: Any) -> dict[str, Any]:
        """A bulletin of the desk."""
        answer = self.desk.post(f"{self.path}/bulletins", {"text": text} | content)
        assert answer.status_code == 201, answer.json
        return answer.json

    def acknowledge(self, caller: Caller, bulletin: dict[str, Any] | str, unit: str = "KY", answer: str = "understood", **more: Any) -> Any:
        """A unit's answer, as the HTTP answer to it."""
        id = bulletin if isinstance(bulletin, str) else bulletin["id"]
        return caller.post(f"{self.path}/bulletins/{id}/acknowledgements", {"unit": unit, "answer": answer} | more)

    def read(self, id: str, caller: Caller | None = None) -> dict[str, Any]:
        """A bulletin as it stands."""
        answer = (caller or self.desk).get(f"{self.path}/bulletins/{id}")
        assert answer.status_code == 200, answer.json
        return answer.json

    def unit(self, code: str = "KY", caller: Caller | None = None) -> dict[str, Any]:
        """A unit's presence."""
        items = (caller or self.desk).get(f"{self.path}/presence").json["items"]
        return next(one for one in items if one["unit"] == code)

    def asked(self, id: str, unit: str = "KY") -> dict[str, Any]:
        """What a unit made of a bulletin."""
        return next(one for one in self.read(id)["asked"] if one["unit"] == unit)

    def order(self, phase: str = "live") -> dict[str, Any]:
        """The order that began a phase."""
        items = self.desk.get(f"{self.path}/bulletins").json["items"]
        return next(one for one in items if one["order"] == phase)


@pytest.fixture
def night(operation: Catalogue, desk: Caller) -> Night:
    """The live operation of a test."""
    return Night(operation, desk)
