"""What can be asked of reconciliation: all of it at a position, and what stands in the way of certifying."""

from __future__ import annotations

from typing import Any

from coordinator.access.actor import Actor
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reconciliation import checks, document, reading, statements
from coordinator.reconciliation.changes import unchanged_nation
from coordinator.reconciliation.checks import OpenItem
from coordinator.reconciliation.facts import Document
from coordinator.totals import service as totals

__all__ = ["controls", "open_items", "read", "standing_adjustments", "unchanged_nation"]


def read(actor: Actor, code: str, at: int | None = None, since: int | None = None) -> dict[str, Any]:
    """The reconciliation as it stands, or stood at the position ``at``, compared with the totals of the position ``since``. A liaison
    sees what concerns its units. Refuses with NotFound and Invalid."""
    catalogue = operations.find(code)
    earlier = None if since is None else totals.totals(actor, code, at=since)
    facts = reading.facts(catalogue, at, earlier)

    def sees(units: Any) -> bool:
        return not actor.units or any(catalogue.covers(actor.units, catalogue.unit_by_code[unit]) for unit in units)

    return document.whole(facts, sees)


def open_items(catalogue: Catalogue, position: int, earlier: Document | None = None) -> list[OpenItem]:
    """What is not settled at ``position``, with ``earlier`` also what has changed since that totals document."""
    facts = reading.facts(catalogue, position, earlier)
    return checks.open_items(checks.of(facts, list(statements.compared(facts))))


def standing_adjustments(catalogue: Catalogue, position: int) -> list[dict[str, Any]]:
    """The adjustments that stand at ``position``, as the API shows them."""
    return [document.adjustment(catalogue, one) for one in reading.adjustments(catalogue, position) if one.fallen is None]


def controls(catalogue: Catalogue, position: int) -> list[dict[str, Any]]:
    """The control totals known at ``position``, with what the nation lacks of each, as the API shows them."""
    facts = reading.facts(catalogue, position)
    return [document.control(facts, one) for one in facts.controls]
