"""Shapes of tokens and of whoever holds one, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from coordinator.access.actor import ROLES
from coordinator.fields import Moment, Shape, Text, operation_code, unit_code


class TokenIn(Shape):
    name = Text(200, required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    operation = operation_code(allow_none=True, load_default=None)
    units = fields.List(unit_code(), load_default=list, validate=validate.Length(0, 200))
    expires_at = Moment(allow_none=True, load_default=None)


class TokenOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    operation = fields.String(required=True, allow_none=True)
    units = fields.List(fields.String(), required=True)
    holder = fields.String(
        required=True,
        validate=validate.OneOf(("text", "account", "device")),
        metadata={"description": "what has this right: a token's text, an account or a device"},
    )
    created_at = Moment(required=True)
    expires_at = Moment(required=True, allow_none=True)
    revoked_at = Moment(required=True, allow_none=True)


class TokenIssued(TokenOut):
    token = fields.String(required=True, metadata={"description": "shown this once"})


class TokenList(Shape):
    items = fields.List(fields.Nested(TokenOut), required=True)
    next = fields.String(required=True, allow_none=True)
