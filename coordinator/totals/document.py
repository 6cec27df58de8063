"""The totals document: figures in the words of the API. Pure, and the only place where figures become a document.

Board, stream, API and statistics all show what is built here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry, NamedRule, NamedSum, UnitEntry
from coordinator.operations.models import OVERLAP
from coordinator.reports.drafts import figure
from coordinator.totals.figures import CellFigure, Figures, Hearing

NONE = CellFigure()
SILENT = Hearing()


def totals(catalogue: Catalogue, figures: Figures) -> dict[str, Any]:
    """The whole document."""
    reporting_now = reporting(catalogue, figures)
    return {
        "operation": catalogue.code,
        "position": figures.position,
        "status": status(catalogue, reporting_now),
        "phase": catalogue.phase,
        "generated_at": moment_text(figures.moment),
        "reporting": reporting_now,
        "national": national(catalogue, figures),
        "derived": {one.code: _derived(catalogue, figures, one) for one in catalogue.derived},
        "rules": [_rule(catalogue, figures, rule) for rule in catalogue.rules],
        "units": [_unit(catalogue, figures, unit) for unit in catalogue.units if _shown(figures, unit)],
    }


def changes(catalogue: Catalogue, figures: Figures, moved: Mapping[int, set[int]]) -> dict[str, Any]:
    """The document of what moved: units with the measures of the categories that did, and the nation's of the same."""
    national_now = national(catalogue, figures)
    measures = {catalogue.measure_of_category[category][0].code for category in moved.get(catalogue.nation, ())}
    return {
        "position": figures.position,
        "generated_at": moment_text(figures.moment),
        "national": {code: document for code, document in national_now.items() if code in measures},
        "units": [_unit(catalogue, figures, unit, moved[unit.id]) for unit in catalogue.units if unit.id in moved],
        "derived": {one.code: _derived(catalogue, figures, one) for one in catalogue.derived},
        "rules": [_rule(catalogue, figures, rule) for rule in catalogue.rules],
    }


def status(catalogue: Catalogue, reporting: Mapping[str, Any]) -> str:
    """How far the figures can be trusted; an exercise says so before all else."""
    if catalogue.exercise:
        return "exercise"
    if catalogue.certified:
        return f"amended-{catalogue.released - 1}" if catalogue.released > 1 else "certified"
    all_heard = reporting["heard"] == reporting["expected"]
    return "unofficial-complete" if catalogue.phase in ("standing_down", "reconciling") and all_heard else "unofficial-partial"


def reporting(catalogue: Catalogue, figures: Figures) -> dict[str, Any]:
    """How many jurisdictions are expected and were heard from, who is overdue, and whose reports so far are all nil."""
    hearings = {unit: figures.hearings.get(unit.id, SILENT) for unit in catalogue.expected}
    return {
        "expected": len(hearings),
        "heard": sum(hearing.reports > 0 for hearing in hearings.values()),
        "overdue": [unit.code for unit, hearing in hearings.items() if _overdue(catalogue, unit, hearing, figures)],
        "nil": [unit.code for unit, hearing in hearings.items() if hearing.reports and not hearing.with_figures],
    }


def _overdue(catalogue: Catalogue, unit: UnitEntry, hearing: Hearing, figures: Figures) -> bool:
    """Whether the unit's reporting interval has passed since its last report, or since the start where there was none.

    An answer or a check-in is a word to whoever watches over the unit (messages), and makes no figure newer: here it is none.
    """
    if catalogue.phase not in ("live", "standing_down") or unit.conducted_separately:
        return False
    since = hearing.last_report_at or catalogue.live_at or catalogue.starts_at
    return figures.moment > since + timedelta(minutes=figures.intervals.get(unit.id, catalogue.interval_minutes))


def national(catalogue: Catalogue, figures: Figures) -> dict[str, Any]:
    """The nation's figures, every measure."""
    return {measure.code: _national(catalogue, figures, measure) for measure in catalogue.measures}


def _national(catalogue: Catalogue, figures: Figures, measure: MeasureEntry) -> dict[str, Any]:
    credited = [figures.cells.get((catalogue.nation, category), NONE).assisted for category in measure.categories.values()]
    recent = [figures.recent.get(category, (0, 0)) for category in measure.categories.values()]
    return (
        _sums(figures, catalogue.nation, measure)
        | _overlap(catalogue, figures, measure)
        | {
            "credited": figure(sum(credited), measure.scale),
            "last_15_minutes": figure(sum(near for near, _ in recent), measure.scale),
            "last_60_minutes": figure(sum(far for _, far in recent), measure.scale),
            "unquantified": [unit.code for unit in catalogue.units if _own_unquantified(figures, unit, measure)],
        }
    )


def _sums(figures: Figures, unit_id: int, measure: MeasureEntry) -> dict[str, Any]:
    cells = {name: figures.cells.get((unit_id, category), NONE) for name, category in measure.categories.items()}
    return {
        "total": figure(sum(cell.total for cell in cells.values()), measure.scale),
        "categories": {name: figure(cell.total, measure.scale) for name, cell in cells.items() if cell.figures},
    } | _by_desk(cells.values(), measure)


