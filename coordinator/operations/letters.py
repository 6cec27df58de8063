"""The letters by which figures are said over a telephone: one for each category of each measure of an operation. Pure.

A letter, once given, stays: what is added later gets one that is free, and what is removed leaves its own to nobody. Letters that
are taken for digits (I, L, O), that stands for a joint action (J) and that sounds like another word (U) are given to none. Where an
operation counts more than there are letters, the rest is said with two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count, product

from coordinator.operations.models import UNSPECIFIED

LETTERS = "ABCDEFGHKMNPQRSTVWXYZ"

Letters = dict[str, dict[str, str]]
"""Measure's code -> category -> its letter."""


def lettered(kept: Mapping[str, Mapping[str, str]], cells: Iterable[tuple[str, str, str]]) -> Letters:
    """``kept`` and, for each cell (measure's code, its label, category) that has no letter yet, one more, in the order given."""
    letters = {measure: dict(categories) for measure, categories in kept.items()}
    taken = {letter for categories in letters.values() for letter in categories.values()}
    for measure, label, category in cells:
        own = letters.setdefault(measure, {})
        if category not in own:
            own[category] = _free(_wanted(label, category), taken)
            taken.add(own[category])
    return letters


def _wanted(label: str, category: str) -> str:
    """The letters that would be understood best, the best first: those that words begin with, then the others."""
    text = (label if category == UNSPECIFIED else f"{category} {label}").upper()
    letters = "".join(word[0] for word in text.split()) + text
    return "".join(letter for letter in letters if letter in LETTERS)


def _free(wanted: str, taken: Collection[str]) -> str:
    return next(code for code in _codes(wanted) if code not in taken)


def _codes(wanted: str) -> Iterator[str]:
    yield from wanted
    yield from LETTERS
    for more in count(1):
        yield from ((wanted or LETTERS)[0] + "".join(rest) for rest in product(LETTERS, repeat=more))
