"""The little language of ``rules`` and ``derived``: sums and differences of measures, and for a rule one comparison.

    rule     = sum comparison sum           located <= listed
    derived  = sum                          located - returned_to_care - discharged
    sum      = term { ("+" | "-") term }
    term     = measure [ "." category ]     victims_rescued, victims_rescued.minor, victims_rescued."missing child"
    category = bare | quoted                bare: [a-z][a-z0-9_]*; quoted: anything in straight quotation marks, one inside written twice

A measure alone is its total; with a category it is that part. Spaces may stand between words and signs. Nothing else
parses: a number would be a figure no one has reported and no journal holds, and without products and parentheses every
expression reads from left to right in one way. A comparison has one spelling, as desks write it: ``=`` and not ``==``.
The text is read once into values and never run.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

LONGEST = 300
"""Characters an expression may have, as sent and as written back with single spaces."""

LONGEST_CATEGORY = 80

Number = int | Decimal
Cell = tuple[str, str | None]
"""A measure and one of its categories, or None for its total."""
Figures = Callable[[str, str | None], Number]
"""Gives the figure of a measure (in whole units of count, not scaled) and a category, or of the measure's total for None.
What a cell no one has reported counts as is the caller's to say."""

COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
SIGNS = {"+": 1, "-": -1}

_MEASURE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_BARE = re.compile(r"[a-z][a-z0-9_]*")
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<word>\w+) | (?P<quoted>"(?:[^"]|"")*") | (?P<dot>\.) | (?P<sign>[+-]) | (?P<comparison>[<>=!≤≥≠]+) | (?P<other>\S) | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


class ExpressionError(ValueError):
    """An expression that does not parse; its text is a sentence, ``column`` counts characters from 1."""

    def __init__(self, column: int, fault: str) -> None:
        super().__init__(f"Column {column}: {fault}")
        self.column = column


@dataclass(frozen=True)
class Sum:
    """Measures added and taken away: ``terms`` of sign (1 or -1), measure and category or None. The first sign is 1."""

    terms: tuple[tuple[int, str, str | None], ...]

    def __str__(self) -> str:
        signed = [f"{'+' if sign > 0 else '-'} {_term_text(measure, category)}" for sign, measure, category in self.terms]
        return " ".join(signed).removeprefix("+ ")

    def measures(self) -> set[Cell]:
        """Every measure and category the sum speaks of, for the caller to look up in its catalogue."""
        return {(measure, category) for _, measure, category in self.terms}

    def evaluate(self, figures: Figures) -> Number:
        """What it comes to; below 0 where more is taken away than there is. An int unless a figure is a Decimal."""
        return sum(sign * figures(measure, category) for sign, measure, category in self.terms)


@dataclass(frozen=True)
class Rule:
    """Two sums and the comparison that must hold between them, one of COMPARISONS."""

    left: Sum
    comparison: str
    right: Sum

    def __str__(self) -> str:
        return f"{self.left} {self.comparison} {self.right}"

    def measures(self) -> set[Cell]:
        """Every measure and category of both sides."""
        return self.left.measures() | self.right.measures()

    def evaluate(self, figures: Figures) -> bool:
        """Whether it holds."""
        return COMPARISONS[self.comparison](self.left.evaluate(figures), self.right.evaluate(figures))


def parse_derived(text: str) -> Sum:
    """``listed - returned_to_care`` -> Sum; ExpressionError where it is anything but a sum of measures."""
    reader = _Reader(text)
    total = _sum(reader)
    if reader.token.kind == "comparison":
        raise reader.fault("A derived measure is a sum; a comparison belongs to a rule.")
    reader.expect_end("+ or -")
    _bounded(str(total))
    return total


def parse_rule(text: str) -> Rule:
    """``located <= listed`` -> Rule; ExpressionError where it is anything but two sums and one comparison."""
    reader = _Reader(text)
    left = _sum(reader)
    comparison = _comparison(reader)
    rule = Rule(left, comparison, _sum(reader))
    if reader.token.kind == "comparison":
        raise reader.fault("A rule has one comparison, and this is a second one.")
    reader.expect_end("+ or -")
    _bounded(str(rule))
    return rule


class _Token(NamedTuple):
    kind: str
    text: str
    column: int

    def shown(self) -> str:
        """The token as a sentence can name it; what can't be printed is named by its code point."""
        if self.kind == "end":
            return "the end"
        return f"'{self.text}'" if self.text.isprintable() else f"the character U+{ord(self.text[0]):04X}"


