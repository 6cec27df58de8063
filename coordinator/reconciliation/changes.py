"""Checks against an earlier totals document, such as that of a release: what has changed since, and what a standing national
figure hides. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.reconciliation.facts import Check, Document, figure_of, said, shown

Moves = list[tuple[str, int, int]]
"""Unit code, its figure before and after, in units of 10^-scale."""


def changed(catalogue: Catalogue, before: Document, after: Document) -> Iterator[Check]:
    """Each unit's figure that is another than at the earlier position."""
    for measure in catalogue.measures:
        for code, then, now in _moves(measure, before, after):
            inputs = ((f"at {before['position']}", shown(then, measure)), (f"at {after['position']}", shown(now, measure)))
            why = f"{code} had {said(then, measure)} at position {before['position']}, and has {said(now, measure)} now."
            about = (code, measure.code, str(before["position"]))
            formula = f"{code} at {after['position']} = {code} at {before['position']}"
            yield Check(
                "changed", about, f"{code}, {measure.label}", _without_now(inputs, after), formula, False, why, (code,), measure.code
            )


def _without_now(inputs: tuple[tuple[str, object], ...], after: Document) -> tuple[tuple[str, object], ...]:
    """The present position named ``now``: what has nothing to do with the figure must not unsettle what was explained of it."""
    return tuple((("now" if name == f"at {after['position']}" else name), figure) for name, figure in inputs)


def unchanged_nation(catalogue: Catalogue, before: Document, after: Document) -> list[Check]:
    """The alarm that figures of several units have changed while the nation's stands still: changes that cancel each other out are
    seen by no one who looks at the total."""
    found = []
    for measure in catalogue.measures:
        moves = _moves(measure, before, after, tops=True)
        nation = figure_of(before["national"], measure), figure_of(after["national"], measure)
        if len(moves) > 1 and nation[0] == nation[1]:
            found.append(_still(measure, moves, before, nation[1]))
    return found


def _still(measure: MeasureEntry, moves: Moves, before: Document, nation: int) -> Check:
    by = [f"{code} {_signed(now - then, measure)}" for code, then, now in moves]
    since = f"{len(moves)} units have changed since position {before['position']}"
    why = f"{', '.join(by)} = 0: {since}, and the national {said(nation, measure)} hides it."
    inputs = tuple((code, shown(now - then, measure)) for code, then, now in moves)
    about, units = (measure.code, str(before["position"])), tuple(code for code, _, _ in moves)
    formula = "no two units change while NATIONAL stays"
    return Check("unchanged-nation", about, measure.label, inputs, formula, False, why, units, measure.code)


def _signed(quantity: int, measure: MeasureEntry) -> str:
    return f"+{said(quantity, measure)}" if quantity > 0 else said(quantity, measure)


def _moves(measure: MeasureEntry, before: Document, after: Document, tops: bool = False) -> Moves:
    """The units whose figure is another; ``tops`` those directly below the nation alone."""
    earlier = {unit["code"]: unit["measures"] for unit in before["units"]}
    units = [unit for unit in after["units"] if not tops or unit["parent"] is None]
    figures = [(unit["code"], figure_of(earlier.get(unit["code"], {}), measure), figure_of(unit["measures"], measure)) for unit in units]
    return [(code, then, now) for code, then, now in figures if then != now]
