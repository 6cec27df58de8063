"""A phone's side of Web Push, written from the RFCs for the test alone: its keys, and how it reads what it is sent."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.deliveries.receivers import Received


def coded(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The content of that."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """A phone that subscribes at ``endpoint``."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint, self.auth = endpoint, os.urandom(16)
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.key = self.secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> dict[str, str]:
        """What it tells the hub."""
        return {"endpoint": self.endpoint, "key": coded(self.key), "auth": coded(self.auth)}

    def read(self, body: bytes) -> dict[str, Any]:
        """What it is told (RFC 8188, RFC 8291)."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        shared = self.secret.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        both = HKDF(hashes.SHA256(), 32, self.auth, b"WebPush: info\0" + self.key + sender).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(both)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(both)
        opened = AESGCM(key).decrypt(nonce, sealed, None)
        content, last, padding = opened.rpartition(b"\x02")
        assert (last, padding.strip(b"\0")) == (b"\x02", b"")
        return dict(json.loads(content))


def vouched(received: Received, key: str) -> dict[str, Any]:
    """The claims of whoever sent it, held against the hub's key as a push service does (RFC 8292)."""
    kind, _, rest = received.headers["Authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (kind, parts["k"]) == ("vapid", key)
    head, claims, signature = parts["t"].split(".")
    raw = decoded(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    return dict(json.loads(decoded(claims)))