class _Reader:
    """The tokens of a text one after the other: ``token`` is the one to be read next."""

    def __init__(self, text: str) -> None:
        _bounded(text)
        self._rest = _tokens(text)
        self.token = next(self._rest)

    def take(self) -> _Token:
        """The next token, which is then behind us; the end stays the end."""
        taken = self.token
        self.token = next(self._rest, taken)
        return taken

    def fault(self, text: str) -> ExpressionError:
        """An error at the next token."""
        return ExpressionError(self.token.column, text)

    def expect_end(self, instead: str) -> None:
        """An error unless all is read; ``instead`` names what else could have stood here."""
        if self.token.kind != "end":
            raise self.fault(_misplaced(self.token, f"{instead} or the end"))


def _tokens(text: str) -> Iterator[_Token]:
    """The text cut into tokens, the last of them ``end``. Every text can be cut: what means nothing is ``other``."""
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        yield _Token(kind, match[kind], match.start(kind) + 1)


def _sum(reader: _Reader) -> Sum:
    terms = [(1, *_term(reader))]
    while reader.token.kind == "sign":
        terms.append((SIGNS[reader.take().text], *_term(reader)))
    return Sum(tuple(terms))


def _term(reader: _Reader) -> Cell:
    measure = _measure(reader)
    if reader.token.kind != "dot":
        return measure, None
    reader.take()
    return measure, _category(reader)


def _measure(reader: _Reader) -> str:
    token = reader.token
    if token.kind != "word":
        raise reader.fault(_misplaced(token, "a measure"))
    if token.text.isdecimal():
        raise reader.fault(f"A number such as {token.text} has no place here: only measures are added, taken away and compared.")
    if not _MEASURE.fullmatch(token.text):
        raise reader.fault(f"{token.shown()} is not a measure's code: up to 63 small letters, digits and _, a letter first.")
    return reader.take().text


def _category(reader: _Reader) -> str:
    token = reader.token
    if token.kind not in ("word", "quoted"):
        raise reader.fault(_misplaced(token, 'a category (minor, or "missing child" in quotation marks)'))
    if token.kind == "word" and not _BARE.fullmatch(token.text):
        raise reader.fault(f'Write this category in quotation marks, "{token.text}": it is not small letters, digits and _ alone.')
    name = token.text if token.kind == "word" else token.text[1:-1].replace('""', '"')
    if not 1 <= len(name) <= LONGEST_CATEGORY:
        raise reader.fault(f"A category's name has 1 to {LONGEST_CATEGORY} characters; this one has {len(name)}.")
    reader.take()
    return name


def _comparison(reader: _Reader) -> str:
    token = reader.token
    if token.kind != "comparison":
        raise reader.fault(_misplaced(token, "+, - or one of the comparisons <=, >=, <, >, ="))
    if token.text not in COMPARISONS:
        raise reader.fault(f"{token.shown()} is not one of the comparisons <=, >=, <, >, =.")
    return reader.take().text


def _misplaced(token: _Token, expected: str) -> str:
    """What was expected, what stands there, and what the slip most likely was."""
    if token.text == '"':
        return "This quotation mark is never closed."
    hint = ""
    if token.text in ("“", "”", "„", "'", "‘", "’"):
        hint = ' Quotation marks here are straight and double: "missing child".'
    elif token.text in ("−", "–", "—"):
        hint = " Write the plain sign - for a difference."
    elif token.kind == "word" and expected.startswith("+"):
        hint = " A category's name with spaces is written in quotation marks."
    elif token.text in ("*", "/", "(", ")"):
        hint = " There are no products and no parentheses."
    return f"Expected {expected} here, not {token.shown()}.{hint}"


def _term_text(measure: str, category: str | None) -> str:
    """The shortest text of a term: quotation marks where the category's name needs them."""
    if category is None:
        return measure
    quoted = '"' + category.replace('"', '""') + '"'
    return f"{measure}.{category if _BARE.fullmatch(category) else quoted}"


def _bounded(text: str) -> None:
    """Both what was sent and what it is written back as: so whatever parses can be printed and parsed again."""
    if len(text) > LONGEST:
        fault = f"An expression has at most {LONGEST} characters, a space on each side of a sign counted; this one has {len(text)}."
        raise ExpressionError(LONGEST + 1, fault)
