"""A new signing key, by the standard library alone: ``up`` makes one, and runs for weeks without what uses it."""

from __future__ import annotations

import base64
import secrets

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 secret bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7)."""


def fresh_key() -> str:
    """A private Ed25519 key in PEM."""
    body = base64.b64encode(PKCS8 + secrets.token_bytes(32)).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
