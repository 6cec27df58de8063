"""Shapes of reports, in and out."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.fields import Flag, Moment, Page, Quantity, Shape, Text, measure_code, unit_code
from coordinator.operations.models import UNSPECIFIED
from coordinator.reports import spoken
from coordinator.reports.models import KINDS
from coordinator.reports.plain import MOST_LINES

TELEPHONE = "telephone"
"""The one channel a body may name; all others follow from who sends it. Left out, it leaves no trace in what a key stands for."""


class SpokenCode(fields.String):
    """A joint action's code as it was heard; loads to how it is written."""

    def __init__(self, **kwargs: Any) -> None:
        described = "as it was heard: any case, O for 0, I or L for 1, with or without the hyphen; the last symbol checks the others"
        super().__init__(metadata={"description": described, "example": "7K2M-X", "maxLength": 20}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return spoken.read(str(super()._deserialize(value, attr, data, **kwargs)))
        except ValueError as problem:
            raise ValidationError(str(problem)) from None


class LineIn(Shape):
    measure = measure_code(required=True)
    category = Text(80, load_default=UNSPECIFIED)
    quantity = Quantity()
    unquantified = Text(200)
    assisting = fields.List(unit_code(), load_default=list, validate=validate.Length(0, 50))

    @validates_schema(skip_on_field_errors=True)
    def one_of(self, data: dict[str, Any], **_: object) -> None:
        if ("quantity" in data) == ("unquantified" in data):
            raise ValidationError("A line has either a quantity or, where it is not known yet, unquantified.")


class ReportIn(Shape):
    unit = unit_code(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(("increment", "to_date")))
    observed_at = Moment(required=True)
    lines = fields.List(fields.Nested(LineIn), required=True, validate=validate.Length(0, MOST_LINES))
    nil = Flag(load_default=False)
    note = Text(1000, load_default=None, allow_none=True)
    corrects = fields.UUID(load_default=None, allow_none=True)
    reason = Text(500, load_default=None, allow_none=True)
    joint_action = SpokenCode()
    channel = fields.String(
        validate=validate.OneOf((TELEPHONE,)), metadata={"description": "only the desk: what it enters for a unit that called"}
    )

    @validates_schema(skip_on_field_errors=True)
    def says_something(self, data: dict[str, Any], **_: object) -> None:
        if data["nil"] and data["lines"]:
            raise ValidationError("A nil report has no lines.", "nil")
        if not data["nil"] and not data["lines"]:
            raise ValidationError('No lines. Where there is nothing new, say so with "nil": true.', "lines")

    @validates_schema(skip_on_field_errors=True)
    def reason_of_a_correction(self, data: dict[str, Any], **_: object) -> None:
        if data["corrects"] and not data["reason"]:
            raise ValidationError("A correction needs a reason.", "reason")
        if data["reason"] and not data["corrects"]:
            raise ValidationError("A reason belongs to a correction: name the report it corrects.", "reason")


class WithdrawalIn(Shape):
    reason = Text(500, required=True)


class Warning(Shape):
    code = fields.String(required=True)
    detail = fields.String(required=True)


class Receipt(Shape):
    id = fields.UUID(required=True)
    unit = fields.String(required=True)
    received_at = Moment(required=True)
    digest = fields.String(required=True, metadata={"example": "sha-256:9f2c..."})
    warnings = fields.List(fields.Nested(Warning), required=True)


class LineOut(Shape):
    measure = fields.String(required=True)
    category = fields.String(required=True)
    quantity = fields.Raw(
        metadata={"description": "an integer, or a decimal string for a measure with a scale", "type": ["integer", "string"]}
    )
    unquantified = fields.String()
    assisting = fields.List(fields.String())


class Withdrawal(Shape):
    id = fields.UUID(required=True)
    reason = fields.String(required=True)
    received_at = Moment(required=True)
    author = fields.String(required=True)
    position = fields.Integer(required=True, allow_none=True)


class Author(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)


class JointActionIn(Shape):
    unit = unit_code(required=True, metadata={"description": "the unit that leads: what comes of it counts there, and there alone"})
    name = Text(200, required=True)


class JointActionOut(Shape):
    code = fields.String(required=True, metadata={"example": "7K2M-X"})
    unit = fields.String(required=True)
    name = fields.String(required=True)
    opened_at = Moment(required=True)
    opened_by = fields.String(required=True, allow_none=True)


class JointActionList(Shape):
    items = fields.List(fields.Nested(JointActionOut), required=True)
    next = fields.String(required=True, allow_none=True)


def Named() -> fields.String:
    """The code of the joint action that a report names."""
    return fields.String(required=True, allow_none=True, metadata={"description": "the code of the joint action it names"})


def Credit() -> fields.Boolean:
    """Whether a report is mere credit."""
    return fields.Boolean(
        required=True, metadata={"description": "another unit leads that joint action: it moves no figure and is credited to its unit"}
    )


def RulesVersion() -> fields.Integer:
    """The version of the counting rules something was counted under."""
    return fields.Integer(metadata={"description": "the version of the briefing by whose counting rules it was counted, if any"})


class ReportOut(Shape):
    id = fields.UUID(required=True)
    unit = fields.String(required=True)
    basis = fields.String(required=True, validate=validate.OneOf(("increment", "to_date")))
    observed_at = Moment(required=True)
    received_at = Moment(required=True)
    lines = fields.List(fields.Nested(LineOut), required=True)
    nil = fields.Boolean(required=True)
    note = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True, metadata={"description": "the journal number, null until folded"})
    status = fields.String(required=True, validate=validate.OneOf(("current", "corrected", "withdrawn")))
    author = fields.Nested(Author, required=True)
    channel = fields.String(required=True)
    corrects = fields.UUID(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    corrected_by = fields.UUID(required=True, allow_none=True)
    withdrawal = fields.Nested(Withdrawal, required=True, allow_none=True)
    joint_action = Named()
    credit = Credit()
    digest = fields.String(required=True)
    warnings = fields.List(fields.Nested(Warning), required=True)
    rules_version = RulesVersion()


class ReportList(Shape):
    items = fields.List(fields.Nested(ReportOut), required=True)
    next = fields.String(required=True, allow_none=True)


class ReportQuery(Page):
    unit = unit_code()
    author = fields.UUID()
    idempotency_key = Text(255, metadata={"description": "the report that was posted with this key, if it was"})
    since = Moment()
    at = fields.Integer(validate=validate.Range(0, 2**62), metadata={"description": "in the journal at this position or before"})
    as_of = Moment(metadata={"description": "observed at or before"})


class JournalQuery(Page):
    unit = unit_code(metadata={"description": "with all below it"})
    kind = fields.String(validate=validate.OneOf(KINDS))
    since = Moment(metadata={"description": "known to the hub at or after (folded_at)"})
    order = fields.String(load_default="newest", validate=validate.OneOf(("newest", "oldest")))


class Superseded(Shape):
    """The report that an entry corrects or withdraws."""

    id = fields.UUID(required=True)
    position = fields.Integer(required=True)


class SupersededBy(Shape):
    """The correction or withdrawal of an entry's report; its position is null until it is folded."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS[1:]))
    position = fields.Integer(required=True, allow_none=True)


class EntryOut(Shape):
    position = fields.Integer(required=True)
    folded_at = Moment(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    id = fields.UUID(required=True, metadata={"description": "of the report, correction or withdrawal"})
    unit = fields.String(required=True)
    author = fields.String(required=True)
    channel = fields.String(required=True)
    basis = fields.String(required=True, allow_none=True, validate=validate.OneOf(("increment", "to_date")))
    observed_at = Moment(required=True, allow_none=True)
    received_at = Moment(required=True)
    nil = fields.Boolean(required=True)
    lines = fields.List(fields.Nested(LineOut), required=True)
    note = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    joint_action = Named()
    credit = Credit()
    supersedes = fields.Nested(Superseded, required=True, allow_none=True)
    superseded_by = fields.Nested(SupersededBy, required=True, allow_none=True)
    rules_version = RulesVersion()
    seal = fields.String(required=True, metadata={"description": "SHA-256 as hex: of the seal before, the position and the digest"})


class Journal(Shape):
    items = fields.List(fields.Nested(EntryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class SpokenIn(Shape):
    line = Text(
        2000,
        required=True,
        metadata={
            "description": "the unit; NEW, ALL or NIL; a letter and a figure for each cell; the mark in three groups; # and two symbols "
            "that check the rest",
            "example": "KY NEW A46 V21 M2 5Q7 K02 X4T #R7",
        },
    )


class _Heard(Shape):
    line = fields.String(required=True, allow_none=True, metadata={"description": "as it is written"})
    unit = fields.String(required=True, allow_none=True)
    observed_at = Moment(required=True, allow_none=True)
    says = fields.String(required=True, allow_none=True, metadata={"description": "the report in words, to be read back"})
    there = fields.UUID(required=True, allow_none=True, metadata={"description": "the report, where the hub has it already"})


class SpokenOut(_Heard):
    good = fields.Boolean(required=True)
    problem = fields.String(required=True, allow_none=True, metadata={"description": "what is wrong, and what to ask for"})
    doubtful = fields.List(fields.String(), required=True, metadata={"description": "the groups in which something was misheard"})


class SpokenTaken(_Heard):
    receipt = fields.Nested(Receipt, required=True)
    before = fields.Boolean(required=True, metadata={"description": "it had been recorded before, and counts once"})
