"""A report as one line of text that can be said, typed and checked: ``KY NEW A46 V21 M2 5Q7 K02 X4T #R7``. Pure.

Its groups are the unit; ``NEW`` (since the last report), ``ALL`` (standing figures) or ``NIL`` (nothing new); a letter and a figure
for each cell (``A46``; ``C?`` where there is some and how much is not known); ``J`` and the code of a joint action; ``+`` and each unit
that assisted; and the mark. The mark is nine symbols of Crockford's base 32: the second of observation modulo 2^30 (34 years), and 15 bits
of the phone's Idempotency-Key, so that the report itself is recognised when the phone's queue comes through.

After ``#`` stand two symbols that check all the others: the line's symbols as digits of a number to the base 43, begun with the code of
the operation, modulo 997. Since 997 is prime and larger than the base, a symbol heard wrong (d * 43^n) and two neighbours swapped
((a - b) * 42 * 43^n) always leave another remainder. A line of another operation, as of an exercise, does so as a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from coordinator.fields import MOST as MOST_FIGURE
from coordinator.reports import spoken
from coordinator.reports.spoken import DIGITS

MOST, LEAST = 2000, 5
"""Characters of a line at most, and groups at least."""

EARLY = timedelta(minutes=5)
"""How far ahead of the hub's clock the phone's may be that wrote the line."""

BASES = {"NEW": "increment", "ALL": "to_date", "NIL": "increment"}
SOME = "some; how much was not said"
"""What stands where a line says ``?``."""

_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-.?+ "
LETTERS_AND_DIGITS = 36
_BASE, _PRIME = 43, 997
_SECONDS, _TAG = 30, 15
"""Bits of the mark."""

_HEARD = str.maketrans("OIL", "011")
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNIT = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
_FIGURE = re.compile(r"([A-HKMNP-TV-Z]{1,8})([0-9]{1,13}(?:\.[0-9]{1,6})?|\?)")
_TYPED = re.compile(r"([A-HKMNP-TV-Z]{1,8})([0-9OIL]{1,13}(?:\.[0-9OIL]{1,6})?)")
_JOINT = re.compile(r"J[0-9A-Z]{5}")
_MARK = re.compile(f"[{DIGITS}]{{3}}")
_CHECK = re.compile(f"[{DIGITS}]{{2}}")


class Cell(NamedTuple):
    """What a letter stands for."""

    measure: str
    category: str
    scale: int


@dataclass(frozen=True)
class Book:
    """What a line of an operation is written in: the operation's code, its units, and what each letter stands for."""

    code: str
    units: frozenset[str]
    cells: Mapping[str, Cell]


