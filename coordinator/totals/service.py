"""What can be asked of totals: the document now or then, and what has changed since a position."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coordinator.access.actor import Actor
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import alarms, document, reading
from coordinator.totals.figures import Figures

Alarms = list[dict[str, Any]]
"""The alarms that stand, as ``alarms.standing`` gives them."""

APART = ("generated_at",)
"""Members of the document that change although no figure does."""


def totals(actor: Actor, code: str, as_of: datetime | None = None, at: int | None = None) -> dict[str, Any]:
    """The totals document of now, or of what was known at ``at`` about ``as_of``. Refuses with NotFound and Invalid."""
    catalogue = operations.find(code)
    if as_of is None and at is None:
        return standing(catalogue)
    return document.totals(catalogue, reading.then(catalogue, as_of, at)) | {"as_of": as_of and moment_text(as_of), "at": at}


def standing(catalogue: Catalogue) -> dict[str, Any]:
    """The totals document of now."""
    return whole(catalogue, reading.now(catalogue), alarms.standing(catalogue.id))


def whole(catalogue: Catalogue, figures: Figures, alarms: Alarms) -> dict[str, Any]:
    """The totals document of these figures, with the alarms that stand."""
    return document.totals(catalogue, figures) | {"alarms": alarms}


def state(catalogue: Catalogue, figures: Figures, alarms: Alarms) -> dict[str, Any]:
    """What can change without a figure: status, phase, who is heard and overdue, alarms."""
    reporting = document.reporting(catalogue, figures)
    return {
        "position": figures.position,
        "status": document.status(catalogue, reporting),
        "phase": catalogue.phase,
        "reporting": reporting,
        "alarms": alarms,
    }
