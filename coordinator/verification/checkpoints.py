"""Checkpoints: made by workers while the record grows, read by whoever wants to keep one elsewhere."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import select, text

from coordinator import clock
from coordinator.db import session
from coordinator.fields import moment_text
from coordinator.operations import definitions
from coordinator.operations import service as operations
from coordinator.verification import acts, entries
from coordinator.verification.canonical import FIRST, digest, encode
from coordinator.verification.keys import Signer
from coordinator.verification.models import Checkpoint

FORM = "tallyroom-checkpoint-1"
_TURN = 7463


_NOTHING: dict[str, Any] = {"number": 0, "position": 0, "margin": FIRST.hex(), "definitions": {"number": 0}, "acts": []}


class Reached(NamedTuple):
    """How far the record of an operation goes: the journal's last position and seal, the definitions' last number and seal."""

    position: int
    seal: bytes
    definitions: definitions.Last


def make(operation_id: int, signer: Signer) -> int | None:
    """Signs how far the record goes, where that is further than at the last checkpoint; answers the number of the new one."""
    session().execute(text("SELECT pg_advisory_xact_lock(:turn, CAST(:operation AS integer))"), {"turn": _TURN, "operation": operation_id})
    _define(operation_id)
    before, now = last(operation_id), _reached(operation_id)
    said = orjson.loads(before.content) if before else _NOTHING
    fresh = _unnamed(operation_id)
    if (said["position"], said["definitions"]["number"]) == (now.position, now.definitions.number) and not fresh:
        return None
    says = _says(operation_id, said, now) | {
        "acts": fresh,
        "before": (digest(before.content) if before else FIRST).hex(),
        "key": signer.public,
    }
    content = encode(says)
    number = int(says["number"])
    session().add(Checkpoint(operation_id=operation_id, number=number, content=content, signature=signer.sign(content)))
    return number


def _unnamed(operation_id: int) -> list[str]:
    """The digests of acts that no checkpoint has named."""
    query = select(Checkpoint.content).where(Checkpoint.operation_id == operation_id)
    named = {act for content in session().scalars(query) for act in orjson.loads(content)["acts"]}
    return sorted({act for _, act in acts.digests(operation_id)} - named)


def _define(operation_id: int) -> None:
    """An operation from before definitions were recorded gets its first ones here."""
    if definitions.last(operation_id).number == 0:
        definitions.record(operations.find_by_id(operation_id))
        session().flush()


def _says(operation_id: int, said: dict[str, Any], now: Reached) -> dict[str, Any]:
    """What the next checkpoint says after what the last one ``said``."""
    margin = entries.margin(operation_id, bytes.fromhex(said["margin"]), said["position"], now.position)
    return {
        "form": FORM,
        "operation": operations.find_by_id(operation_id).code,
        "number": said["number"] + 1,
        "position": now.position,
        "seal": now.seal.hex(),
        "margin": margin.hex(),
        "definitions": {"number": now.definitions.number, "seal": now.definitions.seal.hex()},
        "at": moment_text(clock.now()),
    }


def last(operation_id: int) -> Checkpoint | None:
    """The newest checkpoint of an operation."""
    query = select(Checkpoint).where(Checkpoint.operation_id == operation_id).order_by(Checkpoint.number.desc()).limit(1)
    return session().scalars(query).one_or_none()


def due() -> list[int]:
    """Operations whose record may go further than at their last checkpoint: those that are not archived, and what was never signed."""
    query = text("""
        SELECT o.id FROM operations o
        WHERE o.phase <> 'archived' OR NOT EXISTS (SELECT FROM checkpoints c WHERE c.operation_id = o.id) ORDER BY o.id
    """)
    return list(session().scalars(query))


def document(checkpoint: Checkpoint) -> dict[str, Any]:
    """A checkpoint as anyone can keep it: what it says, the text that was signed, and the signature."""
    content = bytes(checkpoint.content)
    says: dict[str, Any] = orjson.loads(content)
    return says | {"text": content.decode(), "signature": bytes(checkpoint.signature).hex()}


def _reached(operation_id: int) -> Reached:
    query = text("SELECT position, seal FROM journal WHERE operation_id = :operation ORDER BY position DESC LIMIT 1")
    row = session().execute(query, {"operation": operation_id}).one_or_none()
    position, seal = (row.position, bytes(row.seal)) if row else (0, FIRST)
    return Reached(position, seal, definitions.last(operation_id))
