"""News: what a channel tells beside figures. Bulletins to those whom they reach, and of all else that happens a hint of what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coordinator.desk.events import Event, event
from coordinator.fields import moment_text
from coordinator.messages import happenings, watch
from coordinator.messages.models import Happening
from coordinator.messages.reach import Reach, reach
from coordinator.operations.catalogue import Catalogue

MOST_STANDING = 50
"""Bulletins that a watcher who comes is given: the newest that stand."""

DESK_ALONE = Reach(frozenset())


class News:
    """How far one reader has told the messages of an operation. Every method reads; call them within one snapshot."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._version = happenings.mark(catalogue.id)
        self._standing: dict[Any, tuple[dict[str, Any], Reach]] | None = None

    def look(self, catalogue: Catalogue, position: int) -> list[Event]:
        """What has happened since the last look, each to those whom it concerns."""
        version = happenings.mark(catalogue.id)
        if version == self._version:
            return []
        happened = happenings.since(catalogue.id, self._version)
        self._version, self._standing = version, None
        bulletins = [one for one in self.standing(catalogue, position) if any(one.bulletin == news.bulletin_id for news in _new(happened))]
        return bulletins + [_hint(catalogue, one, position) for one in happened]

    def standing(self, catalogue: Catalogue, position: int) -> list[Event]:
        """The bulletins that stand, the oldest first."""
        if self._standing is None:
            self._standing = {id: (said, whom) for id, said, whom in watch.current_for(catalogue)[-MOST_STANDING:]}
        return [event("bulletin", position, {"position": position, **said}, whom, id) for id, (said, whom) in self._standing.items()]


def _new(happened: Sequence[Happening]) -> list[Happening]:
    return [one for one in happened if one.kind == "bulletin"]


def _hint(catalogue: Catalogue, one: Happening, position: int) -> Event:
    """That something has happened, for pages that show it to ask for."""
    unit = catalogue.unit_by_id[one.unit_id] if one.unit_id else None
    told = {"position": position, "version": one.version, "kind": one.kind, "unit": unit and unit.code, "at": moment_text(one.at)}
    return event("happening", position, told | {"bulletin": one.bulletin_id and str(one.bulletin_id)}, _whom(catalogue, one))


def _whom(catalogue: Catalogue, one: Happening) -> Reach:
    """The desk; and the liaisons of a unit, of what concerns it alone."""
    return reach(catalogue, [one.unit_id]) if one.unit_id else DESK_ALONE
