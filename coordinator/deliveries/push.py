"""To a phone that is to be woken: Web Push, encrypted so that the push service between can't read it.

RFC 8030 (the request), RFC 8291 (the encryption, one record of aes128gcm), RFC 8292 (VAPID: who sends it). A file of its own, because
``cryptography`` has all of it and the libraries for it bring an HTTP client that would go round the guard of ``reaching``.
"""

from __future__ import annotations

import json
import os
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from coordinator.deliveries import reaching, words
from coordinator.deliveries.keys import base64url, from_base64url, point
from coordinator.deliveries.lists import Target
from coordinator.deliveries.parcels import Outcome, Parcel
from coordinator.deliveries.ways import Ways
from coordinator.wire import encode

RECORD = 4096
KEEP_SECONDS = 4 * 3600
"""How long a push service keeps it for a phone that is off: an order of last night wakes nobody."""

VALID_SECONDS = 12 * 3600
GONE = (404, 410)


def send(parcel: Parcel, ways: Ways) -> Outcome:
    """Hands it to the phone's push service, and says what came of it; ``gone`` where the phone takes nothing any more."""
    if ways.secrets is None or parcel.key is None or parcel.auth is None:
        return Outcome(ways.closed("push") or "This phone can't be written to.", final=True)
    target = ways.lists.phone(parcel.address)
    body = encrypt(encode(notice(parcel)), from_base64url(parcel.key), from_base64url(parcel.auth))
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(KEEP_SECONDS),
        "Urgency": "normal" if parcel.message.get("priority") == "routine" else "high",
        "Authorization": vapid(target, ways, ways.secrets.push(), parcel.now),
    }
    outcome = reaching.post(target, body, headers, ways.lists)
    if outcome.status in GONE:
        return Outcome("This phone takes nothing any more, and was removed.", final=True, gone=True)
    return outcome


def notice(parcel: Parcel) -> dict[str, str]:
    """What the phone shows. ``id`` keeps it from showing the same twice, ``page`` is what a tap opens."""
    message = parcel.message
    return {"id": str(parcel.id), "title": words.title(message), "body": words.headline(message), "page": message["page"]}


def encrypt(content: bytes, phone: bytes, auth: bytes, salt: bytes | None = None, once: ec.EllipticCurvePrivateKey | None = None) -> bytes:
    """One aes128gcm record that only the phone of these keys can read; ``salt`` and the key used ``once`` are drawn. ValueError."""
    salt, once = salt or os.urandom(16), once or ec.generate_private_key(ec.SECP256R1())
    theirs, ours = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), phone), point(once.public_key())
    shared = once.exchange(ec.ECDH(), theirs)
    both = _hkdf(shared, auth, b"WebPush: info\0" + phone + ours, 32)
    key = _hkdf(both, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _hkdf(both, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD.to_bytes(4) + bytes([len(ours)]) + ours
    return head + AESGCM(key).encrypt(nonce, content + b"\x02", None)


def vapid(target: Target, ways: Ways, key: ec.EllipticCurvePrivateKey, now: datetime) -> str:
    """The Authorization header: a token of this hub for this push service, good for half a day."""
    claims = {"aud": target.place, "exp": int(now.timestamp()) + VALID_SECONDS, "sub": ways.contact}
    signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{base64url(r.to_bytes(32) + s.to_bytes(32))}"
    return f"vapid t={token}, k={base64url(point(key.public_key()))}"


def _hkdf(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    return HKDF(hashes.SHA256(), size, salt, info).derive(secret)
