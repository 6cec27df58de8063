"""A night counted without a hub: the naive fold of a plan, as a totals document of the contract. For tests alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from coordinator.nights.night import Night
from coordinator.nights.plan import plan
from coordinator.operations import templates
from coordinator.operations.expressions import parse_derived

Figures = dict[tuple[str, str, str], Decimal]


def planned(name: str, seed: int) -> tuple[Night, dict[str, Any]]:
    """The night of a template or file, and its operation document."""
    facts = templates.facts(name)
    document = templates.operation_document(facts)
    return plan(facts, document, seed), document


def played(night: Night) -> list[dict[str, Any]]:
    """The bodies that stand at the end: repeats are one, what is corrected is replaced, what is withdrawn never was."""
    standing: dict[str, dict[str, Any]] = {}
    for act in night.acts():
        key = act.report.key
        if act.kind in ("post", "repeat"):
            standing[key] = night.body(act.report)
        elif act.kind == "correct":
            standing[key] = night.correction(act.report, key)
        else:
            del standing[key]
    return list(standing.values())


def folded(bodies: list[dict[str, Any]]) -> Figures:
    """position = the latest standing figure, plus the increments observed after it; for each cell."""
    said: dict[tuple[str, str, str], list[tuple[datetime, str, Decimal]]] = defaultdict(list)
    for body in bodies:
        for line in body["lines"]:
            if "quantity" in line:
                cell = body["unit"], line["measure"], line.get("category", "unspecified")
                said[cell].append((datetime.fromisoformat(body["observed_at"]), body["basis"], Decimal(line["quantity"])))
    return {cell: position(entries) for cell, entries in said.items()}


def position(entries: list[tuple[datetime, str, Decimal]]) -> Decimal:
    """The contract's arithmetic for one cell."""
    stood = max(((at, quantity) for at, basis, quantity in entries if basis == "to_date"), default=None)
    after = [quantity for at, basis, quantity in entries if basis == "increment" and (stood is None or at > stood[0])]
    return sum(after, stood[1] if stood else Decimal(0))


def by_jurisdiction(figures: Figures, document: dict[str, Any]) -> Figures:
    """Cells of agencies and sites added to those of their jurisdiction."""
    above = {unit["code"]: unit.get("parent") or unit["code"] for unit in document["units"]}
    summed: Figures = defaultdict(Decimal)
    for (unit, measure, category), quantity in figures.items():
        summed[above.get(unit, unit), measure, category] += quantity
    return dict(summed)


def totals_of(name: str, seed: int) -> dict[str, Any]:
    """What a hub would answer at the end of that night, as far as the contract writes it down."""
    night, document = planned(name, seed)
    bodies = played(night)
    own, summed = folded(bodies), by_jurisdiction(folded(bodies), document)
    units = [*document["units"], {"code": "UNATTRIBUTED", "name": "Unattributed", "kind": "unattributed"}]
    lines = [(body["unit"], line) for body in bodies for line in body["lines"]]
    totals: dict[str, Any] = {"reporting": {"expected": sum(u["kind"] == "jurisdiction" and u.get("expected", True) for u in units)}}
    totals["national"] = {
        m["code"]: _sums(m, [(c, q) for (_, of, c), q in summed.items() if of == m["code"]]) for m in document["measures"]
    }
    for measure, national in totals["national"].items():
        national["unquantified"] = [unit for unit, line in lines if "unquantified" in line and line["measure"] == measure]
    totals["units"] = [_unit(unit, document["measures"], summed if not unit.get("parent") else own, lines) for unit in units]
    totals["derived"] = {one["code"]: _derived(one["expression"], totals["national"]) for one in document["derived"]}
    return totals


def _unit(
    unit: dict[str, Any], measures: list[dict[str, Any]], figures: Figures, lines: list[tuple[str, dict[str, Any]]]
) -> dict[str, Any]:
    found = {}
    for measure in measures:
        cells = [
            (category, quantity) for (code, of, category), quantity in figures.items() if (code, of) == (unit["code"], measure["code"])
        ]
        assisted = sum(
            line["quantity"] for _, line in lines if line["measure"] == measure["code"] and unit["code"] in line.get("assisting", [])
        )
        if cells or assisted:
            found[measure["code"]] = _sums(measure, cells) | {"assisted": assisted}
    return {"code": unit["code"], "name": unit["name"], "kind": unit["kind"], "parent": unit.get("parent"), "measures": found}


def _sums(measure: dict[str, Any], cells: list[tuple[str, Decimal]]) -> dict[str, Any]:
    categories: dict[str, Decimal] = defaultdict(Decimal)
    for category, quantity in cells:
        categories[category] += quantity
    return {
        "total": _written(measure, sum(categories.values(), Decimal(0))),
        "categories": {c: _written(measure, q) for c, q in categories.items()},
    }


def _written(measure: dict[str, Any], quantity: Decimal) -> int | str:
    return f"{quantity:.{measure['scale']}f}" if measure.get("scale") else int(quantity)


def _derived(expression: str, national: dict[str, Any]) -> int:
    return int(parse_derived(expression).evaluate(lambda measure, _: int(national[measure]["total"])))
