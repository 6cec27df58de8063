"""Ed25519: the hub's key, signatures with it, and what others know it by. The one place that knows ``cryptography``."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class NotAKey(ValueError):
    """A text that holds no Ed25519 key; says what it should hold."""


class Signer:
    """The hub's key."""

    def __init__(self, text: str) -> None:
        """From PEM (PKCS #8, without a passphrase); NotAKey where it is anything else."""
        try:
            key = serialization.load_pem_private_key(text.encode(), None)
        except (ValueError, TypeError):
            raise NotAKey("The signing key is not a private key in PEM without a passphrase.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise NotAKey("The signing key is a key of another kind: it must be Ed25519.")
        self._key = key
        self.public = key.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> bytes:
        """The signature, 64 bytes."""
        return self._key.sign(content)


def public_pem(public: str) -> str:
    """A public key, given as 64 hexadecimal digits, in PEM."""
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def holds(public: str, signature: bytes, content: bytes) -> bool:
    """Whether this is the signature of that key's holder under the content."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def read_public(path: Path) -> str:
    """A public key from a file: PEM, the hub's answer at /api/v1/signing-key, or 64 hexadecimal digits; NotAKey, OSError."""
    text = path.read_text(errors="replace").strip()
    try:
        if text.startswith("-----"):
            key = serialization.load_pem_public_key(text.encode())
            if isinstance(key, Ed25519PublicKey):
                return key.public_bytes_raw().hex()
        digits = str(json.loads(text)["key"]) if text.startswith("{") else text
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits)).public_bytes_raw().hex()
    except (ValueError, KeyError, TypeError):
        raise NotAKey(
            f"{path} holds no public Ed25519 key: PEM, the hub's answer at /api/v1/signing-key, or 64 hexadecimal digits."
        ) from None
