"""Shapes of totals, series and sources."""

from __future__ import annotations

from marshmallow import fields, validate

from coordinator.fields import STATUS, Figure, Moment, Page, Separately, Shape, Text, measure_code, unit_code
from coordinator.operations.models import PHASES


def Categories() -> fields.Dict:
    """Category name -> figure, of those anyone has reported."""
    return fields.Dict(keys=fields.String(), values=Figure(), required=True)


def ByDesk() -> fields.Raw:
    """Part of a total."""
    return Figure(
        required=False,
        description="how much of the total the desk entered for units on the telephone: of each cell the standing figure, if the desk"
        " entered it, and the increments after it that the desk entered; absent where there is no figure",
    )


class NationalMeasure(Shape):
    total = Figure(description="every person once: the sum of all jurisdictions, UNATTRIBUTED and OVERLAP")
    by_desk = ByDesk()
    credited = Figure(
        description="the sum of every unit's assisted. total is the nation's book, each counted where it was led; total + credited is"
        " the book of taking part, where each unit counts all it took part in: never add it up to a nation"
    )
    categories = Categories()
    last_15_minutes = Figure()
    last_60_minutes = Figure()
    overlap = Figure(
        required=False, description="what adjustments take out, 0 or below as a rule: total = all jurisdictions + UNATTRIBUTED + OVERLAP"
    )
    unquantified = fields.List(fields.String(), required=True, metadata={"description": "units that have some and can't say yet how much"})


class UnitMeasure(Shape):
    total = Figure()
    by_desk = ByDesk()
    own = Figure()
    assisted = Figure(
        description="credit alone, in no total: increments of other units that name it as assisting, and its own for joint actions that"
        " another unit leads; withdrawn and corrected ones aside, covered by a standing figure or not; not of units below"
    )
    categories = Categories()
    unquantified = fields.Boolean(required=True)


class UnitTotals(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("jurisdiction", "agency", "site", "unattributed", "overlap")))
    parent = fields.String(required=True, allow_none=True)
    level = fields.String(required=True, allow_none=True)
    conducted_separately = fields.Nested(Separately, required=True, allow_none=True)
    last_report_at = Moment(required=True, allow_none=True)
    measures = fields.Dict(keys=fields.String(), values=fields.Nested(UnitMeasure), required=True)


class RuleOutcome(Shape):
    code = fields.String(required=True)
    message = fields.String(required=True)
    holds = fields.Boolean(required=True)
    units = fields.Dict(keys=fields.String(), values=fields.Boolean(), required=True)


class Reporting(Shape):
    expected = fields.Integer(required=True)
    heard = fields.Integer(required=True)
    overdue = fields.List(fields.String(), required=True)
    nil = fields.List(fields.String(), required=True)


class Alarm(Shape):
    code = fields.String(required=True)
    detail = fields.String(required=True)
    at = Moment(required=True)
    position = fields.Integer(required=True)
    differences = fields.List(fields.Dict(), required=True)


class Totals(Shape):
    operation = fields.String(required=True)
    position = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    generated_at = Moment(required=True)
    reporting = fields.Nested(Reporting, required=True)
    national = fields.Dict(keys=fields.String(), values=fields.Nested(NationalMeasure), required=True)
    derived = fields.Dict(keys=fields.String(), values=Figure(), required=True)
    rules = fields.List(fields.Nested(RuleOutcome), required=True)
    units = fields.List(fields.Nested(UnitTotals), required=True)
    alarms = fields.List(fields.Nested(Alarm))
    as_of = Moment(allow_none=True)
    at = fields.Integer(allow_none=True)


class TotalsQuery(Shape):
    as_of = Moment()
    at = fields.Integer(validate=validate.Range(0, 2**62))


class SeriesQuery(Shape):
    measure = measure_code(required=True)
    category = Text(80)
    unit = unit_code()
    step = fields.String(load_default="15m", validate=validate.Length(2, 6))
    from_ = Moment(data_key="from", attribute="from")
    to = Moment()


class Series(Shape):
    step = fields.String(required=True)
    measure = fields.String(required=True)
    unit = fields.String(required=True, allow_none=True)
    points = fields.List(
        fields.List(fields.Raw(), metadata={"minItems": 3, "maxItems": 3}),
        required=True,
        metadata={"description": "start of the step, new in it, standing at its end"},
    )


class SourcesQuery(Page):
    measure = measure_code(required=True)
    category = Text(80)
    unit = unit_code()
    as_of = Moment()
    at = fields.Integer(validate=validate.Range(0, 2**62))


class SourceAuthor(Shape):
    name = fields.String(required=True)
    role = fields.String(required=True)


class Source(Shape):
    report = fields.UUID(required=True)
    position = fields.Integer(required=True)
    number = fields.Integer(required=True, metadata={"description": "which line of its report, from 0"})
    unit = fields.String(required=True)
    category = fields.String(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(("increment", "to_date")))
    observed_at = Moment(required=True)
    received_at = Moment(required=True)
    author = fields.Nested(SourceAuthor, required=True)
    channel = fields.String(required=True)
    quantity = fields.Raw(
        required=True, allow_none=True, metadata={"type": ["integer", "string", "null"], "description": "null: how much is not known yet"}
    )
    unquantified = fields.String(required=True, allow_none=True)
    adds = Figure()
    state = fields.String(
        required=True,
        validate=validate.OneOf(("counts", "covered", "credited", "corrected", "withdrawn")),
        metadata={
            "description": "covered: a later to-date figure of the cell stands for it; credited: another unit leads its joint action"
        },
    )
    note = fields.String(required=True, allow_none=True)
    corrects = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    dropped_because = fields.String(required=True, allow_none=True)


class Sources(Shape):
    unit = fields.String(required=True, allow_none=True)
    measure = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    total = Figure()
    count = fields.Integer(required=True)
    items = fields.List(fields.Nested(Source), required=True)
    next = fields.String(required=True, allow_none=True)
