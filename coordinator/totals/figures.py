"""The figures of an operation at a moment: what the totals document is made of, live or long after. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coordinator.totals.positions import minute

CellKey = tuple[int, int]
"""A unit's id and a category's id."""

WINDOWS = (15, 60)
"""Minutes back over which new figures of the nation are shown."""


@dataclass(slots=True)
class CellFigure:
    """A cell's own position and its total with all units below; ``figures`` is 0 where no one has given one.

    ``by_desk`` is the part of the total that the desk entered. ``assisted`` is the unit's own credit, the nation's that of all units.

    ``standing_at`` is when the unit's own to-date figure was observed: a fold goes by it, so a recount compares it too.
    """

    own: int = 0
    own_figures: int = 0
    own_unquantified: int = 0
    total: int = 0
    figures: int = 0
    unquantified: int = 0
    assisted: int = 0
    standing_at: datetime | None = None
    by_desk: int = 0


@dataclass(slots=True)
class Hearing:
    """Standing reports of a unit and all below it, those with figures, and the last word."""

    reports: int = 0
    with_figures: int = 0
    last_report_at: datetime | None = None


@dataclass
class Figures:
    """Everything at one journal position, as of ``moment``. ``recent``: category -> what was new in each of WINDOWS, for the nation.

    ``intervals``: unit -> minutes between its reports, where they are other than the operation's."""

    position: int
    moment: datetime
    cells: dict[CellKey, CellFigure] = field(default_factory=dict)
    hearings: dict[int, Hearing] = field(default_factory=dict)
    recent: dict[int, tuple[int, ...]] = field(default_factory=dict)
    intervals: Mapping[int, int] = field(default_factory=dict)


def window_start(moment: datetime, minutes: int) -> datetime:
    """The first minute that counts as one of the last ``minutes``: figures are kept by the minute, so windows begin with one."""
    return minute(moment) - timedelta(minutes=minutes - 1)
