"""Shapes of reconciliation, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.fields import Figure, Moment, Quantity, Shape, Text, measure_code, unit_code
from coordinator.operations.models import UNSPECIFIED

MOST_FIGURES = 200


def _position(**kwargs: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(0, 2**62), **kwargs)


class ReconciliationQuery(Shape):
    at = _position(metadata={"description": "journal position; the present one when left out"})
    since = _position(metadata={"description": "journal position, such as a release's: what has changed since is checked too"})


class FinalIn(Shape):
    measure = measure_code(required=True)
    category = Text(80, load_default=UNSPECIFIED)
    quantity = Quantity()
    unquantified = Text(200)

    @validates_schema(skip_on_field_errors=True)
    def one_of(self, data: dict[str, Any], **_: object) -> None:
        if ("quantity" in data) == ("unquantified" in data):
            raise ValidationError("A final has either a quantity or, where it can't be said, words as unquantified.")


class FinalsIn(Shape):
    unit = unit_code(required=True)
    figures = fields.List(fields.Nested(FinalIn), required=True, validate=validate.Length(1, MOST_FIGURES))


class TakingIn(Shape):
    unit = unit_code(required=True)
    measure = measure_code(metadata={"description": "this measure alone"})
    category = Text(80, metadata={"description": "this category alone"})


class ExplanationIn(Shape):
    check = Text(400, required=True)
    text = Text(1000, required=True)
    inputs = Text(64, load_default=None, allow_none=True, metadata={"description": "inputs_digest of the check as it was read"})
    since = _position(load_default=None, allow_none=True, metadata={"description": "as the reconciliation was read"})


class AdjustmentIn(Shape):
    measure = measure_code(required=True)
    category = Text(80, load_default=UNSPECIFIED)
    sources = fields.List(unit_code(), required=True, validate=validate.Length(2, 50))
    method = fields.String(required=True, validate=validate.OneOf(("sum", "maximum", "number")))
    number = Quantity(load_default=None, allow_none=True)
    reason = Text(500, required=True)

    @validates_schema(skip_on_field_errors=True)
    def each_once(self, data: dict[str, Any], **_: object) -> None:
        if len(set(data["sources"])) < len(data["sources"]):
            raise ValidationError("Names a unit twice.", "sources")
        if (data["number"] is None) == (data["method"] == "number"):
            raise ValidationError("A number goes with the method number, and with no other.", "number")


class ReasonIn(Shape):
    reason = Text(500, required=True)


class ControlIn(Shape):
    measure = measure_code(required=True)
    category = Text(80, load_default=None, allow_none=True, metadata={"description": "the whole measure when left out"})
    quantity = Quantity(required=True)
    source = Text(200, required=True)


class AttributionIn(Shape):
    unit = unit_code(required=True)


class Said(Shape):
    """Who said something, in what role, and when."""

    name = fields.String(required=True)
    role = fields.String(required=True)
    at = Moment(required=True)


class FinalOut(Shape):
    measure = fields.String(required=True)
    category = fields.String(required=True)
    quantity = fields.Raw(metadata={"type": ["integer", "string"]})
    unquantified = fields.String()


class Finals(Shape):
    unit = fields.String(required=True)
    position = fields.Integer(required=True)
    figures = fields.List(fields.Nested(FinalOut), required=True)


class InputOut(Shape):
    name = fields.String(required=True)
    value = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string", "boolean", "null"]})


class ExplanationOut(Said):
    text = fields.String(required=True)
    position = fields.Integer(required=True)
    current = fields.Boolean(required=True, metadata={"description": "whether it is of the inputs as they are now"})


class CheckOut(Shape):
    id = fields.String(required=True)
    code = fields.String(required=True)
    subject = fields.String(required=True)
    units = fields.List(fields.String(), required=True)
    measure = fields.String(required=True, allow_none=True)
    category = fields.String(required=True, allow_none=True)
    inputs = fields.List(fields.Nested(InputOut), required=True)
    inputs_digest = fields.String(required=True)
    formula = fields.String(required=True)
    tolerance = fields.Integer(required=True)
    holds = fields.Boolean(required=True)
    why = fields.String(required=True)
    settled = fields.Boolean(required=True)
    settled_by = fields.String(required=True, allow_none=True, validate=validate.OneOf(("explanation", "adjustment")))
    explanation = fields.Nested(ExplanationOut, required=True, allow_none=True)


class OpenOut(Shape):
    code = fields.String(required=True)
    subject = fields.String(required=True)
    detail = fields.String(required=True)
    check = fields.String(required=True)
    units = fields.List(fields.String(), required=True)


class RowOut(Shape):
    unit = fields.String(required=True)
    unit_name = fields.String(required=True)
    measure = fields.String(required=True)
    category = fields.String(required=True)
    reported = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string", "null"]})
    unquantified = fields.Boolean(required=True)
    final = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string", "null"]})
    words = fields.String(required=True, allow_none=True)
    stated = fields.Nested(Said, required=True, allow_none=True)
    difference = fields.Raw(required=True, allow_none=True, metadata={"type": ["integer", "string", "null"]})
    check = fields.String(required=True, allow_none=True)
    explanation = fields.String(required=True, allow_none=True)
    settled = fields.Boolean(required=True)


class ControlOut(Said):
    id = fields.UUID(required=True)
    measure = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    quantity = Figure()
    national = Figure()
    remainder = Figure()
    source = fields.String(required=True)
    position = fields.Integer(required=True)


class ControlList(Shape):
    items = fields.List(fields.Nested(ControlOut), required=True)


class SourceOut(Shape):
    unit = fields.String(required=True)
    quantity = Figure()


class FallenOut(Said):
    reason = fields.String(required=True)
    position = fields.Integer(required=True)


class AdjustmentOut(Said):
    id = fields.UUID(required=True, metadata={"description": "of its report, at the unit OVERLAP"})
    measure = fields.String(required=True)
    category = fields.String(required=True)
    method = fields.String(required=True)
    sources = fields.List(fields.Nested(SourceOut), required=True)
    result = Figure()
    reduction = Figure()
    reason = fields.String(required=True)
    position = fields.Integer(required=True)
    standing = fields.Boolean(required=True)
    fallen = fields.Nested(FallenOut, required=True, allow_none=True)


class Reconciliation(Shape):
    operation = fields.String(required=True)
    position = fields.Integer(required=True)
    phase = fields.String(required=True)
    open = fields.List(fields.Nested(OpenOut), required=True)
    rows = fields.List(fields.Nested(RowOut), required=True)
    checks = fields.List(fields.Nested(CheckOut), required=True)
    controls = fields.List(fields.Nested(ControlOut), required=True)
    adjustments = fields.List(fields.Nested(AdjustmentOut), required=True)


class TakenWarning(Shape):
    code = fields.String(required=True)
    detail = fields.String(required=True)


class TakenReceipt(Shape):
    """The receipt of the report that was posted."""

    id = fields.UUID(required=True)
    unit = fields.String(required=True)
    received_at = Moment(required=True)
    digest = fields.String(required=True)
    warnings = fields.List(fields.Nested(TakenWarning), required=True)
