"""An actor, and what each role may do: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

ADMIN, DESK, LIAISON, OBSERVER = "admin", "desk", "liaison", "observer"
ROLES = (ADMIN, DESK, LIAISON, OBSERVER)

MAY: dict[str, frozenset[str]] = {
    "me.read": frozenset(ROLES),
    "tokens.issue": frozenset({ADMIN, DESK}),
    "tokens.read": frozenset({ADMIN, DESK}),
    "tokens.revoke": frozenset({ADMIN, DESK}),
    "sessions.read": frozenset(ROLES),
    "sessions.end": frozenset(ROLES),
    "sessions.wall": frozenset(ROLES),
    "devices.read": frozenset(ROLES),
    "devices.end": frozenset(ROLES),
    "passphrase.change": frozenset(ROLES),
    "invitations.take": frozenset(ROLES),
    "invitations.make": frozenset({ADMIN, DESK}),
    "invitations.read": frozenset({ADMIN, DESK}),
    "invitations.revoke": frozenset({ADMIN, DESK}),
    "accounts.read": frozenset({ADMIN, DESK}),
    "accounts.change": frozenset({ADMIN}),
    "audit.read": frozenset({ADMIN, DESK}),
    "audit.read_all": frozenset({ADMIN}),
    "operations.create": frozenset({ADMIN}),
    "operations.read": frozenset(ROLES),
    "operations.change": frozenset({ADMIN, DESK}),
    "operations.phase": frozenset({ADMIN, DESK}),
    "exercises.make": frozenset({ADMIN, DESK}),
    "exercises.read": frozenset({ADMIN, DESK}),
    "zero.sign": frozenset({ADMIN, DESK}),
    "reports.post": frozenset({ADMIN, DESK, LIAISON}),
    "reports.read": frozenset({ADMIN, DESK, LIAISON}),
    "reports.telephone": frozenset({ADMIN, DESK}),
    "checkpoints.read": frozenset(ROLES),
    "joint_actions.open": frozenset({ADMIN, DESK, LIAISON}),
    "joint_actions.read": frozenset({ADMIN, DESK, LIAISON}),
    "journal.read": frozenset({ADMIN, DESK}),
    "bulletins.issue": frozenset({ADMIN, DESK}),
    "bulletins.read": frozenset({ADMIN, DESK, LIAISON}),
    "bulletins.answer": frozenset({ADMIN, DESK, LIAISON}),
    "briefings.publish": frozenset({ADMIN, DESK}),
    "briefings.read": frozenset({ADMIN, DESK, LIAISON}),
    "briefings.acknowledge": frozenset({ADMIN, DESK, LIAISON}),  # briefings look whose it is: nobody acknowledges for another
    "briefings.follow": frozenset({ADMIN, DESK}),
    "deliveries.read": frozenset({ADMIN, DESK}),
    "addresses.change": frozenset({ADMIN, DESK}),
    "push.subscribe": frozenset({ADMIN, DESK, LIAISON}),
    "presence.check_in": frozenset({ADMIN, DESK, LIAISON}),
    "presence.read": frozenset({ADMIN, DESK, LIAISON}),
    "presence.direct": frozenset({ADMIN, DESK}),
    "stand_down.close": frozenset({ADMIN, DESK}),
    "log.read": frozenset({ADMIN, DESK}),
    "situation.read": frozenset({ADMIN, DESK, LIAISON}),
    "situation.make": frozenset({ADMIN, DESK}),
    "situation.approve": frozenset({ADMIN, DESK}),
    "totals.read": frozenset(ROLES),
    "reconciliation.read": frozenset({ADMIN, DESK, LIAISON}),
    "reconciliation.state": frozenset({ADMIN, DESK, LIAISON}),
    "reconciliation.settle": frozenset({ADMIN, DESK}),
    "certification.read": frozenset({ADMIN, DESK, LIAISON}),
    "certification.sign": frozenset({ADMIN, DESK}),
    "certification.amend": frozenset({ADMIN, DESK}),
    "signatures.sign": frozenset({ADMIN, DESK, LIAISON}),  # whose unit it is, certification.sign looks: only a liaison has any
    "waivers.give": frozenset({ADMIN, DESK}),
    "releases.read": frozenset(ROLES),
    "statistics.read": frozenset(ROLES),
    "statistics.early": frozenset({ADMIN, DESK}),
    "statistics.publish": frozenset({ADMIN, DESK}),
    "exports.read_all": frozenset({ADMIN, DESK}),
}
"""What each role may do, where the operation is its own; `units` narrows a liaison further."""


ON_THE_WALL = frozenset({"sessions.end"})
"""What a session that only shows a board on a wall may still write: its own end."""


@dataclass(frozen=True)
class Right:
    """One right of whoever has signed in: a row of ``tokens``."""

    id: UUID
    name: str
    role: str
    operation: str | None
    units: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Session:
    """A browser in which someone has signed in, by an account or on a device that was invited, and the rights that gives."""

    id: UUID
    account: UUID | None
    device: UUID | None
    wall: bool
    created_at: datetime
    idle_at: datetime | None
    expires_at: datetime
    rights: tuple[Right, ...]

    def right_in(self, operation: str | None) -> Right:
        """The right it acts with there: its own of that operation, else an admin's, else the first it has."""
        own = [right for right in self.rights if operation is not None and right.operation == operation]
        return [*own, *(right for right in self.rights if right.role == ADMIN), *self.rights][0]


@dataclass(frozen=True)
class Actor:
    """Whoever acts: the first argument of every service.

    ``operation`` is the code of the only operation it belongs to, None for an admin; ``units`` the ids of the units it
    speaks for, each with all below it, empty for all. ``secret`` is what it proved itself with, never stored or shown.
    ``session`` is the browser it speaks from, None for a token.
    """

    id: UUID | None
    name: str
    role: str
    operation: str | None = None
    units: frozenset[int] = frozenset()
    channel: str = "api"
    origin: str = ""
    secret: bytes = field(default=b"", repr=False, compare=False)
    session: Session | None = field(default=None, compare=False)

    @property
    def person(self) -> UUID | None:
        """Who it is, whatever it speaks from: the account, or the right where no account is behind it."""
        return (self.session and self.session.account) or self.id

    def may(self, act: str) -> bool:
        """Whether the role allows ``act``, a key of MAY."""
        return self.role in MAY[act]

    def may_in(self, act: str, operation: str) -> bool:
        """The same in an operation, by whichever of its rights it would act there."""
        right = self.session.right_in(operation) if self.session else self
        return right.role in MAY[act] and (right.role == ADMIN or right.operation == operation)

    def belongs_to(self, operation: str) -> bool:
        """Whether the operation of this code exists for the actor."""
        return self.role == ADMIN or self.operation == operation

    @property
    def operations(self) -> frozenset[str]:
        """The codes of the operations it belongs to, by any of its rights."""
        rights = self.session.rights if self.session else (self,)
        return frozenset(right.operation for right in rights if right.operation is not None)

    @property
    def proof(self) -> tuple[UUID | None, UUID | None]:
        """What must still stand for it to go on: its right, and its session where it has one."""
        return self.id, self.session.id if self.session else None


def console(name: str = "command line") -> Actor:
    """Whoever sits at the hub's own machine: an admin."""
    return Actor(id=None, name=name, role=ADMIN, channel="console", origin="console")
