"""Shapes of statistics."""

from __future__ import annotations

from marshmallow import fields, validate

from coordinator.fields import STATUS, Figure, Moment, Shape


class StatisticsQuery(Shape):
    at = fields.Integer(validate=validate.Range(0, 2**62), metadata={"description": "journal position; the present one when left out"})


class StatisticsRow(Shape):
    operation = fields.String(required=True)
    position = fields.Integer(required=True)
    status = fields.String(required=True)
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    kind = fields.String(required=True)
    parent = fields.String(required=True, allow_none=True)
    measure = fields.String(required=True)
    label = fields.String(required=True)
    category = fields.String(required=True)
    quantity = Figure()
    unit_of_count = fields.String(required=True)
    assisted = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string"]})
    note = fields.String(required=True)


class Statistics(Shape):
    operation = fields.String(required=True)
    position = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    generated_at = Moment(required=True)
    rows = fields.List(fields.Nested(StatisticsRow), required=True)
