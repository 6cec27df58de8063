"""``/tokens`` and ``/me``: who may speak for whom."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access import tokens
from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import Room, created, idempotency_key, page, place_id, tagged
from coordinator.fields import Page, in_text
from coordinator.operations import members, people
from coordinator.operations.schemas.people import Me
from coordinator.operations.schemas.tokens import TokenIn, TokenIssued, TokenList

room = Room("access", __name__, url_prefix="/api/v1", description="Who is speaking, and may they.")


@room.route("/tokens", methods=["POST"])
@guard("tokens.issue")
@room.arguments(TokenIn)
@room.response(201, TokenIssued)
def issue(actor: Actor, content: dict[str, Any]) -> Response:
    """Issue a token; its text is shown this once."""
    with transaction():
        document, repeated = once(actor, idempotency_key(), content, lambda: _shown(members.issue(actor, content)))
        told = tokens.shown(actor, UUID(document["id"]))
    return created(document | {"token": told}, repeated)


@room.route("/tokens", methods=["GET"])
@guard("tokens.read")
@room.arguments(Page, location="query")
@room.response(200, TokenList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List tokens, newest first; never their text."""
    with transaction():
        rows = tokens.visible(actor, query["limit"], place_id(query["cursor"]))
        items = [_shown(members.description(row)) for row in rows]
    return page(items, query["limit"], str(rows[-1].id) if rows else None)


@room.route("/tokens/<uuid:id>", methods=["DELETE"])
@guard("tokens.revoke")
@room.response(204)
def revoke(actor: Actor, id: UUID) -> Response:
    """End a token at once, its streams included."""
    with transaction():
        tokens.revoke(actor, id)
    return Response(status=204)


@room.route("/me", methods=["GET"])
@guard("me.read")
@room.response(200, Me)
def me(actor: Actor) -> Response:
    """Who the caller is, and what else whoever signed in may do."""
    with transaction():
        return tagged(people.me(actor))


def _shown(description: dict[str, Any]) -> dict[str, Any]:
    return in_text(description, "created_at", "expires_at", "revoked_at")
