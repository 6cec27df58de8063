"""``/devices``: browsers that stay signed in behind a short code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app

from coordinator.access import cookies, devices, passphrases
from coordinator.access.actor import Actor
from coordinator.access.guards import entrance, guard, public
from coordinator.db import transaction
from coordinator.doors import Room, created, idempotency_key, page, place_id, tagged
from coordinator.errors import Refusal
from coordinator.operations import admission, members, people
from coordinator.operations.routes.sessions import begun
from coordinator.operations.schemas.people import CodeIn, DeviceIn, DeviceList, DeviceOut, OfOperation, SessionBegun, Taken

room = Room("devices", __name__, url_prefix="/api/v1/devices", description="Browsers that stay signed in behind a short code.")


@room.route("", methods=["POST"])
@entrance
@room.doc(security=[])
@room.arguments(DeviceIn)
@room.response(201, Taken)
def take(content: dict[str, Any]) -> Response:
    """Take an invitation on this device: it stays signed in, locked by the short code."""
    terms, days = cookies.terms(), current_app.extensions["tallyroom.settings"].device_days
    secret = admission.device_secret(content["invitation"], idempotency_key())
    with transaction():
        before = admission.look(content, secret)
    tried = devices.locked_with(content["code"], secret)
    verifier, proven = (None, passphrases.proves(tried, before)) if before else (passphrases.hashed(tried), False)
    with transaction():
        if verifier is None:
            opened = admission.take_again(content, secret, proven, terms)
        else:
            opened = admission.take_on_device(content, secret, verifier, terms, days)
        document = admission.right_description(opened.right, opened)
    response = created(document, opened.repeated)
    return cookies.keep(cookies.keep(response, cookies.SESSION, opened.secret, terms.most), cookies.DEVICE, secret, days * 86_400)


@room.route("", methods=["GET"])
@guard("devices.read")
@room.arguments(OfOperation, location="query")
@room.response(200, DeviceList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List the device one speaks from, or those of an operation, newest first."""
    with transaction():
        rows = devices.visible(actor, members.overseen(actor, query["operation"]), query["limit"], place_id(query["cursor"]))
    return page((people.device_row(row) for row in rows), query["limit"], str(rows[-1].id) if rows else None)


@room.route("/this", methods=["GET"])
@public
@room.doc(security=[])
@room.response(200, DeviceOut)
def this() -> Response:
    """The device this browser is, locked or not; 404 where it is none."""
    with transaction():
        return tagged(people.device_row(devices.this(cookies.secret(cookies.DEVICE))))


@room.route("/this/sessions", methods=["POST"])
@entrance
@room.doc(security=[])
@room.arguments(CodeIn)
@room.response(201, SessionBegun)
def unlock(content: dict[str, Any]) -> Response:
    """Unlock this device by its short code; the session is in a cookie."""
    cookies.own_page_only()
    terms = cookies.terms()
    with transaction():
        attempt = devices.begin(cookies.secret(cookies.DEVICE))
    if isinstance(attempt, Refusal):
        raise attempt
    proven = passphrases.proves(devices.locked_with(content["code"], attempt.secret), attempt.verifier)
    with transaction():
        outcome = devices.end(attempt, proven, terms)
    return begun(outcome, terms)


@room.route("/<uuid:id>", methods=["DELETE"])
@guard("devices.end")
@room.response(204)
def revoke(actor: Actor, id: UUID) -> Response:
    """End a device at once, its right, sessions and streams included."""
    with transaction():
        devices.revoke(actor, id)
    response = Response(status=204)
    own = actor.session is not None and actor.session.device == id
    return cookies.forget(cookies.forget(response, cookies.SESSION), cookies.DEVICE) if own else response
