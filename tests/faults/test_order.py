"""One night told in many orders, in lots of any size, some of it twice, by processes that come and go: always the same night."""

from __future__ import annotations

import dataclasses
import json
import random
import uuid
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import report_body
from tests.desk.nights import START, UNITS
from tests.desk.watching import differences
from tests.faults.test_parts_away import freeze_between_folds
from tests.hubs import LONG, LiveOperation, RealHub, eventually

TELLINGS = 30 if LONG else 4
REPORTS = 80


@dataclasses.dataclass(frozen=True)
class Said:
    """One thing said in a night; what it corrects or withdraws must have been said before."""

    name: str
    body: dict[str, Any]
    earlier: str | None = None


def a_night(chance: random.Random) -> list[Said]:
    """Increments and standing figures at moments of their own; some are corrected, some withdrawn, some corrected twice."""
    minutes = chance.sample(range(600), REPORTS)
    said = [Said(f"report {n}", _body(chance, minute)) for n, minute in enumerate(minutes)]
    for n, one in enumerate(chance.sample(said, REPORTS // 3)):
        if n % 2:
            said.append(Said(f"withdrawal {n}", {"reason": "not ours"}, one.name))
        else:
            correction = Said(f"correction {n}", _anew(chance, one), one.name)
            said += [correction, Said(f"second {n}", _anew(chance, correction), correction.name)][: chance.randint(1, 2)]
    return said


def _body(chance: random.Random, minute: int) -> dict[str, Any]:
    basis, observed = chance.choice(("increment", "increment", "to_date")), START + timedelta(minutes=minute)
    lines: list[dict[str, Any]] = [{"measure": "arrests", "quantity": chance.randrange(100)}]
    if chance.random() < 0.4:
        lines.append({"measure": "currency_seized", "quantity": f"{chance.randrange(10_000)}.{chance.randrange(100):02}"})
    return report_body(unit=chance.choice(UNITS), basis=basis, observed_at=observed.isoformat(), lines=lines)


def _anew(chance: random.Random, one: Said) -> dict[str, Any]:
    lines = [{"measure": "arrests", "quantity": chance.randrange(100)}]
    return one.body | {"lines": lines, "reason": "miscounted"}


def in_some_order(chance: random.Random, night: list[Said]) -> list[Said]:
    """A permutation in which nothing comes before what it corrects or withdraws."""
    left, told = list(night), list[Said]()
    while left:
        names = {one.name for one in told}
        told.append(chance.choice([one for one in left if one.earlier is None or one.earlier in names]))
        left.remove(told[-1])
    return told


class Telling:
    """Posts a night to an operation: alone or in batches, some of it twice, the worker coming and going."""

    def __init__(self, operation: LiveOperation, chance: random.Random) -> None:
        self.operation, self._chance = operation, chance
        self._ids: dict[str, str] = {}
        self._sent: list[tuple[str, dict[str, Any], str]] = []

    def tell(self, night: list[Said]) -> None:
        """All of it, in some order; what follows from another waits until that has its id."""
        left = in_some_order(self._chance, night)
        while left:
            lot = self._lot(left)
            left = left[len(lot) :]
            if self._chance.random() < 0.1:
                self._rest()
            self._post_together(lot) if len(lot) > 1 else self._post(lot[0])
            for again in self._chance.sample(self._sent, min(len(self._sent), self._chance.choice((0, 0, 1, 3)))):
                self._repeat(*again)
        self.operation.hub.thaw("worker")

    def _lot(self, left: list[Said]) -> list[Said]:
        """The next few that can go in one batch: reports whose forerunners have their ids already."""
        most, lot = self._chance.choice((1, 1, 2, 5, 20)), list[Said]()
        for one in left[:most]:
            if one.name.startswith("withdrawal") or (one.earlier is not None and one.earlier not in self._ids):
                break
            lot.append(one)
        return lot or left[:1]

    def _rest(self) -> None:
        """Now the worker stands still, so that the web folds what waits; now it goes on, and a fold takes whatever there is."""
        hub = self.operation.hub
        hub.thaw("worker")
        if self._chance.random() < 0.5:
            freeze_between_folds(hub)

    def _post(self, one: Said) -> None:
        path = self.operation.reports + (f"/{self._ids[str(one.earlier)]}/withdrawal" if one.name.startswith("withdrawal") else "")
        key = uuid.uuid4().hex
        answer = self.operation.desk.post(path, self._whole(one), key)
        assert (answer.status, answer.replayed) == (201, False), answer.body
        self._keep(one, answer.json)
        self._sent.append((path, self._whole(one), key))

    def _post_together(self, lot: list[Said]) -> None:
        keys = [uuid.uuid4().hex for _ in lot]
        lines = "\n".join(json.dumps(self._whole(one) | {"idempotency_key": key}) for one, key in zip(lot, keys, strict=True))
        answer = self.operation.desk.call(
            "POST", f"{self.operation.reports}/batch", lines.encode(), {"Content-Type": "application/x-ndjson"}
        )
        outcomes = [json.loads(line) for line in answer.body.splitlines()]
        assert [one["status"] for one in outcomes] == [201] * len(lot), outcomes
        for one, outcome, key in zip(lot, outcomes, keys, strict=True):
            self._keep(one, outcome["receipt"])
            self._sent.append((self.operation.reports, self._whole(one), key))

    def _repeat(self, path: str, body: dict[str, Any], key: str) -> None:
        answer = self.operation.desk.post(path, body, key)
        assert (answer.status, answer.replayed) == (201, True), answer.body

    def _whole(self, one: Said) -> dict[str, Any]:
        corrects = {} if one.earlier is None or one.name.startswith("withdrawal") else {"corrects": self._ids[one.earlier]}
        return one.body | corrects

    def _keep(self, one: Said, receipt: dict[str, Any]) -> None:
        self._ids[one.name] = receipt["id"]


def shown(operation: LiveOperation) -> dict[str, Any]:
    """All that can be read of a night's figures: totals, those of some moments of it, and series."""
    path = f"/operations/{operation.code}"
    moments = [(START + timedelta(minutes=minute)).isoformat() for minute in range(0, 601, 60)]
    as_of = {moment: _figures(operation.desk.get(f"{path}/totals", as_of=moment).json) for moment in moments}
    asked = {"step": "15m", "from": START.isoformat(), "to": (START + timedelta(minutes=600)).isoformat()}
    series = {
        f"{measure} {unit}": operation.desk.get(f"{path}/series", measure=measure, unit=unit, **asked).json["points"]
        for measure in ("arrests", "currency_seized")
        for unit in ("KY", "TN", "US")
    }
    return {"now": _figures(operation.totals()), "as of": as_of, "series": series}


def _figures(document: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on when the hub heard of it."""
    return {
        "national": {code: one["categories"] for code, one in document["national"].items()},
        "units": {unit["code"]: unit["measures"] for unit in document["units"]},
        "derived": document["derived"],
        "rules": document["rules"],
        "heard": document["reporting"]["heard"],
    }


@pytest.fixture
def night(seed: int) -> list[Said]:
    return a_night(random.Random(seed))


def test_any_order_any_lots_and_any_repeats_come_to_the_same_night(hub: RealHub, seed: int, night: list[Said]) -> None:
    first: dict[str, Any] | None = None
    for number in range(TELLINGS):
        operation = hub.create_operation()
        Telling(operation, random.Random(f"{seed} {number}")).tell(night)
        operation.settled(len(night))
        found = shown(operation)
        first = first or found
        assert found == first, (number, list(differences(found, first))[:5])
        assert operation.recounted().holds
    assert first is not None and first["now"]["national"]["arrests"], "a night of nothing proves nothing"
    eventually(lambda: hub.get("/readyz").status == 200)
