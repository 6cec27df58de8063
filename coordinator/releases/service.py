"""What can be published, and to whom."""

from __future__ import annotations

from typing import Any

from coordinator.access.actor import Actor
from coordinator.errors import NotAllowed
from coordinator.operations import service as operations
from coordinator.releases import statistics
from coordinator.totals import service as totals

PUBLISHED = ("certified", "archived")


def rows(actor: Actor, code: str, at: int | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The totals document of a position, and its statistics as rows. Refuses with NotFound, NotAllowed, Invalid."""
    catalogue = operations.find(code)
    if not actor.may("statistics.early") and catalogue.phase not in PUBLISHED:
        raise NotAllowed("Statistics are the desk's until they are certified.")
    document = totals.totals(actor, code, at=at)
    return document, list(statistics.rows(catalogue, document))
