"""Tables of situation reports: the reports and who approved them, append-only; and how often the hub makes one by itself."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, deferred, mapped_column

from coordinator.db import Base

RECORD = ("situation_reports", "situation_approvals")
"""Tables from which nothing is ever changed or deleted."""

INITIAL, UPDATE, FINAL = KINDS = ("initial", "update", "final")

SHORTEST, LONGEST = 5, 1440
"""Minutes between two reports that the hub makes by itself."""


class SituationReport(Base):
    """A report: ``content`` is the canonical JSON of all it says, ``digest`` its SHA-256. Its period begins where the one before ended.

    ``due_at`` is the time for which the schedule asked for it, so that no time is answered twice. ``person`` is the account of whoever
    prepared it, or the right where no account is behind it; None where the hub did.
    """

    __tablename__ = "situation_reports"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
        UniqueConstraint("operation_id", "due_at"),
        CheckConstraint("kind IN ('initial', 'update', 'final')", name="kind"),
        CheckConstraint("number > 0 AND (number = 1 OR kind <> 'initial')", name="number"),
        CheckConstraint("from_position >= 0 AND position >= from_position", name="period"),
        CheckConstraint("digest = sha256(content)", name="digest"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    from_position: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    bulletin_id: Mapped[uuid.UUID]
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    prepared_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    person: Mapped[uuid.UUID | None]
    prepared_name: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SituationApproval(Base):
    """That someone of the desk approved a report: never whoever prepared it, which a trigger holds."""

    __tablename__ = "situation_approvals"
    __table_args__ = (ForeignKeyConstraint(["operation_id", "number"], ["situation_reports.operation_id", "situation_reports.number"]),)

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    person: Mapped[uuid.UUID]
    by_name: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class SituationSchedule(Base):
    """How often the hub makes a report of a live operation by itself, counted from ``since`` or from when it went live."""

    __tablename__ = "situation_schedules"
    __table_args__ = (CheckConstraint(f"every_minutes BETWEEN {SHORTEST} AND {LONGEST}", name="every_minutes"),)

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True, autoincrement=False)
    every_minutes: Mapped[int]
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
