"""The fold's reading and writing, set by set: rows in, rows out, no arithmetic.

Arrays and COPY, never a row at a time: a fold's cost is a few statements, whether it takes one report or five thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from coordinator.db import session
from coordinator.totals import movements
from coordinator.totals.movements import CellKey, Movements, Placed, Said
from coordinator.totals.positions import Entry

_TAKE = text("""
    WITH first AS (SELECT id FROM inbox WHERE operation_id = :operation ORDER BY id LIMIT :most),
         taken AS (DELETE FROM inbox WHERE id IN (SELECT id FROM first) RETURNING id, report_id)
    SELECT report_id FROM taken ORDER BY id
""")


def take(operation_id: int, most: int) -> list[UUID]:
    """Takes the first reports out of the inbox, in the order in which they wait."""
    return list(session().scalars(_TAKE, {"operation": operation_id, "most": most}))


_REPORTS = text("""
    SELECT id, unit_id, supersedes, kind = 'withdrawal' AS withdrawal, basis = 'to_date' AS standing, observed_at, received_at, digest
    FROM reports WHERE id = ANY(CAST(:ids AS uuid[]))
""")


def said(numbered: Sequence[tuple[int, UUID]]) -> list[Said]:
    """The reports of these positions and ids, with their lines, in the order given."""
    ids = [id for _, id in numbered]
    lines = _lines(ids)
    rows = {row.id: row for row in session().execute(_REPORTS, {"ids": ids})}
    return [_said(position, rows[id], lines[id]) for position, id in numbered]


def _said(position: int, row: Any, lines: list[movements.Line]) -> Said:
    _, unit_id, supersedes, withdrawal, standing, observed_at, received_at, digest = row
    return Said(position, row.id, unit_id, supersedes, withdrawal, bool(standing), observed_at, received_at, digest, tuple(lines))


_LINES = text("""
    SELECT l.report_id, l.category_id, l.quantity, array_agg(a.unit_id ORDER BY a.unit_id) FILTER (WHERE a.unit_id IS NOT NULL) AS assisting
    FROM lines l LEFT JOIN assists a ON a.report_id = l.report_id AND a.number = l.number
    WHERE l.report_id = ANY(CAST(:ids AS uuid[])) GROUP BY l.report_id, l.number ORDER BY l.report_id, l.number
""")


def _lines(ids: Sequence[UUID]) -> dict[UUID, list[movements.Line]]:
    found: dict[UUID, list[movements.Line]] = defaultdict(list)
    for report_id, category_id, quantity, assisting in session().execute(_LINES, {"ids": list(ids)}):
        found[report_id].append(movements.Line(category_id, quantity, tuple(assisting or ())))
    return found


def earlier(ids: Sequence[UUID]) -> dict[UUID, Said]:
    """Reports that are in the journal already, by id."""
    if not ids:
        return {}
    query = text("SELECT position, report_id FROM journal WHERE report_id = ANY(CAST(:ids AS uuid[]))")
    return {one.id: one for one in said([(row.position, row.report_id) for row in session().execute(query, {"ids": list(ids)})])}


def append(operation_id: int, said: Sequence[Said], seals: Sequence[bytes], now: datetime) -> None:
    """Writes the journal."""
    rows = ((operation_id, one.position, one.id, now, seal) for one, seal in zip(said, seals, strict=True))
    _copy("journal (operation_id, position, report_id, folded_at, seal)", rows)


def append_entries(operation_id: int, many: Iterable[Placed]) -> None:
    """Writes entries."""
    columns = "operation_id, position, number, unit_id, category_id, standing, observed_at, quantity, assisting, superseded_at"
    _copy(f"entries ({columns})", (_entry_row(operation_id, one) for one in many))


def _entry_row(operation_id: int, one: Placed) -> tuple[Any, ...]:
    entry = one.entry
    return (
        operation_id,
        *entry.place,
        *one.cell,
        entry.standing,
        entry.observed_at,
        entry.quantity,
        list(one.assisting) or None,
        one.superseded_at,
    )


def end(operation_id: int, ended: Mapping[int, int]) -> None:
    """Marks the entries of each position as superseded at another."""
    if ended:
        query = text("""
            UPDATE entries e SET superseded_at = d.at FROM unnest(CAST(:positions AS bigint[]), CAST(:at AS bigint[])) AS d (position, at)
            WHERE e.operation_id = :operation AND e.position = d.position
        """)
        session().execute(query, {"operation": operation_id, "positions": list(ended), "at": list(ended.values())})


def standing(operation_id: int, cells: Collection[CellKey]) -> dict[CellKey, datetime | None]:
    """Since when a to-date figure stands in each of these cells; cells without a row are left out."""
    query = text("""
        SELECT c.unit_id, c.category_id, c.standing_at FROM cells c
        JOIN unnest(CAST(:units AS bigint[]), CAST(:categories AS bigint[])) AS d (unit_id, category_id) USING (unit_id, category_id)
        WHERE c.operation_id = :operation
    """)
    return {(row.unit_id, row.category_id): row.standing_at for row in session().execute(query, _keys(operation_id, cells))}


def entries(operation_id: int, cells: Collection[CellKey]) -> dict[CellKey, list[Entry]]:
    """All entries that count now in each of these cells."""
    found: dict[CellKey, list[Entry]] = {cell: [] for cell in cells}
    if not cells:
        return found
    query = text("""
        SELECT e.unit_id, e.category_id, e.observed_at, e.position, e.number, e.standing, e.quantity FROM entries e
        JOIN unnest(CAST(:units AS bigint[]), CAST(:categories AS bigint[])) AS d (unit_id, category_id) USING (unit_id, category_id)
        WHERE e.operation_id = :operation AND e.superseded_at IS NULL
    """)
    for unit, category, observed_at, position, number, is_standing, quantity in session().execute(query, _keys(operation_id, cells)):
        found[unit, category].append(Entry(observed_at, (position, number), is_standing, quantity))
    return found


def move(operation_id: int, moved: Movements, position: int) -> None:
    """Adds a fold's sums to cells, series and hearings."""
    _move_cells(operation_id, moved, position)
    _move_series(operation_id, moved)
    _move_hearings(operation_id, moved, position)


