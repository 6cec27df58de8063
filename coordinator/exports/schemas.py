"""Shapes of statistics."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.exports.formats import FORMATS
from coordinator.exports.hiding import NATION, NOTHING, UNITS, WHOLE
from coordinator.fields import STATUS, Flag, Moment, Shape

SHAPES = (WHOLE, UNITS, NATION, NOTHING)


class StatisticsQuery(Shape):
    at = fields.Integer(validate=validate.Range(0, 2**62), metadata={"description": "journal position; the present one when left out"})
    release = fields.Integer(validate=validate.Range(1, 2**31), metadata={"description": "number of a release, instead of a position"})

    public = fields.Boolean(
        load_default=False,
        truthy={"true", True},
        falsy={"false", False},
        metadata={"description": "the public form, with small counts hidden, where one was published"},
    )

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


class Place(Shape):
    at = fields.Integer(strict=True, validate=validate.Range(0, 2**62))
    release = fields.Integer(strict=True, validate=validate.Range(1, 2**31))

    @validates_schema
    def one_place(self, data: dict, **_: object) -> None:
        if "at" in data and "release" in data:
            raise ValidationError("Name a position or a release, not both.", "release")


class PublishedMeasure(Shape):
    measure = fields.String(required=True)
    shows = fields.String(required=True, validate=validate.OneOf(SHAPES))
    categories = fields.Boolean(required=True)
    hidden = fields.Integer(required=True, metadata={"description": "units hidden, each with all below it"})


class PublicationOut(Shape):
    position = fields.Integer(required=True)
    release = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True, metadata={"description": "who published it"})
    published_at = Moment(required=True)
    digest = fields.String(required=True, metadata={"description": "sha-256:<hex> of its rows as canonical JSON"})
    measures = fields.List(fields.Nested(PublishedMeasure), required=True)


class PublicationList(Shape):
    items = fields.List(fields.Nested(PublicationOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ExportIn(Place):
    format = fields.String(required=True, validate=validate.OneOf(list(FORMATS)))
    public = Flag(load_default=False)


class ExportOut(Shape):
    id = fields.UUID(required=True)
    format = fields.String(required=True)
    position = fields.Integer(required=True)
    release = fields.Integer(required=True, allow_none=True)
    public = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["waiting", "working", "ready", "failed"]))
    progress = fields.Float(required=True, metadata={"description": "0 to 1"})
    asked_at = Moment(required=True)
    expires_at = Moment(required=True)
    download = fields.String(required=True, allow_none=True, metadata={"description": "where the file is, once it is ready"})


class ExportList(Shape):
    items = fields.List(fields.Nested(ExportOut), required=True)
    next = fields.String(required=True, allow_none=True)
