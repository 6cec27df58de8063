"""Shapes of certification and releases, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from coordinator.fields import STATUS, Figure, Moment, Shape, Text, unit_code

DIGEST = "^sha-256:[0-9a-f]{64}$"
STEPS = ("wait", "open", "first-signature", "second-signature", "released")


def _figure() -> fields.Raw:
    return fields.Raw(
        required=True,
        allow_none=True,
        metadata={"type": ["integer", "string", "null"], "description": "a figure; null where there was none"},
    )


def _digest(**options: object) -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(DIGEST), **options)  # type: ignore[arg-type]


def _text() -> fields.String:
    return fields.String(required=True)


class DeskSignatureIn(Shape):
    position = fields.Integer(strict=True, required=True, validate=validate.Range(0, 2**62), metadata={"description": "the journal's end"})
    digest = Text(100, load_default=None, metadata={"description": "of what was seen, as GET .../certification gives it"})


class UnitSignatureIn(Shape):
    unit = unit_code(required=True)
    position = fields.Integer(strict=True, required=True, validate=validate.Range(0, 2**62))
    digest = Text(100, load_default=None, metadata={"description": "of what was seen, as GET .../certification gives it"})


class WaiverIn(Shape):
    item = Text(300, required=True, metadata={"description": "an open item, as GET .../certification names it"})
    reason = Text(500, required=True)


class AmendmentIn(Shape):
    reason = Text(500, required=True)


class SignatureOut(Shape):
    kind = fields.String(required=True, validate=validate.OneOf(("unit", "desk")))
    unit = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True)
    digest = _digest()
    name = _text()
    signed_at = Moment(required=True)


class WaiverOut(Shape):
    item = _text()
    detail = _text()
    reason = _text()
    name = _text()
    given_at = Moment(required=True)


class Amends(Shape):
    """Why a release is amended."""

    amends = fields.Integer(required=True)
    reason = _text()
    name = _text()
    opened_at = Moment(required=True)


class AmendmentOut(Amends):
    number = fields.Integer(required=True, metadata={"description": "the release that will say what came of it"})


class ReleaseMade(Shape):
    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    position = fields.Integer(required=True)
    digest = _digest()


class DeskSignatureOut(Shape):
    signature = fields.Nested(SignatureOut, required=True)
    release = fields.Nested(
        ReleaseMade, required=True, allow_none=True, metadata={"description": "null until the second person has signed"}
    )


class Change(Shape):
    """A row of the statistics that is not what it was."""

    unit = _text()
    unit_name = _text()
    kind = _text()
    parent = fields.String(required=True, allow_none=True)
    measure = _text()
    label = _text()
    category = _text()
    unit_of_count = _text()
    before = _figure()
    after = _figure()
    difference = Figure()
    assisted = fields.List(_figure(), required=True, metadata={"description": "before and after"})
    note = fields.List(fields.String(), required=True, metadata={"description": "before and after"})


class Part(Shape):
    unit = _text()
    unit_name = _text()
    difference = Figure()


class Unmoved(Shape):
    """A measure in which several units moved and the nation did not."""

    measure = _text()
    label = _text()
    category = _text()
    parts = fields.List(fields.Nested(Part), required=True)


class Changes(Shape):
    units = fields.List(fields.Nested(Change), required=True)
    national = fields.List(fields.Nested(Change), required=True)
    unmoved = fields.List(fields.Nested(Unmoved), required=True)


class Stale(Shape):
    """A sentence of an earlier release that is no longer so."""

    release = fields.Integer(required=True)
    code = _text()
    text = _text()
    now = _text()


class ReleaseChanges(Changes):
    number = fields.Integer(required=True)
    since = fields.Integer(required=True, allow_none=True, metadata={"description": "the release before; null for the first"})
    position = fields.Integer(required=True)
    amendment = fields.Nested(Amends, required=True, allow_none=True)
    stale = fields.List(fields.Nested(Stale), required=True)


class SentenceFigure(Shape):
    name = _text()
    value = _figure()
    at_least = fields.Boolean(required=True)


class Sentence(Shape):
    code = _text()
    template = _text()
    text = _text()
    figures = fields.List(fields.Nested(SentenceFigure), required=True)


class SentenceNow(Shape):
    """A sentence of a release, and whether it is still so."""

    code = _text()
    text = _text()
    stale = fields.Boolean(required=True)
    now = fields.String(required=True, allow_none=True, metadata={"description": "how it reads now, where that is otherwise"})
    since = fields.Integer(
        required=True, allow_none=True, metadata={"description": "the position since when it reads so, where it is known"}
    )


class Draft(Shape):
    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    digest = _digest(metadata={"description": "what the desk signs"})
    sentences = fields.List(fields.Nested(Sentence), required=True)
    remarks = fields.List(fields.String(), required=True)


class Fallen(Shape):
    position = fields.Integer(required=True, allow_none=True)
    reason = _text()


class UnitState(Shape):
    unit = _text()
    name = _text()
    yours = fields.Boolean(required=True)
    required = fields.Boolean(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("signed", "fallen", "unsigned")))
    signature = fields.Nested(SignatureOut, required=True, allow_none=True)
    fallen = fields.Nested(Fallen, required=True, allow_none=True)
    position = fields.Integer(required=True, metadata={"description": "where it would sign now"})
    digest = _digest(metadata={"description": "what it would sign now"})
    figures = _text()


class OpenItem(Shape):
    item = _text()
    detail = _text()
    waiver = fields.Nested(WaiverOut, required=True, allow_none=True)


class Next(Shape):
    step = fields.String(required=True, validate=validate.OneOf(STEPS))
    detail = _text()


class Certification(Shape):
    operation = _text()
    phase = _text()
    position = fields.Integer(required=True)
    released = fields.Integer(required=True, metadata={"description": "the number of the last release; 0 before the first"})
    next = fields.Nested(Next, required=True)
    draft = fields.Nested(Draft, required=True, allow_none=True)
    units = fields.List(fields.Nested(UnitState), required=True)
    open = fields.List(fields.Nested(OpenItem), required=True)
    signatures = fields.List(fields.Nested(SignatureOut), required=True)
    amendment = fields.Nested(Amends, required=True, allow_none=True)
    changes = fields.Nested(Changes, required=True, metadata={"description": "since the last release"})
    alarms = fields.List(fields.String(), required=True)


class ReleaseHead(Shape):
    """A release in a list."""

    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    exercise = fields.Boolean(required=True)
    position = fields.Integer(required=True)
    released_at = Moment(required=True)
    digest = _digest()
    previous = _digest(allow_none=True)
    signed_by = fields.List(fields.String(), required=True)
    amendment = fields.Nested(Amends, required=True, allow_none=True)
    sentences = fields.List(fields.Nested(SentenceNow), required=True)
    remarks = fields.List(fields.String(), required=True)
    waivers = fields.List(fields.Nested(WaiverOut), required=True)
    changes = fields.Nested(Changes, required=True)
    stale = fields.List(fields.Nested(Stale), required=True)


class ReleaseList(Shape):
    items = fields.List(fields.Nested(ReleaseHead), required=True)
    next = fields.String(required=True, allow_none=True)


def _as_defined(what: str) -> fields.List:
    """A list as GET /operations/{code} has it; releases of the first form are without."""
    return fields.List(
        fields.Raw(metadata={"type": "object"}), metadata={"description": f"{what} at the position, as the operation has them"}
    )


class ReleasedOperation(Shape):
    """The operation as it was defined when it was released: what it says now may read otherwise."""

    code = _text()
    name = _text()
    time_zone = _text()
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    reporting_interval_minutes = fields.Integer()
    exercise = fields.Boolean()
    exercise_of = fields.String(allow_none=True)
    live_at = Moment(allow_none=True)
    created_at = Moment()
    rules_version = fields.Integer(metadata={"description": "the version of the counting rules then in force"})
    letters = fields.Dict(metadata={"description": "measure -> category -> the letter it was said by on the telephone"})
    measures = _as_defined("measures")
    rules = _as_defined("rules")
    derived = _as_defined("derived figures")
    headlines = _as_defined("headlines")
    units = _as_defined("units")


class ReleasedRemark(Shape):
    """What must be said beside a figure; in the first form of releases its sentence alone."""

    text = _text()
    measures = fields.List(fields.String(), required=True, metadata={"description": "at whose national figures it stands"})
    unit = fields.String(required=True, allow_none=True, metadata={"description": "at which unit it stands"})


class ReleaseOut(Shape):
    """A release as it was stored: canonical JSON, the same bytes for ever."""

    form = _text()
    operation = fields.Nested(ReleasedOperation, required=True)
    exercise = fields.Boolean(required=True)
    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.Regexp(STATUS))
    position = fields.Integer(required=True)
    seal = fields.String(required=True, allow_none=True, metadata={"description": "the journal's seal at the position"})
    previous = _digest(allow_none=True)
    released_at = Moment(required=True)
    amendment = fields.Nested(Amends, required=True, allow_none=True)
    totals = fields.Raw(required=True, metadata={"type": "object", "description": "the totals at the position, as GET .../totals has them"})
    rows = fields.List(fields.Raw(metadata={"type": "object"}), required=True, metadata={"description": "rows as statistics.json has them"})
    sentences = fields.List(fields.Nested(Sentence), required=True)
    remarks = fields.List(fields.Nested(ReleasedRemark), required=True)
    waivers = fields.List(fields.Nested(WaiverOut), required=True)
    signatures = fields.List(fields.Nested(SignatureOut), required=True)
    changes = fields.Nested(Changes, required=True)
    stale = fields.List(fields.Nested(Stale), required=True)
    adjustments = fields.List(fields.Raw(metadata={"type": "object"}), required=True)
    controls = fields.List(fields.Raw(metadata={"type": "object"}), required=True)
