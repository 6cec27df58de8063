"""Shapes of what leaves the hub."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from coordinator.deliveries.keys import from_base64url
from coordinator.deliveries.models import KINDS, MAIL, STATES, WEBHOOK, WHOSE
from coordinator.fields import Moment, Page, Shape, Text, unit_code


class AddressIn(Shape):
    kind = fields.String(required=True, validate=validate.OneOf((MAIL, WEBHOOK)))
    address = Text(1000, required=True, metadata={"description": "an e-mail address, or where a webhook is called"})
    whose = fields.String(required=True, validate=validate.OneOf(WHOSE))
    unit = unit_code(load_default=None, allow_none=True, metadata={"description": "for a liaison or alternate; the desk has none"})


class AddressOut(Shape):
    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    address = fields.String(required=True, metadata={"description": "of a webhook or a phone only scheme and host"})
    whose = fields.String(required=True, validate=validate.OneOf(WHOSE))
    unit = fields.String(required=True, allow_none=True)
    added_by = fields.String(required=True)
    added_at = Moment(required=True)


class AddressAdded(AddressOut):
    secret = fields.String(
        required=True, allow_none=True, metadata={"description": "of a webhook, shown this once: what it signs by (Standard Webhooks)"}
    )


class AddressList(Shape):
    items = fields.List(fields.Nested(AddressOut), required=True)
    closed = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        required=True,
        metadata={"description": "for each kind why nothing of it leaves this hub, or null where it does"},
    )


class DeliveryQuery(Page):
    state = fields.String(validate=validate.OneOf(STATES))


class DeliveryOut(Shape):
    id = fields.UUID(required=True, metadata={"description": "what the receiver knows it by: webhook-id, Message-ID"})
    to = fields.Nested(AddressOut, required=True)
    type = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    tries = fields.Integer(required=True)
    problem = fields.String(required=True, allow_none=True, metadata={"description": "what went wrong at the last try"})
    made_at = Moment(required=True)
    next_at = Moment(required=True, allow_none=True)
    delivered_at = Moment(required=True, allow_none=True)


class DeliveryList(Shape):
    items = fields.List(fields.Nested(DeliveryOut), required=True)
    next = fields.String(required=True, allow_none=True)


class Coded(Text):
    """Bytes in base64url, of one length."""

    def __init__(self, size: int, **kwargs: Any) -> None:
        super().__init__(200, **kwargs)
        self.size = size

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            if len(from_base64url(text)) == self.size:
                return text
        except ValueError:
            pass
        raise ValidationError(f"Not {self.size} bytes in base64url.")


class SubscriptionIn(Shape):
    endpoint = Text(1000, required=True)
    key = Coded(65, required=True, metadata={"description": "the phone's public key (p256dh)"})
    auth = Coded(16, required=True)


class Subscription(Shape):
    id = fields.UUID(required=True)
    endpoint = fields.String(required=True)


class Subscriptions(Shape):
    key = fields.String(required=True, allow_none=True, metadata={"description": "applicationServerKey; null where no phone is woken"})
    closed = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(Subscription), required=True)
