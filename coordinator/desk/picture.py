"""The picture: what a channel knows of its operation, kept in memory and brought on by what has changed since.

One small question tells whether anything changed; then the rows that moved are read, and nothing else. A watcher that comes gets
the picture as it is, made into bytes once for all who come at the same time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from coordinator.desk import events, news
from coordinator.desk.events import Event, event
from coordinator.operations import service as operations
from coordinator.totals import alarms, reading
from coordinator.totals import service as totals
from coordinator.totals.reading import Moved

TOO_MUCH = 5_000
"""Journal positions a watcher may have missed; beyond, a whole snapshot is less than the changes."""


class Picture:
    """An operation as one reader sees it. Every method reads; call them within one snapshot."""

    def __init__(self, operation_id: int) -> None:
        self._id = operation_id
        self._mark = reading.mark(operation_id)
        self._learn()
        self._news = news.News(self._catalogue)
        self._state = self._present_state()

    def look(self, anyway: bool) -> list[Event]:
        """What has changed since the last look; ``anyway`` looks although nothing was folded, since time alone makes a unit overdue."""
        mark = reading.mark(self._id)
        found = []
        if mark != self._mark or anyway:
            moved = reading.bring_on(self._catalogue, self._figures, mark.position)
            found = self._events(mark, moved)
            self._mark = mark
        return found + self._news.look(self._catalogue, mark.position)

    def opening(self, last_event_id: str | None) -> list[Event]:
        """What a watcher gets first: what it missed since its last event, or a snapshot where that is unknown or too much; and the
        bulletins that stand, since it can't say which it has."""
        return [*self._figures_first(last_event_id), *self._news.standing(self._catalogue, self._figures.position)]

    def _figures_first(self, last_event_id: str | None) -> list[Event]:
        missed = events.missed(last_event_id, self._figures.position, TOO_MUCH)
        if missed is None:
            return [self._snapshot()]
        status = event("status", self._figures.position, self._state)
        if missed == self._figures.position:
            return [status]
        return [events.moved(self._catalogue, self._figures, reading.moved_since(self._id, missed)), status]

    def openings(self) -> Any:
        """``opening``, answering alike what is asked alike: for all who come at one moment."""
        return lru_cache(maxsize=None)(self.opening)

    def _events(self, mark: reading.Mark, moved: Moved) -> list[Event]:
        """The events from the picture as it was to what is true now, which is known afterwards."""
        before, phase, version = self._state, self._catalogue.phase, self._catalogue.version
        if mark[0] != self._mark[0] or mark[2:] != self._mark[2:]:
            self._learn()
        state, found = self._present_state(), []
        if state["phase"] != phase:
            found.append(event("phase", mark.position, {"position": mark.position, "phase": state["phase"]}))
        if _anew(mark.version - version > (state["phase"] != phase), before, state):
            found.append(self._snapshot())
        else:
            found[:0] = [events.moved(self._catalogue, self._figures, moved)] if mark.position != self._mark.position else []
            found += [event("status", mark.position, state)] if _apart(state) != _apart(before) else []
        self._state = state
        return found

    def _learn(self) -> None:
        """Reads everything."""
        self._catalogue = operations.find_by_id(self._id)
        self._figures = reading.now(self._catalogue)
        self._alarms = alarms.standing(self._id)

    def _present_state(self) -> dict[str, Any]:
        return totals.state(self._catalogue, self._figures, self._alarms)

    def _snapshot(self) -> Event:
        whole = totals.whole(self._catalogue, self._figures, self._alarms)
        return event("snapshot", whole["position"], whole)


def _anew(planned: bool, before: dict[str, Any], state: dict[str, Any]) -> bool:
    """Whether changes alone can't bring a watcher on: the plan itself was changed (a step of phase is one version), or an
    alarm has ended, after which figures may be others at the same position."""
    return planned or bool(before["alarms"] and not state["alarms"])


def _apart(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "position"}
