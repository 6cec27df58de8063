"""An operation for the clients to post to, opened over HTTP as anyone would."""

from __future__ import annotations

import time
from typing import Any

from coordinator.nights.caller import Caller
from faults.clients import Target
from faults.counting import MEASURES
from faults.plan import BEGINS, CELLS, LASTS, PARENTS


def open_operation(url: str, admin_token: str, code: str = "") -> Target:
    """A live operation with the plan's units and measures, and a token of its desk."""
    admin, code = Caller(url, admin_token), code or f"trial-{time.time_ns()}"
    admin.post("/operations", _document(code))
    for phase in ("briefing", "live"):
        admin.post(f"/operations/{code}/phase", {"phase": phase})
    issued = admin.post("/tokens", {"name": "Desk", "role": "desk", "operation": code, "units": []})
    admin.close()
    return Target((url,), str(issued.content["token"]), code)


def _document(code: str) -> dict[str, Any]:
    units = [{"code": unit, "name": unit, "kind": "agency" if parent else "jurisdiction"} for unit, parent in PARENTS.items()]
    for unit in units:
        if parent := PARENTS[unit["code"]]:
            unit["parent"] = parent
    return {
        "code": code,
        "name": "A trial under faults",
        "time_zone": "UTC",
        "starts_at": BEGINS.isoformat(),
        "ends_at": (BEGINS + LASTS).isoformat(),
        "exercise": True,
        "measures": [{"code": code, "label": code, "unit": "persons", "categories": _categories(code)} for code in MEASURES],
        "units": [unit for unit in units if unit["code"] != "UNATTRIBUTED"],
    }


def _categories(measure: str) -> list[str]:
    return [category for code, category in CELLS if code == measure]
