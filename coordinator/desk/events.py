"""Events of the stream: what is said, and how it is written (Server-Sent Events, WHATWG HTML section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.drafts import figure
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


@dataclass(frozen=True)
class Known:
    """What a channel has sent last: journal position, phase, the operation's version and the state of ``status``."""

    position: int
    phase: str
    version: int
    state: dict[str, Any]


def event(name: str, position: int, data: dict[str, Any]) -> Event:
    """An event with its journal position as its id."""
    return Event(position, name, b"id: %d\nevent: %s\ndata: %s\n\n" % (position, name.encode(), encode(data)))


def opening(operation_id: int, last_event_id: str | None) -> list[Event]:
    """What a watcher gets first: what it missed since its last event, or a snapshot where that is unknown or too much."""
    catalogue = operations.find_by_id(operation_id)
    position = reading.standing_position(operation_id)
    missed = _missed(last_event_id, position)
    if missed is None:
        return [_snapshot(catalogue)]
    figures = reading.now(catalogue)
    changed = [_totals(catalogue, missed)] if missed < position else []
    return [*changed, event("status", figures.position, totals.state(catalogue, figures))]


def learn(operation_id: int) -> Known:
    """Where an operation stands, for a channel that begins."""
    return _known(operations.find_by_id(operation_id))


def since(operation_id: int, known: Known, anyway: bool) -> tuple[list[Event], Known]:
    """What has changed since ``known``, and what is known then; ``anyway`` looks although no report was folded."""
    catalogue = operations.find_by_id(operation_id)
    moved = reading.standing_position(operation_id) != known.position
    if not (moved or anyway or catalogue.version != known.version or totals.alarms_differ(operation_id, known.state)):
        return [], known
    now = _known(catalogue)
    found = []
    if now.phase != known.phase:
        found.append(event("phase", now.position, {"position": now.position, "phase": now.phase}))
    if _anew(known, now):
        return [*found, _snapshot(catalogue)], now
    if moved:
        found.insert(0, _totals(catalogue, known.position))
    if _apart(now.state) != _apart(known.state):
        found.append(event("status", now.position, now.state))
    return found, now


def _known(catalogue: Catalogue) -> Known:
    state = totals.state(catalogue, reading.now(catalogue, frozenset()))
    return Known(state["position"], catalogue.phase, catalogue.version, state)


def _anew(known: Known, now: Known) -> bool:
    """Whether changes alone can't bring a watcher on: the plan itself was changed (a step of phase is one version), or an
    alarm has ended, after which figures may be others at the same position."""
    planned = now.version - known.version > (now.phase != known.phase)
    return planned or bool(known.state["alarms"] and not now.state["alarms"])


def _snapshot(catalogue: Catalogue) -> Event:
    whole = totals.standing(catalogue)
    return event("snapshot", whole["position"], whole)


def _totals(catalogue: Catalogue, position: int) -> Event:
    """The totals of what moved after ``position``."""
    moved = reading.moved_since(catalogue.id, position)
    compared = (unit.id for unit in catalogue.units if unit.kind == "jurisdiction" and catalogue.rules)
    figures = reading.now(catalogue, frozenset({*moved, catalogue.nation, *compared}))
    changes = document.changes(catalogue, figures, moved)
    for unit in changes["units"]:
        unit["measures"] = _gone(catalogue, moved[catalogue.unit_by_code[unit["code"]].id]) | unit["measures"]
    return event("totals", figures.position, changes)


def _gone(catalogue: Catalogue, categories: set[int]) -> dict[str, dict[str, Any]]:
    """Nothing, for each measure of these categories. A document leaves out a measure of which a unit has nothing, but who has
    seen it there must hear that it went."""
    measures = {catalogue.measure_of_category[category][0] for category in categories}
    return {
        measure.code: dict.fromkeys(("total", "own", "assisted"), figure(0, measure.scale)) | {"categories": {}, "unquantified": False}
        for measure in measures
    }


def _missed(last_event_id: str | None, position: int) -> int | None:
    """The position a watcher stands at, where it can be brought on from there; None where it needs a snapshot."""
    if last_event_id is None or not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        return None
    return int(last_event_id) if 0 <= position - int(last_event_id) <= TOO_MUCH else None


def _apart(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "position"}
