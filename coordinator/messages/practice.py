"""Who has practised: which units have sent a report, and which an acknowledgement, in an exercise."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from coordinator.db import session
from coordinator.messages.models import Acknowledgement
from coordinator.operations import exercising
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import Report


def document(code: str) -> dict[str, Any]:
    """By expected unit whether a report and an acknowledgement of it, or of a unit below it, have been seen: in the exercise of this
    code, or in any exercise of the operation of this code. Refuses with NotFound."""
    catalogue = operations.find(code)
    among = [code] if catalogue.exercise else [one.code for one in exercising.of(code)]
    reported, acknowledged = seen(among)
    units = [_unit(catalogue, unit.code, reported, acknowledged) for unit in catalogue.expected]
    missing = [unit["unit"] for unit in units if not (unit["reported"] and unit["acknowledged"])]
    return {"operation": code, "exercises": among, "units": units, "missing": missing}


def seen(codes: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Codes of the units that have reported, and of those that have acknowledged, in any of these exercises, each with all above it."""
    reported, acknowledged = set[str](), set[str]()
    for catalogue in map(operations.find, codes):
        reported |= _lineages(catalogue, session().scalars(_units(Report, catalogue.id)).all())
        acknowledged |= _lineages(catalogue, session().scalars(_units(Acknowledgement, catalogue.id)).all())
    return frozenset(reported), frozenset(acknowledged)


def _units(table: Any, operation_id: int) -> Any:
    return select(table.unit_id).where(table.operation_id == operation_id).distinct()


def _lineages(catalogue: Catalogue, units: Collection[int]) -> set[str]:
    return {catalogue.unit_by_id[above].code for id in units for above in catalogue.lineage(id) if above in catalogue.unit_by_id}


def _unit(catalogue: Catalogue, code: str, reported: Collection[str], acknowledged: Collection[str]) -> dict[str, Any]:
    name = catalogue.unit_by_code[code].name
    return {"unit": code, "name": name, "reported": code in reported, "acknowledged": code in acknowledged}
