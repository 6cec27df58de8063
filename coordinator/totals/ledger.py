"""The fold's reading and writing, set by set: rows in, rows out, no arithmetic.

A fold is seven statements whether it takes one report or five thousand: lock, take, two reads, one write, and what a correction
or a standing figure needs besides. What is written goes as JSON, one text for each table, because one statement costs one
way to the database and its server reads JSON faster than a driver writes arrays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from coordinator.db import session
from coordinator.totals.figures import CellFigure, CellKey, Hearing
from coordinator.totals.movements import Line, Movements, Said, written
from coordinator.totals.positions import Entry
from coordinator.wire import encode


class Locked(NamedTuple):
    """An operation's head while this transaction holds it: how far its journal goes, the last seal, the operation's version."""

    position: int
    seal: bytes
    version: int


_LOCK = text("""
    SELECT h.position, h.seal, o.version FROM heads h JOIN operations o ON o.id = h.operation_id
    WHERE h.operation_id = :operation FOR UPDATE OF h SKIP LOCKED
""")


def lock(operation_id: int) -> Locked | None:
    """The operation's head, locked; None where another fold has it. An operation folded for the first time is given one."""
    for _ in range(2):
        row = session().execute(_LOCK, {"operation": operation_id}).one_or_none()
        if row is not None or not _begin(operation_id):
            break
    return None if row is None else Locked(*row)


_BEGIN = text("""
    INSERT INTO heads (operation_id, position, seal) SELECT :operation, 0, :seal
    WHERE NOT EXISTS (SELECT FROM heads WHERE operation_id = :operation) AND pg_try_advisory_xact_lock(7462, CAST(:operation AS integer))
    ON CONFLICT DO NOTHING RETURNING operation_id
""")
"""Looks first: an insert that conflicts with a row under change, or with one that another fold is making, would wait for that."""


def _begin(operation_id: int) -> bool:
    """Makes a head where there is none; whether there was none."""
    return session().scalar(_BEGIN, {"operation": operation_id, "seal": bytes(32)}) is not None


_BEGIN_WAITING = text("""
    INSERT INTO heads (operation_id, position, seal) SELECT :operation, 0, :seal
    WHERE NOT EXISTS (SELECT FROM heads WHERE operation_id = :operation) ON CONFLICT DO NOTHING
""")
_HOLD = text("SELECT position FROM heads WHERE operation_id = :operation FOR UPDATE")


def hold(operation_id: int) -> None:
    """Locks the operation's head, after whoever has it, or is about to make the first."""
    session().execute(_BEGIN_WAITING, {"operation": operation_id, "seal": bytes(32)})
    session().execute(_HOLD, {"operation": operation_id})


_SAID = """
    SELECT s.position, r.id, r.unit_id, r.supersedes, r.kind = 'withdrawal', r.basis IS NOT DISTINCT FROM 'to_date',
           r.channel = 'telephone', r.credit, r.observed_at, r.received_at, r.digest, l.category_id, l.quantity,
           (SELECT array_agg(a.unit_id ORDER BY a.unit_id) FROM assists a WHERE a.report_id = l.report_id AND a.number = l.number)
    FROM s JOIN reports r ON r.id = s.report_id LEFT JOIN lines l ON l.report_id = r.id ORDER BY s.position, l.number
"""
_TAKE = text(f"""
    WITH first AS (SELECT id FROM inbox WHERE operation_id = :operation AND set_aside_at IS NULL ORDER BY id LIMIT :most),
         taken AS (DELETE FROM inbox WHERE id IN (SELECT id FROM first) RETURNING id, report_id),
         s AS (SELECT :before + row_number() OVER (ORDER BY id) AS position, report_id FROM taken)
    {_SAID}
""")
_EARLIER = text(f"WITH s AS (SELECT position, report_id FROM journal WHERE report_id = ANY(CAST(:ids AS uuid[]))) {_SAID}")
_AGAIN = text(f"""
    WITH s AS (SELECT position, report_id FROM journal WHERE operation_id = :operation AND position > :after ORDER BY position LIMIT :most)
    {_SAID}
""")


def take(operation_id: int, before: int, most: int) -> list[Said]:
    """Takes the first reports out of the inbox, in the order in which they wait, numbered from the position ``before`` on."""
    return _said(session().execute(_TAKE, {"operation": operation_id, "before": before, "most": most}))


def earlier(ids: Sequence[UUID]) -> dict[UUID, Said]:
    """Reports that are in the journal already, by id."""
    return {one.id: one for one in _said(session().execute(_EARLIER, {"ids": list(ids)}))} if ids else {}


def again(operation_id: int, after: int, most: int) -> list[Said]:
    """The next reports of the journal after a position."""
    return _said(session().execute(_AGAIN, {"operation": operation_id, "after": after, "most": most}))


