"""Every figure counted again from what was said, apart from the hub's own way to it. Nothing but the standard library.

    position(t) = the latest to-date figure observed at or before t, plus the increments observed after it and up to t.

That sentence is ``totals/positions.py``, which is used here too; all that comes before and after it, which entries count, whose
figures they are, how they add up and how they are shown, is written a second time, so that one mistake can't hide in both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coordinator.operations.expressions import parse_derived, parse_rule
from coordinator.totals.positions import Entry, position
from coordinator.verification.told import NATIONAL, OVERLAP, Definitions, Measure, Said, Unit, shown

Key = tuple[str, str, str]
"""Unit, measure and category."""


@dataclass(slots=True)
class Cell:
    """A cell's own figure and its total with all units below; ``figures``: how many were given; ``open``: lines that still say some;
    ``by_desk``: the part of the total that the desk entered; ``assisted``: the unit's own credit, the nation's that of all."""

    own: int = 0
    own_open: int = 0
    total: int = 0
    figures: int = 0
    open: int = 0
    by_desk: int = 0
    assisted: int = 0


@dataclass(slots=True)
class Heard:
    """Standing reports of a unit and all below it, those with lines, and the last word."""

    reports: int = 0
    with_lines: int = 0
    last: datetime | None = None


@dataclass
class Figures:
    """What the journal comes to at a position."""

    at: int
    cells: dict[Key, Cell] = field(default_factory=lambda: defaultdict(Cell))
    heard: dict[str, Heard] = field(default_factory=lambda: defaultdict(Heard))


NONE, SILENT = Cell(), Heard()


def count(by: Definitions, journal: Sequence[Said], at: int) -> Figures:
    """The figures of the journal up to and with the position ``at``."""
    known, figures = journal[:at], Figures(at)
    gone = {one.supersedes for one in known if one.supersedes}
    entries: dict[Key, list[Entry]] = defaultdict(list)
    for one in known:
        _hear(figures, by.units[one.unit], one, one.id not in gone)
        if one.observed_at is not None and one.id not in gone:
            _credit(figures, one)
            for number, line in enumerate(() if one.credit else one.lines):
                entry = Entry(one.observed_at, (one.position, number), one.standing, line.quantity, one.by_desk)
                entries[one.unit, line.measure, line.category].append(entry)
    for (unit, measure, category), of_cell in entries.items():
        _place(figures, by.units[unit], measure, category, of_cell)
    return figures


def _hear(figures: Figures, unit: Unit, one: Said, stands: bool) -> None:
    for code in unit.lineage:
        heard = figures.heard[code]
        heard.last = max(filter(None, (heard.last, one.received_at)))
        if stands and one.kind != "withdrawal":
            heard.reports += 1
            heard.with_lines += bool(one.lines)


def _credit(figures: Figures, one: Said) -> None:
    """Who took part in what another unit leads and counts."""
    for line in one.lines:
        for unit in (*line.assisting, one.unit) if one.credit else line.assisting:
            for credited in (unit, NATIONAL):
                figures.cells[credited, line.measure, line.category].assisted += line.quantity or 0


def _place(figures: Figures, unit: Unit, measure: str, category: str, entries: Iterable[Entry]) -> None:
    found = position(entries)
    own = figures.cells[unit.code, measure, category]
    own.own, own.own_open = found.quantity, found.unquantified
    for code in unit.lineage:
        cell = figures.cells[code, measure, category]
        cell.total += found.quantity
        cell.figures += found.figures
        cell.open += found.unquantified
        cell.by_desk += found.by_desk


def totals(by: Definitions, figures: Figures) -> dict[str, Any]:
    """The members of a totals document that follow from definitions and journal alone: none that a clock moves."""
    expected = {unit.code: figures.heard.get(unit.code, SILENT) for unit in by.expected}
    return {
        "operation": by.document["operation"],
        "position": figures.at,
        "reporting": {
            "expected": len(expected),
            "heard": sum(heard.reports > 0 for heard in expected.values()),
            "nil": [code for code, heard in expected.items() if heard.reports and not heard.with_lines],
        },
        "national": {code: _national(by, figures, measure) for code, measure in by.measures.items()},
        "derived": {one["code"]: _derived(by, figures, one["expression"]) for one in by.document["derived"]},
        "rules": [_rule(by, figures, one) for one in by.document["rules"]],
        "units": [_unit(by, figures, unit) for unit in by.units.values() if _is_shown(figures, unit)],
    }


def status(by: Definitions, figures: Figures) -> str:
    """How far the figures could be trusted under these definitions."""
    if by.document["exercise"]:
        return "exercise"
    if by.document["phase"] in ("certified", "archived"):
        return f"amended-{by.document['released'] - 1}" if by.document["released"] > 1 else "certified"
    whole = all(figures.heard.get(unit.code, SILENT).reports for unit in by.expected)
    return "unofficial-complete" if whole and by.document["phase"] in ("standing_down", "reconciling") else "unofficial-partial"


def _is_shown(figures: Figures, unit: Unit) -> bool:
    return unit.code != OVERLAP or figures.heard.get(OVERLAP, SILENT).last is not None


def _sums(figures: Figures, unit: str, measure: Measure) -> dict[str, Any]:
    cells = {category: figures.cells.get((unit, measure.code, category), NONE) for category in measure.categories}
    entered = [cell.by_desk for cell in cells.values() if cell.figures]
    return {
        "total": shown(sum(cell.total for cell in cells.values()), measure.scale),
        "categories": {category: shown(cell.total, measure.scale) for category, cell in cells.items() if cell.figures},
    } | ({"by_desk": shown(sum(entered), measure.scale)} if entered else {})


def _cells(figures: Figures, unit: str, measure: Measure) -> list[Cell]:
    return [figures.cells.get((unit, measure.code, category), NONE) for category in measure.categories]


def _national(by: Definitions, figures: Figures, measure: Measure) -> dict[str, Any]:
    taken_out = _cells(figures, OVERLAP, measure)
    overlap = {"overlap": shown(sum(cell.own for cell in taken_out), measure.scale)} if any(cell.figures for cell in taken_out) else {}
    owing = [unit for unit in by.units if any(cell.own_open for cell in _cells(figures, unit, measure))]
    credited = shown(sum(cell.assisted for cell in _cells(figures, NATIONAL, measure)), measure.scale)
    return _sums(figures, NATIONAL, measure) | overlap | {"credited": credited, "unquantified": owing}


def _unit(by: Definitions, figures: Figures, unit: Unit) -> dict[str, Any]:
    last = figures.heard.get(unit.code, SILENT).last
    plain = {name: unit.document[name] for name in ("code", "name", "kind", "parent", "level", "conducted_separately")}
    measures = {}
    for measure in by.measures.values():
        cells = _cells(figures, unit.code, measure)
        if any(cell.figures or cell.open or cell.assisted for cell in cells):
            measures[measure.code] = _sums(figures, unit.code, measure) | {
                "own": shown(sum(cell.own for cell in cells), measure.scale),
                "assisted": shown(sum(cell.assisted for cell in cells), measure.scale),
                "unquantified": any(cell.open for cell in cells),
            }
    return plain | {"last_report_at": last and last.isoformat().replace("+00:00", "Z"), "measures": measures}


def _derived(by: Definitions, figures: Figures, expression: str) -> int | str:
    total = parse_derived(expression)
    scale = max(by.measures[measure].scale for measure, _ in total.measures())
    return shown(int(total.evaluate(lambda measure, category: _exact(by, figures, NATIONAL, measure, category, scale))), scale)


def _rule(by: Definitions, figures: Figures, one: Mapping[str, Any]) -> dict[str, Any]:
    rule = parse_rule(one["expression"])
    scale = max(by.measures[measure].scale for measure, _ in rule.measures())

    def holds(unit: str) -> bool:
        return rule.evaluate(lambda measure, category: _exact(by, figures, unit, measure, category, scale))

    whole = [
        unit.code
        for unit in by.units.values()
        if unit.kind == "jurisdiction" and all(any(cell.figures for cell in _of(by, figures, unit.code, *name)) for name in rule.measures())
    ]
    return {"code": one["code"], "message": one["message"], "holds": holds(NATIONAL), "units": {code: holds(code) for code in whole}}


def _of(by: Definitions, figures: Figures, unit: str, measure: str, category: str | None) -> list[Cell]:
    """The cell of a category, or all of the measure's."""
    wanted = by.measures[measure].categories if category is None else (category,)
    return [figures.cells.get((unit, measure, one), NONE) for one in wanted]


