"""How people come to take part: invitations made, shown, and taken on a device or into an account."""

from __future__ import annotations

import base64
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access import accounts, audit, devices, invitations, passphrases, sessions, tokens
from coordinator.access.actor import ADMIN, Actor
from coordinator.access.models import Account, Device, Invitation, Token
from coordinator.access.sessions import Terms
from coordinator.db import session
from coordinator.errors import Invalid, InvitationSpent, KeyReused
from coordinator.operations import members, service
from coordinator.operations.models import Unit

USUAL, LONGEST = timedelta(days=3), timedelta(days=31)
"""How long an invitation is good: unless it says otherwise, and at most."""


@dataclass(frozen=True)
class Opened:
    """A session that has begun: its id and secret, the device's secret where there is a new one, and the right it acts with."""

    id: uuid.UUID
    secret: str
    right: Token
    device_secret: str | None = None
    repeated: bool = False


def invite(actor: Actor, content: dict[str, Any]) -> dict[str, Any]:
    """Makes an invitation; answers its description, without its link. Refuses with Invalid, NotAllowed, NotFound."""
    catalogue = members.operation_of(actor, content)
    units = members.units_of(content, catalogue)
    now = clock.now()
    expires_at = content["expires_at"] or now + USUAL
    if not now < expires_at <= now + LONGEST:
        raise Invalid.at("/expires_at", f"An invitation ends between now and {LONGEST.days} days from now.")
    made = invitations.issue(actor, content | {"expires_at": expires_at}, catalogue.id if catalogue else None, units)
    session().refresh(made)
    return description(made)


def description(invitation: Invitation) -> dict[str, Any]:
    """An invitation as the API shows it: never its link."""
    moments = ("created_at", "expires_at", "revoked_at", "taken_at")
    return {
        "id": str(invitation.id),
        "name": invitation.name,
        "role": invitation.role,
        "operation": service.find_by_id(invitation.operation_id).code if invitation.operation_id else None,
        "units": members.unit_codes(frozenset(unit.unit_id for unit in invitation.units)),
        "state": _state(invitation),
    } | {name: getattr(invitation, name) for name in moments}


def offer(secret: str) -> dict[str, Any]:
    """What the invitation of a link offers; looking does not spend it. Refuses with NotFound, InvitationSpent."""
    found = _good(secret)
    operation = service.find_by_id(found.operation_id) if found.operation_id else None
    units = [session().get_one(Unit, unit.unit_id) for unit in found.units]
    return {
        "name": found.name,
        "role": found.role,
        "operation": operation and operation.code,
        "operation_name": operation and operation.name,
        "units": [{"code": unit.code, "name": unit.name} for unit in sorted(units, key=lambda unit: unit.code)],
        "expires_at": found.expires_at,
    }


def device_secret(invitation: str, key: str | None) -> str:
    """The secret of the device that takes an invitation. With an idempotency key it follows from both, so that whoever got no
    answer can ask again and have the same device."""
    if key is None:
        return devices.PREFIX + secrets.token_urlsafe(32)
    code = hmac.digest(invitation.encode(), b"tallyroom device " + key.encode(), "sha256")
    return devices.PREFIX + base64.urlsafe_b64encode(code).decode().rstrip("=")


def look(content: dict[str, Any], secret: str) -> str | None:
    """Before a device is made: None where it can be; where it was, by the same request, what its code is tried against.

    Refuses with Invalid, NotFound, InvitationSpent.
    """
    found = invitations.offered(content["invitation"])
    twin = _device_of(found)
    if twin is not None and twin.digest == sessions.digest(secret):
        return twin.code
    _takeable(found)
    if found.role == ADMIN:
        raise Invalid.at("/invitation", "An admin signs in with a passphrase: take this invitation into an account.")
    if objection := passphrases.code_objection(content["code"]):
        raise Invalid.at("/code", objection)
    return None


