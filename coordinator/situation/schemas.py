"""Shapes of situation reports."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from coordinator.fields import STATUS, Figure, Moment, Shape, Text
from coordinator.messages.models import KINDS as KINDS_OF_BULLETINS
from coordinator.messages.models import ORDERED, PRIORITIES
from coordinator.messages.presence import LIFE
from coordinator.operations.models import PHASES
from coordinator.situation.models import KINDS, LONGEST, SHORTEST

REMARKS = 2000
"""The most characters of remarks."""


def _one_of(values: tuple[str, ...], **options: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(values), **options)


def _maybe(values: tuple[str, ...]) -> fields.String:
    return fields.String(required=True, allow_none=True, validate=validate.OneOf((*values, None)))


def _units(about: str) -> fields.List:
    return fields.List(fields.String(), required=True, metadata={"description": about})


class SituationIn(Shape):
    kind = _one_of(KINDS, metadata={"description": "left out: initial for the first, update for later ones, final after a final one"})
    remarks = Text(REMARKS)


class ScheduleIn(Shape):
    every_minutes = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        validate=validate.Range(SHORTEST, LONGEST),
        metadata={"description": "how often the hub makes a report while the operation is live or stands down; null: never"},
    )


class ScheduleOut(ScheduleIn):
    next_at = Moment(required=True, allow_none=True, metadata={"description": "when the next one is due; null where none is"})


class SituationApproval(Shape):
    by = fields.String(required=True)
    at = Moment(required=True)


class SituationTold(Shape):
    id = fields.UUID(required=True)
    number = fields.Integer(required=True)


class SituationHead(Shape):
    number = fields.Integer(required=True)
    kind = _one_of(KINDS, required=True)
    position = fields.Integer(required=True)
    digest = fields.String(required=True, metadata={"description": "sha-256:<hex> of `report` as canonical JSON"})
    bulletin = fields.Nested(SituationTold, required=True, metadata={"description": "by which it was told"})
    prepared_by = fields.String(required=True)
    made_at = Moment(required=True)
    due_at = Moment(required=True, allow_none=True, metadata={"description": "when the schedule asked for it; null: someone did"})
    approved = fields.Nested(SituationApproval, required=True, allow_none=True)


class SituationOperation(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class SituationPeriod(Shape):
    from_ = Moment(required=True, data_key="from")
    to = Moment(required=True)
    from_position = fields.Integer(required=True)
    position = fields.Integer(required=True)


class SituationHeard(Shape):
    expected = fields.Integer(required=True)
    heard = fields.Integer(required=True)
    nil = _units("with nothing to report so far")


class SituationPart(Shape):
    category = fields.String(required=True)
    period = Figure(description="what is new in the period")
    total = Figure(description="to date")


class MeasureSaid(Shape):
    measure = fields.String(required=True)
    label = fields.String(required=True)
    unit_of_count = fields.String(required=True)
    period = Figure(description="what is new in the period")
    total = Figure(description="to date")
    unquantified = _units("of which some is not known yet")
    categories = fields.List(fields.Nested(SituationPart), required=True)


class SituationReduction(Shape):
    """An entry of the journal by which a figure fell."""

    position = fields.Integer(required=True)
    kind = _one_of(("correction", "withdrawal", "standing figure", "adjustment"), required=True)
    unit = fields.String(required=True)
    measure = fields.String(required=True)
    category = fields.String(required=True)
    before = Figure()
    after = Figure()
    change = Figure()
    reason = fields.String(required=True, allow_none=True)


class UnitFigure(Shape):
    measure = fields.String(required=True)
    period = Figure()
    total = Figure()
    unquantified = fields.Boolean(metadata={"description": "there where the unit has more of it than it can say yet"})


class LastWord(Shape):
    at = Moment(required=True)
    how = fields.String(required=True)


class UnitSaid(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    status = _maybe(LIFE)
    last_heard = fields.Nested(LastWord, required=True, allow_none=True)
    figures = fields.List(fields.Nested(UnitFigure), required=True, metadata={"description": "with all below it"})


class BulletinSaid(Shape):
    number = fields.Integer(required=True)
    kind = _one_of(KINDS_OF_BULLETINS, required=True)
    priority = _one_of(PRIORITIES, required=True)
    order = _maybe(ORDERED)
    acknowledge_by = Moment(required=True, allow_none=True)
    to_all = fields.Boolean(required=True)
    text = fields.String(required=True, allow_none=True, metadata={"description": "null where it was not said to all"})
    waiting = _units("who has not understood it yet, where it asks for that")
    late = _units("who should have answered by now")


class Situation(Shape):
    """What a report says: this never changes."""

    form = fields.String(required=True)
    operation = fields.Nested(SituationOperation, required=True)
    exercise = fields.Boolean(required=True)
    number = fields.Integer(required=True)
    kind = _one_of(KINDS, required=True)
    period = fields.Nested(SituationPeriod, required=True)
    seal = fields.String(required=True, allow_none=True, metadata={"description": "the journal's seal at the position"})
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    phase = _one_of(PHASES, required=True)
    prepared_by = fields.String(required=True)
    reporting = fields.Nested(SituationHeard, required=True)
    national = fields.List(fields.Nested(MeasureSaid), required=True)
    reductions = fields.List(fields.Nested(SituationReduction), required=True)
    units = fields.List(fields.Nested(UnitSaid), required=True)
    bulletins = fields.List(fields.Nested(BulletinSaid), required=True)
    remarks = fields.String(required=True, allow_none=True)


class SituationOut(SituationHead):
    report = fields.Nested(Situation, required=True)


class SituationList(Shape):
    items = fields.List(fields.Nested(SituationHead), required=True)
    next = fields.String(required=True, allow_none=True)
