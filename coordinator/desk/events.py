"""Events of the stream: what is said, and how it is written (Server-Sent Events, WHATWG HTML section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import document, reading
from coordinator.totals import service as totals
from coordinator.wire import encode

TOO_MUCH = 5_000
"""Journal positions a watcher may have missed; beyond, a whole snapshot is less than the changes."""


class Event(NamedTuple):
    """One event: the journal position it brings the watcher to, its name, and its bytes on the wire."""

    position: int
    name: str
    chunk: bytes


@dataclass
class Known:
    """What a channel has sent last. Position None: nothing yet, so it only learns where it stands."""

    position: int | None = None
    phase: str = ""
    state: dict[str, Any] = field(default_factory=dict)


def event(name: str, position: int, data: dict[str, Any]) -> Event:
    """An event with its journal position as its id."""
    return Event(position, name, b"id: %d\nevent: %s\ndata: %s\n\n" % (position, name.encode(), encode(data)))


def opening(operation_id: int, last_event_id: str | None) -> list[Event]:
    """What a watcher gets first: what it missed since its last event, or a snapshot where that is unknown or too much."""
    catalogue = operations.find_by_id(operation_id)
    position = reading.standing_position(operation_id)
    missed = _missed(last_event_id, position)
    if missed is None:
        whole = totals.standing(catalogue)
        return [event("snapshot", whole["position"], whole)]
    figures = reading.now(catalogue)
    changed = [_totals(catalogue, missed)] if missed < position else []
    return [*changed, event("status", figures.position, totals.state(catalogue, figures))]


def since(operation_id: int, known: Known, anyway: bool) -> list[Event]:
    """What has changed since ``known``, which is brought up to date; ``anyway`` looks although no report was folded."""
    catalogue = operations.find_by_id(operation_id)
    position = reading.standing_position(operation_id)
    moved, first = position != known.position, known.position is None
    if not (moved or anyway or catalogue.phase != known.phase or totals.alarms_differ(operation_id, known.state)):
        return []
    found = [_totals(catalogue, known.position or 0)] if moved and not first else []
    state = totals.state(catalogue, reading.now(catalogue, frozenset()))
    if not first and catalogue.phase != known.phase:
        found.append(event("phase", position, {"position": position, "phase": catalogue.phase}))
    if not first and _apart(state) != _apart(known.state):
        found.append(event("status", position, state))
    known.position, known.phase, known.state = position, catalogue.phase, state
    return found


def _totals(catalogue: Catalogue, position: int) -> Event:
    """The totals of what moved after ``position``."""
    moved = reading.moved_since(catalogue.id, position)
    figures = reading.now(catalogue, frozenset({*moved, catalogue.nation, *(unit.id for unit in catalogue.expected if catalogue.rules)}))
    return event("totals", figures.position, document.changes(catalogue, figures, moved))


def _missed(last_event_id: str | None, position: int) -> int | None:
    """The position a watcher stands at, where it can be brought on from there; None where it needs a snapshot."""
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        return None
    return int(last_event_id) if 0 <= position - int(last_event_id) <= TOO_MUCH else None


def _apart(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "position"}
