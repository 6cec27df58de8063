"""An actor, and what each role may do: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

ADMIN, DESK, LIAISON, OBSERVER = "admin", "desk", "liaison", "observer"
ROLES = (ADMIN, DESK, LIAISON, OBSERVER)

MAY: dict[str, frozenset[str]] = {
    "me.read": frozenset(ROLES),
    "tokens.issue": frozenset({ADMIN, DESK}),
    "tokens.read": frozenset({ADMIN, DESK}),
    "tokens.revoke": frozenset({ADMIN, DESK}),
    "operations.create": frozenset({ADMIN}),
    "operations.read": frozenset(ROLES),
    "operations.change": frozenset({ADMIN, DESK}),
    "operations.phase": frozenset({ADMIN, DESK}),
    "reports.post": frozenset({ADMIN, DESK, LIAISON}),
    "reports.read": frozenset({ADMIN, DESK, LIAISON}),
    "totals.read": frozenset(ROLES),
    "statistics.read": frozenset(ROLES),
    "statistics.early": frozenset({ADMIN, DESK}),
}
"""What each role may do, where the operation is its own; `units` narrows a liaison further."""


@dataclass(frozen=True)
class Actor:
    """Whoever acts: the first argument of every service.

    ``operation`` is the code of the only operation it belongs to, None for an admin; ``units`` the ids of the units it
    speaks for, each with all below it, empty for all. ``secret`` is what it proved itself with, never stored or shown.
    """

    id: UUID | None
    name: str
    role: str
    operation: str | None = None
    units: frozenset[int] = frozenset()
    channel: str = "api"
    origin: str = ""
    secret: bytes = field(default=b"", repr=False, compare=False)

    def may(self, act: str) -> bool:
        """Whether the role allows ``act``, a key of MAY."""
        return self.role in MAY[act]

    def belongs_to(self, operation: str) -> bool:
        """Whether the operation of this code exists for the actor."""
        return self.role == ADMIN or self.operation == operation


def console(name: str = "command line") -> Actor:
    """Whoever sits at the hub's own machine: an admin."""
    return Actor(id=None, name=name, role=ADMIN, channel="console", origin="console")
