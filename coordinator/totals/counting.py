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

RECORD_ROWS = """
    SELECT j.position, coalesce(l.number, 0) AS number, r.unit_id, l.category_id, r.basis IS NOT DISTINCT FROM 'to_date' AS standing,
           r.observed_at, r.received_at, l.quantity,
           r.channel = 'telephone' AS by_desk, r.credit,
           (SELECT array_agg(a.unit_id ORDER BY a.unit_id) FROM assists a WHERE a.report_id = l.report_id AND a.number = l.number)
               AS assisting,
           (SELECT js.position FROM reports s JOIN journal js ON js.report_id = s.id WHERE s.supersedes = r.id) AS superseded_at
    FROM journal j JOIN reports r ON r.id = j.report_id LEFT JOIN lines l ON l.report_id = r.id
    WHERE j.operation_id = :operation
"""
ENTRY_ROWS = """
    SELECT position, number, unit_id, category_id, standing, observed_at, received_at, quantity, by_desk, credit, assisting,
           superseded_at
    FROM entries WHERE operation_id = :operation
"""
ENTRIES, RECORD = f"NOT MATERIALIZED ({ENTRY_ROWS})", f"MATERIALIZED ({RECORD_ROWS})"

_STANDS = "(superseded_at IS NULL OR superseded_at > :at)"


def _figures_of(rows: str) -> TextClause:
    """Every cell's own figure at ``at`` about ``as_of``, and the same just before each of two windows, whose changes are the
    differences. ``latest``: since when a to-date figure stands at each of the three moments. ``place``: which one that is."""
    return text(f"""
        WITH rows AS {rows},
        known AS NOT MATERIALIZED (
            SELECT *, {_STANDS} AND category_id IS NOT NULL AND NOT credit AS counts FROM rows
            WHERE position <= :at AND (CAST(:as_of AS timestamptz) IS NULL OR observed_at <= :as_of)
        ), latest AS (
            SELECT unit_id, category_id, max(observed_at) AS now, max(observed_at) FILTER (WHERE observed_at < :near) AS near,
                   max(observed_at) FILTER (WHERE observed_at < :far) AS far
            FROM known WHERE counts AND standing AND quantity IS NOT NULL GROUP BY unit_id, category_id
        ), summed AS (
            SELECT k.unit_id, k.category_id, l.now AS standing_at,
                   {_increments("l.now", "by_desk")} AS now_by_desk,
                   {_increments("l.now", "true")} AS now, {_place("l.now")} AS now_place,
                   {_increments("l.near", "observed_at < :near")} AS near, {_place("l.near")} AS near_place,
                   {_increments("l.far", "observed_at < :far")} AS far, {_place("l.far")} AS far_place,
                   count(quantity) FILTER (WHERE counts) AS figures,
                   count(*) FILTER (WHERE counts AND quantity IS NULL AND (l.now IS NULL OR observed_at > l.now)) AS unquantified,
                   count(*) FILTER (WHERE {_STANDS} AND number = 0 AND observed_at IS NOT NULL) AS reports,
                   count(*) FILTER (WHERE {_STANDS} AND number = 0 AND k.category_id IS NOT NULL) AS with_figures,
                   max(CASE WHEN CAST(:as_of AS timestamptz) IS NULL THEN received_at ELSE observed_at END) AS last_at
            FROM known k LEFT JOIN latest l ON l.unit_id = k.unit_id AND l.category_id = k.category_id
            GROUP BY k.unit_id, k.category_id, l.now
        )
        SELECT s.unit_id, s.category_id, s.standing_at,
               s.now + stands.quantity AS now, s.now_by_desk + CASE s.now_place % 2 WHEN 1 THEN stands.quantity ELSE 0 END AS by_desk,
               s.near + {_quantity("near")} AS near, s.far + {_quantity("far")} AS far,
               s.figures, s.unquantified, s.reports, s.with_figures, s.last_at
        FROM summed s, LATERAL (SELECT {_quantity("now")} AS quantity) AS stands
    """)


def _increments(since: str, also: str) -> str:
    """The increments after the to-date figure that stands ``since``, up to the moment that ``also`` bounds."""
    return f"coalesce(sum(quantity) FILTER (WHERE counts AND NOT standing AND {also} AND ({since} IS NULL OR observed_at > {since})), 0)"


def _place(since: str) -> str:
    """Position and line, as one number, of the to-date figure that stands ``since``: of two at one instant the later. Its last bit
    says whether the desk entered it."""
    place = "(position * 128 + number) * 2 + by_desk::integer"
    return f"max({place}) FILTER (WHERE counts AND standing AND quantity IS NOT NULL AND observed_at = {since})"


def _quantity(moment: str) -> str:
    place = f"(s.{moment}_place / 2)"
    return f"""coalesce((SELECT l.quantity FROM journal j JOIN lines l ON l.report_id = j.report_id AND l.number = {place} % 128
                         WHERE j.operation_id = :operation AND j.position = {place} / 128), 0)"""


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
    """The figures of what was observed up to ``as_of`` (None: everything) as the journal stood at ``at``; ``moment`` ends the windows."""
    near, far = (window_start(moment, minutes) for minutes in WINDOWS)
    parameters = {"operation": catalogue.id, "at": at, "as_of": as_of, "near": near, "far": far}
    own = session().execute(_FIGURES[rows], parameters).all()
    credited = session().execute(_CREDITS[rows], parameters).all()
    return Figures(at, moment, _cells(catalogue, own, credited), _hearings(catalogue, own), _recent(own))


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


def _recent(own: Sequence[Any]) -> dict[int, tuple[int, ...]]:
    recent: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in own:
        if row.category_id is not None:
            recent[row.category_id][0] += int(row.now - row.near)
            recent[row.category_id][1] += int(row.now - row.far)
    return {category: tuple(new) for category, new in recent.items()}


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