def _said(rows: Iterable[Any]) -> list[Said]:
    """Reports from rows, one for each line, or one without a line."""
    reports: Iterable[tuple[Any, Iterable[Any]]] = groupby(rows, key=itemgetter(slice(11)))
    return [
        Said._make((*report, tuple(Line(row[11], row[12], tuple(row[13] or ())) for row in lines if row[11] is not None)))
        for report, lines in reports
    ]


_CELLS = text("""
    SELECT c.unit_id, c.category_id, c.own, c.own_figures, c.own_unquantified, c.total, c.figures, c.unquantified, c.assisted,
           c.standing_at, c.by_desk
    FROM cells c JOIN json_to_recordset(CAST(:keys AS json)) AS d (u bigint, c bigint) ON d.u = c.unit_id AND d.c = c.category_id
    WHERE c.operation_id = :operation
""")


def cells(operation_id: int, keys: Collection[CellKey]) -> dict[CellKey, CellFigure]:
    """These cells as they stand, those without a row at nothing."""
    found = {key: CellFigure() for key in sorted(keys)}
    if keys:
        for unit, category, own, n, some, total, *rest in session().execute(_CELLS, _keys(operation_id, keys)):
            found[unit, category] = CellFigure(int(own), n, some, int(total), rest[0], rest[1], int(rest[2]), rest[3], int(rest[4]))
    return found


_HEARINGS = text("""
    SELECT unit_id, reports, with_figures, last_report_at FROM hearings
    WHERE operation_id = :operation AND unit_id = ANY(CAST(:units AS bigint[]))
""")


def hearings(operation_id: int, units: Collection[int]) -> dict[int, Hearing]:
    """What has been heard of these units, of those without a row nothing."""
    found = {unit: Hearing() for unit in sorted(units)}
    for unit, *heard in session().execute(_HEARINGS, {"operation": operation_id, "units": list(found)}):
        found[unit] = Hearing(*heard)
    return found


_ENTRIES = text("""
    SELECT d.u, d.c, e.*
    FROM json_to_recordset(CAST(:keys AS json)) AS d (u bigint, c bigint, moment timestamptz)
    LEFT JOIN LATERAL (
        SELECT observed_at FROM entries
        WHERE operation_id = :operation AND unit_id = d.u AND category_id = d.c AND observed_at < d.moment
          AND standing AND quantity IS NOT NULL AND NOT credit AND superseded_at IS NULL
        ORDER BY observed_at DESC LIMIT 1
    ) AS stood ON true
    CROSS JOIN LATERAL (
        SELECT observed_at, position, number, standing, quantity, by_desk FROM entries
        WHERE operation_id = :operation AND unit_id = d.u AND category_id = d.c
          AND observed_at >= coalesce(stood.observed_at, '-infinity') AND superseded_at IS NULL AND NOT credit
        OFFSET 0
    ) AS e
""")
"""``OFFSET 0`` keeps the second question one for each cell, answered by its index; taken together, all entries would be read."""


def entries(operation_id: int, moments: Mapping[CellKey, datetime]) -> dict[CellKey, list[Entry]]:
    """The entries that make up each of these cells now, from the last to-date figure observed before its moment; all where none was."""
    found: dict[CellKey, list[Entry]] = {key: [] for key in moments}
    if moments:
        keys = _json([{"u": unit, "c": category, "moment": moment} for (unit, category), moment in moments.items()])
        parameters = {"operation": operation_id, "keys": keys}
        for unit, category, observed_at, position, number, *rest in session().execute(_ENTRIES, parameters):
            found[unit, category].append(Entry(observed_at, (position, number), *rest))
    return found


