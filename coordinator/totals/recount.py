"""The recount: the whole record folded again from its first report, and compared with the totals.

It reads the journal, the reports and their lines, never what a fold has left behind, and works a cell at a time, so that its
memory is that of the largest cell. What differs is shown and never silently mended: ``rebuild`` is asked for by a person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import structlog
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock, live
from coordinator.db import session
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import fold, ledger, reading
from coordinator.totals.figures import CellFigure, Figures, from_entries, minutes_of
from coordinator.totals.models import Cell, EntryRow, Head, HearingRow, Recount, SeriesRow
from coordinator.totals.movements import Placed
from coordinator.totals.positions import Entry

log = structlog.get_logger(__name__)

CHUNK = 10_000
SUMS = ("own", "own_figures", "own_unquantified", "total", "figures", "unquantified", "assisted")
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
    found = Comparison(operation_id, standing.position)
    recounted, minutes = _recount(catalogue, standing)
    found.differences += _cells(catalogue, standing, recounted)
    found.differences += _hearings(catalogue, standing)
    found.differences += _series(catalogue, minutes)
    found.differences += _entries(operation_id)
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
    lineage = {unit.id: unit.lineage for unit in catalogue.units}
    for chunk in _chunks(operation_id):
        said = ledger.said(chunk)
        ledger.move(operation_id, fold.movements(operation_id, said, lineage), said[-1].position)
    head.position, head.seal = _last(operation_id)
    live.announce(operation_id)
    return head.position


def _last(operation_id: int) -> tuple[int, bytes]:
    """The last position of the journal and its seal."""
    query = text("SELECT position, seal FROM journal WHERE operation_id = :operation ORDER BY position DESC LIMIT 1")
    row = session().execute(query, {"operation": operation_id}).one_or_none()
    return (row.position, row.seal) if row else (0, fold.FIRST_SEAL)


def _recount(catalogue: Catalogue, standing: Figures) -> tuple[Figures, dict[Any, int]]:
    """Figures and series of the whole record, a cell at a time."""
    lineage = {unit.id: unit.lineage for unit in catalogue.units}
    whole, minutes = Figures(standing.position, standing.moment), defaultdict[Any, int](int)
    for _, rows in groupby(_record(catalogue.id), key=itemgetter(0, 1)):
        entries = [_placed(row) for row in rows]
        part = from_entries(standing.position, standing.moment, entries, {}, lineage)
        _merge(whole.cells, part.cells)
        for key, quantity in minutes_of(entries, lineage).items():
            minutes[key] += quantity
    return whole, minutes


def _merge(into: dict[Any, CellFigure], cells: Mapping[Any, CellFigure]) -> None:
    for key, cell in cells.items():
        there = into.setdefault(key, CellFigure())
        there.standing_at = there.standing_at or cell.standing_at
        for name in SUMS:
            setattr(there, name, getattr(there, name) + getattr(cell, name))


_CREDITS = "(SELECT report_id, number, array_agg(unit_id ORDER BY unit_id) AS assisting FROM assists GROUP BY report_id, number) a"
_RECORD = text(f"""
    SELECT r.unit_id, l.category_id, r.observed_at, j.position, l.number, r.basis = 'to_date', l.quantity, a.assisting
    FROM journal j JOIN reports r ON r.id = j.report_id JOIN lines l ON l.report_id = r.id
    LEFT JOIN {_CREDITS} ON a.report_id = l.report_id AND a.number = l.number
    WHERE j.operation_id = :operation
      AND NOT EXISTS (SELECT FROM reports s JOIN journal js ON js.report_id = s.id WHERE s.supersedes = r.id)
    ORDER BY r.unit_id, l.category_id
