"""What was counted under older rules: after a change during the night, the reports that somebody may have to look at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Row, text

from coordinator.briefings import packs, service
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

_COUNTED = text("""
    SELECT r.unit_id, c.measure_id, r.rules_version, count(DISTINCT r.id) AS reports,
           min(r.observed_at) AS first, max(r.observed_at) AS last
    FROM reports r JOIN lines l ON l.report_id = r.id JOIN categories c ON c.id = l.category_id
    WHERE r.operation_id = :operation AND r.kind <> 'withdrawal' AND r.channel <> 'adjustment' AND r.rules_version IS DISTINCT FROM :version
      AND NOT EXISTS (SELECT FROM reports later WHERE later.supersedes = r.id)
    GROUP BY r.unit_id, c.measure_id, r.rules_version
""")


def document(code: str) -> dict[str, Any]:
    """What stands that was counted under other rules than those in force, by unit, measure and version; null for what was counted before
    there were any. ``changed`` says where the measure does not mean the same any more. NotFound."""
    catalogue = operations.find(code)
    version = catalogue.rules_version
    if version is None:
        return {"version": None, "items": []}
    rows = session().execute(_COUNTED, {"operation": catalogue.id, "version": version}).all()
    changed = _changed(catalogue, version, {row.rules_version for row in rows})
    items = [_item(catalogue, row, changed[row.rules_version]) for row in rows]
    return {"version": version, "items": sorted(items, key=lambda one: (one["unit"], one["measure"], one["version"] or 0))}


def _changed(catalogue: Catalogue, version: int, older: set[int | None]) -> Mapping[int | None, set[str]]:
    """For each of these versions the measures that mean something else now; before there were any, nothing is known to."""
    now = service.find(catalogue, version).rules
    return {old: packs.measures_changed(service.find(catalogue, old).rules, now) if old else set() for old in older}


def _item(catalogue: Catalogue, row: Row[Any], changed: Collection[str]) -> dict[str, Any]:
    measure = next(one for one in catalogue.measures if one.id == row.measure_id)
    return {
        "unit": catalogue.unit_by_id[row.unit_id].code,
        "measure": measure.code,
        "label": measure.label,
        "version": row.rules_version,
        "changed": measure.code in changed,
        "reports": row.reports,
        "first_observed_at": moment_text(row.first),
        "last_observed_at": moment_text(row.last),
    }
