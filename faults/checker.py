"""What was found, each a number that must be 0: from the clients' own histories, the record, and what the hub answers."""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from faults import board, counting
from faults.board import Board, Journal
from faults.clients import Outcome, Target
from faults.plan import BEGINS, LASTS, PARENTS, Planned

SECONDS_TO_SETTLE = 60.0
"""In which everything that is stored must be in the journal and on the board, once nothing is broken any more."""

STEP, STEPS = timedelta(minutes=15), int(LASTS / timedelta(minutes=15))
TAKEN = ("201", "422 invalid", "503 unavailable, Retry-After", "409 idempotency-key-in-use")
EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """Something that must not be: how often it was found, and a few of them."""

    about: str
    count: int
    examples: tuple[str, ...] = ()


def finding(about: str, found: Iterable[object]) -> Finding:
    """A finding from the list of all that was found."""
    listed = [str(one) for one in found]
    return Finding(about, len(listed), tuple(listed[:EXAMPLES]))


@dataclass(frozen=True)
class Stored:
    """A report as the database has it, with how often it stands in the journal."""

    key: str
    id: str
    said: tuple[Any, ...]
    entries: int


def check(
    target: Target,
    database_url: str,
    outcomes: Sequence[Outcome],
    answers: Mapping[str, int] | None = None,
    shown: Board | None = None,
    read: Journal | None = None,
    seconds: float = SECONDS_TO_SETTLE,
) -> list[Finding]:
    """Everything, once what is stored has been counted, or so many seconds later."""
    settled = settle(target, database_url, seconds)
    stored = _stored(database_url, target.code)
    found = [*of_clients(outcomes, answers or {}), *of_record(outcomes, stored), *of_journal(database_url, target.code, stored, settled)]
    found += of_figures(target, [one for one in _stored_plan(outcomes, stored) if one.good])
    if shown is not None:
        found.append(finding("board ahead of what was sent", board.ahead(shown.looks, outcomes)))
    if read is not None:
        found.append(finding("position seen before one below it", read.gaps))
    return found


def of_clients(outcomes: Sequence[Outcome], answers: Mapping[str, int]) -> list[Finding]:
    """What the clients were told."""
    strange = [f"{name} ({count} times)" for name, count in answers.items() if name[0].isdigit() and name not in TAKEN]
    return [
        finding("not even sent in time", (one.planned.key for one in outcomes if one.sent_at is None)),
        finding("never told what became of it", (one.planned.key for one in outcomes if one.sent_at is not None and not one.settled)),
        finding("good and refused", (one.planned.key for one in outcomes if one.planned.good and one.refused)),
        finding("bad and acknowledged", (one.planned.key for one in outcomes if not one.planned.good and one.acknowledged)),
        finding("told two different receipts", (one.planned.key for one in outcomes if len(one.receipts) > 1)),
        finding("answered what nobody may be", strange),
    ]


def of_record(outcomes: Sequence[Outcome], stored: Sequence[Stored]) -> list[Finding]:
    """What the record has, against what was sent."""
    keys = Counter(one.key for one in stored)
    sent = {one.planned.key: one for one in outcomes if one.sent_at is not None}
    ids = {one.key: one.id for one in stored}
    receipts = [(key, json.loads(text)["id"]) for key, one in sent.items() for text in one.receipts]
    return [
        finding("acknowledged and missing", (key for key, one in sent.items() if one.acknowledged and key not in keys)),
        finding("refused and stored", (key for key, one in sent.items() if one.refused and key in keys)),
        finding("never sent but stored", (key for key in keys if key not in sent)),
        finding("stored twice", (key for key, count in keys.items() if count > 1)),
        finding("altered", (one.key for one in stored if one.key in sent and one.said != _said(sent[one.key].planned.body))),
        finding("receipt of another report", (key for key, id in receipts if key in ids and ids[key] != id)),
    ]


def of_journal(database_url: str, code: str, stored: Sequence[Stored], settled: bool) -> list[Finding]:
    """Positions from 1 without a gap, and each report at one of them."""
    positions = [row[0] for row in _ask(database_url, f"SELECT j.position {_JOURNAL}", code)]
    gaps = [position for position, expected in zip(sorted(positions), range(1, len(positions) + 1), strict=True) if position != expected]
    return [
        Finding("not counted in time", 0 if settled else 1),
        finding("stored and not in the journal", (one.key for one in stored if not one.entries)),
        finding("set aside, though it can be folded", (row[0] for row in _ask(database_url, _SET_ASIDE, code))),
        finding("counted twice", (one.key for one in stored if one.entries > 1)),
        finding("positions out of order or missing below", gaps),
    ]


def of_figures(target: Target, planned: Sequence[Planned]) -> list[Finding]:
    """Totals and series in every cell, against a count of one's own."""
    course = counting.steps(planned)
    return [finding("totals that differ", _totals(target, course)), finding("series that differ", _series(target, course))]


