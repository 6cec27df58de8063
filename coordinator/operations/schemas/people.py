"""Shapes of signing in: invitations, accounts, devices, sessions, in and out."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate

from coordinator.access.actor import ROLES
from coordinator.fields import Flag, Moment, Page, Shape, Text, operation_code, unit_code
from coordinator.wire import holds_half

STATES = ("open", "taken", "revoked", "expired")


def Secret(most: int = 200) -> fields.String:
    """What proves someone: any whole characters, shown to nobody."""
    return fields.String(required=True, validate=[validate.Length(1, most), _whole])


def _whole(text: str) -> None:
    if holds_half(text):
        raise ValidationError("Holds half a character: type it anew.")


def Role() -> fields.String:
    """One of the four."""
    return fields.String(required=True, validate=validate.OneOf(ROLES))


class OfOperation(Page):
    """A list of one's own, or of an operation one oversees."""

    operation = operation_code(load_default=None)


class InvitationIn(Shape):
    name = Text(100, required=True, metadata={"description": "whom it is for, such as a duty desk: no more than is needed"})
    role = Role()
    operation = operation_code(allow_none=True, load_default=None)
    units = fields.List(unit_code(), load_default=list, validate=validate.Length(0, 200))
    expires_at = Moment(allow_none=True, load_default=None, metadata={"description": "three days from now unless it says otherwise"})


class InvitationOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = Role()
    operation = fields.String(required=True, allow_none=True)
    units = fields.List(fields.String(), required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    created_at = Moment(required=True)
    expires_at = Moment(required=True)
    revoked_at = Moment(required=True, allow_none=True)
    taken_at = Moment(required=True, allow_none=True)


class InvitationMade(InvitationOut):
    link = fields.String(required=True, metadata={"description": "shown this once; its secret stands after the #"})
    qr = fields.String(required=True, metadata={"description": "the link as a QR code, an SVG element"})


class InvitationList(Shape):
    items = fields.List(fields.Nested(InvitationOut), required=True)
    next = fields.String(required=True, allow_none=True)


class OfferIn(Shape):
    invitation = Secret()


class OfferedUnit(Shape):
    code = fields.String(required=True)
    name = fields.String(required=True)


class Offer(Shape):
    name = fields.String(required=True)
    role = Role()
    operation = fields.String(required=True, allow_none=True)
    operation_name = fields.String(required=True, allow_none=True)
    units = fields.List(fields.Nested(OfferedUnit), required=True)
    expires_at = Moment(required=True)


class DeviceIn(Shape):
    invitation = Secret()
    name = Text(100, required=True, metadata={"description": "who speaks from it: a role's name will do"})
    code = Secret(20)


class CodeIn(Shape):
    code = Secret(20)


class AccountIn(Shape):
    invitation = Secret()
    name = Text(100, least=3, required=True, metadata={"description": "the name to sign in with"})
    passphrase = Secret(1000)


class SignInIn(Shape):
    name = Text(200, required=True)
    passphrase = Secret(1000)


class PassphraseIn(Shape):
    current = Secret(1000)
    passphrase = Secret(1000)


class LockIn(Shape):
    locked = Flag(required=True)


class WallIn(Shape):
    wall = Flag(required=True, validate=validate.Equal(True, error="A session on the wall stays there: sign in again instead."))


class Taken(Shape):
    """The right that was taken."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = Role()
    operation = fields.String(required=True, allow_none=True)
    units = fields.List(fields.String(), required=True)
    session = fields.UUID(metadata={"description": "the session that began with it"})


class SessionBegun(Shape):
    id = fields.UUID(required=True)


class SessionOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    by = fields.String(required=True, validate=validate.OneOf(("account", "device")))
    current = fields.Boolean(required=True)
    browser = fields.String(required=True)
    origin = fields.String(required=True)
    wall = fields.Boolean(required=True)
    created_at = Moment(required=True)
    seen_at = Moment(required=True)
    expires_at = Moment(required=True)


class SessionList(Shape):
    items = fields.List(fields.Nested(SessionOut), required=True)
    next = fields.String(required=True, allow_none=True)


class DeviceOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = Role()
    operation = fields.String(required=True)
    browser = fields.String(required=True)
    tries_left = fields.Integer(required=True)
    created_at = Moment(required=True)
    expires_at = Moment(required=True)


class DeviceList(Shape):
    items = fields.List(fields.Nested(DeviceOut), required=True)
    next = fields.String(required=True, allow_none=True)


class AccountOut(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    created_at = Moment(required=True)
    locked = fields.String(required=True, allow_none=True, validate=validate.OneOf(("admin", "attempts", None)))


class AccountList(Shape):
    items = fields.List(fields.Nested(AccountOut), required=True)
    next = fields.String(required=True, allow_none=True)


class MySession(Shape):
    id = fields.UUID(required=True)
    wall = fields.Boolean(required=True)
    created_at = Moment(required=True)
    idle_at = Moment(required=True, allow_none=True, metadata={"description": "when it ends unless someone does something; null on a wall"})
    expires_at = Moment(required=True)


class MyAccount(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)


class MyDevice(Shape):
    id = fields.UUID(required=True)


class MyRight(Shape):
    id = fields.UUID(required=True)
    role = Role()
    operation = fields.String(required=True, allow_none=True)
    units = fields.List(fields.String(), required=True)


class Me(Shape):
    id = fields.UUID(required=True)
    name = fields.String(required=True)
    role = Role()
    operation = fields.String(required=True, allow_none=True)
    units = fields.List(fields.String(), required=True)
    session = fields.Nested(MySession, required=True, allow_none=True)
    account = fields.Nested(MyAccount, required=True, allow_none=True)
    device = fields.Nested(MyDevice, required=True, allow_none=True)
    rights = fields.List(fields.Nested(MyRight), required=True)
