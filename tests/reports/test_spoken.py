"""Codes that are said: whatever is misheard in one place is found, and whatever is merely written otherwise is read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.reports.spoken import DIGITS, FORM, fresh, read

numbers = st.integers(0, 32**4 - 1)


def code_of(number: int) -> str:
    """The first code that can be said from ``number`` on."""
    following = iter(range(number, number + 6))
    return fresh(lambda below: next(following) % below)


@given(numbers)
def test_a_code_is_read_as_it_is_written(number: int) -> None:
    code = code_of(number)
    assert re.fullmatch(FORM, code)
    assert read(code) == code


@given(numbers)
def test_every_single_symbol_heard_wrong_is_found(number: int) -> None:
    code = code_of(number)
    for place, symbol in enumerate(code):
        for other in DIGITS if symbol != "-" else "":
            if other != symbol:
                with pytest.raises(ValueError, match="misheard"):
                    read(code[:place] + other + code[place + 1 :])


@given(numbers)
def test_every_swap_of_neighbours_is_found(number: int) -> None:
    symbols = code_of(number).replace("-", "")
    for place in range(4):
        one, other = symbols[place : place + 2]
        if one != other:
            with pytest.raises(ValueError, match="misheard"):
                read(symbols[:place] + other + one + symbols[place + 2 :])


@given(numbers, st.randoms(use_true_random=False))
def test_case_hyphens_spaces_and_letters_that_look_like_digits_are_read(number: int, dice: object) -> None:
    code = code_of(number)
    for said in (code.lower(), code.replace("-", ""), " ".join(code), f"-{code} "):
        assert read(said) == code
    looks = {"0": "Oo0", "1": "IiLl1"}
    assert read("".join(dice.choice(looks.get(symbol, symbol)) for symbol in code)) == code  # type: ignore[attr-defined]


@pytest.mark.parametrize("said", ["", "7K2M", "7K2M-XX", "7K2M-U", "7K2M-*", "7K2M_X", "７K2M-X", "7K2É-X"])
def test_what_is_no_code_says_what_one_looks_like(said: str) -> None:
    with pytest.raises(ValueError, match="five letters and digits"):
        read(said)


def test_a_code_is_never_one_whose_check_symbol_can_not_be_said() -> None:
    drawn = iter([32, 33, 34, 35, 36, 37, 38])
    assert fresh(lambda below: next(drawn)) == "0015-0"
