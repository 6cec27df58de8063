"""The shapes of briefings."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from coordinator.fields import Flag, Moment, Page, Shape, Text, measure_code, unit_code
from coordinator.operations.models import PHASES

MARKDOWN = 20_000
"""The most characters of one page; all of a pack is held to the limit of a body."""


class PageIn(Shape):
    title = Text(120, required=True)
    markdown = Text(MARKDOWN, required=True)


class QuestionIn(Shape):
    question = Text(500, required=True)
    choices = fields.List(Text(200), required=True, validate=validate.Length(2, 6))
    right = fields.Integer(required=True, strict=True, metadata={"description": "the place of the right choice, from 0"})
    measure = measure_code(allow_none=True, load_default=None, metadata={"description": "the measure whose rule a wrong answer is told"})

    @validates_schema(skip_on_field_errors=True)
    def among_the_choices(self, data: dict[str, Any], **_: object) -> None:
        if not 0 <= data["right"] < len(data["choices"]):
            raise ValidationError("There is no such choice: the first is 0.", "right")


class BriefingIn(Shape):
    pages = fields.List(fields.Nested(PageIn), required=True, validate=validate.Length(1, 20))
    questions = fields.List(fields.Nested(QuestionIn), load_default=list, validate=validate.Length(0, 20))
    files = fields.List(fields.UUID(), load_default=list, validate=validate.Length(0, 20))
    acknowledge = Flag(
        load_default=True, metadata={"description": "no liaison posts before it has acknowledged the counting rules of this version"}
    )
    acknowledge_by = Moment(metadata={"description": "who has not acknowledged by then is late"})

    @validates_schema(skip_on_field_errors=True)
    def by_when(self, data: dict[str, Any], **_: object) -> None:
        if "acknowledge_by" in data and not data["acknowledge"]:
            raise ValidationError("This version asks for no acknowledgement: leave the time out.", "acknowledge_by")
        if len(set(data["files"])) != len(data["files"]):
            raise ValidationError("A file is named twice.", "files")


class PreviewIn(Shape):
    pages = fields.List(fields.Nested(PageIn), required=True, validate=validate.Length(1, 20))


class PageOut(Shape):
    title = fields.String(required=True)
    markdown = fields.String(required=True)
    html = fields.String(required=True, metadata={"description": "the page rendered: no HTML of its own, no pictures, links to http(s)"})


class PreviewOut(Shape):
    pages = fields.List(fields.Nested(PageOut), required=True)


class QuestionOut(Shape):
    question = fields.String(required=True)
    choices = fields.List(fields.String(), required=True)
    measure = fields.String(required=True, allow_none=True)
    right = fields.Integer(metadata={"description": "for the desk alone"})


class CountingRules(Shape):
    """What each measure means, as it was defined when the version was made."""

    measures = fields.List(fields.Dict(), required=True)
    rules = fields.List(fields.Dict(), required=True)
    derived = fields.List(fields.Dict(), required=True)


class FileOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "its media type"})
    size = fields.Integer(required=True, metadata={"description": "in bytes"})
    sha256 = fields.String(required=True)


class BriefingHead(Shape):
    version = fields.Integer(required=True)
    acknowledge = fields.Boolean(required=True)
    acknowledge_by = Moment(required=True, allow_none=True)
    in_force = fields.Boolean(required=True, metadata={"description": "whether its counting rules are those to acknowledge"})
    changed = fields.List(fields.String(), required=True, metadata={"description": "what is not counted as in the version before"})
    by = fields.String(required=True)
    at = Moment(required=True)


class BriefingOut(BriefingHead):
    pages = fields.List(fields.Nested(PageOut), required=True)
    questions = fields.List(fields.Nested(QuestionOut), required=True)
    rules = fields.Nested(CountingRules, required=True)
    files = fields.List(fields.Nested(FileOut), required=True)


class AskedUnit(Shape):
    unit = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "the newest the caller has acknowledged for it"})
    acknowledged = fields.Boolean(required=True)


class Asked(Shape):
    """What is asked of the caller."""

    version = fields.Integer(required=True)
    bulletin = fields.UUID(required=True, allow_none=True, metadata={"description": "the bulletin that asks for it"})
    units = fields.List(fields.Nested(AskedUnit), required=True)


class BriefingQuery(Page):
    pass


class BriefingList(Shape):
    items = fields.List(fields.Nested(BriefingHead), required=True)
    next = fields.String(required=True, allow_none=True)
    asked = fields.Nested(Asked, required=True, allow_none=True)


class ReadOut(Shape):
    version = fields.Integer(required=True)
    by = fields.String(required=True)
    read_at = Moment(required=True)


class BriefingAcknowledgementIn(Shape):
    unit = unit_code(required=True)
    answers = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, 5)),
        required=True,
        validate=validate.Length(0, 20),
        metadata={"description": "the place of the chosen answer to each question, from 0"},
    )


class BriefingAcknowledgementOut(Shape):
    version = fields.Integer(required=True)
    unit = fields.String(required=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class Reader(Shape):
    id = fields.UUID(required=True, metadata={"description": "of the right it posts by"})
    name = fields.String(required=True)
    received_at = Moment(required=True, allow_none=True)
    read_at = Moment(required=True, allow_none=True)
    acknowledged_at = Moment(required=True, allow_none=True)
    tries = fields.Integer(required=True)


class UnitReceipts(Shape):
    unit = fields.String(required=True)
    name = fields.String(required=True)
    acknowledged = fields.Boolean(required=True)
    late = fields.Boolean(required=True)
    people = fields.List(fields.Nested(Reader), required=True)


class BriefingReceipts(Shape):
    version = fields.Integer(required=True)
    acknowledge = fields.Boolean(required=True)
    acknowledged = fields.Integer(required=True, metadata={"description": "units that have"})
    asked = fields.Integer(required=True)
    units = fields.List(fields.Nested(UnitReceipts), required=True)


class FileQuery(Shape):
    name = Text(120, required=True, metadata={"description": "what it is called; its end says of which kind it is", "example": "rules.pdf"})


class CountedOtherwise(Shape):
    unit = fields.String(required=True)
    measure = fields.String(required=True)
    label = fields.String(required=True)
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "null: before there were any rules to acknowledge"})
    changed = fields.Boolean(required=True, metadata={"description": "whether the measure does not mean the same by now"})
    reports = fields.Integer(required=True)
    first_observed_at = Moment(required=True)
    last_observed_at = Moment(required=True)


class RuleChanges(Shape):
    version = fields.Integer(required=True, allow_none=True, metadata={"description": "the version in force"})
    items = fields.List(fields.Nested(CountedOtherwise), required=True)


class ReadyLiaison(Shape):
    name = fields.String(required=True)
    by = fields.String(required=True, validate=validate.OneOf(("account", "device", "token")))


class ReadyUnit(Shape):
    unit = fields.String(required=True)
    name = fields.String(required=True)
    ready = fields.Boolean(required=True)
    missing = fields.List(fields.String(), required=True)
    liaisons = fields.List(fields.Nested(ReadyLiaison), required=True)
    invited = fields.Integer(required=True, metadata={"description": "invitations that are open"})
    checked_in_at = Moment(required=True, allow_none=True)
    telephone = fields.Boolean(required=True, metadata={"description": "whether somebody is named to call tonight"})
    alternate = fields.Boolean(required=True)
    rules_version = fields.Integer(required=True, allow_none=True, metadata={"description": "the newest version acknowledged for it"})
    practised = fields.Boolean(required=True, allow_none=True, metadata={"description": "in an exercise; null where there is none"})


class Readiness(Shape):
    operation = fields.String(required=True)
    phase = fields.String(required=True, validate=validate.OneOf(PHASES))
    rules_version = fields.Integer(required=True, allow_none=True, metadata={"description": "the version in force"})
    ready = fields.Boolean(required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "of the operation as a whole"})
    units = fields.List(fields.Nested(ReadyUnit), required=True)
