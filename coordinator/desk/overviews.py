"""What the desk's pages show: an operation with its totals and its place on the map, and the list of operations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coordinator.access.actor import Actor
from coordinator.messages import watch
from coordinator.operations import service as operations
from coordinator.operations.documents import head, whole
from coordinator.operations.states import STATES
from coordinator.totals import service as totals

MOST = 50
"""Operations on the list: the newest."""

HEADLINES = 3
"""Measures of each that the list shows."""


def board(actor: Actor, code: str) -> dict[str, Any]:
    """All that a board starts from: the operation's and the totals document, where states lie, who is looking. Refuses with NotFound."""
    catalogue = operations.find(code)
    return {
        "operation": whole(catalogue),
        "totals": totals.standing(catalogue),
        "tiles": {state.code: [state.row, state.column] for state in STATES.values()},
        "traces": actor.may("reports.read"),
        "journal": actor.may("journal.read"),
        "presence": _presence(actor, code) if actor.may("presence.read") else None,
        "units": sorted(unit.code for unit in catalogue.units if actor.units and catalogue.covers(actor.units, unit)),
    }


def _presence(actor: Actor, code: str) -> dict[str, Any]:
    """Who is there and what they owe an answer to. A board hangs where others see it: whom to call is not on it."""
    document = watch.document(actor, code)
    return document | {"items": [{name: value for name, value in one.items() if name != "contact"} for one in document["items"]]}


def listed(actor: Actor) -> list[dict[str, Any]]:
    """The operations the actor sees, newest first, each with who has reported and its first figures."""
    return [_overview(row.code) for row in operations.visible(actor, MOST, 0)]


def _overview(code: str) -> dict[str, Any]:
    catalogue = operations.find(code)
    document = totals.standing(catalogue)
    return {
        "operation": head(catalogue, catalogue.interval_minutes),
        "status": document["status"],
        "reporting": document["reporting"],
        "alarms": len(document["alarms"]),
        "figures": [_headline(measure, document["national"][measure.code]) for measure in catalogue.measures[:HEADLINES]],
    }


def _headline(measure: Any, figure: Mapping[str, Any]) -> dict[str, Any]:
    at_least = bool(figure["unquantified"])
    said = figure["total"] if figure["categories"] or at_least else None  # what nobody has reported is no zero
    return {"label": measure.label, "unit": measure.unit, "total": said, "at_least": at_least}