def _move_cells(operation_id: int, moved: Movements, position: int) -> None:
    """A zero row first, then the sum: a check is tested on the row proposed, and what is added may be negative."""
    sums = ("own", "own_figures", "own_unquantified", "total", "figures", "unquantified", "assisted")
    rows = sorted(moved.cells.items())
    parameters = _keys(operation_id, [cell for cell, _ in rows]) | {"position": position}
    parameters |= {name: [getattr(one, name) for _, one in rows] for name in (*sums, "recounted", "standing_at")}
    session().execute(_NEW_CELLS, parameters)
    session().execute(_ADD_CELLS, parameters)


_NEW_CELLS = text("""
    INSERT INTO cells (operation_id, unit_id, category_id)
    SELECT :operation, * FROM unnest(CAST(:units AS bigint[]), CAST(:categories AS bigint[])) ON CONFLICT DO NOTHING
""")
_ADD_CELLS = text("""
    UPDATE cells c SET
        own = c.own + d.own, own_figures = c.own_figures + d.own_figures, own_unquantified = c.own_unquantified + d.own_unquantified,
        total = c.total + d.total, figures = c.figures + d.figures, unquantified = c.unquantified + d.unquantified,
        assisted = c.assisted + d.assisted, position = :position,
        standing_at = CASE WHEN d.recounted THEN d.standing_at ELSE c.standing_at END
    FROM unnest(
        CAST(:units AS bigint[]), CAST(:categories AS bigint[]), CAST(:own AS numeric[]), CAST(:own_figures AS bigint[]),
        CAST(:own_unquantified AS bigint[]), CAST(:total AS numeric[]), CAST(:figures AS bigint[]), CAST(:unquantified AS bigint[]),
        CAST(:assisted AS numeric[]), CAST(:recounted AS boolean[]), CAST(:standing_at AS timestamptz[])
    ) AS d (unit_id, category_id, own, own_figures, own_unquantified, total, figures, unquantified, assisted, recounted, standing_at)
    WHERE c.operation_id = :operation AND c.unit_id = d.unit_id AND c.category_id = d.category_id
""")


def _move_series(operation_id: int, moved: Movements) -> None:
    query = text("""
        INSERT INTO series (operation_id, unit_id, category_id, minute, change)
        SELECT :operation, * FROM unnest(
            CAST(:units AS bigint[]), CAST(:categories AS bigint[]), CAST(:minutes AS timestamptz[]), CAST(:changes AS numeric[])
        )
        ON CONFLICT (operation_id, unit_id, category_id, minute) DO UPDATE SET change = series.change + excluded.change
    """)
    rows = [(*key, quantity) for key, quantity in moved.minutes.items() if quantity]
    if rows:
        units, categories, minutes, changes = map(list, zip(*rows, strict=True))
        session().execute(
            query, {"operation": operation_id, "units": units, "categories": categories, "minutes": minutes, "changes": changes}
        )


def _move_hearings(operation_id: int, moved: Movements, position: int) -> None:
    rows = sorted(moved.hearings.items())
    parameters = {"operation": operation_id, "units": [unit for unit, _ in rows], "position": position}
    parameters |= {name: [getattr(one, name) for _, one in rows] for name in ("reports", "with_figures", "last_report_at")}
    session().execute(_NEW_HEARINGS, parameters)
    session().execute(_ADD_HEARINGS, parameters)


_NEW_HEARINGS = text(
    "INSERT INTO hearings (operation_id, unit_id) SELECT :operation, * FROM unnest(CAST(:units AS bigint[])) ON CONFLICT DO NOTHING"
)
_ADD_HEARINGS = text("""
    UPDATE hearings h SET reports = h.reports + d.reports, with_figures = h.with_figures + d.with_figures, position = :position,
        last_report_at = greatest(h.last_report_at, d.last_report_at)
    FROM unnest(
        CAST(:units AS bigint[]), CAST(:reports AS bigint[]), CAST(:with_figures AS bigint[]), CAST(:last_report_at AS timestamptz[])
    ) AS d (unit_id, reports, with_figures, last_report_at)
    WHERE h.operation_id = :operation AND h.unit_id = d.unit_id
""")


def _keys(operation_id: int, cells: Collection[CellKey]) -> dict[str, Any]:
    return {"operation": operation_id, "units": [unit for unit, _ in cells], "categories": [category for _, category in cells]}


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY within the present transaction: the fastest way in, and constraints hold as for any row."""
    session().flush()
    connection: Any = session().connection().connection.driver_connection
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
