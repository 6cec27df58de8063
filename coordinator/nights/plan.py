"""The plan of a night: who posts what, and when. Pure: the same facts, document and seed give the same plan.

Every published figure is cut into increments spread over the night; then everything that happens on such nights happens
(``fates``). All of it comes to the published figures, by the contract's arithmetic alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

from coordinator.nights.fates import meet
from coordinator.nights.figures import UNATTRIBUTED, Cell, published
from coordinator.nights.night import STEPS, Line, Night, Planned, line
from coordinator.nights.pieces import COARSELY, FINELY, pieces, posters, shares
from coordinator.operations.templates import Facts

FIRST, SORTED_OUT, LAST = 0.03, 0.6, 0.96
"""Figures are observed between the first and the last of these parts of the night; those of no unit are sorted out late."""

NOTHING_NEW, BY_THE_HUB = "nothing new since the last report", "figures are published for the whole operation alone"


def plan(facts: Facts, document: dict[str, Any], seed: int) -> Night:
    """The night of ``facts`` in the window of ``document``, the operation document made from them."""
    dice = Random(f"{facts['code']} {seed}")
    begins, ends = (datetime.fromisoformat(document[key]) for key in ("starts_at", "ends_at"))
    night = Night(begins, ends - begins, published(facts, document))
    reports = [*_figures(dice, night, facts, document), *_unquantified(dice, night, facts), *_nil(night, facts, document)]
    return replace(night, reports=meet(dice, night, reports, document))


def _figures(dice: Random, night: Night, facts: Facts, document: dict[str, Any]) -> Iterator[Planned]:
    """Reports whose increments come to every published cell."""
    cells: dict[tuple[str, str], dict[Cell, int]] = defaultdict(dict)
    for cell, quantity in night.published.cells.items():
        for poster, share in shares(dice, quantity, posters(facts, cell[0])).items():
            cells[cell[0], poster][cell] = share
    earlier = _earlier(night, document)
    for (unit, poster), own in cells.items():
        if unit in earlier:
            lines = tuple(line(cell, share) for cell, share in own.items())
            yield Planned(poster, earlier[unit], lines, posted=0.01, note=night.published.breakdowns.get(unit))
        else:
            yield from _through_the_night(dice, night, poster, own)


def _through_the_night(dice: Random, night: Night, poster: str, cells: dict[Cell, int]) -> Iterator[Planned]:
    """The cells of one poster, each cut into pieces; pieces of the same moment are one report."""
    by_desk = poster == UNATTRIBUTED and len(night.published.cells) > len(cells)
    parts = COARSELY if by_desk else FINELY
    cut = {cell: pieces(dice, share, 10 ** night.published.scales[cell[1]], parts) for cell, share in cells.items()}
    moments = dice.sample(_steps(SORTED_OUT if by_desk else FIRST), max(map(len, cut.values())))
    told: dict[float, list[Line]] = defaultdict(list)
    for cell, found in cut.items():
        for moment, piece in zip(dice.sample(moments, len(found)), found, strict=True):
            told[moment].append(line(cell, piece))
    for moment, lines in sorted(told.items()):
        yield Planned(poster, moment, tuple(lines))


def _steps(first: float = FIRST) -> list[float]:
    return [step / STEPS for step in range(int(STEPS * first), int(STEPS * LAST))]


def _unquantified(dice: Random, night: Night, facts: Facts) -> Iterator[Planned]:
    """There is some, and how much nobody said: a line of its own for each."""
    for (unit, measure), words in night.published.unquantified.items():
        yield Planned(posters(facts, unit)[0], dice.choice(_steps()), (Line(measure, unquantified=words),))


def _nil(night: Night, facts: Facts, document: dict[str, Any]) -> Iterator[Planned]:
    """Silence is never zero: states with one measure alone say at the end that there is no more, those with none that too."""
    reported = {(unit, measure) for unit, measure, _ in night.published.cells} | set(night.published.unquantified)
    earlier = _earlier(night, document)
    codes = [unit["code"] for unit in document["units"] if unit["kind"] == "jurisdiction" and unit.get("expected", True)]
    for number, code in enumerate(codes):
        own = {measure for unit, measure in reported if unit in _with_below(code, document)}
        if len(own) < 2 and code not in earlier:
            yield Planned(posters(facts, code)[0], LAST + 0.03 * number / len(codes), (), note=NOTHING_NEW if own else BY_THE_HUB)


def _with_below(code: str, document: dict[str, Any]) -> Iterable[str]:
    return {code} | {unit["code"] for unit in document["units"] if unit.get("parent") == code}


def _earlier(night: Night, document: dict[str, Any]) -> dict[str, float]:
    """The units whose part ran apart from the window, and when they observed their figures: shortly before it ended."""
    apart = {unit["code"]: unit["conducted_separately"] for unit in document["units"] if unit.get("conducted_separately")}
    spans = {code: [night.part(datetime.fromisoformat(span[key])) for key in ("starts_at", "ends_at")] for code, span in apart.items()}
    return {code: ends - (ends - starts) / 20 for code, (starts, ends) in spans.items()}
