"""Closings: whose final is in, and who is certified. Messages show it and know neither reconciliation nor releases."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from coordinator.db import session
from coordinator.messages.presence import CERTIFIED, FINAL_IN
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

CLOSING = ("reconciling", "certified", "archived")
"""The phases in which a unit's night can be closed."""


def closings(operation_id: int) -> Mapping[int, str]:
    """Unit id -> FINAL_IN or CERTIFIED, for a unit and all below it. Certified is who has figures in a release that stands: while it
    is amended, its units are back to their finals."""
    catalogue = operations.find_by_id(operation_id)
    if catalogue.phase not in CLOSING:
        return {}
    if catalogue.phase != "reconciling" and catalogue.released:
        return dict.fromkeys((unit.id for unit in catalogue.units), CERTIFIED)
    return dict.fromkeys(_final_in(catalogue), FINAL_IN)


def _final_in(catalogue: Catalogue) -> list[int]:
    """A final is of a unit with all below it, so theirs is in too."""
    stated = set(session().scalars(_STATED, {"operation": catalogue.id}))
    return [unit.id for unit in catalogue.units if not stated.isdisjoint(unit.lineage)]


_STATED = text("""
    SELECT DISTINCT f.unit_id FROM finals f
    WHERE f.operation_id = :operation AND NOT EXISTS (
        SELECT FROM cells c WHERE c.operation_id = f.operation_id AND c.unit_id = f.unit_id AND c.figures > 0
          AND NOT EXISTS (SELECT FROM finals g WHERE g.operation_id = c.operation_id AND g.unit_id = c.unit_id
                          AND g.category_id = c.category_id))
""")
"""The units that have stated a final for every figure they have."""
