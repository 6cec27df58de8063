"""``/sessions``: signing in by name, what is open, and ending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access import accounts, cookies, passphrases, sessions
from coordinator.access.actor import Actor
from coordinator.access.guards import entrance, guard
from coordinator.db import transaction
from coordinator.doors import Room, answer, page, place_id
from coordinator.errors import Refusal
from coordinator.operations import members, people
from coordinator.operations.schemas.people import OfOperation, SessionBegun, SessionList, SignInIn, WallIn

room = Room("sessions", __name__, url_prefix="/api/v1/sessions", description="Signing in, and out.")


@room.route("", methods=["POST"])
@entrance
@room.doc(security=[])
@room.arguments(SignInIn)
@room.response(201, SessionBegun)
def sign_in(content: dict[str, Any]) -> Response:
    """Sign in by name and passphrase; the session is in a cookie."""
    terms = cookies.terms()
    with transaction():
        attempt = accounts.begin(content["name"], terms)
    if isinstance(attempt, Refusal):
        raise attempt
    proven = passphrases.proves(content["passphrase"], attempt.verifier)
    with transaction():
        outcome = accounts.end(attempt, proven, terms)
    return begun(outcome, terms)


def begun(outcome: tuple[UUID, str] | Refusal, terms: sessions.Terms) -> Response:
    """The answer to signing in: 201 with the session's cookie, or what it was refused with, which is on the record by now."""
    if isinstance(outcome, Refusal):
        raise outcome
    id, secret = outcome
    return cookies.keep(answer({"id": str(id)}, 201), cookies.SESSION, secret, terms.most)


@room.route("", methods=["GET"])
@guard("sessions.read")
@room.arguments(OfOperation, location="query")
@room.response(200, SessionList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List one's own open sessions, or those of an operation's people, newest first."""
    with transaction():
        rows = sessions.visible(actor, members.overseen(actor, query["operation"]), query["limit"], place_id(query["cursor"]))
    return page((people.session_row(row, actor) for row in rows), query["limit"], str(rows[-1].id) if rows else None)


@room.route("/<uuid:id>", methods=["PATCH"])
@guard("sessions.wall")
@room.arguments(WallIn)
@room.response(204)
def hang(actor: Actor, content: dict[str, Any], id: UUID) -> Response:
    """Put one's own session on a wall: no idle end until its last hour, and reading alone."""
    with transaction():
        sessions.hang(actor, id)
    return Response(status=204)


@room.route("/<uuid:id>", methods=["DELETE"])
@guard("sessions.end")
@room.response(204)
def end(actor: Actor, id: UUID) -> Response:
    """Sign out, or end a session of one's own or of one's operation at once, its streams included."""
    with transaction():
        sessions.revoke(actor, id)
    response = Response(status=204)
    return cookies.forget(response, cookies.SESSION) if actor.session and actor.session.id == id else response
