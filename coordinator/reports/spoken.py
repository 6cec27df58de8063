"""Codes that are said over a telephone: four symbols and a check symbol, such as ``7K2M-X``. Pure.

The symbols are Crockford's base 32 (digits and letters without I, L, O and U, https://www.crockford.com/base32.html), the check
symbol is the number modulo 37. Since 37 is prime, any one symbol heard wrong and any two neighbours swapped give another check
symbol. Of its 37 the last five (``* ~ $ = U``) are awkward to say: a number that needs one of them is passed over.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 4
"""Symbols before the check symbol: some 900,000 codes."""

FORM = f"[{DIGITS}]{{{LENGTH}}}-[{DIGITS}]"
"""How a code is written."""

_HEARD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_MODULUS = 37


def fresh(below: Callable[[int], int] = secrets.randbelow) -> str:
    """A code at random; ``below(n)`` draws from 0 to n - 1."""
    while (number := below(len(DIGITS) ** LENGTH)) % _MODULUS >= len(DIGITS):
        pass
    return _written(_digits(number))


def read(text: str) -> str:
    """A code as it is written, from what was typed: any case, O for 0, I or L for 1, hyphens and spaces anywhere.

    A ValueError says, in words for whoever typed it, what is wrong.
    """
    symbols = text.upper().translate(_HEARD)
    if len(symbols) != LENGTH + 1 or not set(symbols) <= set(DIGITS):
        raise ValueError("A joint action's code has five letters and digits, such as 7K2M-X.")
    code = f"{symbols[:LENGTH]}-{symbols[LENGTH:]}"
    if _written(symbols[:LENGTH]) != code:
        raise ValueError(f"{code} is no code: a symbol was misheard or mistyped. Ask for it once more, or look it up.")
    return code


def _written(symbols: str) -> str:
    """The symbols with their check symbol, which is ``?`` where it can't be said."""
    number = 0
    for symbol in symbols:
        number = number * len(DIGITS) + DIGITS.index(symbol)
    return f"{symbols}-{(DIGITS + '?' * 5)[number % _MODULUS]}"


def _digits(number: int) -> str:
    return "".join(DIGITS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
