"""The fold: from the inbox into the journal, and from the journal into cells, series and hearings.

One fold at a time for an operation, under the lock of its head row; folds of different operations run side by side. All of
it is one transaction: either the reports are in the journal, counted, and out of the inbox, or nothing has happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from coordinator import clock, live
from coordinator.db import session
from coordinator.operations import service as operations
from coordinator.totals import ledger
from coordinator.totals.movements import Lineage, Movements, Said, move_cells, move_hearings, placed, to_recount, touched

MOST = 5_000
"""Reports in one fold: enough to be cheap for each, few enough to show progress on a long backlog."""

FIRST_SEAL = bytes(32)
"""What stands before the first seal of a journal."""


def fold(operation_id: int, most: int = MOST) -> int:
    """Folds up to ``most`` waiting reports of one operation; answers how many, 0 also where another is folding it now."""
    head = ledger.lock(operation_id)
    said = ledger.take(operation_id, head.position, most) if head else []
    if head is None or not said:
        return 0
    lineage = operations.at_version(operation_id, head.version).lineages
    ended, moved = movements(operation_id, said, lineage)
    ledger.write(operation_id, said, ended, moved, _seals(head.seal, said), clock.now())
    live.announce(operation_id)
    return len(said)


def settle(operation_id: int) -> int:
    """Folds all that waits, after whatever fold is under way; answers the journal's position. For whoever has closed the gate: then
    nothing comes after it until this transaction ends."""
    session().execute(text("SELECT FROM heads WHERE operation_id = :operation FOR UPDATE"), {"operation": operation_id})
    while fold(operation_id):
        pass
    return session().scalar(text("SELECT position FROM heads WHERE operation_id = :operation"), {"operation": operation_id}) or 0


def waits(operation_id: int) -> bool:
    """Whether something waits that can be folded."""
    query = text("SELECT EXISTS (SELECT FROM inbox WHERE operation_id = :operation AND set_aside_at IS NULL)")
    return bool(session().scalar(query, {"operation": operation_id}))


def set_aside(operation_id: int, problem: str) -> UUID | None:
    """Lays the first waiting report aside, with the reason: it is kept, shown as an alarm, and holds up no other. Answers its id."""
    query = text("""
        UPDATE inbox SET set_aside_at = clock_timestamp(), problem = :problem
        WHERE id = (SELECT id FROM inbox WHERE operation_id = :operation AND set_aside_at IS NULL ORDER BY id LIMIT 1) RETURNING report_id
    """)
    found: UUID | None = session().scalar(query, {"operation": operation_id, "problem": problem})
    live.announce(operation_id)
    return found


def take_up(operation_id: int) -> int:
    """Puts what was set aside back among what waits, once its cause is mended; answers how many."""
    query = text("UPDATE inbox SET set_aside_at = NULL, problem = NULL WHERE operation_id = :operation AND set_aside_at IS NOT NULL")
    found = session().execute(query, {"operation": operation_id}).rowcount  # type: ignore[attr-defined]
    live.announce(operation_id)
    return int(found)


def stale(seconds: float) -> list[int]:
    """Operations whose inbox holds something older than this while no fold has finished since."""
    query = text("""
        SELECT DISTINCT i.operation_id FROM inbox i LEFT JOIN heads h ON h.operation_id = i.operation_id
        WHERE i.received_at < clock_timestamp() - make_interval(secs => :seconds) AND i.set_aside_at IS NULL
          AND (h.folded_at IS NULL OR h.folded_at < clock_timestamp() - make_interval(secs => :seconds))
    """)
    return list(session().scalars(query, {"seconds": seconds}))


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


def movements(operation_id: int, said: Sequence[Said], lineage: Lineage) -> tuple[dict[UUID, int], Movements]:
    """What these reports end, by id, with the position that ended it; and what they move."""
    ended = {one.supersedes: one.position for one in said if one.supersedes is not None}
    fresh = {one.id: one for one in said}
    earlier = ledger.earlier([id for id in ended if id not in fresh])
    came = [one for one in placed(said, ended) if one.superseded_at is None]
    went = placed(earlier.values(), {})
    moved = Movements(
        ledger.cells(operation_id, touched((*came, *went), lineage)),
        ledger.hearings(operation_id, {unit for one in said for unit in lineage[one.unit_id]}),
    )
    whole = ledger.entries(operation_id, to_recount(came, went, moved.cells))
    move_cells(moved, came, went, whole, lineage)
    move_hearings(moved, said, earlier | fresh, lineage)
    return ended, moved
