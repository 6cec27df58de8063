"""Headline sentences with the figures they are made of, and whether they are still so. Pure.

A sentence is bound to the totals it was made from: it keeps its words, the template they were made by, and every figure in
them. It is stale as soon as one of these figures is another, or is no longer known in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coordinator.operations import headlines
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.operations.expressions import Cell
from coordinator.operations.models import UNSPECIFIED
from coordinator.releases.figures import smallest, spelled

Totals = Mapping[str, Any]
Sentence = dict[str, Any]

PERSONS = frozenset({"persons", "person", "people", "children", "victims"})
"""Units of count of which one says ``of whom``."""


def sentences(catalogue: Catalogue, totals: Totals) -> list[Sentence]:
    """The operation's headlines, and one for each measure that none of them speaks of: ``code``, ``template``, ``text`` and ``figures``,
    each figure with its ``name``, its ``value`` as the totals give it, and whether that is the least it can be. None is made of a measure
    of which no one has said anything."""
    declared = [(one.code, one.text) for one in catalogue.headlines]
    spoken = {place.cell[0] for _, text in declared for place in headlines.places(text)}
    own = [(measure.code, _template(measure, totals)) for measure in catalogue.measures if measure.code not in spoken]
    told = [one for one in (*declared, *own) if _known(catalogue, totals, one[1])]
    return [_sentence(catalogue, totals, code, template) for code, template in told]


def stale(catalogue: Catalogue, totals: Totals, said: Sequence[Sentence]) -> Iterator[Sentence]:
    """Those of ``said`` that are no longer so by ``totals``, each with ``now``: its words and figures as they would be."""
    for one in said:
        now = written(catalogue, totals, one)
        if now["figures"] != one["figures"]:
            yield one | {"now": {name: now[name] for name in ("text", "figures")}}


def written(catalogue: Catalogue, totals: Totals, one: Sentence) -> Sentence:
    """A sentence as it would be by ``totals``, by the template it was made by."""
    return _sentence(catalogue, totals, one["code"], one["template"])


def _known(catalogue: Catalogue, totals: Totals, template: str) -> bool:
    """Whether someone has said something of every measure in it: silence is no zero, and makes no sentence."""
    cells = [place.cell for place in headlines.places(template)]
    sums = {one.code: one.sum.measures() for one in catalogue.derived}
    measures = {measure for cell in cells for measure, _ in sums.get(cell[0], {cell})}
    return all(totals["national"][measure]["categories"] or totals["national"][measure]["unquantified"] for measure in measures)


def _template(measure: MeasureEntry, totals: Totals) -> str:
    """``{victims_rescued} victims rescued, of whom {victims_rescued.minor} minor``; money and weights stand behind their label."""
    told = totals["national"][measure.code]["categories"]
    parts = [name for name, figure in told.items() if name != UNSPECIFIED and smallest(figure, measure.scale)]
    whose = "of whom" if measure.unit in PERSONS else "of which"
    said = ", ".join(f"{{{_name(measure.code, part)}}} {part}" for part in parts)
    of = f", {whose} {said}" if parts else ""
    label = measure.label[:1].lower() + measure.label[1:] if measure.label[1:2].islower() else measure.label
    whole = f"{{{measure.code}}} {label}" if measure.unit in PERSONS else f"{measure.label}: {{{measure.code}}}"
    return f"{whole}{of}.".replace("..", ".")


def _name(measure: str, category: str) -> str:
    quoted = '"' + category.replace('"', '""') + '"'
    return f"{measure}.{category if category.isidentifier() and category.islower() and category.isascii() else quoted}"


def _sentence(catalogue: Catalogue, totals: Totals, code: str, template: str) -> Sentence:
    cells = [place.cell for place in headlines.places(template)]
    figures = [_figure(totals, cell) for cell in cells]
    written = dict(zip(cells, figures, strict=True))
    text = headlines.filled(template, lambda cell: _written(catalogue, cell, written[cell]))
    return {"code": code, "template": template, "text": text, "figures": figures}


def _figure(totals: Totals, cell: Cell) -> dict[str, Any]:
    """A figure as the totals give it, 0 where no one has given one; None where the operation has no such measure any more."""
    name, (measure, category) = headlines.spelled(cell), cell
    if measure in totals["derived"]:
        return {"name": name, "value": totals["derived"][measure], "at_least": False}
    national = totals["national"].get(measure)
    if national is None:
        return {"name": name, "value": None, "at_least": False}
    value = national["total"] if category is None else national["categories"].get(category, 0)
    return {"name": name, "value": value, "at_least": bool(national["unquantified"])}


def _written(catalogue: Catalogue, cell: Cell, figure: Mapping[str, Any]) -> str:
    """``12,500`` of persons, ``$12,500.00`` of dollars; ``at least`` where someone owes an amount, and where that is all of it words."""
    measure = catalogue.measure_by_code.get(cell[0])
    scale = measure.scale if measure else len(str(figure["value"]).partition(".")[2])
    if measure and measure.unit not in PERSONS and figure["at_least"] and not smallest(figure["value"], scale):
        return "an amount not known yet"
    digits = spelled(smallest(figure["value"], scale), scale)
    said = f"${digits}" if measure and measure.unit == "USD" else digits
    said = said if measure is None or measure.unit in PERSONS | {"USD", "cases"} else f"{said} {measure.unit}"
    return f"at least {said}" if figure["at_least"] else said
