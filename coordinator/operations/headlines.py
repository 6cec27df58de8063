"""Headlines: sentences with figures in braces, declared once and checked when they are. Pure.

    {victims_rescued} victims rescued, of whom {victims_rescued.minor} minors; {not_returned} not returned to care

In braces stands a measure, a category of one, or a derived measure, as in ``expressions.py``. The relations between figures are
said in words, so the words are held to what is counted: after "of whom", to the end of the clause, only parts of the measure
that stands before it, and after "in addition" nothing that is counted in a figure before it already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

from coordinator.operations.expressions import Cell, ExpressionError, parse_derived

_BRACES = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"\b(of (whom|which|them|these|those)|among (whom|which|them|these)|including|thereof)\b", re.I)
_ADDED = re.compile(r"\b(in addition|additional(ly)?|as well as|besides|plus|on top of)\b", re.I)
_CLAUSE = re.compile(r"[.;:](\s|$)")


@dataclass(frozen=True)
class Headline:
    """A declared sentence and its code."""

    code: str
    text: str


@dataclass(frozen=True)
class Place:
    """A figure in a sentence, and the words between the one before it and itself."""

    cell: Cell
    before: str


def places(text: str) -> list[Place]:
    """The figures of a sentence in order. An ExpressionError names what in braces can't be read."""
    found = list(_BRACES.finditer(text))
    begins = [0, *(match.end() for match in found)]
    return [Place(_cell(match[1]), text[begin : match.start()]) for begin, match in zip(begins, found, strict=False)]


def filled(text: str, figure: Callable[[Cell], str]) -> str:
    """The sentence with each figure written by ``figure``."""
    return _BRACES.sub(lambda match: figure(_cell(match[1])), text)


def problem(text: str, known: Collection[Cell]) -> str | None:
    """What stands against a headline where ``known`` are the figures there are: a sentence, None where nothing does."""
    try:
        found = places(text)
    except ExpressionError as fault:
        return str(fault)
    if not found or set("{}") & set(_BRACES.sub("", text)):
        return "Put each figure in braces of its own: {arrests} arrests made."
    unknown = [spelled(place.cell) for place in found if place.cell not in known]
    if unknown:
        return f"There is no measure {', '.join(unknown)}."
    return next((said for said in (*_not_parts(found), *_counted_twice(found))), None)


def spelled(cell: Cell) -> str:
    """``victims_rescued.minor``."""
    return ".".join(filter(None, cell))


def _cell(text: str) -> Cell:
    total = parse_derived(text)
    if len(total.terms) != 1:
        raise ExpressionError(1, f"In braces stands one figure, not a sum: {{{text}}}. Declare a derived measure and name that.")
    _, measure, category = total.terms[0]
    return measure, category


def _not_parts(found: list[Place]) -> Iterator[str]:
    """Figures said to be part of another that they are no part of."""
    whole: Cell | None = None
    for before, place in pairwise([Place(("", None), ""), *found]):
        if _PART.search(place.before):
            whole = before.cell
        elif _CLAUSE.search(place.before):
            whole = None
        if whole is not None and not _is_part(place.cell, whole):
            yield f"{spelled(place.cell)} is said to be part of {spelled(whole) or 'nothing'}: only its categories are part of a measure."


def _is_part(cell: Cell, whole: Cell) -> bool:
    return cell[0] == whole[0] and cell[1] is not None and whole[1] is None


def _counted_twice(found: list[Place]) -> Iterator[str]:
    """Figures said to be in addition to one that holds them."""
    for number, place in enumerate(found):
        if _ADDED.search(place.before):
            overlapping = [one.cell for one in found[:number] if _overlap(one.cell, place.cell)]
            if overlapping:
                yield f"{spelled(place.cell)} is said to be in addition, and {spelled(overlapping[0])} counts the same already."


def _overlap(one: Cell, other: Cell) -> bool:
    return one[0] == other[0] and (None in (one[1], other[1]) or one[1] == other[1])
