"""Remarks: what a reader must know beside a figure, each with the measure or unit it belongs to. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from coordinator.browser.wording import figure_text, moment_words
from coordinator.exports.dossier import Dossier
from coordinator.fields import zone
from coordinator.operations.models import UNATTRIBUTED

Document = Mapping[str, Any]
HIDDEN = "hidden"


@dataclass(frozen=True)
class Remark:
    """A sentence or two, at the national figures of some measures, and at a unit where it speaks of one."""

    text: str
    measures: tuple[str, ...] = ()
    unit: str | None = None


def remarks(dossier: Dossier) -> list[Remark]:
    """All of them in the order of the tables: measures first, then units."""
    measures = [remark for measure in dossier.operation["measures"] for remark in _of_measure(dossier, measure)]
    units = [remark for unit in dossier.totals["units"] for remark in _of_unit(dossier, unit)]
    return measures + units


def _of_measure(dossier: Dossier, measure: Document) -> Iterator[Remark]:
    figures, code = dossier.totals["national"][measure["code"]], measure["code"]
    if not figures["categories"] and not figures["unquantified"]:
        yield Remark("No unit has reported a figure: this is not a zero.", (code,))
    if figures["unquantified"]:
        owing = ", ".join(_name(dossier, unit) for unit in figures["unquantified"])
        yield Remark(f"There is some in {owing} of which it is not known yet how much: the figure is what is known so far.", (code,))
    if not dossier.public:
        yield from _of_sums(dossier, measure, figures)


def _of_sums(dossier: Dossier, measure: Document, figures: Document) -> Iterator[Remark]:
    code, unit = measure["code"], measure["unit"]
    if len(figures["categories"]) > 1:
        parts = " + ".join(f"{figure_text(part, unit)} {name}" for name, part in figures["categories"].items())
        yield Remark(f"{parts} = {figure_text(figures['total'], unit)}: no one stands in two categories, so they are added.", (code,))
    of_no_one = _unit(dossier, UNATTRIBUTED)["measures"].get(code)
    if of_no_one and Decimal(str(of_no_one["total"])):
        rest = Decimal(str(figures["total"])) - Decimal(str(of_no_one["total"]))
        of_all = f"{figure_text(of_no_one['total'], unit)} of the {figure_text(figures['total'], unit)}"
        yield Remark(f"{of_all} are attributed to no unit; those of all units come to {figure_text(str(rest), unit)}.", (code,))


def _of_unit(dossier: Dossier, unit: Document) -> Iterator[Remark]:
    apart, having = unit["conducted_separately"], tuple(unit["measures"])
    if apart and dossier.public:
        yield Remark(f"{unit['name']}: conducted apart from the operation's window; counted in the totals.", having, unit["code"])
    elif apart:
        own = zone(dossier.operation["time_zone"])
        first, last = (moment_words(datetime.fromisoformat(apart[end]), own) for end in ("starts_at", "ends_at"))
        counted = f" In the totals: {_counted(dossier, unit)}." if having else ""
        yield Remark(f"{unit['name']}: conducted separately, {first} to {last}. {apart['footnote']}{counted}", having, unit["code"])


def _counted(dossier: Dossier, unit: Document) -> str:
    """What a unit has, as a reader says it: ``9 arrests made``."""
    measures = [measure for measure in dossier.operation["measures"] if measure["code"] in unit["measures"]]
    figures = [(measure, unit["measures"][measure["code"]]["total"]) for measure in measures]
    return ", ".join(f"{figure_text(total, measure['unit'])} {measure['label'].lower()}" for measure, total in figures)


def _name(dossier: Dossier, code: str) -> str:
    return str(_unit(dossier, code)["name"])


def _unit(dossier: Dossier, code: str) -> Document:
    nothing: Document = {"name": code, "measures": {}}
    return next((unit for unit in dossier.totals["units"] if unit["code"] == code), nothing)
