"""One spelling of a document, so that its hash means the document: UTF-8, members sorted, no spaces, no floats. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson


def canonical(document: Any) -> bytes:
    """The document in its one spelling. Figures past 64 bits are rare but exact: the standard library writes those alike."""
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(document: Any) -> bytes:
    """SHA-256 of the document in its one spelling."""
    return hashlib.sha256(canonical(document)).digest()


def digest_text(digest: bytes) -> str:
    """``sha-256:<hex>``."""
    return f"sha-256:{bytes(digest).hex()}"
