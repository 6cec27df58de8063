"""Passphrases and short codes: which are taken, and that one is proven without being kept."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from coordinator.access import passphrases

ROOT = Path(__file__).parents[2]

GOOD = [
    "river lantern copper moss",
    "xkqzvbnwtrplmghj",
    "48291573640582917",
    "                    ." + "a b c d e",
    "日本語のとても長い合言葉です！ほら",
    "Operation river lantern",
    "x" * 60 + "qwvz",
]
"""No rule says which characters: 15 of them will do, whatever they are, unless everyone tries them."""

GUESSED = [
    "password password",
    "PASSWORD-PASSWORD",
    "passwordpassword2021",
    "tallyroomtallyroom1",
    "united front 2021!",
    "Operation United Front",
    "qwertyuiopasdfghjkl",
    "123456789012345",
    "aaaaaaaaaaaaaaaaaaaa",
    "abababababababababab",
    "correct horse battery staple",
    "Missouri State Highway Patrol",
    "duty desk of the night",
]


@pytest.mark.parametrize("passphrase", GOOD)
def test_length_is_all_that_is_asked(passphrase: str) -> None:
    assert passphrases.objection(passphrase, "Kentucky desk") is None


@pytest.mark.parametrize("passphrase", GUESSED)
def test_what_everyone_tries_is_not_taken(passphrase: str) -> None:
    assert "first an attacker would try" in (passphrases.objection(passphrase) or "")


def test_words_of_the_operation_and_of_the_account_are_tried_first_too() -> None:
    assert passphrases.objection("Bluegrass Bluegrass") is None
    assert passphrases.objection("Bluegrass Bluegrass", "Bluegrass desk") is not None


@pytest.mark.parametrize(("length", "taken"), [(14, False), (15, True), (256, True), (257, False)])
def test_a_passphrase_has_15_to_256_characters(length: int, taken: bool) -> None:
    objection = passphrases.objection(("qzvx wkjp " * 30)[: length - 1] + "y")
    assert (objection is None) == taken


def test_a_long_one_is_looked_at_in_no_time() -> None:
    began = time.thread_time()
    passphrases.objection("password" * 31 + "#zz", "pass", "word")
    assert time.thread_time() - began < 1


@pytest.mark.parametrize(
    "code",
    ["123456", "654321", "901234", "098765", "000000", "111222", "121212", "123123", "147258", "12345", "1234567", "12345a", "१२३४५६"],
)
def test_a_short_code_with_a_pattern_is_not_taken(code: str) -> None:
    assert passphrases.code_objection(code) is not None


@pytest.mark.parametrize("code", ["482915", "900417", "135792"])
def test_a_short_code_without_one_is(code: str) -> None:
    assert passphrases.code_objection(code) is None


def test_a_verifier_proves_its_secret_and_no_other_and_holds_nothing_of_it() -> None:
    verifier = passphrases.hashed("river lantern copper moss")
    assert verifier.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verifier != passphrases.hashed("river lantern copper moss"), "each has a salt of its own"
    assert passphrases.proves("river lantern copper moss", verifier)
    assert not passphrases.proves("river lantern copper mosS", verifier)
    assert not passphrases.proves("river lantern copper moss", None)
    assert not passphrases.proves("no one has this passphrase", None)


def test_the_same_letters_from_another_keyboard_are_the_same() -> None:
    assert passphrases.proves("cafe\u0301 lantern copper", passphrases.hashed("caf\u00e9 lantern copper"))


WEB_SERVER = """
from gevent import monkey; monkey.patch_all()
import time
import gevent
from argon2 import PasswordHasher
from coordinator.access import passphrases

passphrases._HASHER = PasswordHasher(time_cost=60, memory_cost=19 * 1024, parallelism=1)
longest = 0.0

def tick():
    global longest
    before = time.monotonic()
    while True:
        gevent.sleep(0.001)
        longest, before = max(longest, time.monotonic() - before), time.monotonic()

ticking = gevent.spawn(tick)
gevent.sleep(0.01)
began = time.monotonic()
passphrases.hashed("river lantern copper moss")
whole = time.monotonic() - began
gevent.sleep(0.01)
print(longest, whole)
"""


def test_in_the_web_server_everyone_else_is_served_while_one_is_tried() -> None:
    """One process serves all its requests in turn: a passphrase tried there would hold up every other."""
    told = subprocess.run([sys.executable, "-c", WEB_SERVER], cwd=ROOT, capture_output=True, text=True, check=True)
    longest, whole = map(float, told.stdout.split())
    assert longest < whole / 2