def _by_desk(cells: Iterable[CellFigure], measure: MeasureEntry) -> dict[str, Any]:
    """How much of the figure the desk entered, where there is a figure."""
    given = [cell.by_desk for cell in cells if cell.figures]
    return {"by_desk": figure(sum(given), measure.scale)} if given else {}


def _overlap(catalogue: Catalogue, figures: Figures, measure: MeasureEntry) -> dict[str, Any]:
    """What adjustments take out of the nation's figure (below 0), where there are any."""
    unit = catalogue.unit_by_code.get(OVERLAP)
    cells = [figures.cells.get((unit.id, category), NONE) for category in measure.categories.values()] if unit else []
    return {"overlap": figure(sum(cell.own for cell in cells), measure.scale)} if any(cell.figures for cell in cells) else {}


def _shown(figures: Figures, unit: UnitEntry) -> bool:
    """Every unit, but OVERLAP only from its first entry on."""
    return unit.code != OVERLAP or figures.hearings.get(unit.id, SILENT).last_report_at is not None


def _own_unquantified(figures: Figures, unit: UnitEntry, measure: MeasureEntry) -> bool:
    return any(figures.cells.get((unit.id, category), NONE).own_unquantified for category in measure.categories.values())


def _unit(catalogue: Catalogue, figures: Figures, unit: UnitEntry, only: set[int] | None = None) -> dict[str, Any]:
    """A unit with what it has; ``only`` narrows to the measures of these categories."""
    hearing = figures.hearings.get(unit.id, SILENT)
    measures = [measure for measure in catalogue.measures if only is None or not only.isdisjoint(measure.categories.values())]
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent,
        "level": unit.level,
        "conducted_separately": unit.conducted_separately,
        "last_report_at": hearing.last_report_at and moment_text(hearing.last_report_at),
        "measures": dict(_unit_measures(figures, unit, measures, whole=only is not None)),
    }


def _unit_measures(
    figures: Figures, unit: UnitEntry, measures: Iterable[MeasureEntry], whole: bool
) -> Iterable[tuple[str, dict[str, Any]]]:
    """Those of the measures of which the unit has anything; with ``whole`` also those it no longer has, so that a watcher sees."""
    for measure in measures:
        cells = [figures.cells.get((unit.id, category), NONE) for category in measure.categories.values()]
        if whole or any(cell.figures or cell.unquantified or cell.assisted for cell in cells):
            yield (
                measure.code,
                _sums(figures, unit.id, measure)
                | {
                    "own": figure(sum(cell.own for cell in cells), measure.scale),
                    "assisted": figure(sum(cell.assisted for cell in cells), measure.scale),
                    "unquantified": any(cell.unquantified for cell in cells),
                },
            )


def _derived(catalogue: Catalogue, figures: Figures, one: NamedSum) -> int | str:
    """A derived measure of the nation, with as many decimals as the finest measure in it."""
    scale = _finest(catalogue, one.sum.measures())
    value = one.sum.evaluate(lambda measure, category: _exact(catalogue, figures, catalogue.nation, measure, category, scale))
    return figure(int(value), scale)


def _rule(catalogue: Catalogue, figures: Figures, rule: NamedRule) -> dict[str, Any]:
    """A rule for the nation, and for each jurisdiction that has a figure for every measure in it."""
    names = rule.rule.measures()
    units = {
        unit for unit in catalogue.units if unit.kind == "jurisdiction" and all(_has(catalogue, figures, unit, *name) for name in names)
    }
    return {
        "code": rule.code,
        "message": rule.message,
        "holds": _holds(catalogue, figures, rule, catalogue.nation),
        "units": {unit.code: _holds(catalogue, figures, rule, unit.id) for unit in catalogue.units if unit in units},
    }


def _holds(catalogue: Catalogue, figures: Figures, rule: NamedRule, unit_id: int) -> bool:
    scale = _finest(catalogue, rule.rule.measures())
    return rule.rule.evaluate(lambda measure, category: _exact(catalogue, figures, unit_id, measure, category, scale))


def _has(catalogue: Catalogue, figures: Figures, unit: UnitEntry, measure: str, category: str | None) -> bool:
    categories = catalogue.measure_by_code[measure].categories
    wanted = categories.values() if category is None else (categories[category],)
    return any(figures.cells.get((unit.id, id), NONE).figures for id in wanted)


def _finest(catalogue: Catalogue, names: Iterable[tuple[str, str | None]]) -> int:
    """The scale of the measure with the most decimals."""
    return max(catalogue.measure_by_code[measure].scale for measure, _ in names)


def _exact(catalogue: Catalogue, figures: Figures, unit_id: int, measure: str, category: str | None, scale: int) -> int:
    """A measure's or category's figure in units of 10^-scale, its own or finer; 0 where no one has given one."""
    entry = catalogue.measure_by_code[measure]
    wanted = entry.categories.values() if category is None else (entry.categories[category],)
    return sum(figures.cells.get((unit_id, id), NONE).total for id in wanted) * int(10 ** (scale - entry.scale))
