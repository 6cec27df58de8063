"""``/invitations``: a right offered once, by a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from coordinator.access import invitations, qr
from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.access.guards import entrance, guard
from coordinator.db import transaction
from coordinator.doors import Room, answer, created, idempotency_key, page, place_id
from coordinator.fields import in_text
from coordinator.operations import admission, members
from coordinator.operations.schemas.people import InvitationIn, InvitationList, InvitationMade, Offer, OfferIn, OfOperation

room = Room("invitations", __name__, url_prefix="/api/v1/invitations", description="Rights offered once, by a link.")


@room.route("", methods=["POST"])
@guard("invitations.make")
@room.arguments(InvitationIn)
@room.response(201, InvitationMade)
def make(actor: Actor, content: dict[str, Any]) -> Response:
    """Make an invitation; its link is shown this once."""
    with transaction():
        document, repeated = once(actor, idempotency_key(), {"invitation": content}, lambda: _shown(admission.invite(actor, content)))
        link = f"{request.host_url}join#{invitations.shown(actor, UUID(document['id']))}"
    return created(document | {"link": link, "qr": qr.svg(link)}, repeated)


@room.route("", methods=["GET"])
@guard("invitations.read")
@room.arguments(OfOperation, location="query")
@room.response(200, InvitationList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List invitations, newest first; never their links."""
    with transaction():
        asked = members.overseen(actor, query["operation"])
        rows = invitations.visible(actor, asked, query["limit"], place_id(query["cursor"]))
        items = [_shown(admission.description(row)) for row in rows]
    return page(items, query["limit"], str(rows[-1].id) if rows else None)


@room.route("/offer", methods=["POST"])
@entrance
@room.doc(security=[])
@room.arguments(OfferIn)
@room.response(200, Offer)
def offer(content: dict[str, Any]) -> Response:
    """What an invitation offers; looking does not spend it."""
    with transaction():
        return answer(in_text(admission.offer(content["invitation"]), "expires_at"))


@room.route("/<uuid:id>", methods=["DELETE"])
@guard("invitations.revoke")
@room.response(204)
def revoke(actor: Actor, id: UUID) -> Response:
    """End an invitation; one that was taken stays taken."""
    with transaction():
        invitations.revoke(actor, id)
    return Response(status=204)


def _shown(description: dict[str, Any]) -> dict[str, Any]:
    return in_text(description, "created_at", "expires_at", "revoked_at", "taken_at")
