"""The web server with nothing stored: the same guard, the same rules, the same receipt, and no write. The limit of posting."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from coordinator.reports import record
from coordinator.reports.drafts import Draft


def _store_nothing(operation_id: int, drafts: Sequence[Draft], phases: Sequence[str] = ()) -> set[UUID]:  # noqa: ARG001  # as the one that stores
    return {draft.id for draft in drafts}


record.store = _store_nothing

from coordinator.wsgi import app  # noqa: E402  # after the change above, which it must find

__all__ = ["app"]
