"""The shapes of messages."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from coordinator.fields import Moment, Page, Shape, Text, unit_code
from coordinator.messages.models import ANSWERS, KINDS, ORDERED, OUTCOMES, PRIORITIES
from coordinator.messages.presence import LIFE, STEPS
from coordinator.messages.sentences import KINDS as KINDS_OF_LOG
from coordinator.operations.models import PHASES

TEXT, REASON = 2000, 500
"""The most characters of a bulletin, and of what is said about one."""


def _one_of(values: tuple[str, ...], **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **options)


def _maybe(values: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, allow_none=True, validate=validate.OneOf((*values, None)))


class BulletinIn(Shape):
    kind = _one_of(KINDS, load_default="alert")
    priority = _one_of(PRIORITIES, load_default="routine")
    text = Text(TEXT, required=True)
    units = fields.List(
        unit_code(),
        validate=validate.Length(1, 500),
        metadata={"description": "to these; left out, to all, or to whoever had what it supersedes"},
    )
    supersedes = fields.UUID(metadata={"description": "the bulletin that it updates or cancels"})
    acknowledge_by = Moment(metadata={"description": "asks each unit for an acknowledgement by then; left out, it asks for none"})


class BulletinName(Shape):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True)


class GivenOut(Shape):
    name = fields.String(required=True, metadata={"description": "the liaison"})
    way = fields.String(required=True, metadata={"description": "stream, page or api"})
    at = Moment(required=True)


class AskedOut(Shape):
    """What a unit made of a bulletin."""

    unit = fields.String(required=True)
    name = fields.String(required=True)
    answer = _maybe(ANSWERS)
    reason = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True, metadata={"description": "telephone: the desk answered for the unit"})
    by = fields.String(required=True, allow_none=True)
    at = Moment(required=True, allow_none=True)
    late = fields.Boolean(required=True)
    still_on = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the number of the superseded bulletin it acknowledged last"}
    )
    given = fields.List(fields.Nested(GivenOut), required=True, metadata={"description": "who has it, since when and how"})


class ThreadMessage(Shape):
    unit = fields.String(required=True)
    text = fields.String(required=True)
    from_unit = fields.Boolean(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class BulletinOut(Shape):
    """A bulletin; ``asked`` and ``messages`` are of the units that the caller speaks for."""

    id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    kind = _one_of(KINDS, required=True)
    priority = _one_of(PRIORITIES, required=True)
    text = fields.String(required=True)
    to_all = fields.Boolean(required=True)
    units = fields.List(fields.String(), required=True)
    acknowledge_by = Moment(required=True, allow_none=True)
    order = _maybe(ORDERED)
    exercise = fields.Boolean(required=True)
    status = _one_of(("current", "superseded", "cancelled"), required=True)
    supersedes = fields.Nested(BulletinName, required=True, allow_none=True)
    superseded_by = fields.Nested(BulletinName, required=True, allow_none=True)
    by = fields.String(required=True)
    at = Moment(required=True)
    asked = fields.List(fields.Nested(AskedOut), required=True)
    acknowledged = fields.Integer(required=True)
    messages = fields.List(fields.Nested(ThreadMessage), required=True)


class BulletinQuery(Page):
    current = fields.Boolean(load_default=False, metadata={"description": "only those that stand"})


class BulletinList(Shape):
    items = fields.List(fields.Nested(BulletinOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AcknowledgementIn(Shape):
    unit = unit_code(required=True)
    answer = _one_of(ANSWERS, required=True)
    reason = Text(REASON, metadata={"description": "why it can't be done, or what the question is"})


class AcknowledgementOut(Shape):
    bulletin = fields.UUID(required=True)
    number = fields.Integer(required=True)
    unit = fields.String(required=True)
    answer = _one_of(ANSWERS, required=True)
    reason = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class ThreadMessageIn(Shape):
    unit = unit_code(required=True)
    text = Text(REASON, required=True)


class ContactShape(Shape):
    """Whom to call tonight: seen by the desk and the unit itself, and forgotten when the operation is archived."""

    name = Text(80, required=True)
    telephone = Text(40, required=True)
    alternate = Text(80, allow_none=True)
    alternate_telephone = Text(40, allow_none=True)


class CheckInIn(Shape):
    unit = unit_code(required=True)
    contact = fields.Nested(ContactShape)


class ContactIn(Shape):
    unit = unit_code(required=True)
    contact = fields.Nested(ContactShape, required=True)


class CheckInOut(Shape):
    unit = fields.String(required=True)
    channel = fields.String(required=True, metadata={"description": "telephone: the desk did it for the unit"})
    by = fields.String(required=True)
    at = Moment(required=True)


class CallIn(Shape):
    unit = unit_code(required=True)
    outcome = _one_of(OUTCOMES, required=True)
    note = Text(REASON)


class CallOut(Shape):
    unit = fields.String(required=True)
    outcome = _one_of(OUTCOMES, required=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class IntervalIn(Shape):
    unit = unit_code(required=True)
    minutes = fields.Integer(required=True, strict=True, allow_none=True, validate=validate.Range(1, 10080))


class WordOut(Shape):
    at = Moment(required=True)
    how = _one_of(("report", "nil", "message", "check-in"), required=True)


class AlarmOut(Shape):
    why = _one_of(("overdue", "acknowledgement"), required=True)
    bulletin = fields.Integer(required=True, allow_none=True)
    due_at = Moment(required=True)
    step = fields.Integer(required=True)
    whom = _one_of(STEPS, required=True, metadata={"description": "whom the alarm has reached"})


class LastCall(Shape):
    at = Moment(required=True)
    outcome = _one_of(OUTCOMES, required=True)
    note = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)


class ContactOut(Shape):
    name = fields.String(required=True)
    telephone = fields.String(required=True)
    alternate = fields.String(required=True, allow_none=True)
    alternate_telephone = fields.String(required=True, allow_none=True)


class UnitPresence(Shape):
    unit = fields.String(required=True)
    name = fields.String(required=True)
    status = _one_of(LIFE, required=True)
    checked_in_at = Moment(required=True, allow_none=True)
    last_heard = fields.Nested(WordOut, required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    interval_minutes = fields.Integer(required=True)
    alarms = fields.List(fields.Nested(AlarmOut), required=True)
    unanswered = fields.List(fields.Nested(BulletinName), required=True, metadata={"description": "bulletins that stand, not answered"})
    last_call = fields.Nested(LastCall, required=True, allow_none=True)
    contact = fields.Nested(ContactOut, required=True, allow_none=True)


class Presence(Shape):
    operation = fields.String(required=True)
    phase = _one_of(PHASES, required=True)
    generated_at = Moment(required=True)
    items = fields.List(fields.Nested(UnitPresence), required=True)
    to_call = fields.List(fields.String(), required=True, metadata={"description": "whom the desk is to call, the longest wait first"})


class StandDownIn(Shape):
    reason = Text(REASON, required=True)


class Closing(Shape):
    reason = fields.String(required=True)
    missing = fields.List(fields.String(), required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class StandDownOut(Shape):
    state = _one_of(("not ordered", "under way", "over", "closed"), required=True)
    order = fields.Nested(BulletinName, required=True, allow_none=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "units that have not understood the order"})
    closed = fields.Nested(Closing, required=True, allow_none=True)


class LogFilter(Shape):
    since = Moment()
    kind = _one_of(KINDS_OF_LOG)
    unit = unit_code()


class LogQuery(LogFilter, Page):
    pass


class LogEntry(Shape):
    at = Moment(required=True)
    kind = fields.String(required=True)
    who = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    what = fields.String(required=True)
    report = fields.UUID(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)


class Log(Shape):
    items = fields.List(fields.Nested(LogEntry), required=True)
    next = fields.String(required=True, allow_none=True)


class Practised(Shape):
    unit = fields.String(required=True)
    name = fields.String(required=True)
    reported = fields.Boolean(required=True)
    acknowledged = fields.Boolean(required=True)


class Practice(Shape):
    operation = fields.String(required=True)
    exercises = fields.List(fields.String(), required=True, metadata={"description": "where it was looked"})
    units = fields.List(fields.Nested(Practised), required=True, metadata={"description": "those that are expected to report"})
    missing = fields.List(fields.String(), required=True)
