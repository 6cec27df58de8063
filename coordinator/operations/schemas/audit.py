"""Shapes of the audit record, out."""

from __future__ import annotations

from marshmallow import fields

from coordinator.fields import Moment, Page, Shape, Text


class AuditQuery(Page):
    act = Text(100, metadata={"description": "one kind of act, such as operation changed"})
    since = Moment(metadata={"description": "done at or after"})


class AuditActor(Shape):
    id = fields.UUID(required=True, allow_none=True, metadata={"description": "the right it acted with; null for the command line"})
    name = fields.String(required=True)


class ActOut(Shape):
    id = fields.Integer(required=True)
    at = Moment(required=True)
    act = fields.String(required=True)
    actor = fields.Nested(AuditActor, required=True)
    origin = fields.String(required=True, metadata={"description": "the address it came from, or console"})
    operation = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True, metadata={"description": "what it was done to; its members depend on the act"})


class AuditList(Shape):
    items = fields.List(fields.Nested(ActOut), required=True)
    next = fields.String(required=True, allow_none=True)