def settle(target: Target, database_url: str, seconds: float = SECONDS_TO_SETTLE) -> bool:
    """Waits until nothing waits any more and the board stands where the journal ends; whether it came to that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        waiting, last = _ask(database_url, _STATE, target.code, target.code)[0]
        if not waiting and _get(target, "totals")["position"] == last:
            return True
        time.sleep(0.2)
    return False


def _totals(target: Target, course: Sequence[counting.Step]) -> list[str]:
    """Every unit's own cells and those with all below, and the nation's, in both directions."""
    document, own = _get(target, "totals"), counting.own(course)
    shown = {unit["code"]: unit["measures"] for unit in document["units"]}
    found = []
    for unit in PARENTS:
        found += _differ(f"{unit}", _categories(shown.get(unit, {})), counting.together(own, counting.with_all_below(unit)))
        theirs = {measure: figures["own"] for measure, figures in shown.get(unit, {}).items() if figures["own"]}
        ours = {measure: sum(figure for cell, figure in own[unit].items() if cell[0] == measure) for measure in counting.MEASURES}
        found += _differ(f"{unit} own", theirs, {measure: figure for measure, figure in ours.items() if figure})
    return found + _differ("the nation", _categories(document["national"]), counting.together(own, counting.with_all_below(None)))


def _categories(measures: dict[str, Any]) -> counting.Figures:
    return {(measure, name): figure for measure, figures in measures.items() for name, figure in figures["categories"].items()}


def _series(target: Target, course: Sequence[counting.Step]) -> list[str]:
    found = []
    last = BEGINS + LASTS - timedelta(seconds=1)
    for unit in (None, *PARENTS):
        for measure in counting.MEASURES:
            query = f"series?measure={measure}&step=15m&from={_moment(BEGINS)}&to={_moment(last)}" + (f"&unit={unit}" if unit else "")
            theirs = [(new, standing) for _, new, standing in _get(target, query)["points"]]
            ours = counting.series(course, counting.with_all_below(unit), measure, BEGINS, STEP, STEPS)
            found += _differ(f"{unit or 'the nation'} {measure}", dict(enumerate(theirs)), dict(enumerate(ours)))
    return found


def _differ(where: str, theirs: dict[Any, Any], ours: dict[Any, Any]) -> list[str]:
    names = sorted(theirs.keys() | ours.keys())
    return [f"{where} {name}: {theirs.get(name)} where it is {ours.get(name)}" for name in names if theirs.get(name) != ours.get(name)]


def _moment(moment: datetime) -> str:
    return quote(moment.isoformat())


def _stored_plan(outcomes: Sequence[Outcome], stored: Sequence[Stored]) -> list[Planned]:
    """What must have been counted: what is stored, as it was planned, not as the database has it."""
    keys = {one.key for one in stored}
    return [one.planned for one in outcomes if one.planned.key in keys]


def _said(body: dict[str, Any]) -> tuple[Any, ...]:
    lines = tuple((line["measure"], line["category"], line["quantity"]) for line in body["lines"])
    return body["unit"], body["basis"], datetime.fromisoformat(body["observed_at"]), body.get("nil", False), lines


_JOURNAL = "FROM journal j JOIN operations o ON o.id = j.operation_id WHERE o.code = %s"
_INBOX = "FROM inbox i JOIN operations o ON o.id = i.operation_id WHERE o.code = %s"
_SET_ASIDE = f"SELECT i.report_id {_INBOX} AND i.set_aside_at IS NOT NULL"
_STATE = f"""
    SELECT (SELECT count(*) {_INBOX} AND i.set_aside_at IS NULL),
           (SELECT coalesce(max(j.position), 0) {_JOURNAL})
"""
_STORED = """
    SELECT r.idempotency_key, r.id::text, u.code, r.basis, r.observed_at, r.nil,
           (SELECT count(*) FROM journal j WHERE j.report_id = r.id),
           array_remove(array_agg(m.code ORDER BY l.number), NULL), array_remove(array_agg(c.name ORDER BY l.number), NULL),
           array_remove(array_agg(l.quantity ORDER BY l.number), NULL)
    FROM reports r JOIN operations o ON o.id = r.operation_id JOIN units u ON u.id = r.unit_id
    LEFT JOIN lines l ON l.report_id = r.id LEFT JOIN categories c ON c.id = l.category_id LEFT JOIN measures m ON m.id = c.measure_id
    WHERE o.code = %s GROUP BY r.id, u.code
"""


def _stored(database_url: str, code: str) -> list[Stored]:
    return [
        Stored(key, id, (unit, basis, observed_at, nil, tuple(zip(measures, names, quantities, strict=True))), entries)
        for key, id, unit, basis, observed_at, nil, entries, measures, names, quantities in _ask(database_url, _STORED, code)
    ]


def _ask(database_url: str, statement: str, *values: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(database_url, connect_timeout=5, autocommit=True) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def _get(target: Target, path: str) -> dict[str, Any]:
    """A document of the operation; asked for again while the hub is coming back."""
    return dict(_patiently(lambda: _attempt(target, path)))


def _attempt(target: Target, path: str) -> Any:
    parts = urlsplit(target.urls[0])
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request("GET", f"/api/v1/operations/{target.code}/{path}", headers={"Authorization": f"Bearer {target.token}"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise ConnectionError(f"{path} was answered {answer.status}: {body[:200]!r}")
    return json.loads(body)


def _patiently(act: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + SECONDS_TO_SETTLE
    while True:
        try:
            return act()
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
