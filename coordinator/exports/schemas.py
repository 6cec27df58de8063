"""Shapes of statistics."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.fields import STATUS, Moment, Shape


class StatisticsQuery(Shape):
    at = fields.Integer(validate=validate.Range(0, 2**62), metadata={"description": "journal position; the present one when left out"})
    release = fields.Integer(validate=validate.Range(1, 2**31), metadata={"description": "number of a release, instead of a position"})

    @validates_schema
    def one_place(self, data: dict, **_: object) -> None:
        if "at" in data and "release" in data:
            raise ValidationError("Ask for a position or for a release, not for both.", "release")


class Heard(Shape):
    expected = fields.Integer(required=True)
    heard = fields.Integer(required=True)


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
    quantity = fields.Raw(
        required=True,
        allow_none=True,
        metadata={"type": ["integer", "string", "null"], "description": "null where a public form hides it"},
    )
    unit_of_count = fields.String(required=True)
    assisted = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string"]})
    note = fields.String(required=True)


class Statistics(Shape):
    operation = fields.String(required=True)
    position = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    generated_at = Moment(required=True, metadata={"description": "when the journal came to the position"})
    release = fields.Integer(required=True, allow_none=True)
    public = fields.Boolean(required=True)
    reporting = fields.Nested(Heard, required=True)
    digest = fields.String(required=True, metadata={"description": "sha-256:<hex> of rows as canonical JSON, or of the release"})
    rows = fields.List(fields.Nested(StatisticsRow), required=True)
