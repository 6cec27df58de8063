"""JSON as it goes over the wire: strict in, exact out; and text that goes into a spreadsheet, made harmless."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import orjson

from coordinator.errors import NotReadable

MOST_DIGITS = 1_000
"""Digits of a whole number: far beyond any figure, and few enough to be read at once."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")

_HALF = re.compile("[\ud800-\udfff]")


def strict_json(body: bytes) -> Any:
    """JSON as RFC 8259 and I-JSON have it; NotReadable says what is wrong."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_int=_whole, parse_constant=_no_constant)
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
    if any(map(holds_half, members)):
        raise ValueError("a member's name holds half a character (a lone surrogate)")
    return members


def holds_half(text: str) -> bool:
    """Whether half a character (a lone surrogate) is in the text: JSON can spell one, and no encoding can write it."""
    return _HALF.search(text) is not None


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"a number has more digits than {MOST_DIGITS}")
    return int(digits)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def encode(document: Any) -> bytes:
    """JSON in UTF-8. Figures past 64 bits are rare but exact: the standard library writes those."""
    try:
        return orjson.dumps(document)
    except TypeError:
        return json.dumps(document, ensure_ascii=False).encode()


def harmless(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would run it as a formula: tried as it is, and in its plainest form
    (NFKC, without what can't be seen in front), as a spreadsheet may read it."""
    plain = unicodedata.normalize("NFKC", text).lstrip(" \u200b\u200c\u200d\u2060")
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) or plain.startswith(_STARTS_A_FORMULA) else text
