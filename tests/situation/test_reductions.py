"""Which entries made a figure fall: against a plain count of the cell before and after every position, over random nights."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.situation.reductions import Fall, Placed, falls
from coordinator.totals.positions import Entry, position

START = datetime(2021, 8, 26, 23, 0, tzinfo=UTC)
CELL = (1, 1)


def entry(
    at: int, minute: float, quantity: int | None, standing: bool = False, ended: int | None = None, cell: tuple[int, int] = CELL
) -> Placed:
    return Placed(cell, Entry(START + timedelta(minutes=minute), (at, 0), standing, quantity), ended)


def figure(placed: list[Placed], cell: tuple[int, int], at: int) -> int:
    counting = [one for one in placed if one.cell == cell and one.entry.place[0] <= at and (one.ended is None or one.ended > at)]
    return position(one.entry for one in counting).quantity


@pytest.mark.parametrize(
    ("placed", "expected"),
    [
        ([entry(1, 0, 5), entry(3, 10, 4)], []),
        ([entry(1, 0, 5), entry(3, 10, 4, standing=True)], [Fall(3, CELL, 5, 4)]),
        ([entry(1, 0, 5), entry(3, 10, 6, standing=True)], []),
        ([entry(1, 0, 5, ended=3), entry(3, 0, 2)], [Fall(3, CELL, 5, 2)]),
        ([entry(1, 0, 5, ended=3), entry(4, 1, 9)], [Fall(3, CELL, 5, 0)]),
        ([entry(1, 10, 5), entry(3, 0, 2, standing=True)], []),
        ([entry(1, 10, 5, standing=True), entry(3, 0, 2, standing=True)], []),
        ([entry(3, 0, 5, ended=5), entry(5, 0, 3)], [Fall(5, CELL, 5, 3)]),
        ([entry(1, 0, None, ended=3)], []),
        ([entry(3, 0, -7)], [Fall(3, CELL, 0, -7)]),
    ],
    ids=[
        "more",
        "stated lower",
        "stated higher",
        "corrected",
        "withdrawn, later made up for",
        "late, covers nothing",
        "stated earlier",
        "came and was corrected in the period",
        "an amount nobody has",
        "taken out of the nation",
    ],
)
def test_an_entry_by_which_a_figure_fell_is_named_with_what_it_was(placed: list[Placed], expected: list[Fall]) -> None:
    assert falls(placed, 2) == expected


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_every_fall_of_a_random_night_is_found_and_no_other(seed: int, length: int) -> None:
    chance = random.Random(seed)
    placed: list[Placed] = []
    for at in range(1, length + 1):
        current = [number for number, one in enumerate(placed) if one.ended is None]
        cell, gone = (chance.choice((1, 2)), 1), chance.choice(current) if current and chance.random() < 0.3 else None
        if gone is not None:
            placed[gone] = placed[gone]._replace(ended=at)
            cell = placed[gone].cell
        if gone is None or chance.random() < 0.5:
            quantity = None if chance.random() < 0.1 else chance.randrange(10)
            placed.append(entry(at, chance.randrange(12), quantity, standing=chance.random() < 0.3, cell=cell))
    after = chance.randrange(length + 1)
    known = [one for one in placed if one.ended is None or one.ended > after]
    expected = []
    for at in range(after + 1, length + 1):
        for cell in ((1, 1), (2, 1)):
            before, now = figure(placed, cell, at - 1), figure(placed, cell, at)
            expected += [Fall(at, cell, before, now)] if now < before else []
    assert falls(known, after) == expected
