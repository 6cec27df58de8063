"""Who takes part in an operation: tokens for its roles and units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from coordinator import clock
from coordinator.access import tokens
from coordinator.access.actor import ADMIN, DESK, LIAISON, Actor
from coordinator.access.models import Token
from coordinator.db import session
from coordinator.errors import Invalid, NotAllowed, NotFound
from coordinator.operations import service
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import Operation, Unit


def issue(actor: Actor, content: dict[str, Any]) -> dict[str, Any]:
    """Makes a token for a role in an operation; answers its description, without its text. Refuses with Invalid, NotAllowed."""
    catalogue = operation_of(actor, content)
    units = units_of(content, catalogue)
    if tokens.expired(content["expires_at"], clock.now()):
        raise Invalid.at("/expires_at", "The token would have expired already.")
    issued = tokens.issue(actor, content, catalogue.id if catalogue else None, units)
    return description(session().get_one(Token, UUID(issued["id"])))


def description(token: Token) -> dict[str, Any]:
    """A token as the API shows it: never its text."""
    operation = session().get(Operation, token.operation_id) if token.operation_id else None
    return {
        "id": str(token.id),
        "name": token.name,
        "role": token.role,
        "operation": operation.code if operation else None,
        "units": unit_codes(frozenset(grant.unit_id for grant in token.grants)),
        "holder": "account" if token.account_id else "device" if token.device_id else "text",
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
    }


def overseen(actor: Actor, operation: str | None) -> str | None:
    """The operation whose people an actor asks to see, None for its own things. NotFound and NotAllowed as anywhere else."""
    if operation is None:
        return None
    if not actor.belongs_to(operation):
        raise NotFound("There is no such operation, or it is not yours.")
    if actor.role not in (ADMIN, DESK):
        raise NotAllowed(f"The role {actor.role} sees its own sessions and devices alone: leave the operation out.")
    return service.find(operation).code


def unit_codes(ids: frozenset[int]) -> list[str]:
    """The codes of units, sorted."""
    return sorted(session().get_one(Unit, id).code for id in ids)


def operation_of(actor: Actor, content: dict[str, Any]) -> Catalogue | None:
    """The operation a right of ``content`` would be in, None for an admin's. Refuses with Invalid, NotAllowed, NotFound."""
    code = content["operation"]
    if content["role"] == ADMIN:
        if code is not None:
            raise Invalid.at("/operation", "An admin belongs to every operation: leave the operation out.")
        if actor.role != ADMIN:
            raise NotAllowed("Only an admin can issue an admin's token.")
        return None
    if code is None:
        raise Invalid.at("/operation", f"A token of the role {content['role']} needs its operation.")
    if actor.role == DESK and actor.operation != code:
        raise NotAllowed("A desk issues tokens for its own operation alone.")
    return service.find(code)


def units_of(content: dict[str, Any], catalogue: Catalogue | None) -> dict[str, int]:
    """The units of ``content`` by code and id. Refuses with Invalid."""
    codes = content["units"]
    if content["role"] == LIAISON and not codes:
        raise Invalid.at("/units", "A liaison needs at least one unit to post for.")
    if content["role"] != LIAISON and codes:
        raise Invalid.at("/units", f"A token of the role {content['role']} is not bound to units: leave them out.")
    if catalogue is None:
        return {}
    unknown = {f"/units/{number}": [f"There is no unit {code}."] for number, code in enumerate(codes) if code not in catalogue.taking_part}
    if unknown:
        raise Invalid(unknown)
    return {code: catalogue.unit_by_code[code].id for code in codes}