""").execution_options(yield_per=CHUNK)


def _record(operation_id: int) -> Iterator[Any]:
    """Every line that counts, straight from the record, by cell."""
    return iter(session().execute(_RECORD, {"operation": operation_id}))


def _placed(row: Any) -> Placed:
    unit_id, category_id, observed_at, position, number, standing, quantity, assisting = row
    return Placed((unit_id, category_id), Entry(observed_at, (position, number), standing, quantity), tuple(assisting or ()), None)


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


def _hearings(catalogue: Catalogue, standing: Figures) -> Iterator[dict[str, Any]]:
    counted = reading.heard(catalogue, None, standing.position)
    for unit_id in sorted(standing.hearings.keys() | counted.keys()):
        if standing.hearings.get(unit_id) != counted.get(unit_id):
            unit = "NATIONAL" if unit_id == catalogue.nation else catalogue.unit_by_id[unit_id].code
            yield {"what": "heard", "unit": unit, "stored": str(standing.hearings.get(unit_id)), "recounted": str(counted.get(unit_id))}


def _series(catalogue: Catalogue, minutes: Mapping[Any, int]) -> Iterator[dict[str, Any]]:
    rows = select(SeriesRow).where(SeriesRow.operation_id == catalogue.id, SeriesRow.change != 0)
    stored = {(row.unit_id, row.category_id, row.minute): int(row.change) for row in session().scalars(rows)}
    counted = {key: quantity for key, quantity in minutes.items() if quantity}
    for key in sorted(stored.keys() | counted.keys()):
        if stored.get(key) != counted.get(key):
            yield _difference(catalogue, f"series {key[2].isoformat()}", key[0], key[1], stored.get(key), counted.get(key))


_ENTRIES = text(f"""
    WITH counted AS (
        SELECT j.position, l.number, r.unit_id, l.category_id, r.basis = 'to_date' AS standing, r.observed_at, l.quantity, a.assisting,
               js.position AS superseded_at
        FROM journal j JOIN reports r ON r.id = j.report_id JOIN lines l ON l.report_id = r.id
        LEFT JOIN {_CREDITS} ON a.report_id = l.report_id AND a.number = l.number
        LEFT JOIN reports s ON s.supersedes = r.id LEFT JOIN journal js ON js.report_id = s.id
        WHERE j.operation_id = :operation
    ), stored AS (
        SELECT position, number, unit_id, category_id, standing, observed_at, quantity, assisting, superseded_at
        FROM entries WHERE operation_id = :operation
    )
    SELECT position, number FROM ((TABLE counted EXCEPT TABLE stored) UNION ALL (TABLE stored EXCEPT TABLE counted)) AS d
    GROUP BY position, number ORDER BY position, number
""")


def _entries(operation_id: int) -> Iterator[dict[str, Any]]:
    for row in session().execute(_ENTRIES, {"operation": operation_id}):
        yield {"what": "entry", "position": row.position, "line": row.number}


def _chain(operation_id: int, position: int) -> Iterator[dict[str, Any]]:
    """Gaps in the journal, and seals that don't follow from what is before them."""
    seal, expected = fold.FIRST_SEAL, 0
    query = text("""
        SELECT j.position, j.seal, r.digest FROM journal j JOIN reports r ON r.id = j.report_id
        WHERE j.operation_id = :operation ORDER BY j.position
    """).execution_options(yield_per=CHUNK)
    with session().execute(query, {"operation": operation_id}) as rows:
        for row in rows:
            expected += 1
            seal = fold.seal(seal, expected, row.digest)
            if row.position != expected or bytes(row.seal) != seal:
                yield {"what": "seal", "position": row.position, "stored": bytes(row.seal).hex(), "recounted": seal.hex()}
                return
    if expected != position:
        yield {"what": "position", "stored": str(position), "recounted": str(expected)}
    head = session().scalar(select(Head.seal).where(Head.operation_id == operation_id))
    if bytes(head or fold.FIRST_SEAL) != seal:
        yield {"what": "seal of the head", "stored": bytes(head or fold.FIRST_SEAL).hex(), "recounted": seal.hex()}


def _chunks(operation_id: int) -> Iterable[list[tuple[int, Any]]]:
    query = text(
        "SELECT position, report_id FROM journal WHERE operation_id = :operation AND position > :after ORDER BY position LIMIT :most"
    )
    after = 0
    while rows := session().execute(query, {"operation": operation_id, "after": after, "most": fold.MOST}).all():
        yield [(row.position, row.report_id) for row in rows]
        after = rows[-1].position