class Misheard(ValueError):
    """The line is not what was said: a sentence for whoever types it, and the groups that are doubtful, as they are typed."""

    def __init__(self, sentence: str, doubtful: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.doubtful = list(doubtful)


@dataclass(frozen=True)
class Said:
    """A line that checks: as it is written, its mark, and the report it says, as ``ReportIn`` loads one."""

    line: str
    mark: str
    content: dict[str, Any]


def mark(observed_at: datetime, key: str | None) -> str | None:
    """The nine symbols by which a report is recognised; None for a key that is no UUID, as every key of a phone is."""
    if key is None or not _KEY.fullmatch(key):
        return None
    return _digits((int(observed_at.timestamp() // 1) % 2**_SECONDS) << _TAG | int(key[:8], 16) >> (32 - _TAG))


def observed(mark: str, latest: datetime) -> datetime:
    """The second that a mark speaks of: of those it can mean, the last that is not after ``latest``."""
    residue = _number(mark) >> _TAG
    return datetime.fromtimestamp(int(latest.timestamp()) - (int(latest.timestamp()) - residue) % 2**_SECONDS, UTC)


def write(book: Book, body: Mapping[str, Any], observed_at: datetime, key: str) -> str | None:
    """The line of a report as the API takes it; None where a line can't say it: a correction, a note beside it is left out, units that
    assisted in some of its lines alone, a cell of which a part is not known."""
    figures, assisting = _figures(book, body), {tuple(sorted(line.get("assisting", ()))) for line in body["lines"] if "quantity" in line}
    own = mark(observed_at, key)
    if own is None or figures is None or body.get("corrects") or len(assisting) > 1:
        return None
    basis = "NIL" if body.get("nil") else "NEW" if body["basis"] == "increment" else "ALL"
    joint = ["J" + body["joint_action"].replace("-", "")] if body.get("joint_action") else []
    helpers = [f"+{code}" for code in next(iter(assisting), ())]
    return _checked(book, " ".join([body["unit"], basis, *figures, *joint, *helpers, own[:3], own[3:6], own[6:]]))


def read(book: Book, text: str, latest: datetime) -> Said:
    """The report that a line says; ``latest`` is the last moment it may speak of. Refuses with Misheard."""
    groups, check = _parts(text)
    body = " ".join(groups)
    if _check(book.code, body) != check:
        raise _doubted(book, groups, check)
    problem = _problem(book, groups)
    if problem:
        raise Misheard(*problem)
    own = "".join(groups[-3:])
    return Said(f"{body} #{check}", own, _content(book, groups, observed(own, latest)))


def _figures(book: Book, body: Mapping[str, Any]) -> list[str] | None:
    """A group for each cell of a body, in the order in which they are first named."""
    letters = {(cell.measure, cell.category): letter for letter, cell in book.cells.items()}
    found: dict[str, Decimal | None] = {}
    for line in body["lines"]:
        letter = letters.get((line["measure"], line.get("category", "unspecified")))
        quantity = Decimal(line["quantity"]) if "quantity" in line else None
        if letter is None or (letter in found and (found[letter] is None or quantity is None)):
            return None
        found[letter] = quantity if quantity is None else (found.get(letter) or 0) + quantity
    return [letter + ("?" if quantity is None else _figure(quantity, book.cells[letter].scale)) for letter, quantity in found.items()]


def _figure(quantity: Decimal, scale: int) -> str:
    """Cents only where there are any."""
    return f"{quantity:.0f}" if quantity == quantity.to_integral_value() else f"{quantity:.{scale}f}"


def _parts(text: str) -> tuple[list[str], str]:
    """The groups of what was typed, with what is heard as a digit made one, and the two symbols that check them."""
    head, sign, tail = re.sub(r"\s", " ", text.rstrip()).upper().partition("#")
    groups, check = head.removesuffix(" ").split(" "), tail.replace(" ", "").translate(_HEARD)
    if not sign or not _CHECK.fullmatch(check):
        raise Misheard("A line ends in # and two letters or digits, such as #R7.")
    if "" in groups:
        raise Misheard("Two spaces stand together, or one at the beginning. Is a symbol missing there? If not, take one out.")
    strange = [group for group in groups if not set(group) <= set(_SYMBOLS)]
    if strange:
        raise Misheard(f"{', '.join(strange)}: there is a sign in it that stands in no line.", strange)
    if len(groups) < LEAST:
        raise Misheard("The line is too short: it begins with the unit and NEW, ALL or NIL, and ends in three groups of three and a check.")
    return [_plain(group, place, len(groups) - place) for place, group in enumerate(groups)], check


def _plain(group: str, place: int, from_end: int) -> str:
    """A group as it is written: a digit where only one can stand and what was typed looks like it."""
    if place < 2:
        return group
    if from_end <= 3:
        return group.translate(_HEARD)
    figure = _TYPED.fullmatch(group)
    if figure:
        return figure[1] + figure[2].translate(_HEARD)
    return "J" + group[1:].translate(_HEARD) if _JOINT.fullmatch(group) else group


def _problem(book: Book, groups: Sequence[str]) -> tuple[str, list[str]] | None:
    """What keeps groups that check from being a line of this operation, and which."""
    unit, basis, *middle = groups[:-3]
    if unit not in book.units:
        return f"There is no unit {unit} in this operation.", [unit]
    if basis not in BASES:
        return f"After the unit comes NEW, ALL or NIL, not {basis}.", [basis]
    wrong = [group for group in middle if not _good(book, group)] + [group for group in groups[-3:] if not _MARK.fullmatch(group)]
    if wrong:
        return f"{', '.join(wrong)}: nothing in this operation is said so.", wrong
    letters = [figure[1] for group in middle if (figure := _FIGURE.fullmatch(group))]
    if len(set(letters)) < len(letters) or (basis == "NIL") != (not middle) or (basis != "NIL" and not letters):
        return "The line does not fit together: NIL goes without figures, NEW and ALL with one figure a letter.", [basis]
    return None


def _good(book: Book, group: str) -> bool:
    figure = _FIGURE.fullmatch(group)
    if figure:
        cell = book.cells.get(figure[1])
        places = len(figure[2].partition(".")[2])
        return cell is not None and places in (0, cell.scale) and (figure[2] == "?" or Decimal(figure[2]) <= MOST_FIGURE)
    if _JOINT.fullmatch(group):
        return _joint(group) is not None
    return group.startswith("+") and group[1:] in book.units


def _joint(group: str) -> str | None:
    try:
        return spoken.read(group[1:])
    except ValueError:
        return None


def _content(book: Book, groups: Sequence[str], at: datetime) -> dict[str, Any]:
    unit, basis, *middle = groups[:-3]
    assisting = [group[1:] for group in middle if group.startswith("+")]
    joint = [code for group in middle if _JOINT.fullmatch(group) and (code := _joint(group))]
    lines = [_line(book, figure, assisting) for group in middle if (figure := _FIGURE.fullmatch(group))]
    content: dict[str, Any] = {"unit": unit, "basis": BASES[basis], "observed_at": at, "lines": lines, "nil": basis == "NIL"}
    return content | {"note": None, "corrects": None, "reason": None} | ({"joint_action": joint[0]} if joint else {})


def _line(book: Book, figure: re.Match[str], assisting: list[str]) -> dict[str, Any]:
    cell, text = book.cells[figure[1]], figure[2]
    line: dict[str, Any] = {"measure": cell.measure, "category": cell.category}
    if text == "?":
        return line | {"unquantified": SOME, "assisting": []}
    return line | {"quantity": Decimal(text) if cell.scale else int(text), "assisting": assisting}


def _checked(book: Book, body: str) -> str:
    return f"{body} #{_check(book.code, body)}"


def _check(code: str, body: str) -> str:
    remainder = _remainder(code, body)
    return DIGITS[remainder // 32] + DIGITS[remainder % 32]


def _remainder(code: str, body: str) -> int:
    remainder = 0
    for symbol in f"{code.upper()} {body}":
        remainder = (remainder * _BASE + _SYMBOLS.index(symbol) + 1) % _PRIME
    return remainder


def _doubted(book: Book, groups: Sequence[str], check: str) -> Misheard:
    """Which groups, if one symbol of them were another or two were swapped, would make the line check and be one of this operation."""
    body, right = " ".join(groups), _check(book.code, " ".join(groups))
    wanted = (DIGITS.index(check[0]) * 32 + DIGITS.index(check[1]) - _remainder(book.code, body)) % _PRIME
    doubtful = {place for place, other in _others(body, wanted) if _fits(book, other.split())}
    named = [groups[place] for place in sorted(doubtful)]
    if _fits(book, groups) and (check == right[::-1] or check[0] == right[0] or check[1] == right[1]):
        named.append(f"#{check}")
    if not named:
        return Misheard("The check does not fit, and no single symbol explains it. Ask for the whole line once more, and for the check.")
    return Misheard(f"Something was misheard, probably in {' or '.join(named)}. Ask for that once more, and for the check.", named)


def _fits(book: Book, groups: Sequence[str]) -> bool:
    return len(groups) >= LEAST and _problem(book, groups) is None


def _others(body: str, wanted: int) -> Iterator[tuple[int, str]]:
    """The bodies that differ in one symbol, or by a swap, and by ``wanted`` in their remainder; each with the place of its group."""
    inverse, undone = 1, pow(_BASE, -1, _PRIME)
    for at in range(len(body) - 1, -1, -1):
        place, differs = body.count(" ", 0, at), wanted * inverse % _PRIME
        new = (_value(body[at]) + differs) % _PRIME
        if body[at] not in " +" and 0 < new <= LETTERS_AND_DIGITS:
            yield place, body[:at] + _SYMBOLS[new - 1] + body[at + 1 :]
        if at and (_value(body[at]) - _value(body[at - 1])) * (_BASE - 1) % _PRIME == differs:
            yield place, body[: at - 1] + body[at] + body[at - 1] + body[at + 1 :]
        inverse = inverse * undone % _PRIME


def _value(symbol: str) -> int:
    return _SYMBOLS.index(symbol) + 1


def _digits(number: int) -> str:
    return "".join(DIGITS[number >> 5 * place & 31] for place in reversed(range((_SECONDS + _TAG) // 5)))


def _number(symbols: str) -> int:
    number = 0
    for symbol in symbols:
        number = number * 32 + DIGITS.index(symbol)
    return number
