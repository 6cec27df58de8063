"""By webhook: signed JSON in the form of Standard Webhooks, chosen because receivers find a library for it in any language.

Signed is ``id.timestamp.body`` by HMAC-SHA-256 under the address's own secret. The id is the same at every try, so that a receiver
can drop what it has; the timestamp is of this try, so that it can refuse what somebody kept.
"""

from __future__ import annotations

import base64
import hmac
from typing import Any

from coordinator.deliveries import reaching
from coordinator.deliveries.parcels import Outcome, Parcel
from coordinator.deliveries.ways import Ways
from coordinator.wire import encode


def send(parcel: Parcel, ways: Ways) -> Outcome:
    """Calls the receiver, and says what came of it."""
    if ways.secrets is None:
        return Outcome(ways.closed("webhook"))
    body = encode(document(parcel))
    at = str(int(parcel.now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": str(parcel.id),
        "webhook-timestamp": at,
        "webhook-signature": signature(ways.secrets.hook(parcel.address_id), str(parcel.id), at, body),
    }
    return reaching.post(ways.lists.hook(parcel.address), body, headers, ways.lists)


def document(parcel: Parcel) -> dict[str, Any]:
    """The body: what the message says, and its id."""
    return {"id": str(parcel.id), **parcel.message}


def signature(secret: bytes, id: str, at: str, body: bytes) -> str:
    """``v1,`` and the code in base64."""
    return "v1," + base64.b64encode(hmac.digest(secret, f"{id}.{at}.".encode() + body, "sha256")).decode()
