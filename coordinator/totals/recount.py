"""The recount: the whole record counted again from its first report, and compared with the totals.

It reads the journal, the reports and their lines, and counts them where they are, so that its memory is the database's to bound.
Of what a fold has left behind it trusts nothing: the entries are compared with the record line by line first, and only where they
are the same to the last is the rest counted from them, which is quicker. What differs is shown and never silently mended:
``rebuild`` is asked for by a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import structlog
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock, live
from coordinator.db import session
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import counting, fold, ledger, reading
from coordinator.totals.figures import CellFigure, Figures
from coordinator.totals.models import Cell, EntryRow, Head, HearingRow, Recount, SeriesRow
from coordinator.wire import encode

log = structlog.get_logger(__name__)

MOST_SHOWN = 100
"""Differences that are kept and logged; where there are more, the alarm says so."""


@dataclass
class Comparison:
    """What a recount found: the position it was made at, and every difference."""

    operation_id: int
    position: int
    differences: list[dict[str, Any]] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether the totals equal the recount in every cell."""
        return not self.differences


def compare(operation_id: int) -> Comparison:
    """Recounts an operation and compares. Needs a snapshot: the record and the totals must be of one moment."""
    catalogue = operations.find_by_id(operation_id)
    standing = reading.now(catalogue)
    found = Comparison(operation_id, standing.position, list(_entries(operation_id)))
    rows = counting.RECORD if found.differences else counting.ENTRIES
    counted = counting.count(catalogue, standing.moment, standing.position, rows=rows)
    found.differences += _cells(catalogue, standing, counted)
    found.differences += _hearings(catalogue, standing, counted)
    found.differences += _series(catalogue, rows)
    found.differences += _chain(operation_id, standing.position)
    return found


def due(operation_ids: Iterable[int], seconds: float) -> list[int]:
    """Those of them that no recount has compared within so many seconds, by the database's clock."""
    query = text("SELECT operation_id FROM recounts WHERE at > clock_timestamp() - make_interval(secs => :seconds)")
    fresh = set(session().scalars(query, {"seconds": seconds}))
    return [id for id in operation_ids if id not in fresh]


def record(found: Comparison) -> None:
    """Keeps what was found, and raises or ends the alarm on streams and in the log."""
    row = {"operation_id": found.operation_id, "position": found.position, "at": clock.now(), "holds": found.holds}
    row["differences"] = found.differences[:MOST_SHOWN]
    before = session().scalar(select(Recount.holds).where(Recount.operation_id == found.operation_id))
    session().execute(insert(Recount).values(row).on_conflict_do_update(index_elements=["operation_id"], set_=row))
    if (before is not None and before != found.holds) or not found.holds:
        live.announce(found.operation_id)
    if not found.holds:
        log.error("totals_differ", operation=found.operation_id, position=found.position, differences=found.differences[:MOST_SHOWN])


def rebuild(operation_id: int) -> int:
    """Drops everything derived of an operation and folds its journal again; answers the position reached."""
    catalogue = operations.find_by_id(operation_id)
    session().execute(insert(Head).values(operation_id=operation_id, position=0, seal=fold.FIRST_SEAL).on_conflict_do_nothing())
    head = session().scalars(select(Head).where(Head.operation_id == operation_id).with_for_update()).one()
    for table in (Cell, SeriesRow, HearingRow, EntryRow):
        session().execute(delete(table).where(table.operation_id == operation_id))
    after = 0
    while said := ledger.again(operation_id, after, fold.MOST):
        ledger.write_again(operation_id, said, *fold.movements(operation_id, said, catalogue.lineages))
        after = said[-1].position
    head.position, head.seal = _last(operation_id)
    live.announce(operation_id)
    return head.position


def _last(operation_id: int) -> tuple[int, bytes]:
    """The last position of the journal and its seal."""
    query = text("SELECT position, seal FROM journal WHERE operation_id = :operation ORDER BY position DESC LIMIT 1")
    row = session().execute(query, {"operation": operation_id}).one_or_none()
    return (row.position, row.seal) if row else (0, fold.FIRST_SEAL)


def _cells(catalogue: Catalogue, standing: Figures, recounted: Figures) -> Iterator[dict[str, Any]]:
    for key in sorted(standing.cells.keys() | recounted.cells.keys()):
        stored, counted = standing.cells.get(key, CellFigure()), recounted.cells.get(key, CellFigure())
        for name, value in asdict(counted).items():
            if getattr(stored, name) != value:
                yield _difference(catalogue, name, *key, getattr(stored, name), value)


def _difference(catalogue: Catalogue, what: str, unit_id: int, category_id: int, stored: Any, recounted: Any) -> dict[str, Any]:
    unit = "NATIONAL" if unit_id == catalogue.nation else catalogue.unit_by_id[unit_id].code
    measure, category = catalogue.measure_of_category[category_id]
    return {"what": what, "unit": unit, "measure": measure.code, "category": category, "stored": str(stored), "recounted": str(recounted)}


