"""The public form of a dossier: what the patterns show and no more, in rows and totals alike. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from coordinator.exports.counts import counts
from coordinator.exports.dossier import Document, Dossier
from coordinator.exports.hiding import NOTHING, UNITS, Pattern, Patterns, shown
from coordinator.operations.models import NATIONAL, UNSPECIFIED
from coordinator.releases.statistics import ALL

HIDDEN = "Hidden: a count from 1 to 10, or one from which such a count could be derived."
LEFT_OUT = "Not shown in the public form."
APART = "Conducted apart from the operation's window."
OWING = "There is some of which it is not known yet how much."

Row = dict[str, Any]


def public_form(dossier: Dossier, patterns: Patterns) -> Dossier:
    """The dossier with rows and totals of the patterns. What people wrote is left out with what they signed: it may name a figure."""
    rows = tuple(_rows(dossier, patterns))
    operation, totals = {**dossier.operation, "rules": [], "derived": []}, _totals(dossier.totals, rows)
    return replace(dossier, operation=operation, rows=rows, totals=totals, night={}, content={}, sealed=None, public=True)


def _rows(dossier: Dossier, patterns: Patterns) -> Iterator[Row]:
    """Units in their order, then the nation; of a unit that is hidden a row also where it has nothing, so that rows tell nothing."""
    counted = counts(dossier.operation, dossier.rows)
    seen, known = frozenset(shown(counted, patterns)), {(row["unit"], row["measure"], row["category"]): row for row in dossier.rows}
    nation: Document = {
        "code": NATIONAL,
        "name": "National",
        "kind": "nation",
        "parent": None,
        "conducted_separately": None,
        "measures": {},
    }
    for unit in (*dossier.totals["units"], {**nation, "conducted_separately": None, "measures": {}}):
        for measure in dossier.operation["measures"]:
            code, pattern = measure["code"], patterns[measure["code"]]
            for part in (*counted.parts(code)[1:], (code, ALL)):
                row = known.get((unit["code"], *part))
                if row and (unit["code"], part) in seen:
                    yield {**row, "assisted": None, "note": _note(unit, measure, row, part[1])}
                elif part[1] == ALL and _stands_hidden(pattern, unit["code"], counted.under(pattern.hidden)):
                    yield _bare(dossier, unit, measure) | {"note": LEFT_OUT if pattern.shape == NOTHING else HIDDEN}


def _stands_hidden(pattern: Pattern, unit: str, out: frozenset[str]) -> bool:
    """Whether a figure that is not shown has a row that says so: hidden units, and the nation where nothing is shown."""
    return unit in out if pattern.shape == UNITS else unit == NATIONAL and pattern.shape == NOTHING


def _note(unit: Document, measure: Document, row: Document, category: str) -> str:
    if unit["code"] == NATIONAL or category != ALL:
        return str(row["note"])
    some = unit["measures"].get(measure["code"], {}).get("unquantified")
    return " ".join(note for note, said in ((APART, unit["conducted_separately"]), (OWING, some)) if said)


def _bare(dossier: Dossier, unit: Document, measure: Document) -> Row:
    where = {"operation": dossier.code, "position": dossier.position, "status": dossier.status}
    who = {"unit": unit["code"], "unit_name": unit["name"], "kind": unit["kind"], "parent": unit["parent"]}
    what = {"measure": measure["code"], "label": measure["label"], "category": ALL, "unit_of_count": measure["unit"]}
    return where | who | what | {"quantity": None, "assisted": None}


def _totals(totals: Document, rows: tuple[Row, ...]) -> Document:
    """A totals document that says what the rows do; who has reported, and who still owes an amount, is no count of persons."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        told.setdefault(row["unit"], {}).setdefault(row["measure"], {})[row["category"]] = row["quantity"]
    national = {code: _figures(told[NATIONAL].get(code, {}), of) for code, of in totals["national"].items()}
    units = [_unit(unit, told.get(unit["code"], {})) for unit in totals["units"]]
    kept = {name: totals[name] for name in ("operation", "position", "status")}
    reporting = {name: totals["reporting"][name] for name in ("expected", "heard")}
    return {**kept, "reporting": reporting, "derived": {}, "rules": [], "national": national, "units": units}


def _unit(unit: Document, told: Mapping[str, Mapping[str, Any]]) -> Document:
    named = {name: unit[name] for name in ("code", "name", "kind", "parent", "level", "conducted_separately")}
    return named | {"measures": {code: _figures(of, unit["measures"].get(code, {})) | {"assisted": 0} for code, of in told.items()}}


def _figures(told: Mapping[str, Any], was: Document) -> dict[str, Any]:
    """Figures in the form of the totals document; where categories are not shown the total stands for them."""
    total = told.get(ALL)
    categories = {name: figure for name, figure in told.items() if name != ALL} or ({UNSPECIFIED: total} if was.get("categories") else {})
    return {"total": total, "categories": categories, "unquantified": was.get("unquantified", False)}
