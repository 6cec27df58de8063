"""The door of everything that makes one thing: one transaction, the same answer to the same key, 201."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.answers import once
from coordinator.db import transaction
from coordinator.doors import created, idempotency_key

Document = dict[str, Any]


def make(
    actor: Actor, asked: Any, act: Callable[[], Document], location: Callable[[Document], str] | None = None, status: int = 201
) -> Response:
    """The answer to what ``act`` makes, or made when the caller's key came with the same ``asked`` before; ``location`` says from what
    was made where it is read. Refuses with KeyReused and whatever ``act`` refuses with."""
    with transaction():
        document, repeated = once(actor, idempotency_key(), asked, act)
    return created(document, repeated, location(document) if location else None, status)
