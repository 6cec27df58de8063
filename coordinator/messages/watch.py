"""Watching: what is known of every unit now, whose word is overdue, who has not acknowledged, and whom to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from coordinator import clock
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.messages import bulletins, presence, reading
from coordinator.messages.checkins import CONTACT
from coordinator.messages.models import Bulletin
from coordinator.messages.presence import Alarm, Facts, Word
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry

AWAITED = ("live", "standing_down")
"""The phases in which silence is overdue."""

Closing = Callable[[int], Mapping[int, str]]
"""Of an operation by id: the units whose final is in or certified, as ``presence`` words it."""

_closings: list[Closing] = []


@dataclass(frozen=True)
class Late:
    """What a unit is late with: its word, or its acknowledgement of ``bulletin``."""

    alarm: Alarm
    bulletin: Bulletin | None = None


@dataclass(frozen=True)
class Watched:
    """A unit as it is watched: its facts, what it is late with, the current bulletins it has not answered, its row of the database."""

    unit: UnitEntry
    facts: Facts
    late: tuple[Late, ...]
    unanswered: tuple[Bulletin, ...]
    row: Row[Any]


def learn_closings_from(closing: Closing) -> None:
    """Says who knows whose final is in and who is certified: a room above this one."""
    _closings[:] = [closing]


def document(actor: Actor, code: str) -> dict[str, Any]:
    """Every unit that the actor speaks for: where it stands, its last word, what it is late with, and whom to call. NotFound."""
    catalogue, now = operations.find(code), clock.now()
    watched = [one for one in watch(catalogue, now) if catalogue.covers(actor.units, one.unit)]
    shown = [_unit(one, now) for one in watched]
    return {
        "operation": catalogue.code,
        "phase": catalogue.phase,
        "generated_at": moment_text(now),
        "items": shown,
        "to_call": [one["unit"] for one in sorted(filter(_for_desk, shown), key=_longest)],
    }


def watch(catalogue: Catalogue, now: datetime) -> list[Watched]:
    """Every unit that is expected, and every other that has checked in or has an interval of its own."""
    rows = {row.id: row for row in session().execute(_UNITS, {"operation": catalogue.id})}
    closing = {unit: word for tell in _closings for unit, word in tell(catalogue.id).items()}
    open_ones = _unanswered(catalogue)
    expected = {unit.id for unit in catalogue.expected}
    found = []
    for unit in catalogue.units:
        row = rows[unit.id]
        if unit.id in expected or row.checked_in_at or row.minutes:
            below = [rows[one.id] for one in catalogue.units if unit.id in one.lineage]
            facts = _facts(catalogue, unit, row, below, closing.get(unit.id))
            found.append(Watched(unit, facts, _late(facts, open_ones[unit.id], now), tuple(open_ones[unit.id]), row))
    return found


def _facts(catalogue: Catalogue, unit: UnitEntry, row: Row[Any], below: list[Row[Any]], closing: str | None) -> Facts:
    awaited = catalogue.phase in AWAITED and not unit.conducted_separately
    return Facts(
        interval=timedelta(minutes=row.minutes or catalogue.interval_minutes),
        word=_last_word(row, below),
        spoken=row.last_report_at is not None or any(one.said_at for one in below),
        checked_in_at=row.checked_in_at,
        awaited_since=(catalogue.live_at or catalogue.starts_at) if awaited else None,
        stood_down_at=row.stood_down_at,
        called_at=row.called_at,
        closing=closing,
    )


def _last_word(row: Row[Any], below: list[Row[Any]]) -> Word | None:
    """The newest of what was heard of the unit and those below it; reports are rolled up already."""
    said = [(one.said_at, "message") for one in below] + [(one.checked_in_at, "check-in") for one in below]
    words = [Word(at, how) for at, how in [*said, (row.last_report_at, "nil" if row.nil else "report")] if at is not None]
    return max(words, key=lambda word: word.at, default=None)


def _late(facts: Facts, open_ones: list[Bulletin], now: datetime) -> tuple[Late, ...]:
    asked = [(one, one.acknowledge_by) for one in open_ones if one.acknowledge_by]
    alarms: list[tuple[Bulletin | None, Alarm | None]] = [(None, presence.overdue(facts, now))]
    alarms += [(one, presence.unanswered(one.priority, by, facts.called_at, now)) for one, by in asked]
    return tuple(Late(alarm, bulletin) for bulletin, alarm in alarms if alarm)


def _unanswered(catalogue: Catalogue) -> dict[int, list[Bulletin]]:
    """Unit id -> the current bulletins to it that it has not answered, the oldest first."""
    current = reading.chain(catalogue.id).current()
    asked, answers = bulletins.addressees(current), reading.standing_answers([one.id for one in current])
    found: dict[int, list[Bulletin]] = defaultdict(list)
    for one in current:
        for unit in asked[one.id]:
            if (one.id, unit) not in answers:
                found[unit].append(one)
    return found


def _unit(one: Watched, now: datetime) -> dict[str, Any]:
    facts, row, due = one.facts, one.row, presence.due_at(one.facts)
    return {
        "unit": one.unit.code,
        "name": one.unit.name,
        "status": presence.status(facts, now),
        "checked_in_at": facts.checked_in_at and moment_text(facts.checked_in_at),
        "last_heard": facts.word and {"at": moment_text(facts.word.at), "how": facts.word.how},
        "due_at": due and moment_text(due),
        "interval_minutes": int(facts.interval / timedelta(minutes=1)),
        "alarms": [alarm_document(late, bool(row.alternate)) for late in one.late],
        "unanswered": [{"id": str(open_one.id), "number": open_one.number} for open_one in one.unanswered],
        "last_call": row.called_at and {"at": moment_text(row.called_at), "outcome": row.outcome, "note": row.note, "by": row.called_by},
        "contact": {name: getattr(row, name) for name in CONTACT} if row.name else None,
    }


def alarm_document(late: Late, alternate: bool) -> dict[str, Any]:
    """What a unit is late with, since when, and whom the alarm has reached."""
    return {
        "why": "acknowledgement" if late.bulletin else "overdue",
        "bulletin": late.bulletin and late.bulletin.number,
        "due_at": moment_text(late.alarm.due_at),
        "step": late.alarm.step,
        "whom": presence.whom(late.alarm.step, alternate),
    }


def _for_desk(shown: Mapping[str, Any]) -> bool:
    return any(alarm["whom"] == presence.DESK for alarm in shown["alarms"])


def _longest(shown: Mapping[str, Any]) -> tuple[str, str]:
    return min(alarm["due_at"] for alarm in shown["alarms"]), shown["unit"]


def current_for(catalogue: Catalogue) -> list[tuple[UUID, dict[str, Any], Any]]:
    """Every bulletin that stands: its id, what it says, and whom it reaches, the oldest first."""
    known = reading.chain(catalogue.id)
    current = known.current()
    units = bulletins.addressees(current)
    return [
        (one.id, reading.content(catalogue, one, known, units[one.id]), bulletins.reach_of(catalogue, one, units[one.id]))
        for one in current
    ]


_UNITS = text("""
    SELECT u.id, h.last_report_at, r.nil, m.said_at, i.at AS checked_in_at, c.at AS called_at, c.outcome, c.note, c.by_name AS called_by,
           s.at AS stood_down_at, d.minutes, t.name, t.telephone, t.alternate, t.alternate_telephone
    FROM units u
    LEFT JOIN hearings h ON h.operation_id = u.operation_id AND h.unit_id = u.id
    LEFT JOIN LATERAL (SELECT nil FROM reports WHERE operation_id = u.operation_id AND unit_id = u.id ORDER BY id DESC LIMIT 1) r ON true
    LEFT JOIN LATERAL (
        SELECT greatest(
            (SELECT max(a.at) FROM acknowledgements a WHERE a.operation_id = u.operation_id AND a.unit_id = u.id),
            (SELECT max(b.at) FROM bulletin_messages b WHERE b.operation_id = u.operation_id AND b.unit_id = u.id AND b.from_unit)
        ) AS said_at
    ) m ON true
    LEFT JOIN LATERAL (SELECT at FROM check_ins WHERE operation_id = u.operation_id AND unit_id = u.id ORDER BY id DESC LIMIT 1) i ON true
    LEFT JOIN LATERAL (
        SELECT at, outcome, note, by_name FROM calls WHERE operation_id = u.operation_id AND unit_id = u.id ORDER BY id DESC LIMIT 1
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT a.at FROM acknowledgements a JOIN bulletins b ON b.id = a.bulletin_id AND b.phase = 'standing_down'
        WHERE a.operation_id = u.operation_id AND a.unit_id = u.id AND a.answer = 'understood'
          AND NOT EXISTS (SELECT FROM acknowledgements n WHERE n.bulletin_id = a.bulletin_id AND n.unit_id = a.unit_id AND n.id > a.id)
        ORDER BY a.id LIMIT 1
    ) s ON true
    LEFT JOIN cadences d ON d.operation_id = u.operation_id AND d.unit_id = u.id
    LEFT JOIN contacts t ON t.operation_id = u.operation_id AND t.unit_id = u.id
    WHERE u.operation_id = :operation
""")
