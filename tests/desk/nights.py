"""Random reports of every form, one after the other: increments, standing figures, nil, unquantified, assisted, corrected, withdrawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import report_body

UNITS = ("KY", "KY-KSP", "TN", "US", "UNATTRIBUTED")
MEASURES = ("arrests", "victims_rescued", "currency_seized")
START = datetime(2021, 8, 26, 23, 0, tzinfo=UTC)


def random_reports(chance: random.Random, post: Callable[..., Any], count: int) -> Iterator[dict[str, Any]]:
    """Posts one report at each step and gives its receipt. ``post(body)`` posts it, ``post(body, path)`` below the reports' address."""
    current: dict[str, dict[str, Any]] = {}
    for _ in range(count):
        fate = chance.random() if current else 1.0
        earlier = chance.choice(list(current)) if current else ""
        if fate < 0.15:
            answer = post({"reason": "not ours"}, f"/{earlier}/withdrawal")
            del current[earlier]
        else:
            body = _body(chance, current[earlier]["unit"] if fate < 0.3 else chance.choice(UNITS))
            if fate < 0.3:
                body |= {"corrects": earlier, "reason": "miscounted"}
                del current[earlier]
            answer = post(body)
            current[answer.json["id"]] = body
        assert answer.status == 201, answer.body
        yield answer.json


def _body(chance: random.Random, unit: str) -> dict[str, Any]:
    basis = chance.choice(("increment", "increment", "to_date"))
    lines = [
        _line(chance, unit, basis, measure)
        for measure in chance.sample(("arrests", "victims_rescued", "currency_seized"), chance.randrange(3))
    ]
    observed = START + timedelta(minutes=chance.randrange(600))
    return report_body(unit=unit, basis=basis, observed_at=observed.isoformat(), lines=lines) | ({} if lines else {"nil": True})


def _line(chance: random.Random, unit: str, basis: str, measure: str) -> dict[str, Any]:
    line: dict[str, Any] = {"measure": measure}
    if measure == "victims_rescued" and chance.random() < 0.5:
        line["category"] = "minor"
    if chance.random() < 0.15:
        return line | {"unquantified": "some"}
    quantity = chance.choice((0, chance.randrange(100)))
    line["quantity"] = f"{quantity}.{chance.randrange(100):02}" if measure == "currency_seized" else quantity
    if basis == "increment" and chance.random() < 0.3:
        line["assisting"] = chance.sample([other for other in UNITS if other != unit], chance.randrange(1, 3))
    return line
