"""Events of the stream: what is said, and how it is written (Server-Sent Events, WHATWG HTML section 9.2). Pure."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from coordinator.messages.reach import Reach
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.drafts import figure
from coordinator.totals import document
from coordinator.totals.figures import Figures
from coordinator.totals.reading import Moved
from coordinator.wire import encode


class Event(NamedTuple):
    """One event: the journal position it brings the watcher to, its name, and its bytes on the wire; whom it reaches, None for
    everyone; and the bulletin it delivers, where it is one."""

    position: int
    name: str
    chunk: bytes
    reach: Reach | None = None
    bulletin: UUID | None = None


def event(name: str, position: int, data: dict[str, Any], reach: Reach | None = None, bulletin: UUID | None = None) -> Event:
    """An event with its journal position as its id."""
    chunk = b"id: %d\nevent: %s\ndata: %s\n\n" % (position, name.encode(), encode(data))
    return Event(position, name, chunk, reach, bulletin)


def moved(catalogue: Catalogue, figures: Figures, units: Moved) -> Event:
    """The totals of these units and categories, which moved."""
    changes = document.changes(catalogue, figures, units)
    for unit in changes["units"]:
        unit["measures"] = _gone(catalogue, units[catalogue.unit_by_code[unit["code"]].id]) | unit["measures"]
    return event("totals", figures.position, changes)


def _gone(catalogue: Catalogue, categories: set[int]) -> dict[str, dict[str, Any]]:
    """Nothing, for each measure of these categories. A document leaves out a measure of which a unit has nothing, but who has
    seen it there must hear that it went."""
    measures = {catalogue.measure_of_category[category][0] for category in categories}
    return {
        measure.code: dict.fromkeys(("total", "own", "assisted"), figure(0, measure.scale)) | {"categories": {}, "unquantified": False}
        for measure in measures
    }


def missed(last_event_id: str | None, position: int, most: int) -> int | None:
    """The position a watcher stands at, where it can be brought on from there; None where it needs a snapshot."""
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        return None
    return int(last_event_id) if 0 <= position - int(last_event_id) <= most else None
