"""Reading figures: now from the cells, at any other moment from the entries. Both give the same ``Figures``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text

from coordinator import clock
from coordinator.db import session
from coordinator.errors import Invalid
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import JournalEntry
from coordinator.totals import counting
from coordinator.totals.figures import WINDOWS, CellFigure, Figures, Hearing, window_start
from coordinator.totals.models import Head

Moved = dict[int, set[int]]
"""Unit id -> the categories in which it moved."""


class Mark(NamedTuple):
    """What tells in one question whether anything of an operation has changed: its version, how far its journal has been folded,
    and what raises an alarm."""

    version: int
    position: int
    differing: datetime | None
    set_aside: int


_MARK = text("""
    SELECT o.version, coalesce(h.position, 0), (SELECT at FROM recounts r WHERE r.operation_id = o.id AND NOT r.holds),
           (SELECT count(*) FROM inbox i WHERE i.operation_id = o.id AND i.set_aside_at IS NOT NULL)
    FROM operations o LEFT JOIN heads h ON h.operation_id = o.id WHERE o.id = :operation
""")


def mark(operation_id: int) -> Mark:
    """The operation's mark as of now."""
    return Mark(*session().execute(_MARK, {"operation": operation_id}).one())


def standing_position(operation_id: int) -> int:
    """How far the journal has been folded; 0 before the first report."""
    return session().scalar(select(Head.position).where(Head.operation_id == operation_id)) or 0


def position_of(operation_id: int, at: int | None) -> int:
    """The journal position asked for; None means the newest. Refuses with Invalid what is not there yet."""
    newest = standing_position(operation_id)
    if at is not None and at > newest:
        raise Invalid.at("/at", f"The journal stands at {newest}; position {at} is not there yet.")
    return newest if at is None else at


def now(catalogue: Catalogue) -> Figures:
    """The figures as they stand. Read it in a snapshot: several statements must see one moment."""
    figures = Figures(-1, clock.now())
    bring_on(catalogue, figures, standing_position(catalogue.id))
    return figures


def bring_on(catalogue: Catalogue, figures: Figures, position: int) -> Moved:
    """Brings figures on to ``position``, the journal's in this snapshot, and to the present moment; answers what moved.

    The position is set last: where reading fails on the way, the same is read again the next time.
    """
    moved: Moved = {}
    if position > figures.position:
        for row in session().execute(_HEARINGS_SINCE, {"operation": catalogue.id, "position": figures.position}):
            figures.hearings[row.unit_id] = Hearing(row.reports, row.with_figures, row.last_report_at)
            moved[row.unit_id] = set()
        for row in session().execute(_CELLS_SINCE, {"operation": catalogue.id, "position": figures.position}):
            figures.cells[row.unit_id, row.category_id] = _cell(row)
            moved.setdefault(row.unit_id, set()).add(row.category_id)
    figures.moment = clock.now()
    figures.recent = _recent(catalogue, figures.moment)
    figures.position = position
    return moved


_CELLS_SINCE = text("""
    SELECT unit_id, category_id, own, own_figures, own_unquantified, total, figures, unquantified, assisted, standing_at, by_desk
    FROM cells WHERE operation_id = :operation AND position > :position
""")
_HEARINGS_SINCE = text("""
    SELECT unit_id, reports, with_figures, last_report_at FROM hearings WHERE operation_id = :operation AND position > :position
""")


def moved_since(operation_id: int, position: int) -> Moved:
    """The units that moved after this journal position, each with the categories in which it did; none for mere word."""
    parameters = {"operation": operation_id, "position": position}
    moved: Moved = {row.unit_id: set() for row in session().execute(_HEARINGS_SINCE, parameters)}
    for row in session().execute(_CELLS_SINCE, parameters):
        moved.setdefault(row.unit_id, set()).add(row.category_id)
    return moved


def then(catalogue: Catalogue, as_of: datetime | None, at: int | None) -> Figures:
    """The figures of what was observed up to ``as_of``, as the journal stood at ``at``; None means now. Refuses with Invalid."""
    position = position_of(catalogue.id, at)
    moment = as_of or (_folded_at(catalogue, position) if at is not None else None) or clock.now()
    figures = counting.count(catalogue, moment, position, as_of)
    figures.recent = counting.recent(catalogue, figures, as_of)
    return figures


def _cell(row: Any) -> CellFigure:
    own, total = (int(row.own), row.own_figures, row.own_unquantified), (int(row.total), row.figures, row.unquantified)
    return CellFigure(*own, *total, int(row.assisted), row.standing_at, int(row.by_desk))


def _recent(catalogue: Catalogue, moment: datetime) -> dict[int, tuple[int, ...]]:
    """What was new in the nation in each window, by category."""
    query = text("""
        SELECT category_id, sum(change) FILTER (WHERE minute >= :near), sum(change) FROM series
        WHERE operation_id = :operation AND unit_id = :nation AND category_id = ANY(:categories) AND minute >= :far GROUP BY category_id
    """)
    near, far = (window_start(moment, minutes) for minutes in WINDOWS)
    parameters = {
        "operation": catalogue.id,
        "nation": catalogue.nation,
        "near": near,
        "far": far,
        "categories": list(catalogue.measure_of_category),
    }
    return {row[0]: (int(row[1] or 0), int(row[2] or 0)) for row in session().execute(query, parameters)}


def _folded_at(catalogue: Catalogue, position: int) -> datetime | None:
    query = select(JournalEntry.folded_at).where(JournalEntry.operation_id == catalogue.id, JournalEntry.position == position)
    return session().scalar(query)