_DERIVED = """
    new_entries AS (
        INSERT INTO entries (operation_id, position, number, unit_id, category_id, standing, observed_at, received_at, quantity, assisting,
                             superseded_at, by_desk, credit)
        SELECT :operation, d.* FROM json_to_recordset(CAST(:entries AS json)) AS d (
            p bigint, n smallint, u bigint, c bigint, standing boolean, observed timestamptz, received timestamptz, q bigint, a bigint[],
            ended bigint, by_desk boolean, credit boolean
        )
    ), ended AS (
        UPDATE entries e SET superseded_at = d.at
        FROM json_to_recordset(CAST(:ended AS json)) AS d (id uuid, at bigint) JOIN journal j ON j.report_id = d.id
        WHERE e.operation_id = :operation AND e.position = j.position
    ), moved_cells AS (
        INSERT INTO cells (operation_id, unit_id, category_id, own, own_figures, own_unquantified, total, figures, unquantified, assisted,
                           standing_at, by_desk, position)
        SELECT :operation, d.*, :position FROM json_to_recordset(CAST(:cells AS json)) AS d (
            u bigint, c bigint, own numeric, own_figures bigint, own_unquantified bigint, total numeric, figures bigint,
            unquantified bigint, assisted numeric, standing_at timestamptz, by_desk numeric
        )
        ON CONFLICT (operation_id, unit_id, category_id) DO UPDATE SET
            own = excluded.own, own_figures = excluded.own_figures, own_unquantified = excluded.own_unquantified, total = excluded.total,
            figures = excluded.figures, unquantified = excluded.unquantified, assisted = excluded.assisted,
            standing_at = excluded.standing_at, by_desk = excluded.by_desk, position = excluded.position
    ), moved_series AS (
        INSERT INTO series (operation_id, unit_id, category_id, minute, change)
        SELECT :operation, d.* FROM json_to_recordset(CAST(:minutes AS json)) AS d (u bigint, c bigint, minute timestamptz, change numeric)
        ON CONFLICT (operation_id, unit_id, category_id, minute) DO UPDATE SET change = series.change + excluded.change
    ), moved_hearings AS (
        INSERT INTO hearings (operation_id, unit_id, reports, with_figures, last_report_at, position)
        SELECT :operation, d.*, :position FROM json_to_recordset(CAST(:hearings AS json)) AS d (
            u bigint, reports bigint, with_figures bigint, last timestamptz
        )
        ON CONFLICT (operation_id, unit_id) DO UPDATE SET
            reports = excluded.reports, with_figures = excluded.with_figures, last_report_at = excluded.last_report_at,
            position = excluded.position
    )
"""
_WRITE = text(f"""
    WITH new_journal AS (
        INSERT INTO journal (operation_id, position, report_id, folded_at, seal)
        SELECT :operation, d.p, d.id, :now, decode(d.seal, 'hex')
        FROM json_to_recordset(CAST(:journal AS json)) AS d (p bigint, id uuid, seal text)
    ), head AS (
        UPDATE heads SET position = :position, seal = :seal, folded_at = :now WHERE operation_id = :operation
    ), {_DERIVED} SELECT
""")
_WRITE_AGAIN = text(f"WITH {_DERIVED} SELECT")


def write(
    operation_id: int, said: Sequence[Said], ended: Mapping[UUID, int], moved: Movements, seals: Sequence[bytes], now: datetime
) -> None:
    """Writes a fold: journal, head, and everything derived."""
    journal = [{"p": one.position, "id": one.id, "seal": seal.hex()} for one, seal in zip(said, seals, strict=True)]
    parameters = {"journal": _json(journal), "seal": seals[-1], "now": now}
    session().execute(_WRITE, _derived(operation_id, said, ended, moved) | parameters)


def write_again(operation_id: int, said: Sequence[Said], ended: Mapping[UUID, int], moved: Movements) -> None:
    """Writes what is derived from reports that are in the journal already."""
    session().execute(_WRITE_AGAIN, _derived(operation_id, said, ended, moved))


def _derived(operation_id: int, said: Sequence[Said], ended: Mapping[UUID, int], moved: Movements) -> dict[str, Any]:
    fresh = {one.id for one in said}
    return {
        "operation": operation_id,
        "position": said[-1].position,
        "entries": _json([_entry(*row) for row in written(said, ended)]),
        "ended": _json([{"id": id, "at": at} for id, at in ended.items() if id not in fresh]),
        "cells": _json([_cell(key, cell) for key, cell in moved.cells.items()]),
        "minutes": _json([{"u": u, "c": c, "minute": m, "change": str(by)} for (u, c, m), by in moved.minutes.items() if by]),
        "hearings": _json([_hearing(unit, heard) for unit, heard in moved.hearings.items()]),
    }


def _entry(one: Said, number: int, line: Line | None, superseded_at: int | None) -> dict[str, Any]:
    row = {"p": one.position, "n": number, "u": one.unit_id, "standing": one.standing, "observed": one.observed_at, "ended": superseded_at}
    row |= {"received": one.received_at, "by_desk": one.by_desk, "credit": one.credit}
    return row if line is None else row | {"c": line.category_id, "q": line.quantity, "a": line.assisting or None}


def _cell(key: CellKey, cell: CellFigure) -> dict[str, Any]:
    exact = {
        "own": str(cell.own),
        "total": str(cell.total),
        "assisted": str(cell.assisted),
        "by_desk": str(cell.by_desk),
    }  # they may outgrow JSON's whole numbers
    return {"u": key[0], "c": key[1]} | asdict(cell) | exact


def _hearing(unit: int, heard: Hearing) -> dict[str, Any]:
    return {"u": unit, "reports": heard.reports, "with_figures": heard.with_figures, "last": heard.last_report_at}


def _keys(operation_id: int, keys: Collection[CellKey]) -> dict[str, Any]:
    return {"operation": operation_id, "keys": _json([{"u": unit, "c": category} for unit, category in keys])}


def _json(rows: list[dict[str, Any]]) -> str:
    return encode(rows).decode()
