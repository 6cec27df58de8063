"""Presence: where a unit stands in its night, when its next word is due, and how far an alarm has gone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOT_CHECKED_IN, CHECKED_IN, CURRENT, OVERDUE, SILENT = "not checked in", "checked in", "current", "overdue", "silent"
STOOD_DOWN, FINAL_IN, CERTIFIED = "stood down", "final in", "certified"
LIFE = (NOT_CHECKED_IN, CHECKED_IN, CURRENT, OVERDUE, SILENT, STOOD_DOWN, FINAL_IN, CERTIFIED)
"""Every status, in the order of a unit's night."""

LIAISON, ALTERNATE, DESK = "liaison", "alternate", "desk"
STEPS = (LIAISON, ALTERNATE, DESK)
"""Whom an alarm reaches, step by step: whoever is late, whoever stands in for them, whoever can pick up a telephone."""

LONGEST_PACE = timedelta(minutes=10)
PACE_OF = {"routine": timedelta(minutes=10), "immediate": timedelta(minutes=3), "flash": timedelta(minutes=1)}
"""Between the steps of an alarm about a bulletin, by its priority."""

QUIET_PACES = 3
"""How many paces an alarm about a bulletin is silent after a call."""


@dataclass(frozen=True)
class Word:
    """The last that was heard of a unit, and how: ``report``, ``nil``, ``message`` or ``check-in``."""

    at: datetime
    how: str


@dataclass(frozen=True)
class Facts:
    """What is known of a unit. ``awaited_since`` is when its silence began to count, None where nobody waits for it: before the
    operation is live, after it, or where the unit acts apart from the window. ``closing`` is FINAL_IN or CERTIFIED, told by the
    rooms that know."""

    interval: timedelta
    word: Word | None = None
    spoken: bool = False
    checked_in_at: datetime | None = None
    awaited_since: datetime | None = None
    stood_down_at: datetime | None = None
    called_at: datetime | None = None
    closing: str | None = None


@dataclass(frozen=True)
class Alarm:
    """What was due and has not come: since when, and the step (1 to 3) it has reached."""

    due_at: datetime
    step: int


def status(facts: Facts, now: datetime) -> str:
    """Where the unit stands: one of LIFE. It is overdue one interval after its last word, and silent two after it."""
    if facts.closing:
        return facts.closing
    if facts.stood_down_at:
        return STOOD_DOWN
    due = due_at(facts)
    if due is not None and now > due:
        return SILENT if now > due + facts.interval else OVERDUE
    if facts.spoken or (facts.word is not None and facts.word.how != "check-in"):
        return CURRENT
    return CHECKED_IN if facts.checked_in_at else NOT_CHECKED_IN


def due_at(facts: Facts) -> datetime | None:
    """By when the unit's next word is due; None where nobody waits for one."""
    if facts.awaited_since is None or facts.stood_down_at or facts.closing:
        return None
    last = facts.word.at if facts.word else facts.awaited_since
    return max(last, facts.awaited_since) + facts.interval


def overdue(facts: Facts, now: datetime) -> Alarm | None:
    """The alarm of a unit that is overdue. A call silences it until an interval after the call, when it begins again."""
    due = due_at(facts)
    if due is None:
        return None
    return _alarm(due, facts.called_at, facts.interval, pace(facts.interval), now)


def unanswered(priority: str, acknowledge_by: datetime, called_at: datetime | None, now: datetime) -> Alarm | None:
    """The alarm of a unit that has not acknowledged a bulletin by its time."""
    steps = PACE_OF[priority]
    return _alarm(acknowledge_by, called_at, QUIET_PACES * steps, steps, now)


def pace(interval: timedelta) -> timedelta:
    """Between the steps of an alarm about an overdue unit: a quarter of its interval, ten minutes at most."""
    return min(interval / 4, LONGEST_PACE)


def whom(step: int, alternate: bool) -> str:
    """Whom this step of an alarm reaches; where nobody stands in, the desk is next."""
    return DESK if step == 2 and not alternate else STEPS[step - 1]


def _alarm(due: datetime, called_at: datetime | None, quiet: timedelta, pace: timedelta, now: datetime) -> Alarm | None:
    due = max(due, called_at + quiet) if called_at and called_at > due - quiet else due
    return Alarm(due, min(len(STEPS), 1 + int((now - due) / pace))) if now > due else None
