"""Operations as the API shows them: pure."""

from __future__ import annotations

from typing import Any

from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry


def head(operation: Any, interval: int) -> dict[str, Any]:
    """An operation as it stands in a list, from a row or a catalogue."""
    return {
        "code": operation.code,
        "name": operation.name,
        "time_zone": operation.time_zone,
        "starts_at": moment_text(operation.starts_at),
        "ends_at": moment_text(operation.ends_at),
        "reporting_interval_minutes": interval,
        "exercise": operation.exercise,
        "exercise_of": operation.exercise_of,
        "phase": operation.phase,
        "version": operation.version,
        "live_at": operation.live_at and moment_text(operation.live_at),
        "created_at": moment_text(operation.created_at),
    }


def whole(catalogue: Catalogue) -> dict[str, Any]:
    """An operation with all its parts."""
    return (
        head(catalogue, catalogue.interval_minutes)
        | {
            "measures": [_measure(measure) for measure in catalogue.measures],
            "letters": {measure.code: dict(measure.letters) for measure in catalogue.measures},
            "rules": [{"code": r.code, "expression": r.expression, "message": r.message} for r in catalogue.rules],
            "derived": [{"code": d.code, "label": d.label, "expression": d.expression} for d in catalogue.derived],
            "headlines": [{"code": h.code, "text": h.text} for h in catalogue.headlines],
            "units": [_unit(unit) for unit in catalogue.taking_part.values()],
        }
        | ({"rules_version": catalogue.rules_version} if catalogue.rules_version else {})
    )


def definitions(catalogue: Catalogue) -> dict[str, Any]:
    """All that a figure, its name and its standing depend on beside the journal; units in the order in which they are printed.

    How a figure is said and what an exercise rehearses move none, so they are left out.
    """
    own = {"form": "tallyroom-definitions-1", "operation": catalogue.code, "released": catalogue.released}
    told = {name: value for name, value in whole(catalogue).items() if name not in ("exercise_of", "letters")}
    return own | told | {"units": [_unit(unit) for unit in catalogue.units]}


def _measure(measure: MeasureEntry) -> dict[str, Any]:
    return {
        "code": measure.code,
        "label": measure.label,
        "unit": measure.unit,
        "scale": measure.scale,
        "definition": measure.definition,
        "categories": list(measure.categories),
    }


def _unit(unit: UnitEntry) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent,
        "level": unit.level,
        "time_zone": unit.time_zone,
        "expected": unit.expected,
        "conducted_separately": unit.conducted_separately,
    }
