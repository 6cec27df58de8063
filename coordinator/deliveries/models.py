"""Tables of what leaves the hub. Addresses may be those of people on duty, so all of it is forgotten when the operation is archived."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

MAIL, WEBHOOK, PUSH = KINDS = ("mail", "webhook", "push")
LIAISON, ALTERNATE, DESK = WHOSE = ("liaison", "alternate", "desk")
WAITING, SENDING, DELIVERED, FAILED, GIVEN_UP = STATES = ("waiting", "sending", "delivered", "failed", "given up")
"""``failed``: it can't be delivered, and trying again would change nothing; ``given up``: it was tried as often as anything is."""


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Address(Base):
    """Where something may go. A phone is reached for whoever holds its right (``token_id``), all else for a unit or the desk.

    ``key`` and ``auth`` are a phone's, by which only it can read what is sent to it.
    """

    __tablename__ = "addresses"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        CheckConstraint(_in("kind", KINDS), name="kind"),
        CheckConstraint(_in("whose", WHOSE), name="whose"),
        CheckConstraint("length(address) BETWEEN 1 AND 1000", name="address"),
        CheckConstraint(
            "(kind = 'push') = (token_id IS NOT NULL) AND (kind = 'push') = (key IS NOT NULL AND auth IS NOT NULL)", name="push"
        ),
        CheckConstraint("(whose = 'desk' OR kind = 'push') = (unit_id IS NULL)", name="unit"),
        Index(
            "uq_addresses_standing",
            *("operation_id", "kind", "address", "whose", "unit_id", "token_id"),
            unique=True,
            postgresql_where=text("removed_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    kind: Mapped[str]
    address: Mapped[str]
    whose: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    token_id: Mapped[UUID | None] = mapped_column(ForeignKey("tokens.id"))
    key: Mapped[str | None]
    auth: Mapped[str | None]
    added_by: Mapped[str]
    added_at: Mapped[datetime] = _now()
    removed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Outgoing(Base):
    """One message to one address. ``next_at`` is when it is due, and while it is being sent when whoever sends it counts as dead.

    ``id`` is what the receiver knows it by, however often it comes; ``message`` is what it says, for ever.
    """

    __tablename__ = "outgoing"
    __table_args__ = (
        CheckConstraint(_in("state", STATES), name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index("ix_outgoing_due", "next_at", postgresql_where=text("state IN ('waiting', 'sending')")),
        Index("ix_outgoing_operation_id_id", "operation_id", "id"),
        Index("ix_outgoing_address_id_state", "address_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    address_id: Mapped[UUID] = mapped_column(ForeignKey("addresses.id"))
    message: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default=WAITING)
    tries: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str | None]
    made_at: Mapped[datetime] = _now()
    next_at: Mapped[datetime] = _now()
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
