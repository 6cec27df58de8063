"""The arithmetic of ``positions.py`` over a whole operation, done where the rows are.

    position(t) = the latest to-date figure observed at or before t, plus the increments observed after it and up to t.

A fold moves a few cells by what has just come, in Python; a question about another moment, or a recount, reads a million entries,
which only the database can in a second. So the same arithmetic stands here a second time, over whole sets, and is held
equal to the first by the recount of every live operation and by tests against a third count that is written apart from both.

Counted from ``ENTRIES`` (derived, quick) or from ``RECORD`` (the reports themselves). Their rows are alike: one for each line,
and one without a category for a report that has none, by which its unit was heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text

from coordinator.db import session
from coordinator.operations.catalogue import Catalogue
from coordinator.totals.figures import WINDOWS, CellFigure, CellKey, Figures, Hearing, window_start
from coordinator.wire import encode

RECORD_ROWS = """
    SELECT j.position, coalesce(l.number, 0) AS number, r.unit_id, l.category_id, r.basis IS NOT DISTINCT FROM 'to_date' AS standing,
           r.observed_at, r.received_at, l.quantity,
           r.channel = 'telephone' AS by_desk, r.credit, a.assisting, ended.position AS superseded_at
    FROM journal j JOIN reports r ON r.id = j.report_id LEFT JOIN lines l ON l.report_id = r.id
    LEFT JOIN (
        SELECT report_id, number, array_agg(unit_id ORDER BY unit_id) AS assisting
        FROM assists WHERE operation_id = :operation GROUP BY report_id, number
    ) AS a ON a.report_id = l.report_id AND a.number = l.number
    LEFT JOIN (
        SELECT s.supersedes, js.position FROM reports s JOIN journal js ON js.report_id = s.id
        WHERE s.operation_id = :operation AND s.supersedes IS NOT NULL
    ) AS ended ON ended.supersedes = r.id
    WHERE j.operation_id = :operation
"""
ENTRY_ROWS = """
    SELECT position, number, unit_id, category_id, standing, observed_at, received_at, quantity, by_desk, credit, assisting,
           superseded_at
    FROM entries WHERE operation_id = :operation
"""
ENTRIES, RECORD = f"NOT MATERIALIZED ({ENTRY_ROWS})", f"MATERIALIZED ({RECORD_ROWS})"

_STANDS = "(superseded_at IS NULL OR superseded_at > :at)"
_KNOWN = f"""
    SELECT *, {_STANDS} AS stands, {_STANDS} AND category_id IS NOT NULL AND NOT credit AS counts FROM rows
    WHERE position <= :at AND (CAST(:as_of AS timestamptz) IS NULL OR observed_at <= :as_of)
"""


def _figures_of(rows: str) -> TextClause:
    """Every cell's own figure at ``at`` about ``as_of``. ``latest``: the to-date figure that stands in a cell, of two at one instant
    the later in the journal. A unit's rows without a category say only that it was heard."""
    return text(f"""
        WITH rows AS {rows},
        known AS NOT MATERIALIZED ({_KNOWN}),
        latest AS NOT MATERIALIZED (
            SELECT DISTINCT ON (unit_id, category_id) unit_id, category_id, observed_at, quantity, by_desk
            FROM known WHERE counts AND standing AND quantity IS NOT NULL
            ORDER BY unit_id, category_id, observed_at DESC, position DESC, number DESC
        ), summed AS (
            SELECT k.unit_id, k.category_id,
                   sum(quantity) FILTER (WHERE adds) AS added, sum(quantity) FILTER (WHERE adds AND by_desk) AS added_by_desk,
                   count(quantity) FILTER (WHERE counts) AS figures,
                   count(*) FILTER (WHERE counts AND after AND quantity IS NULL) AS unquantified,
                   count(*) FILTER (WHERE stands AND number = 0 AND observed_at IS NOT NULL) AS reports,
                   count(*) FILTER (WHERE stands AND number = 0 AND category_id IS NOT NULL) AS with_figures,
                   max(CASE WHEN CAST(:as_of AS timestamptz) IS NULL THEN received_at ELSE observed_at END) AS last_at
            FROM (
                SELECT k.*, after, counts AND after AND NOT standing AS adds
                FROM known k LEFT JOIN latest l ON l.unit_id = k.unit_id AND l.category_id = k.category_id,
                     LATERAL (SELECT l.observed_at IS NULL OR k.observed_at > l.observed_at AS after) AS a
            ) AS k
            GROUP BY k.unit_id, k.category_id
        )
        SELECT s.unit_id, s.category_id, l.observed_at AS standing_at, coalesce(s.added, 0) + coalesce(l.quantity, 0) AS now,
               coalesce(s.added_by_desk, 0) + CASE WHEN l.by_desk THEN l.quantity ELSE 0 END AS by_desk,
               s.figures, s.unquantified, s.reports, s.with_figures, s.last_at
        FROM summed s LEFT JOIN latest l ON l.unit_id = s.unit_id AND l.category_id = s.category_id
    """)