def _hearings(catalogue: Catalogue, standing: Figures, counted: Figures) -> Iterator[dict[str, Any]]:
    for unit_id in sorted(standing.hearings.keys() | counted.hearings.keys()):
        stored, heard = standing.hearings.get(unit_id), counted.hearings.get(unit_id)
        if stored != heard:
            unit = "NATIONAL" if unit_id == catalogue.nation else catalogue.unit_by_id[unit_id].code
            yield {"what": "heard", "unit": unit, "stored": str(stored), "recounted": str(heard)}


_STEPS = """
    WITH rows AS {rows},
    instants AS (
        SELECT unit_id, category_id, observed_at, count(*) FILTER (WHERE standing) > 0 AS stands,
               (array_agg(quantity ORDER BY position DESC, number DESC) FILTER (WHERE standing))[1] AS standing,
               coalesce(sum(quantity) FILTER (WHERE NOT standing), 0) AS added
        FROM rows WHERE superseded_at IS NULL AND quantity IS NOT NULL AND NOT credit GROUP BY unit_id, category_id, observed_at
    ), since AS (
        SELECT *, count(standing) OVER (PARTITION BY unit_id, category_id ORDER BY observed_at) AS stretch FROM instants
    ), figures AS (
        SELECT unit_id, category_id, observed_at,
               coalesce(max(standing) OVER whole, 0) + sum(CASE WHEN stands THEN 0 ELSE added END) OVER so_far AS figure
        FROM since
        WINDOW whole AS (PARTITION BY unit_id, category_id, stretch),
               so_far AS (PARTITION BY unit_id, category_id, stretch ORDER BY observed_at)
    ), steps AS (
        SELECT unit_id, category_id, date_trunc('minute', observed_at) AS minute,
               figure - coalesce(lag(figure) OVER (PARTITION BY unit_id, category_id ORDER BY observed_at), 0) AS step
        FROM figures
    ), counted AS (
        SELECT above AS unit_id, category_id, minute, sum(step) AS change
        FROM steps JOIN json_to_recordset(CAST(:lineages AS json)) AS l (unit bigint, above bigint) ON l.unit = steps.unit_id
        GROUP BY above, category_id, minute HAVING sum(step) <> 0
    ), stored AS (SELECT unit_id, category_id, minute, change FROM series WHERE operation_id = :operation AND change <> 0)
    SELECT unit_id, category_id, minute, s.change AS stored, c.change AS recounted
    FROM stored s FULL JOIN counted c USING (unit_id, category_id, minute)
    WHERE s.change IS DISTINCT FROM c.change ORDER BY unit_id, category_id, minute
"""
"""The steps of every cell, minute by minute: a to-date figure begins a new stretch, within which increments add up."""

_SERIES = {rows: text(_STEPS.format(rows=rows)) for rows in (counting.ENTRIES, counting.RECORD)}


def _series(catalogue: Catalogue, rows: str) -> Iterator[dict[str, Any]]:
    lineages = [{"unit": unit, "above": above} for unit, many in catalogue.lineages.items() for above in many]
    for row in session().execute(_SERIES[rows], {"operation": catalogue.id, "lineages": encode(lineages).decode()}):
        stored, recounted = (None if change is None else int(change) for change in (row.stored, row.recounted))
        yield _difference(catalogue, f"series {row.minute.isoformat()}", row.unit_id, row.category_id, stored, recounted)


_ENTRIES = text(f"""
    WITH counted AS ({counting.RECORD_ROWS}), stored AS ({counting.ENTRY_ROWS})
    SELECT position, number FROM counted c FULL JOIN stored s USING (position, number)
    WHERE ROW(c.*) IS DISTINCT FROM ROW(s.*) ORDER BY position, number
""")


def _entries(operation_id: int) -> Iterator[dict[str, Any]]:
    for row in session().execute(_ENTRIES, {"operation": operation_id}):
        yield {"what": "entry", "position": row.position, "line": row.number}


_LINKS = text("""
    SELECT position, seal, recounted FROM (
        SELECT j.position, j.seal, row_number() OVER whole AS expected,
               sha256(coalesce(lag(j.seal) OVER whole, :first) || int8send(row_number() OVER whole) || r.digest) AS recounted
        FROM journal j JOIN reports r ON r.id = j.report_id WHERE j.operation_id = :operation
        WINDOW whole AS (ORDER BY j.position)
    ) AS links WHERE position <> expected OR seal <> recounted ORDER BY position LIMIT 1
""")
"""The first link of the chain that does not follow from the one stored before it: where each follows, the chain is what a count
from its beginning gives."""


def _chain(operation_id: int, position: int) -> Iterator[dict[str, Any]]:
    """The first gap in the journal or seal that doesn't follow from what is before it; and a head that is not where the journal ends."""
    for row in session().execute(_LINKS, {"operation": operation_id, "first": fold.FIRST_SEAL}):
        yield {"what": "seal", "position": row.position, "stored": row.seal.hex(), "recounted": row.recounted.hex()}
    last, seal = _last(operation_id)
    if last != position:
        yield {"what": "position", "stored": str(position), "recounted": str(last)}
    head = bytes(session().scalar(select(Head.seal).where(Head.operation_id == operation_id)) or fold.FIRST_SEAL)
    if head != bytes(seal):
        yield {"what": "seal of the head", "stored": head.hex(), "recounted": bytes(seal).hex()}
