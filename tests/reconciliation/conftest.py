"""An operation that is reconciling, and its desk with short ways to settle what is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.db import transaction
from coordinator.totals import recount
from tests.conftest import Caller
from tests.totals.evening import Evening


class Desk(Evening):
    """The desk of an operation that is reconciling. What it says is folded at once."""

    def say(self, *lines: dict[str, Any], **members: Any) -> str:
        """The same, folded."""
        id = super().say(*lines, **members)
        self.settle()
        return id

    def settle(self) -> None:
        """Folds until nothing waits."""
        while self.fold():
            pass

    def read(self, **query: Any) -> dict[str, Any]:
        """The reconciliation."""
        answer = self.desk.get(f"{self.path}/reconciliation", **query)
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def check(self, id: str, **query: Any) -> dict[str, Any]:
        """One check of it."""
        found = [one for one in self.read(**query)["checks"] if one["id"] == id]
        assert found, [one["id"] for one in self.read(**query)["checks"]]
        return dict(found[0])

    def open(self, **query: Any) -> set[str]:
        """The ids of the checks that are open."""
        return {one["check"] for one in self.read(**query)["open"]}

    def row(self, unit: str, measure: str = "arrests", category: str = "unspecified") -> dict[str, Any]:
        """What a unit reported beside what it stated."""
        rows = self.read()["rows"]
        return next(dict(row) for row in rows if (row["unit"], row["measure"], row["category"]) == (unit, measure, category))

    def ask(self, path: str, body: Any, status: int = 201, caller: Caller | None = None) -> Any:
        """Asks for something, which must be answered so."""
        answer = (caller or self.desk).post(self.path + path, body)
        assert answer.status_code == status, answer.json
        self.settle()
        return answer.json

    def state(self, unit: str, *figures: dict[str, Any], caller: Caller | None = None) -> Any:
        """States finals."""
        return self.ask("/finals", {"unit": unit, "figures": list(figures)}, caller=caller)

    def make(self, *sources: str, method: str = "maximum", status: int = 201, **members: Any) -> Any:
        """Makes an adjustment of arrests."""
        body = {"measure": "arrests", "sources": list(sources), "method": method, "reason": "one raid, counted twice"}
        return self.ask("/adjustments", body | members, status)

    def adjustments(self) -> list[bool]:
        """Of every adjustment, in order, whether it stands."""
        return [one["standing"] for one in self.read()["adjustments"]]

    def recounts(self) -> bool:
        """Whether a recount of the record comes to the totals."""
        with transaction(snapshot=True):
            return recount.compare(self.id).holds


@pytest.fixture
def room(create_operation: Callable[..., Any], create_token: Callable[..., Caller]) -> Desk:
    """An operation that is reconciling, with nothing reported yet."""
    catalogue = create_operation("reconciling")
    return Desk(catalogue, create_token("desk", catalogue.code))


@pytest.fixture
def kentucky(room: Desk, create_token: Callable[..., Caller]) -> Caller:
    """Kentucky's liaison there."""
    return create_token("liaison", room.catalogue.code, "KY")