def take_on_device(content: dict[str, Any], secret: str, verifier: str, terms: Terms, days: float) -> Opened:
    """Makes a device that has the right an invitation offers, and opens a session on it. Refuses as ``look`` does."""
    found = invitations.offered(content["invitation"], locked=True)
    _takeable(found)
    device = devices.add(secret, verifier, terms, days)
    right = Token(id=uuid7(), name=content["name"], role=found.role, device_id=device.id, issued_by=found.issued_by)
    right.expires_at = device.expires_at
    tokens.put(right, found.operation_id, [unit.unit_id for unit in found.units])
    return _opened(found, right, terms, "device", device=device.id, secret=secret)


def take_again(content: dict[str, Any], secret: str, proven: bool, terms: Terms) -> Opened:
    """The answer to a request that was answered before: another session on the device it made. Refuses with KeyReused."""
    found = invitations.offered(content["invitation"])
    device = _device_of(found)
    right = session().get(Token, found.taken_by) if found.taken_by else None
    if device is None or right is None or not proven or right.name != content["name"]:
        raise KeyReused("This Idempotency-Key came with another request before. Use a fresh key for a new request.")
    id, opened = sessions.open(terms, device=device.id)
    return Opened(id, opened, right, secret, repeated=True)


def check_account(content: dict[str, Any]) -> None:
    """Before an account is made by an invitation. Refuses with Invalid, NotFound, InvitationSpent."""
    found = _good(content["invitation"])
    operation = service.find_by_id(found.operation_id) if found.operation_id else None
    known = (content["name"], *((operation.name, operation.code) if operation else ()))
    if objection := passphrases.objection(content["passphrase"], *known):
        raise Invalid.at("/passphrase", objection)


def take_into_new_account(content: dict[str, Any], verifier: str, terms: Terms) -> Opened:
    """Makes an account that has the right an invitation offers, and signs it in. Refuses as ``check_account`` does, and NameTaken."""
    found = invitations.offered(content["invitation"], locked=True)
    _takeable(found)
    account = accounts.add(content["name"], verifier)
    return _opened(found, _given(found, account, terms), terms, "account", account=account.id)


def take_into_own_account(actor: Actor, secret: str) -> Token:
    """Adds the right an invitation offers to the actor's account. Refuses with NotFound, InvitationSpent, InUse."""
    account = accounts.own(actor)
    found = invitations.offered(secret, locked=True)
    _takeable(found)
    right = accounts.give(actor, account, found.role, found.operation_id, [unit.unit_id for unit in found.units], found.issued_by)
    invitations.taken(actor, found, "account")
    return right


def right_description(right: Token, opened: Opened | None = None) -> dict[str, Any]:
    """A right that was just taken, and the session that began with it."""
    operation = service.find_by_id(right.operation_id).code if right.operation_id else None
    units = members.unit_codes(frozenset(grant.unit_id for grant in right.grants))
    told = {"id": str(right.id), "name": right.name, "role": right.role, "operation": operation, "units": units}
    return told | ({"session": str(opened.id)} if opened else {})


def _given(found: Invitation, account: Account, terms: Terms) -> Token:
    newcomer = Actor(None, account.name, found.role, channel="page", origin=terms.origin)
    audit.record(newcomer, "account made", found.operation_id, {"account": str(account.id)})
    return accounts.give(newcomer, account, found.role, found.operation_id, [unit.unit_id for unit in found.units], found.issued_by)


def _opened(found: Invitation, right: Token, terms: Terms, how: str, secret: str | None = None, **holder: uuid.UUID) -> Opened:
    actor = Actor(right.id, right.name, right.role, channel="page", origin=terms.origin)
    invitations.taken(actor, found, how)
    id, opened = sessions.open(terms, **holder)
    return Opened(id, opened, right, secret)


def _good(secret: str) -> Invitation:
    found = invitations.offered(secret)
    _takeable(found)
    return found


def _takeable(found: Invitation) -> None:
    invitations.check(found)
    if found.operation_id is not None and service.find_by_id(found.operation_id).phase == "archived":
        raise InvitationSpent("The operation is over and archived. Nobody can join it any more.")


def _device_of(found: Invitation) -> Device | None:
    right = session().get(Token, found.taken_by) if found.taken_by else None
    return session().get(Device, right.device_id) if right and right.device_id else None


def _state(invitation: Invitation) -> str:
    if invitation.taken_at is not None:
        return "taken"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= clock.now() else "open"
