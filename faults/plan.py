"""What is posted, from a seed alone: the process that posts and the one that checks make the same plan, each for itself."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINS = datetime(2021, 8, 26, 23, 0, tzinfo=UTC)
LASTS = timedelta(hours=10)

PARENTS: dict[str, str | None] = {"KY": None, "KY-KSP": "KY", "TN": None, "US": None, "UNATTRIBUTED": None}
"""The units that figures are posted for, each with the one above it."""

STANDING_UNIT = "TN"
"""The one that says standing figures too: each makes the hub count its cell anew, which a cell of thousands would make slow."""

CELLS = (("arrests", "unspecified"), ("victims_rescued", "unspecified"), ("victims_rescued", "minor"))
EVERY_TENTH, EVERY_FIFTIETH = 10, 50


@dataclass(frozen=True)
class Planned:
    """A report to be sent by these clients (by number), its key, and whether the hub must take it (else it must answer 422)."""

    number: int
    key: str
    body: dict[str, Any]
    good: bool
    senders: tuple[int, ...]


def plan(seed: int, count: int, clients: int) -> list[Planned]:
    """So many reports. Every tenth is sent twice, by two clients at about the same time where there are two; every fiftieth is
    one the hub must refuse."""
    chance = random.Random(f"plan {seed}")
    return [_planned(chance, number, clients) for number in range(count)]


def _planned(chance: random.Random, number: int, clients: int) -> Planned:
    good = number % EVERY_FIFTIETH != EVERY_FIFTIETH - 1
    senders = (number % clients, (number + 1) % clients) if number % EVERY_TENTH == 0 else (number % clients,)
    body = _body(chance, number)
    if not good:
        body["lines"] = [{"measure": "nothing_known", "quantity": 1}]
        body.pop("nil", None)
    return Planned(number, str(uuid.UUID(int=chance.getrandbits(128), version=4)), body, good, senders)


def _body(chance: random.Random, number: int) -> dict[str, Any]:
    """Observed at a moment no other report of the plan has, so that none depends on which of two came first."""
    observed = BEGINS + timedelta(seconds=chance.randrange(int(LASTS.total_seconds())), microseconds=number)
    unit = STANDING_UNIT if chance.random() < 0.02 else chance.choice([unit for unit in PARENTS if unit != STANDING_UNIT])
    basis = "to_date" if unit == STANDING_UNIT and chance.random() < 0.5 else "increment"
    body = {"unit": unit, "basis": basis, "observed_at": observed.isoformat(), "lines": _lines(chance)}
    return body if body["lines"] else body | {"nil": True, "basis": "increment"}


def _lines(chance: random.Random) -> list[dict[str, Any]]:
    cells = chance.sample(CELLS, chance.choice((0, 1, 1, 1, 1, 1, 1, 2, 2, 3)))
    return [{"measure": measure, "category": category, "quantity": chance.randrange(100)} for measure, category in cells]
