"""Invitations: a right offered once, by a link, until a time.

The link's secret stands in its fragment, which no browser sends and no preview reads, and is spent only by taking what it offers.
As with tokens the secret is derived from that of whoever invites, so that the same request is answered with the same link.
"""

from __future__ import annotations

import base64
import hmac
import uuid
from typing import Any

from sqlalchemy import func, select, text, update
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import ADMIN, Actor
from coordinator.access.models import Invitation, InvitedUnit
from coordinator.access.sessions import digest
from coordinator.db import session
from coordinator.errors import InvitationSpent, KeyReused, NotFound

PREFIX = "tri_"
"""Begins the secret of every invitation."""


def issue(actor: Actor, content: dict[str, Any], operation_id: int | None, units: dict[str, int]) -> Invitation:
    """Makes an invitation for ``content`` (name, role, expires_at) and the units by code and id; ``secret_of`` gives its secret."""
    id = uuid7()
    made = Invitation(id=id, name=content["name"], role=content["role"], operation_id=operation_id, issued_by=actor.id)
    made.digest, made.expires_at = digest(secret_of(actor, id)), content["expires_at"]
    made.units = [InvitedUnit(operation_id=operation_id, unit_id=unit) for unit in units.values()]
    session().add(made)
    session().flush()
    audit.record(
        actor, "invitation made", operation_id, {"invitation": str(id), "name": made.name, "role": made.role, "units": list(units)}
    )
    return made


def secret_of(issuer: Actor, id: uuid.UUID) -> str:
    """The secret in the link: HMAC-SHA-256 of the invitation's id under the issuer's own secret, in base64url after the prefix."""
    code = hmac.digest(issuer.secret, b"tallyroom invitation " + id.bytes, "sha256")
    return PREFIX + base64.urlsafe_b64encode(code).decode().rstrip("=")


def shown(issuer: Actor, id: uuid.UUID) -> str:
    """The same for whoever made it, or asks again with the same request. Refuses with KeyReused where it was made in another
    session, whose secret this one does not have."""
    told = secret_of(issuer, id)
    if session().get_one(Invitation, id).digest != digest(told):
        raise KeyReused("This was made in an earlier session, and its link is shown once. Revoke it and make another.")
    return told


def offered(secret: str, *, locked: bool = False) -> Invitation:
    """The invitation of a link, good or not; ``locked`` keeps others from taking it meanwhile. NotFound where there is none."""
    query = select(Invitation).where(Invitation.digest == digest(secret))
    found = session().scalars(query.with_for_update() if locked else query).one_or_none()
    if found is None:
        raise NotFound("This is not the link of an invitation. Open it again from where you got it, to its last letter.")
    return found


def check(invitation: Invitation) -> None:
    """InvitationSpent where it can't be taken any more."""
    if invitation.taken_at is not None:
        raise InvitationSpent("This invitation has been taken. If that was not you, tell your desk now; else sign in.")
    if invitation.revoked_at is not None:
        raise InvitationSpent("This invitation has been revoked. Ask your desk for another.")
    if invitation.expires_at <= clock.now():
        raise InvitationSpent("This invitation has expired. Ask your desk for another.")


def taken(actor: Actor, invitation: Invitation, how: str) -> None:
    """Notes that the invitation is spent: ``actor`` has the right now, by ``how``."""
    invitation.taken_at = clock.now()
    invitation.taken_by = actor.id
    detail = {"invitation": str(invitation.id), "as": how, "token": str(actor.id)}
    audit.record(actor, "invitation taken", invitation.operation_id, detail)


def visible(actor: Actor, operation: str | None, limit: int, after: uuid.UUID | None) -> list[Invitation]:
    """Invitations the actor may see, newest first: an admin all or those of ``operation``, a desk those of its own."""
    query = _within(actor, select(Invitation)).order_by(Invitation.id.desc()).limit(limit)
    if operation is not None:
        query = query.where(_of(operation))
    return list(session().scalars(query.where(Invitation.id < after) if after else query))


def revoke(actor: Actor, id: uuid.UUID) -> None:
    """Ends an invitation; one that was taken stays taken. NotFound where the actor may not know of it."""
    found = session().scalars(_within(actor, select(Invitation).where(Invitation.id == id))).one_or_none()
    if found is None:
        raise NotFound("There is no such invitation, or it is not of your operation.")
    open = update(Invitation).where(Invitation.id == id, Invitation.revoked_at.is_(None), Invitation.taken_at.is_(None))
    if session().scalar(open.values(revoked_at=func.clock_timestamp()).returning(Invitation.id)):
        audit.record(actor, "invitation revoked", found.operation_id, {"invitation": str(id), "name": found.name})


def _within(actor: Actor, query: Any) -> Any:
    return query if actor.role == ADMIN else query.where(_of(actor.operation))


def _of(operation: str | None) -> Any:
    return text("invitations.operation_id = (SELECT id FROM operations WHERE code = :own)").bindparams(own=operation)
