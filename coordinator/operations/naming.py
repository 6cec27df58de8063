"""Codes and sentences made from what people wrote: an agency's name to ``KY-KSP``, an expression to words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import count

LONGEST_UNIT, LONGEST_RULE = 32, 63
"""Characters in the code of a unit and of a rule."""

_SMALL = {"of", "and", "the", "for", "in", "at", "on"}
_ENDINGS = {"police department": "PD", "sheriff's office": "SO", "sheriff's department": "SO"}
_SAID = {"<=": "at most", ">=": "at least", "<": "below", ">": "above", "=": "equal to", "+": "plus", "-": "minus"}
_SIGN = re.compile(r"\s*(<=|>=|[<>=+-])\s*")


def unit_code(parent: str, name: str) -> str:
    """A code below ``parent``: initials, but local police and sheriffs keep their place (``TX-AUSTIN-PD``)."""
    plain = re.sub(r"\(.*?\)", "", _ascii(name)).strip()
    return f"{parent}-{_short(plain)}"[: LONGEST_UNIT - 3].rstrip("-")


def place_code(parent: str, name: str) -> str:
    """A site's code keeps its whole name: ``KS-WICHITA``."""
    return f"{parent}-{_slug(_ascii(name)) or 'SITE'}"[: LONGEST_UNIT - 3].rstrip("-")


def unique(code: str, taken: Collection[str]) -> str:
    """``code``, with a number behind it if it is taken."""
    number, free = 2, code
    while free in taken:
        number, free = number + 1, f"{code}-{number}"
    return free


def numbered(stem: str, taken: Collection[str]) -> str:
    """``stem`` with the first number from 1 that is free."""
    return next(code for number in count(1) if (code := f"{stem}{number}") not in taken)


def relation_code(expression: str) -> str:
    """``located <= listed`` -> ``located-at-most-listed``."""
    words = _SIGN.sub(lambda sign: f"-{_SAID[sign[1]]}-", expression).lower()
    return re.sub(r"[^a-z0-9]+", "-", words)[: LONGEST_RULE - 3].strip("-")


def sentence(expression: str, labels: dict[str, str]) -> str:
    """``located <= listed`` -> ``Children located must be at most Children on the list``, with the measures' labels by code."""
    words = _SIGN.sub(lambda sign: f" {'' if sign[1] in '+-' else 'must be '}{_SAID[sign[1]]} ", expression)
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), words)


def _short(name: str) -> str:
    for ending, letters in _ENDINGS.items():
        if name.lower().endswith(" " + ending):
            return f"{_slug(name[: -len(ending)])[:20]}-{letters}"
    words = [word for word in re.findall(r"[A-Za-z0-9]+", name.replace("'s", "")) if word.lower() not in _SMALL]
    return words[0].upper() if len(words) == 1 else "".join(word[0] for word in words).upper()[:12] or "UNIT"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode()
