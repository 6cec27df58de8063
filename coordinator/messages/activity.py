"""The log: everything that was done in an operation by time, as an ICS-214 activity log has it: when, who, what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger, DateTime, String

from coordinator.db import session
from coordinator.errors import Invalid
from coordinator.fields import moment_text, parse_moment
from coordinator.messages import sentences
from coordinator.messages.sentences import ACTS
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.models import KINDS as ENTRIES
from coordinator.reports.reading import below, lines_of

MOST = 1_000
"""Entries read at once where the whole log is asked for."""

NOT_OF_THE_NIGHT = "^(account|device|invitation|passphrase|right|session|sign|token|unlocking)"
"""Acts of signing in and letting in: they are on the audit record, and nobody's activity."""


class Place(NamedTuple):
    """A place in the log: an entry's time, whether it is an act (``a``) or an entry of the journal (``j``), and its number there."""

    at: datetime
    source: str
    number: int

    def __str__(self) -> str:
        return f"{moment_text(self.at)} {self.source} {self.number}"


def entries(code: str, query: Mapping[str, Any], before: Place | None) -> tuple[list[dict[str, Any]], Place | None]:
    """Up to ``query["limit"]`` entries before a place, newest first, and the last one's place; ``query`` may narrow by since (at or
    after), kind and unit (with all below it). Refuses with NotFound and Invalid."""
    catalogue = operations.find(code)
    rows = session().execute(_LOG, _asked(catalogue, query, before)).all()
    return _documents(catalogue, rows), Place(rows[-1].at, rows[-1].source, rows[-1].number) if rows else None


def place(text: str | None) -> Place | None:
    """The place of the log that this text stands for. Refuses with Invalid."""
    if text is None:
        return None
    try:
        at, source, number = text.split(" ")
        if source not in ("a", "j") or len(number) > 18:
            raise ValueError(source)
        return Place(parse_moment(at), source, int(number))
    except ValueError:
        raise Invalid.at("/cursor", "Not a cursor of this list.") from None


def whole(code: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All entries of the log that ``query`` asks for, the oldest first."""
    pages, place = [], None
    while True:
        found, place = entries(code, {**query, "limit": MOST}, place)
        pages.append(found)
        if len(found) < MOST:
            break
    for page in reversed(pages):
        yield from reversed(page)


def _asked(catalogue: Catalogue, query: Mapping[str, Any], before: Place | None) -> dict[str, Any]:
    units = below(catalogue, query["unit"]) if "unit" in query else None
    kind = query.get("kind")
    return {
        "operation": catalogue.id,
        "since": query.get("since"),
        "units": units,
        "codes": None if units is None else [catalogue.unit_by_id[unit].code for unit in units],
        "acts": None if kind is None else [act for act, of in ACTS.items() if of == kind],
        "phases": kind in (None, "phase"),
        "others": kind in (None, "other"),
        "known": list(ACTS),
        "entries": list(ENTRIES) if kind is None else [one for one in ENTRIES if one == kind],
        "apart": NOT_OF_THE_NIGHT,
        "at": before and before.at,
        "source": before and before.source,
        "number": before and before.number,
        "limit": query["limit"],
    }


def _documents(catalogue: Catalogue, rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    lines = lines_of(catalogue, [row.report for row in rows if row.report])
    return [_document(catalogue, row, lines) for row in rows]


def _document(catalogue: Catalogue, row: Row[Any], lines: Mapping[UUID, list[dict[str, Any]]]) -> dict[str, Any]:
    if row.report:
        unit = catalogue.unit_by_id[row.unit].code
        what, kind = sentences.entry(row.act, row.detail, lines[row.report], catalogue.measure_by_code), row.act
    else:
        unit, kind = row.detail.get("unit"), sentences.kind(row.act)
        what = sentences.act(row.act, row.detail)
    return {
        "at": moment_text(row.at),
        "kind": kind,
        "who": row.who,
        "unit": unit,
        "what": what,
        "report": row.report and str(row.report),
        "position": row.number if row.report else None,
    }


_LOG = text("""
    (
        SELECT a.at, 'a' AS source, a.id AS number, a.act, a.actor_name AS who, a.detail, NULL::uuid AS report, NULL::bigint AS unit
        FROM audit a
        WHERE a.operation_id = :operation AND a.act !~ :apart
          AND (:since IS NULL OR a.at >= :since) AND (:codes IS NULL OR a.detail->>'unit' = ANY(:codes))
          AND (:at IS NULL OR (a.at, 'a', a.id) < (:at, :source, :number))
          AND (a.act = ANY(coalesce(:acts, :known)) OR (:phases AND a.act LIKE 'phase %')
               OR (:others AND a.act NOT LIKE 'phase %' AND NOT a.act = ANY(:known)))
        ORDER BY a.at DESC, a.id DESC LIMIT :limit
    ) UNION ALL (
        SELECT j.folded_at, 'j', j.position, r.kind, t.name,
               jsonb_build_object('basis', r.basis, 'nil', r.nil, 'note', r.note, 'reason', r.reason, 'channel', r.channel), r.id, r.unit_id
        FROM journal j JOIN reports r ON r.id = j.report_id JOIN tokens t ON t.id = r.author_id
        WHERE j.operation_id = :operation AND r.kind = ANY(:entries)
          AND (:since IS NULL OR j.folded_at >= :since) AND (:units IS NULL OR r.unit_id = ANY(:units))
          AND (:at IS NULL OR (j.folded_at, 'j', j.position) < (:at, :source, :number))
        ORDER BY j.folded_at DESC, j.position DESC LIMIT :limit
    ) ORDER BY at DESC, source DESC, number DESC LIMIT :limit
""").bindparams(
    bindparam("since", type_=DateTime(timezone=True)),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("source", type_=String),
    bindparam("number", type_=BigInteger),
    bindparam("units", type_=ARRAY(BigInteger)),
    *(bindparam(name, type_=ARRAY(String)) for name in ("codes", "acts", "known", "entries")),
)
