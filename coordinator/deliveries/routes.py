"""``/operations/{code}/addresses``, ``/deliveries`` and ``/push-subscriptions``: what leaves the hub, and for where."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.deliveries import addresses, service, ways
from coordinator.deliveries.models import KINDS, WEBHOOK
from coordinator.deliveries.schemas import (
    AddressAdded,
    AddressIn,
    AddressList,
    DeliveryList,
    DeliveryOut,
    DeliveryQuery,
    Subscription,
    SubscriptionIn,
    Subscriptions,
)
from coordinator.doors import Room, created, idempotency_key, page, place_id, tagged
from coordinator.operations import service as operations

room = Room("outgoing", __name__, url_prefix="/api/v1/operations/<code>", description="What leaves the hub, and for where.")


@room.route("/addresses", methods=["GET"])
@guard("deliveries.read")
@room.response(200, AddressList)
def index(actor: Actor, code: str) -> Response:
    """List where mail, webhooks and phones' notices go, and which of these this hub sends."""
    with transaction():
        items = addresses.listed(code)
    return tagged({"items": items, "closed": {kind: ways.now().closed(kind) for kind in KINDS}})


@room.route("/addresses", methods=["POST"])
@guard("addresses.change")
@room.arguments(AddressIn)
@room.response(201, AddressAdded)
def add(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Add an address for a unit's liaison or alternate, or for the desk; a webhook's secret is shown this once."""
    with transaction():
        operations.find(code)
    addresses.check(content)
    with transaction():
        asked = {"address_of": code, **content}  # kept as a digest; and of the answer only the id, since an address may be a person's
        kept, repeated = once(actor, idempotency_key(), asked, lambda: {"id": str(addresses.add(actor, code, content))})
        id = UUID(kept["id"])
        document = addresses.one(code, id) | {"secret": addresses.secret(id) if content["kind"] == WEBHOOK else None}
    return created(document, repeated)


@room.route("/addresses/<uuid:id>", methods=["DELETE"])
@guard("addresses.change")
@room.response(204)
def remove(actor: Actor, code: str, id: UUID) -> Response:
    """Remove an address; what waits for it does not go out."""
    with transaction():
        addresses.remove(actor, code, id)
    return Response(status=204)


@room.route("/deliveries", methods=["GET"])
@guard("deliveries.read")
@room.arguments(DeliveryQuery, location="query")
@room.response(200, DeliveryList)
def deliveries(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List what has gone out or is to go, newest first, with what went wrong."""
    states = [query["state"]] if "state" in query else []
    with transaction():
        items = service.listed(code, states, query["limit"], place_id(query["cursor"]))
    return page(items, query["limit"], items[-1]["id"] if items else None)


@room.route("/deliveries/<uuid:id>/tries", methods=["POST"])
@guard("addresses.change")
@room.response(201, DeliveryOut)
def again(actor: Actor, code: str, id: UUID) -> Response:
    """Try a delivery again that failed or was given up."""
    with transaction():
        asked = {"tries_of": str(id), "operation": code}
        _, repeated = once(actor, idempotency_key(), asked, lambda: service.again(actor, code, id))
        document = service.one(code, id)
    return created(document, repeated)


@room.route("/push-subscriptions", methods=["GET"])
@guard("push.subscribe")
@room.response(200, Subscriptions)
def phones(actor: Actor, code: str) -> Response:
    """Read what a phone needs to ask to be woken, and which of the caller's are."""
    with transaction():
        return tagged(addresses.phones(actor, code))


@room.route("/push-subscriptions", methods=["POST"])
@guard("push.subscribe")
@room.arguments(SubscriptionIn)
@room.response(201, Subscription)
def subscribe(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Have the caller's phone woken for what is said to its units, or for alarms where it is of the desk."""
    asked = {"phone_of": code, **content}
    with transaction():
        kept, repeated = once(actor, idempotency_key(), asked, lambda: {"id": str(addresses.subscribe(actor, code, content))})
    return created(kept | {"endpoint": content["endpoint"]}, repeated)


@room.route("/push-subscriptions/<uuid:id>", methods=["DELETE"])
@guard("push.subscribe")
@room.response(204)
def unsubscribe(actor: Actor, code: str, id: UUID) -> Response:
    """Have a phone of the caller's woken no more."""
    with transaction():
        addresses.remove(actor, code, id)
    return Response(status=204)
