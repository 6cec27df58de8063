"""Texts that are the same wherever they are written, and the chains they stand in. Nothing but the standard library.

Canonical JSON here is RFC 8785 for what we write: sorted members, no spaces, UTF-8, whole numbers and no others.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

FIRST = bytes(32)
"""What stands before the first link of a chain."""


class NotCanonical(ValueError):
    """A text that is not JSON, or not written as canonical JSON is; says what is wrong."""


def encode(document: Any) -> bytes:
    """Canonical JSON."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(content: bytes) -> Any:
    """What a canonical text says; NotCanonical where it is written in any other way, so that one content has one text."""
    try:
        document = json.loads(content.decode(), object_pairs_hook=_members, parse_float=_no_fraction, parse_constant=_no_fraction)
        same = encode(document) == content
    except RecursionError:
        raise NotCanonical("nested too deeply") from None
    except ValueError as problem:
        raise NotCanonical(f"not readable ({problem})") from None
    if not same:
        raise NotCanonical("not written as canonical JSON is")
    return document


def link(before: bytes, number: int, digest: bytes) -> bytes:
    """One link of a chain: SHA-256 of the seal before, the number as 8 bytes, and the digest of what is sealed."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + digest).digest()


def digest(content: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(content).digest()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _no_fraction(text: str) -> Any:
    raise ValueError(f"{text} is not a whole number")
