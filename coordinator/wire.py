"""JSON as it goes over the wire: strict in, exact out."""

from __future__ import annotations

import json
from typing import Any

import orjson

from coordinator.errors import NotReadable


def strict_json(body: bytes) -> Any:
    """JSON as RFC 8259 and I-JSON have it; NotReadable says what is wrong."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise NotReadable("The body is not UTF-8.") from None
    except RecursionError:
        raise NotReadable("The body is nested too deeply.") from None
    except ValueError as problem:
        raise NotReadable(f"The body is not JSON: {problem}.") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object names a member twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def encode(document: Any) -> bytes:
    """JSON in UTF-8. Figures past 64 bits are rare but exact: the standard library writes those."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, ensure_ascii=False).encode()
