"""The record of definitions: units, measures, rules, phase, all that figures depend on beside the journal, after each change.

A report's digest names its unit and measure by code. What those codes mean, and which unit counts below which, is kept here in
the same way as the journal: only added to, each entry sealed with all before it, in the transaction of the change itself.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import orjson
from sqlalchemy import select

from coordinator import clock
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import definitions
from coordinator.operations.models import Definitions

FIRST_SEAL = bytes(32)
"""What stands before the first seal."""


class Last(NamedTuple):
    """How far the record of an operation goes: its last number, 0 where there is none, and that one's seal."""

    number: int
    seal: bytes


def record(catalogue: Catalogue) -> None:
    """Adds how the operation stands now. Whoever changes an operation holds its row, so numbers follow each other."""
    before = last(catalogue.id)
    content = text(catalogue, moment_text(clock.now()))
    row = Definitions(
        operation_id=catalogue.id, number=before.number + 1, content=content, seal=seal(before.seal, before.number + 1, content)
    )
    session().add(row)


def last(operation_id: int) -> Last:
    """The end of an operation's record of definitions."""
    query = select(Definitions.number, Definitions.seal).where(Definitions.operation_id == operation_id)
    row = session().execute(query.order_by(Definitions.number.desc()).limit(1)).one_or_none()
    return Last(0, FIRST_SEAL) if row is None else Last(row.number, bytes(row.seal))


def text(catalogue: Catalogue, recorded_at: str | None = None) -> bytes:
    """Definitions as canonical JSON (RFC 8785), with the time of their recording where given."""
    document = definitions(catalogue) | ({"recorded_at": recorded_at} if recorded_at else {})
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def seal(before: bytes, number: int, content: bytes) -> bytes:
    """One link of the chain."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + hashlib.sha256(content).digest()).digest()
