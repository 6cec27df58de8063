"""Shapes of operations, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from coordinator.fields import Flag, Moment, Separately, Shape, Text, Zone, measure_code, operation_code, unit_code
from coordinator.operations.models import PHASES

KINDS = ("jurisdiction", "agency", "site")


NOT_ALL = validate.NoneOf(["all"], error="all stands for a measure's total in statistics: choose another name.")


class UnitIn(Shape):
    code = unit_code(required=True)
    name = Text(200, required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    parent = unit_code(allow_none=True)
    level = Text(60, allow_none=True)
    time_zone = Zone(allow_none=True)
    expected = Flag()
    conducted_separately = fields.Nested(Separately, allow_none=True)


class UnitOut(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf((*KINDS, "unattributed")))
    parent = fields.String(required=True, allow_none=True)
    level = fields.String(required=True, allow_none=True)
    time_zone = fields.String(required=True, allow_none=True)
    expected = fields.Boolean(required=True)
    conducted_separately = fields.Nested(Separately, required=True, allow_none=True)


class MeasureIn(Shape):
    code = measure_code(required=True)
    label = Text(200, required=True)
    unit = Text(40, required=True, metadata={"description": "unit of count: persons, cases, USD, kg"})
    scale = fields.Integer(strict=True, validate=validate.Range(0, 6), metadata={"description": "decimal places"})
    definition = Text(2000, allow_none=True)
    categories = fields.List(
        Text(80, validate=[validate.NoneOf(["all"], error="'all' stands for a measure's total.")]), validate=validate.Length(0, 100)
    )


class MeasureOut(Shape):
    code = fields.String(required=True)
    label = fields.String(required=True)
    unit = fields.String(required=True)
    scale = fields.Integer(required=True)
    definition = fields.String(required=True, allow_none=True)
    categories = fields.List(fields.String(), required=True)


class RuleShape(Shape):
    code = Text(63, required=True)
    expression = Text(300, required=True)
    message = Text(300, required=True)


class DerivedShape(Shape):
    code = measure_code(required=True)
    label = Text(200, required=True)
    expression = Text(300, required=True)


class HeadlineShape(Shape):
    code = Text(63, required=True)
    text = Text(
        500,
        required=True,
        metadata={
            "description": "a sentence with figures in braces: {victims_rescued} victims rescued, of whom {victims_rescued.minor} minors"
        },
    )


class _Parts(Shape):
    measures = fields.List(fields.Nested(MeasureIn), validate=validate.Length(0, 200))
    rules = fields.List(fields.Nested(RuleShape), validate=validate.Length(0, 100))
    derived = fields.List(fields.Nested(DerivedShape), validate=validate.Length(0, 100))
    headlines = fields.List(fields.Nested(HeadlineShape), validate=validate.Length(0, 50))
    units = fields.List(fields.Nested(UnitIn), validate=validate.Length(0, 5000))


class OperationIn(_Parts):
    code = operation_code(required=True)
    name = Text(200, required=True)
    time_zone = Zone(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reporting_interval_minutes = fields.Integer(strict=True, load_default=60, validate=validate.Range(1, 10080))
    exercise = Flag(load_default=False)
    measures = fields.List(fields.Nested(MeasureIn), required=True, validate=validate.Length(1, 200))


class Removal(Shape):
    units = fields.List(unit_code(), validate=validate.Length(0, 1000))
    measures = fields.List(measure_code(), validate=validate.Length(0, 200))
    rules = fields.List(Text(63), validate=validate.Length(0, 100))
    derived = fields.List(measure_code(), validate=validate.Length(0, 100))
    headlines = fields.List(Text(63), validate=validate.Length(0, 50))


class OperationChange(_Parts):
    name = Text(200)
    time_zone = Zone()
    starts_at = Moment()
    ends_at = Moment()
    reporting_interval_minutes = fields.Integer(strict=True, validate=validate.Range(1, 10080))
    remove = fields.Nested(Removal)
    version = fields.Integer(
        strict=True, metadata={"description": "the version the change was made from; where it is another by now, 409 operation-changed"}
    )


class PhaseIn(Shape):
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))


class OperationHead(Shape):
    """An operation in a list."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reporting_interval_minutes = fields.Integer(required=True)
    exercise = fields.Boolean(required=True)
    exercise_of = fields.String(required=True, allow_none=True, metadata={"description": "the operation that this exercise rehearses"})
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    version = fields.Integer(required=True, metadata={"description": "grows with every change, phases included"})
    live_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)


class OperationOut(OperationHead):
    measures = fields.List(fields.Nested(MeasureOut), required=True)
    letters = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "by measure and category, the letter a figure is said with in a spoken line; it stays"},
    )
    rules = fields.List(fields.Nested(RuleShape), required=True)
    derived = fields.List(fields.Nested(DerivedShape), required=True)
    headlines = fields.List(fields.Nested(HeadlineShape), required=True)
    units = fields.List(fields.Nested(UnitOut), required=True)
    rules_version = fields.Integer(
        metadata={"description": "the version of its briefing whose counting rules whoever posts has acknowledged; absent: nobody is asked"}
    )


class TemplateOut(Shape):
    template = fields.String(required=True, metadata={"description": "its name in /templates/{template}"})
    name = fields.String(required=True)
    jurisdictions = fields.Integer(required=True)
    measures = fields.List(fields.String(), required=True, metadata={"description": "their labels"})


class TemplateList(Shape):
    items = fields.List(fields.Nested(TemplateOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OperationList(Shape):
    items = fields.List(fields.Nested(OperationHead), required=True)
    next = fields.String(required=True, allow_none=True)


class ExerciseIn(Shape):
    starts_at = Moment(load_default=None, allow_none=True, metadata={"description": "when its window begins; now, unless said"})


class ExerciseMade(OperationOut):
    invitation = fields.String(required=True, metadata={"description": "the link by which whoever made it becomes its desk: shown once"})


class Signed(Shape):
    by = fields.String(required=True)
    at = Moment(required=True)


class ZeroOut(Shape):
    needed = fields.Boolean(required=True, metadata={"description": "it was rehearsed: live comes only after this is signed"})
    signed = fields.Nested(Signed, required=True, allow_none=True)
    standing = fields.List(fields.UUID(), required=True, metadata={"description": "reports that stand; the first ten"})
