"""Liaisons in bad weather: they keep a key before they send, and send again until they are told what became of it."""

from __future__ import annotations

import dataclasses
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from tests.conftest import report_body
from tests.hubs import BROKEN, SOON, Answer, LiveOperation, eventually

UNITS = ("KY", "KY-KSP", "TN", "US", "UNATTRIBUTED")
PATIENCE = 90.0
"""Seconds a client goes on trying."""


@dataclasses.dataclass
class Planned:
    """A report to be sent, its key, and what came of it."""

    key: str
    body: dict[str, Any]
    receipts: list[bytes] = dataclasses.field(default_factory=list)


def plan(chance: random.Random, count: int) -> list[Planned]:
    """Reports of one to three arrests or victims, each with its key."""
    return [Planned(str(uuid.UUID(int=chance.getrandbits(128))), _body(chance)) for _ in range(count)]


def _body(chance: random.Random) -> dict[str, Any]:
    lines = [{"measure": "arrests", "quantity": chance.randrange(100)}]
    if chance.random() < 0.3:
        lines.append({"measure": "victims_rescued", "category": "minor", "quantity": chance.randrange(100)})
    return report_body(unit=chance.choice(UNITS), lines=lines)


class Crowd:
    """Several clients that share a plan. Every tenth report is sent twice. ``pace``: reports a second of all together."""

    def __init__(self, operation: LiveOperation, planned: Sequence[Planned], clients: int = 4, pace: float = 150.0) -> None:
        self.operation, self.planned, self.pace = operation, list(planned), pace
        self.answers: Counter[str] = Counter()
        self.acknowledged = 0
        self.problems: list[str] = []
        self._next = 0
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._run, name=f"client-{n}", daemon=True) for n in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(SOON)

    def until(self, acknowledged: int) -> None:
        """Waits until so many reports have been acknowledged."""
        eventually(
            lambda: self.acknowledged >= acknowledged or self.problems, PATIENCE, lambda: f"{acknowledged} answers: {dict(self.answers)}"
        )

    def finish(self) -> None:
        """Waits until all have been acknowledged."""
        for thread in self._threads:
            thread.join(PATIENCE + SOON)
        assert not self.problems, self.problems[:3]
        assert self.acknowledged == len(self.planned), dict(self.answers)

    def _run(self) -> None:
        caller = self.operation.desk.another()
        caller.timeout = 10.0
        while (number := self._take()) is not None:
            one = self.planned[number]
            try:
                for _ in range(2 if number % 10 == 0 else 1):
                    one.receipts.append(self._send(caller, one))
            except AssertionError as problem:
                self.problems.append(str(problem))
            self.acknowledged += 1

    def _take(self) -> int | None:
        with self._lock:
            number, self._next = self._next, self._next + 1
        due = self._began + number / self.pace
        self._over.wait(max(0.0, due - time.monotonic()))
        return number if number < len(self.planned) and not self._over.is_set() else None

    def _send(self, caller: Any, one: Planned) -> bytes:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and not self._over.is_set():
            try:
                answer = caller.post(self.operation.reports, one.body, one.key)
            except BROKEN as problem:
                self.answers[f"{type(problem).__name__}"] += 1
            else:
                self.answers[str(answer.status)] += 1
                if answer.status == 201:
                    return answer.body
                _check_refusal(answer)
            self._over.wait(0.1)  # the pause of a client before it tries again
        raise AssertionError(f"never acknowledged: {one.key}")


def _check_refusal(answer: Answer) -> None:
    """Only two refusals may be met by a good report: the database is away, or its twin is still under way."""
    assert answer.status in (503, 409), (answer.status, answer.body)
    assert answer.headers["Content-Type"] == "application/problem+json"
    if answer.status == 503:
        assert int(answer.headers["Retry-After"]) >= 1
    else:
        assert answer.json["type"] == "/problems/idempotency-key-in-use", answer.body


def check_books(operation: LiveOperation, planned: Sequence[Planned], seconds: float = SOON) -> None:
    """Acknowledged and missing 0, never sent but stored 0, altered 0, twice 0; and totals, series and journal as a recount has them."""
    stored = _stored(operation)
    keys = [key for key, *_ in stored]
    sent = {one.key: one for one in planned}
    missing = [one.key for one in planned if one.receipts and one.key not in keys]
    foreign = [key for key in keys if key not in sent]
    twice = [key for key, count in Counter(keys).items() if count > 1]
    assert (missing, foreign, twice) == ([], [], [])
    assert not (altered := [key for key, _, said in stored if said != _said(sent[key].body)]), altered
    assert all(len(set(one.receipts)) <= 1 for one in planned), "a repeat was answered with another receipt"
    assert {key: id for key, id, _ in stored if sent[key].receipts} == {one.key: _id(one) for one in planned if one.receipts}
    totals = operation.settled(len(stored), seconds)
    assert totals["position"] == len(stored)
    positions = operation.hub.query(
        "SELECT position FROM journal j JOIN operations o ON o.id = j.operation_id WHERE o.code = %s ORDER BY position", operation.code
    )
    assert [position for (position,) in positions] == list(range(1, len(stored) + 1))
    assert {code: measure["total"] for code, measure in totals["national"].items() if code != "currency_seized"} == {
        measure: sum(quantity for _, _, said in stored for m, _, quantity in said[1] if m == measure)
        for measure in ("arrests", "victims_rescued")
    }
    comparison = operation.recounted()
    assert comparison.holds, comparison.differences[:5]


def _id(one: Planned) -> str:
    return str(json.loads(one.receipts[0])["id"])


def _said(body: dict[str, Any]) -> tuple[str, list[tuple[str, str, int]]]:
    return body["unit"], [(line["measure"], line.get("category", "unspecified"), line["quantity"]) for line in body["lines"]]


def _stored(operation: LiveOperation) -> list[tuple[str, str, tuple[str, list[tuple[str, str, int]]]]]:
    """Key, id and what was said of every report in the database, straight from its tables."""
    rows = operation.hub.query(
        """
        SELECT r.idempotency_key, r.id::text, u.code, array_agg(m.code ORDER BY l.number), array_agg(c.name ORDER BY l.number),
               array_agg(l.quantity ORDER BY l.number)
        FROM reports r JOIN operations o ON o.id = r.operation_id JOIN units u ON u.id = r.unit_id
        JOIN lines l ON l.report_id = r.id JOIN categories c ON c.id = l.category_id JOIN measures m ON m.id = c.measure_id
        WHERE o.code = %s GROUP BY r.id, u.code
        """,
        operation.code,
    )
    return [(key, id, (unit, list(zip(measures, names, quantities, strict=True)))) for key, id, unit, measures, names, quantities in rows]
