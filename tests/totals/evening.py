"""An operation from its desk's chair: say, correct, withdraw, fold, and read what it comes to, in one line each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from coordinator.db import transaction
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import fold, recount
from tests.conftest import Caller, actor_of, report_body
from tests.totals.playing import adjust

START = datetime(2021, 8, 26, 23, 0, tzinfo=UTC)
"""When the window opens: the moments below are minutes from here."""


class Evening:
    """One operation and the desk that speaks for all its units."""

    def __init__(self, catalogue: Catalogue, desk: Caller) -> None:
        self.catalogue, self.desk = catalogue, desk
        self.id, self.path = catalogue.id, f"/operations/{catalogue.code}"

    def say(self, *lines: dict[str, Any], at: float | datetime = 15, key: str = "", **members: Any) -> str:
        """Posts a report (of Kentucky, an increment, a quarter of an hour into the window; nil without lines); answers its id."""
        body = report_body(lines=list(lines), observed_at=moment_text(moment(at)), nil=not lines) | members
        answer = self.desk.post(f"{self.path}/reports", body, key)
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def correct(self, id: str, *lines: dict[str, Any], **members: Any) -> str:
        """Replaces a report's lines; answers the correction's id."""
        return self.say(*lines, **({"corrects": id, "reason": "counted again"} | members))

    def withdraw(self, id: str) -> str:
        """Takes a report back; answers the withdrawal's id."""
        answer = self.desk.post(f"{self.path}/reports/{id}/withdrawal", {"reason": "another night's"})
        assert answer.status_code == 201, answer.json
        return str(answer.json["id"])

    def adjust(self, quantity: int | Decimal, measure: str = "arrests", category: str = "unspecified", at: float = 15) -> str:
        """Takes out what two units counted (below 0), as reconciliation does; answers the adjustment's id."""
        actor = actor_of(self.desk)
        with transaction():
            return str(adjust(self.catalogue, actor, {(measure, category): quantity}, moment(at))["id"])

    def fold(self, most: int = fold.MOST) -> int:
        """One fold; answers how many it took."""
        with transaction():
            return fold.fold(self.id, most)

    def totals(self, **query: Any) -> dict[str, Any]:
        """The totals document."""
        answer = self.desk.get(f"{self.path}/totals", **query)
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def nation(self, measure: str = "arrests", **query: Any) -> Any:
        """The nation's total of a measure."""
        return self.totals(**query)["national"][measure]["total"]

    def unit(self, code: str = "KY", measure: str = "arrests", **query: Any) -> dict[str, Any]:
        """What a unit has of a measure, {} where it has nothing."""
        unit = next(unit for unit in self.totals(**query)["units"] if unit["code"] == code)
        return dict(unit["measures"].get(measure, {}))

    def points(self, measure: str = "arrests", **query: Any) -> list[list[Any]]:
        """The points of a series, of the nation unless a unit is named."""
        answer = self.desk.get(f"{self.path}/series", measure=measure, **query)
        assert answer.status_code == 200, answer.json
        return list(answer.json["points"])

    def new(self, measure: str = "arrests", **query: Any) -> dict[float, Any]:
        """Minute of the evening -> what was new in it, where anything was."""
        points = self.points(measure, **({"step": "1m"} | query))
        return {(datetime.fromisoformat(start) - START) / timedelta(minutes=1): new for start, new, _ in points if new not in (0, "0.00")}

    def differences(self) -> list[dict[str, Any]]:
        """What a recount finds."""
        with transaction(snapshot=True):
            return recount.compare(self.id).differences


def moment(at: float | datetime) -> datetime:
    """That many minutes into the window, or the moment itself."""
    return at if isinstance(at, datetime) else START + timedelta(minutes=at)


def arrests(quantity: int, *assisting: str) -> dict[str, Any]:
    """A line of arrests."""
    return {"measure": "arrests", "quantity": quantity} | ({"assisting": list(assisting)} if assisting else {})


def victims(quantity: int, category: str = "unspecified") -> dict[str, Any]:
    """A line of victims rescued."""
    return {"measure": "victims_rescued", "category": category, "quantity": quantity}


def money(quantity: str | None) -> dict[str, Any]:
    """A line of currency seized; None is a large amount."""
    return {"measure": "currency_seized"} | ({"unquantified": "a large amount"} if quantity is None else {"quantity": quantity})
