"""Remarks of a dossier: those of its release as they were stored, of a position as they are made, of a public form those that tell no
figure. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from coordinator.exports.dossier import Document, Dossier
from coordinator.releases import remarks as made
from coordinator.releases.remarks import Remark

HIDDEN = "hidden"


def remarks(dossier: Dossier) -> list[Remark]:
    """All of them in the order of the tables: measures first, then units."""
    if dossier.public:
        return [*_of_measures(dossier), *(remark for unit in dossier.totals["units"] for remark in _of_unit(unit))]
    if dossier.content:
        return [made.from_stored(one) for one in dossier.content["remarks"]]
    return made.remarks(dossier.operation, dossier.totals)


def _of_measures(dossier: Dossier) -> Iterator[Remark]:
    units = {unit["code"]: unit for unit in dossier.totals["units"]}
    for measure in dossier.operation["measures"]:
        national = dossier.totals["national"][measure["code"]]
        yield from (*made.unsaid(measure, national), *made.owing(measure, national, units))


def _of_unit(unit: Document) -> Iterator[Remark]:
    if unit["conducted_separately"]:
        said = f"{unit['name']}: conducted apart from the operation's window; counted in the totals."
        yield Remark(said, tuple(unit["measures"]), unit["code"])
