"""Passphrases and short codes: what is taken, and how one is proven without being kept.

argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet; RFC 9106). Rules are those of NIST SP 800-63B-4,
section 3.1.1: a length and a list of what everyone tries, and none about which characters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from coordinator.apart import Apart

LEAST, MOST = 15, 256
"""Characters of a passphrase."""

DIGITS = 6
"""Digits of a short code."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_APART = Apart(2)
"""Hashes a process makes at once: each takes 19 MiB, and more of them than processors only wait for each other."""

_LISTED = Path(__file__).with_name("blocklist.txt")
_WORD = re.compile(r"[^\W_]+")
_KEYPAD = frozenset(
    {"147258", "258369", "159753", "357159", "147369", "159357", "963852", "741852", "789456", "456789", "112233", "123321"}
)


def hashed(secret: str) -> str:
    """The verifier of a secret, in PHC string form."""
    return str(_APART.do(_HASHER.hash, _normal(secret)))


def proves(secret: str, verifier: str | None) -> bool:
    """Whether ``secret`` is the one behind ``verifier``; with none it takes as long to say no."""
    return bool(_APART.do(_verify, _normal(secret), verifier)) and verifier is not None


def objection(passphrase: str, *known: str) -> str | None:
    """Why a passphrase is not taken, in a sentence; None where it is. ``known``: words an attacker would try first here, such as
    the operation's name and the account's own."""
    text = _normal(passphrase)
    if not LEAST <= len(text) <= MOST:
        return f"Take {LEAST} to {MOST} characters: four or five words that have nothing to do with each other are easy to remember."
    if len(set(text.casefold())) < 5 or _only(_listed() | _words(known), text):
        return "This is among the first an attacker would try. Take four or five words that have nothing to do with each other."
    return None


def code_objection(code: str) -> str | None:
    """Why a short code is not taken, in a sentence; None where it is."""
    if not re.fullmatch(f"[0-9]{{{DIGITS}}}", code):
        return f"Take {DIGITS} digits."
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(code)}
    half = DIGITS // 2
    if len(steps) == 1 or len(set(code)) < 3 or code[:half] == code[half:] or code in _KEYPAD:
        return "This is among the first someone who found the device would try. Take digits without a pattern."
    return None


def _only(words: frozenset[str], text: str) -> bool:
    """Whether the text is nothing but such words one after the other, with up to four digits at a time and any signs between.

    Place by place, not by an expression: one with so many ways to read a text can take for ever to find none.
    """
    letters = "".join(_WORD.findall(text.casefold()))
    lengths = sorted({len(word) for word in words})
    reached = {0}
    for end in range(1, len(letters) + 1):
        if any(end - length in reached and letters[end - length : end] in words for length in lengths) or any(
            end - length in reached and _number(letters, end - length, end) for length in range(1, 5)
        ):
            reached.add(end)
    return len(letters) in reached


def _number(letters: str, start: int, end: int) -> bool:
    """Whether a number begins at ``start``, not the middle of a longer one: a long one is not guessed digit by digit."""
    return letters[start:end].isdecimal() and not (start and letters[start - 1].isdecimal())


def _words(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(_normal(text).casefold()) if len(word) > 1)


@cache
def _listed() -> frozenset[str]:
    return frozenset(line for line in _LISTED.read_text().split("\n") if line and not line.startswith("#"))


def _normal(secret: str) -> str:
    """One form for what looks the same, whichever keyboard wrote it."""
    return unicodedata.normalize("NFKC", secret)


def _verify(secret: str, verifier: str | None) -> bool:
    try:
        return _HASHER.verify(verifier or _nobody(), secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """The verifier of no one's passphrase, so that a name no one has is refused as slowly as any other."""
    return str(_HASHER.hash("no one has this passphrase"))
