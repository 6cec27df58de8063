"""Reading the record for a bundle or a checkpoint: the journal as lines of canonical JSON, from the tables and nothing derived.

What was altered in a table must come out altered, and must come out at all: an entry whose report can't be put together any more
has null in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.drafts import Led, canonical
from coordinator.reports.lines import DraftLine
from coordinator.verification.canonical import digest, encode, link

CHUNK = 2_000

_ENTRIES = text("""
    SELECT j.operation_id AS of_operation, j.position, j.folded_at, j.seal,
           r.id, r.operation_id, r.unit_id, r.kind, r.supersedes, r.author_id, r.channel, r.basis,
           r.observed_at, r.received_at, r.nil, r.note, r.reason, r.digest, r.idempotency_key, r.asked, r.warnings,
           r.credit, r.rules_version, r.joint_action_id, a.code AS action_code, a.unit_id AS action_unit,
           a.operation_id AS action_operation
    FROM journal j LEFT JOIN reports r ON r.id = j.report_id LEFT JOIN joint_actions a ON a.id = r.joint_action_id
    WHERE j.operation_id = :operation AND j.position > :after AND j.position <= :upto ORDER BY j.position LIMIT :most
""")
_LINES = text("""
    SELECT report_id, number, operation_id, category_id, quantity, unquantified FROM lines
    WHERE report_id = ANY(:ids) ORDER BY report_id, number
""")
_ASSISTS = text("SELECT report_id, number, operation_id, unit_id FROM assists WHERE report_id = ANY(:ids)")


def lines(catalogue: Catalogue, upto: int) -> Iterator[bytes]:
    """The journal up to and with a position: a line of canonical JSON for each entry, with its end."""
    for rows in _chunks(catalogue.id, 0, upto):
        yield b"".join(_line(catalogue, row, parts) for row, parts in _with_parts(rows))


def margin(operation_id: int, before: bytes, after: int, upto: int) -> bytes:
    """The margins of the entries after a position linked on to what stands ``before`` them."""
    for rows in _chunks(operation_id, after, upto):
        for row in rows:
            before = link(before, row.position, digest(encode(_margin(row))))
    return before


def _chunks(operation_id: int, after: int, upto: int) -> Iterator[Sequence[Any]]:
    while rows := session().execute(_ENTRIES, {"operation": operation_id, "after": after, "upto": upto, "most": CHUNK}).all():
        yield rows
        after = rows[-1].position


def _with_parts(rows: Sequence[Any]) -> Iterator[tuple[Any, list[Any] | None]]:
    """Each row with the lines of its report; None where a line or an assisting unit stands where it does not belong."""
    ids = [row.id for row in rows if row.id is not None]
    assisting: dict[tuple[Any, int], list[int]] = defaultdict(list)
    found: dict[Any, list[Any]] = defaultdict(list)
    stray: set[Any] = set()
    for one in session().execute(_ASSISTS, {"ids": ids}):
        assisting[one.report_id, one.number].append(one.unit_id)
        stray.update({one.report_id} if one.operation_id != rows[0].of_operation else ())
    for one in session().execute(_LINES, {"ids": ids}):
        place = len(found[one.report_id])
        found[one.report_id].append(
            DraftLine(one.category_id, one.quantity, one.unquantified, tuple(assisting.pop((one.report_id, one.number), ())))
        )
        stray.update({one.report_id} if one.number != place or one.operation_id != rows[0].of_operation else ())
    stray |= {id for id, _ in assisting}
    for row in rows:
        yield row, None if row.id in stray else found[row.id]


def _line(catalogue: Catalogue, row: Any, parts: list[Any] | None) -> bytes:
    document = {
        "digest": bytes(row.digest or b"").hex(),
        "margin": _margin(row),
        "position": row.position,
        "report": _report(catalogue, row, parts),
        "seal": bytes(row.seal).hex(),
    }
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)


def _report(catalogue: Catalogue, row: Any, parts: list[Any] | None) -> orjson.Fragment | None:
    """What the digest is taken over, put together again; None where that can't be."""
    if row.id is None or parts is None or row.operation_id != catalogue.id:
        return None
    action = None if row.joint_action_id is None else Led(row.joint_action_id, row.action_code, row.action_unit)
    if (action and row.action_operation != catalogue.id) or (row.credit and action is None):
        return None
    members = dict(row._mapping) | {"lines": parts, "joint_action": action}
    try:
        return orjson.Fragment(canonical(catalogue, members | {"unit": catalogue.unit_by_id[row.unit_id]}))
    except (KeyError, TypeError, AttributeError):
        return None


def _margin(row: Any) -> dict[str, Any]:
    """What stands beside an entry and is not in its report's digest; a key is shown as its digest alone."""
    return {
        "asked": None if row.asked is None else bytes(row.asked).hex(),
        "folded_at": moment_text(row.folded_at),
        "key": None if row.idempotency_key is None else digest(row.idempotency_key.encode()).hex(),
        "warnings": row.warnings,
    }
