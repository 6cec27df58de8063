"""The fold: from the inbox into the journal, and from the journal into cells, series and hearings.

One fold at a time for an operation, under the lock of its head row; folds of different operations run side by side. All of
it is one transaction: either the reports are in the journal, counted, and out of the inbox, or nothing has happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import exists, select, text
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock, live
from coordinator.db import session
from coordinator.operations import service as operations
from coordinator.totals import ledger
from coordinator.totals.models import Head
from coordinator.totals.movements import CellKey, Movements, Placed, Said, move_cells, move_hearings, placed, to_recount
from coordinator.totals.positions import Entry

MOST = 5_000
"""Reports in one fold: enough to be cheap for each, few enough to show progress on a long backlog."""

FIRST_SEAL = bytes(32)
"""What stands before the first seal of a journal."""


def fold(operation_id: int, most: int = MOST) -> int:
    """Folds up to ``most`` waiting reports of one operation; answers how many, 0 also where another is folding it now."""
    head = _lock(operation_id)
    waiting = ledger.take(operation_id, most) if head else []
    if head is None or not waiting:
        return 0
    lineage = {unit.id: unit.lineage for unit in operations.find_by_id(operation_id).units}
    said = ledger.said([(head.position + n, id) for n, id in enumerate(waiting, 1)])
    seals = _seals(head.seal, said)
    now = clock.now()
    ledger.append(operation_id, said, seals, now)
    ledger.move(operation_id, movements(operation_id, said, lineage), said[-1].position)
    head.position, head.seal, head.folded_at = said[-1].position, seals[-1], now
    live.announce(operation_id)
    return len(said)


def stale(seconds: float) -> list[int]:
    """Operations whose inbox holds something older than this while no fold has finished since."""
    query = text("""
        SELECT DISTINCT i.operation_id FROM inbox i LEFT JOIN heads h ON h.operation_id = i.operation_id
        WHERE i.received_at < clock_timestamp() - make_interval(secs => :seconds)
          AND (h.folded_at IS NULL OR h.folded_at < clock_timestamp() - make_interval(secs => :seconds))
    """)
    return list(session().scalars(query, {"seconds": seconds}))


def _lock(operation_id: int) -> Head | None:
    """The operation's head, locked; None where another fold has it."""
    if not session().scalar(select(exists().where(Head.operation_id == operation_id))):
        session().execute(insert(Head).values(operation_id=operation_id, position=0, seal=FIRST_SEAL).on_conflict_do_nothing())
    return session().scalars(select(Head).where(Head.operation_id == operation_id).with_for_update(skip_locked=True)).one_or_none()


def _seals(before: bytes, said: Sequence[Said]) -> list[bytes]:
    """The chain: SHA-256 of the seal before, the position as 8 bytes big-endian, and the report's digest."""
    seals = []
    for one in said:
        before = seal(before, one.position, one.digest)
        seals.append(before)
    return seals


def seal(before: bytes, position: int, digest: bytes) -> bytes:
    """One link of the chain."""
    return hashlib.sha256(bytes(before) + position.to_bytes(8, "big") + bytes(digest)).digest()


def movements(operation_id: int, said: Sequence[Said], lineage: Mapping[int, tuple[int, ...]]) -> Movements:
    """Works out what these reports move, and records their entries on the way."""
    ended = {one.supersedes: one.position for one in said if one.supersedes is not None}
    entries = placed(said, ended)
    fresh = {one.id for one in said}
    earlier = ledger.earlier([id for id in ended if id not in fresh])
    came = [one for one in entries if one.superseded_at is None]
    went = placed(earlier.values(), {})
    standing = ledger.standing(operation_id, {one.cell for one in (*came, *went)})
    whole = _whole(operation_id, came, went, standing)
    ledger.append_entries(operation_id, entries)
    ledger.end(operation_id, {earlier[id].position: at for id, at in ended.items() if id in earlier})
    movements = Movements()
    move_cells(movements, came, went, whole, lineage)
    move_hearings(movements, said, earlier | {one.id: one for one in said}, lineage)
    return movements


def _whole(
    operation_id: int, came: Sequence[Placed], went: Sequence[Placed], standing: Mapping[CellKey, datetime | None]
) -> dict[CellKey, list[Entry]]:
    """All entries, as they stood before this fold, of the cells that a sum alone can't move."""
    return ledger.entries(operation_id, to_recount(came, went, standing))
