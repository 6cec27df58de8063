"""Reading figures: now from the cells, at any other moment from the entries. Both give the same ``Figures``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, text

from coordinator import clock
from coordinator.db import session
from coordinator.errors import Invalid
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import JournalEntry
from coordinator.totals import counting
from coordinator.totals.figures import WINDOWS, CellFigure, Figures, Hearing, window_start
from coordinator.totals.models import Cell, Head, HearingRow


def standing_position(operation_id: int) -> int:
    """How far the journal has been folded; 0 before the first report."""
    return session().scalar(select(Head.position).where(Head.operation_id == operation_id)) or 0


def now(catalogue: Catalogue, only: frozenset[int] | None = None) -> Figures:
    """The figures as they stand; with ``only`` those of these units and of whoever still owes how much.

    Read it in a snapshot: several statements must see one moment.
    """
    moment = clock.now()
    cells = select(Cell).where(Cell.operation_id == catalogue.id)
    if only is not None:
        cells = cells.where(Cell.unit_id.in_(only) | (Cell.own_unquantified > 0))
    hearings = select(HearingRow).where(HearingRow.operation_id == catalogue.id)
    return Figures(
        standing_position(catalogue.id),
        moment,
        {(row.unit_id, row.category_id): _cell(row) for row in session().scalars(cells)},
        {row.unit_id: Hearing(row.reports, row.with_figures, row.last_report_at) for row in session().scalars(hearings)},
        _recent(catalogue, moment),
    )


def moved_since(operation_id: int, position: int) -> dict[int, set[int]]:
    """The units that moved after this journal position, each with the categories in which it did; none for mere word."""
    cells = select(Cell.unit_id, Cell.category_id).where(Cell.operation_id == operation_id, Cell.position > position)
    heard = select(HearingRow.unit_id).where(HearingRow.operation_id == operation_id, HearingRow.position > position)
    moved: dict[int, set[int]] = {unit_id: set() for unit_id in session().scalars(heard)}
    for unit_id, category_id in session().execute(cells):
        moved.setdefault(unit_id, set()).add(category_id)
    return moved


def then(catalogue: Catalogue, as_of: datetime | None, at: int | None) -> Figures:
    """The figures of what was observed up to ``as_of``, as the journal stood at ``at``; None means now. Refuses with Invalid."""
    newest = standing_position(catalogue.id)
    if at is not None and at > newest:
        raise Invalid.at("/at", f"The journal stands at {newest}; position {at} is not there yet.")
    position = newest if at is None else at
    moment = as_of or (_folded_at(catalogue, position) if at is not None else None) or clock.now()
    return counting.count(catalogue, moment, position, as_of)


def _cell(row: Cell) -> CellFigure:
    own, total = (int(row.own), row.own_figures, row.own_unquantified), (int(row.total), row.figures, row.unquantified)
    return CellFigure(*own, *total, int(row.assisted), row.standing_at)


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
