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
from coordinator.doors import Room, created, idempotency_key, page, place, tagged
from coordinator.errors import Invalid
from coordinator.fields import Page, moment_text
from coordinator.operations import members
from coordinator.operations.schemas.tokens import Me, TokenIn, TokenIssued, TokenList

room = Room("access", __name__, url_prefix="/api/v1", description="Who is speaking, and may they.")


@room.route("/tokens", methods=["POST"])
@guard("tokens.issue")
@room.arguments(TokenIn)
@room.response(201, TokenIssued)
def issue(actor: Actor, content: dict[str, Any]) -> Response:
    """Issue a token; its text is shown this once."""
    with transaction():
        document, repeated = once(actor, idempotency_key(), content, lambda: _shown(members.issue(actor, content)))
    return created(document | {"token": tokens.text_of(actor, UUID(document["id"]))}, repeated)


@room.route("/tokens", methods=["GET"])
@guard("tokens.read")
@room.arguments(Page, location="query")
@room.response(200, TokenList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List tokens, newest first; never their text."""
    with transaction():
        rows = tokens.visible(actor, query["limit"], _uuid(place(query["cursor"])))
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
    """Who the caller is."""
    with transaction():
        units = members.unit_codes(actor.units)
    return tagged({"id": str(actor.id), "name": actor.name, "role": actor.role, "operation": actor.operation, "units": units})


def _shown(description: dict[str, Any]) -> dict[str, Any]:
    times = ("created_at", "expires_at", "revoked_at")
    return description | {name: description[name] and moment_text(description[name]) for name in times}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid.at("/cursor", "Not a cursor of this list.") from None