def _exact(by: Definitions, figures: Figures, unit: str, measure: str, category: str | None, scale: int) -> int:
    return sum(cell.total for cell in _of(by, figures, unit, measure, category)) * int(10 ** (scale - by.measures[measure].scale))


def rows(by: Definitions, document: Mapping[str, Any], status: str) -> Iterator[dict[str, Any]]:
    """The statistics of a totals document, a row for each unit, measure and category; the nation's last."""
    common = {"operation": document["operation"], "position": document["position"], "status": status}
    for unit in document["units"]:
        who = common | {"unit": unit["code"], "unit_name": unit["name"], "kind": unit["kind"], "parent": unit["parent"]}
        for code, figures in unit["measures"].items():
            yield from _rows(who, by.measures[code], figures, _note(unit, figures))
    who = common | {"unit": NATIONAL, "unit_name": "National", "kind": "nation", "parent": None}
    for code, figures in document["national"].items():
        owing = f"Not yet quantified: {', '.join(figures['unquantified'])}." if figures["unquantified"] else ""
        yield from _rows(who, by.measures[code], figures, owing or ("" if figures["categories"] else "No unit has reported a figure."))


def _rows(who: dict[str, Any], measure: Measure, figures: Mapping[str, Any], note: str) -> Iterator[dict[str, Any]]:
    what = who | {"measure": measure.code, "label": measure.label, "unit_of_count": measure.unit}
    for category, quantity in figures["categories"].items():
        yield what | {"category": category, "quantity": quantity, "assisted": None, "note": ""}
    yield what | {"category": "all", "quantity": figures["total"], "assisted": figures.get("assisted"), "note": note}


def _note(unit: Mapping[str, Any], figures: Mapping[str, Any]) -> str:
    apart = unit["conducted_separately"]
    notes = [f"Conducted separately: {apart['footnote']}"] if apart else []
    if figures["unquantified"]:
        notes.append("There is some of which it is not known yet how much.")
    return " ".join(notes)
