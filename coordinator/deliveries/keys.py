"""Secrets of what goes out, all derived from the hub's one key, so that none is in the database and none more has to be kept.

HKDF (RFC 5869) under a name for each purpose: who has one of them has neither another nor the key itself.
"""

from __future__ import annotations

import base64
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Secrets:
    """What is derived from the hub's key, given as PEM; ValueError where that is none."""

    def __init__(self, pem: str) -> None:
        try:
            key = serialization.load_pem_private_key(pem.encode(), None)
        except TypeError:
            raise ValueError("a key under a passphrase") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 key")
        self._key = key.private_bytes_raw()

    def hook(self, address: UUID) -> bytes:
        """The secret by which a webhook is signed: 32 bytes, of this address alone."""
        return self._derived(b"webhook " + address.bytes, 32)

    def push(self) -> ec.EllipticCurvePrivateKey:
        """The key by which push services know this hub (RFC 8292); 16 bytes more than needed make the remainder even."""
        return ec.derive_private_key(int.from_bytes(self._derived(b"web push", 48)) % (P256_ORDER - 1) + 1, ec.SECP256R1())

    def push_public(self) -> str:
        """Its public half, uncompressed, in base64url: what a phone subscribes with."""
        return base64url(point(self.push().public_key()))

    def _derived(self, purpose: bytes, size: int) -> bytes:
        return HKDF(hashes.SHA256(), size, None, b"tallyroom outgoing " + purpose).derive(self._key)


def shown(secret: bytes) -> str:
    """A webhook's secret as its receiver enters it, in the form of Standard Webhooks."""
    return "whsec_" + base64.b64encode(secret).decode()


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as an uncompressed point, 65 bytes."""
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def is_point(text: str) -> bool:
    """Whether a text is such a point in base64url."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(text))
    except ValueError:
        return False
    return True


def base64url(content: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """The content of base64url, with or without padding; ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", validate=True)