_RECENT = text(f"""
    WITH rows AS {ENTRIES}, known AS NOT MATERIALIZED ({_KNOWN}),
    cells AS (
        SELECT * FROM json_to_recordset(CAST(:cells AS json)) AS c (u bigint, c bigint, standing_at timestamptz, figure numeric)
    )
    SELECT c.c AS category_id, w.number, sum(CASE WHEN c.standing_at >= w.start THEN c.figure - before.figure ELSE since.added END)
    FROM cells c CROSS JOIN (VALUES (0, CAST(:near AS timestamptz)), (1, CAST(:far AS timestamptz))) AS w (number, start)
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(quantity), 0) AS added FROM known
        WHERE unit_id = c.u AND category_id = c.c AND counts AND NOT standing AND observed_at >= w.start
          AND (c.standing_at IS NULL OR c.standing_at < w.start)
    ) AS since ON true
    LEFT JOIN LATERAL (
        SELECT observed_at, quantity FROM known
        WHERE unit_id = c.u AND category_id = c.c AND counts AND standing AND quantity IS NOT NULL AND observed_at < w.start
          AND c.standing_at >= w.start
        ORDER BY observed_at DESC, position DESC, number DESC LIMIT 1
    ) AS stood ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(stood.quantity, 0) + coalesce(sum(quantity), 0) AS figure FROM known
        WHERE unit_id = c.u AND category_id = c.c AND counts AND NOT standing
          AND observed_at > coalesce(stood.observed_at, '-infinity') AND observed_at < w.start AND c.standing_at >= w.start
    ) AS before ON true
    GROUP BY c.c, w.number
""")
"""What is new in each window: the increments in it; or, where a to-date figure was observed in it, the figure less the one before."""


def _credits_of(rows: str) -> TextClause:
    return text(f"""
        WITH rows AS {rows}
        SELECT u.unit_id, r.category_id, sum(r.quantity) AS assisted
        FROM rows r, unnest(CASE WHEN r.credit THEN array_append(r.assisting, r.unit_id) ELSE r.assisting END) AS u (unit_id)
        WHERE (r.assisting IS NOT NULL OR r.credit) AND r.quantity IS NOT NULL AND {_STANDS} AND position <= :at
          AND (CAST(:as_of AS timestamptz) IS NULL OR observed_at <= :as_of)
        GROUP BY u.unit_id, r.category_id
    """)


_FIGURES = {rows: _figures_of(rows) for rows in (ENTRIES, RECORD)}
_CREDITS = {rows: _credits_of(rows) for rows in (ENTRIES, RECORD)}


def count(catalogue: Catalogue, moment: datetime, at: int, as_of: datetime | None = None, rows: str = ENTRIES) -> Figures:
    """The figures of what was observed up to ``as_of`` (None: everything) as the journal stood at ``at``; what is new in the windows
    that end with ``moment`` is asked apart, by ``recent``."""
    parameters = {"operation": catalogue.id, "at": at, "as_of": as_of}
    own = session().execute(_FIGURES[rows], parameters).all()
    credited = session().execute(_CREDITS[rows], parameters).all()
    return Figures(at, moment, _cells(catalogue, own, credited), _hearings(catalogue, own))


def recent(catalogue: Catalogue, figures: Figures, as_of: datetime | None) -> dict[int, tuple[int, ...]]:
    """What was new in the nation in each window that ends with the moment of these figures, by category."""
    near, far = (window_start(figures.moment, minutes) for minutes in WINDOWS)
    cells = [
        {"u": unit, "c": category, "standing_at": cell.standing_at, "figure": str(cell.own)}
        for (unit, category), cell in figures.cells.items()
        if cell.own_figures
    ]
    parameters = {"operation": catalogue.id, "at": figures.position, "as_of": as_of, "near": near, "far": far}
    new: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for category, window, change in session().execute(_RECENT, parameters | {"cells": encode(cells).decode()}):
        new[category][window] = int(change)
    return {category: tuple(changes) for category, changes in new.items()}


def _cells(catalogue: Catalogue, own: Sequence[Any], credited: Sequence[Any]) -> dict[CellKey, CellFigure]:
    """Every cell's own figure, and its total with all units below."""
    cells: dict[CellKey, CellFigure] = defaultdict(CellFigure)
    for row in own:
        if row.category_id is not None and (row.figures or row.unquantified):
            _add(cells, catalogue.lineages, row)
    for unit_id, category_id, quantity in credited:
        cells[unit_id, category_id].assisted = int(quantity)
        cells[catalogue.nation, category_id].assisted += int(quantity)
    return dict(cells)


def _add(cells: dict[CellKey, CellFigure], lineages: Mapping[int, tuple[int, ...]], row: Any) -> None:
    here = cells[row.unit_id, row.category_id]
    here.own, here.own_figures, here.own_unquantified, here.standing_at = int(row.now), row.figures, row.unquantified, row.standing_at
    for above in lineages[row.unit_id]:
        there = cells[above, row.category_id]
        there.total += int(row.now)
        there.by_desk += int(row.by_desk)
        there.figures += row.figures
        there.unquantified += row.unquantified


def _hearings(catalogue: Catalogue, own: Sequence[Any]) -> dict[int, Hearing]:
    """Who was heard, rolled up the tree."""
    hearings: dict[int, Hearing] = defaultdict(Hearing)
    for row in own:
        for unit_id in catalogue.lineage(row.unit_id):
            there = hearings[unit_id]
            there.reports += row.reports
            there.with_figures += row.with_figures
            there.last_report_at = max(filter(None, (there.last_report_at, row.last_at)), default=None)
    return dict(hearings)
