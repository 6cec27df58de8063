"""Tables of the record: append-only, by grants and by triggers. Only the inbox is ever emptied."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base
from coordinator.reports.spoken import FORM

MARK = "[0-9A-HJKMNP-TV-Z]{9}"
"""The form of a spoken line's mark."""

RECORD = ("reports", "lines", "assists", "journal", "joint_actions", "audit", "adjustments", "adjusted", "heard")
"""Tables from which nothing is ever changed or deleted."""


KINDS = ("report", "correction", "withdrawal")
"""What an entry of the journal may be."""


class JointAction(Base):
    """What several units do together under one that leads. Its code is short enough to be said, and checks itself."""

    __tablename__ = "joint_actions"
    __table_args__ = (
        UniqueConstraint("operation_id", "code"),
        UniqueConstraint("operation_id", "id"),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        CheckConstraint(f"code ~ '^{FORM}$'", name="code"),
        CheckConstraint("length(name) BETWEEN 1 AND 200", name="name"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str]
    unit_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    opened_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Report(Base):
    """A report, correction or withdrawal.

    ``supersedes`` names the report it corrects or withdraws: of the same unit by its foreign key, and only once by its
    unique key, so a report has at most one successor whoever races whom. ``credit`` says that it moves no figure, because
    another unit leads the joint action it names; that was decided when it was posted. ``rules_version`` is the version of the counting
    rules it was counted under: the newest that its unit's liaison had acknowledged. No foreign key holds it to a briefing, because every
    report of the night would then lock that one row.
    """

    __tablename__ = "reports"
    __table_args__ = (
        UniqueConstraint("author_id", "idempotency_key"),
        UniqueConstraint("supersedes"),
        UniqueConstraint("operation_id", "id"),
        UniqueConstraint("operation_id", "unit_id", "id"),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        ForeignKeyConstraint(["operation_id", "unit_id", "supersedes"], ["reports.operation_id", "reports.unit_id", "reports.id"]),
        ForeignKeyConstraint(["operation_id", "joint_action_id"], ["joint_actions.operation_id", "joint_actions.id"]),
        CheckConstraint("kind IN ('report', 'correction', 'withdrawal')", name="kind"),
        CheckConstraint("NOT credit OR (joint_action_id IS NOT NULL AND basis IS NOT DISTINCT FROM 'increment')", name="credit"),
        CheckConstraint("(kind = 'report') = (supersedes IS NULL) AND (kind = 'report' OR reason IS NOT NULL)", name="supersedes"),
        CheckConstraint("(kind = 'withdrawal') = (basis IS NULL) AND (basis IS NULL) = (observed_at IS NULL)", name="withdrawal"),
        CheckConstraint("basis IN ('increment', 'to_date')", name="basis"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    supersedes: Mapped[uuid.UUID | None]
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    channel: Mapped[str]
    idempotency_key: Mapped[str | None]
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    basis: Mapped[str | None]
    observed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    nil: Mapped[bool]
    note: Mapped[str | None]
    reason: Mapped[str | None]
    warnings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    joint_action_id: Mapped[int | None] = mapped_column(BigInteger)
    credit: Mapped[bool] = mapped_column(server_default="false")
    rules_version: Mapped[int | None]


class Line(Base):
    """A figure of a report: a quantity in units of 10^-scale, or words where how much is not known yet.

    Below 0 only where the report is of the built-in unit OVERLAP: a trigger of the database refuses any other.
    """

    __tablename__ = "lines"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "report_id"], ["reports.operation_id", "reports.id"]),
        ForeignKeyConstraint(["operation_id", "category_id"], ["categories.operation_id", "categories.id"]),
        CheckConstraint("(quantity IS NULL) <> (unquantified IS NULL)", name="one_of"),
        CheckConstraint("quantity BETWEEN -1000000000000000000 AND 1000000000000000000", name="quantity"),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    unquantified: Mapped[str | None]


class Assist(Base):
    """A unit that assisted in what a line counts: credited, never counted again."""

    __tablename__ = "assists"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "report_id"], ["reports.operation_id", "reports.id"]),
        ForeignKeyConstraint(["report_id", "number"], ["lines.report_id", "lines.number"]),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)


class Adjustment(Base):
    """What a report at OVERLAP is for: figures of several units, of one category, that count persons or things in common.

    They come to ``result``, in units of 10^-scale: their sum, the largest of them, or a number. The report takes the rest away.
    """

    __tablename__ = "adjustments"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "report_id"], ["reports.operation_id", "reports.id"]),
        ForeignKeyConstraint(["operation_id", "category_id"], ["categories.operation_id", "categories.id"]),
        CheckConstraint("method IN ('sum', 'maximum', 'number')", name="method"),
        CheckConstraint("result >= 0", name="result"),
        Index("ix_adjustments_operation_id", "operation_id"),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[str]
    result: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]


class Adjusted(Base):
    """A source of an adjustment: a unit, with the figure that it had with all below it."""

    __tablename__ = "adjusted"
    __table_args__ = (
        ForeignKeyConstraint(["report_id"], ["adjustments.report_id"]),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)


class Heard(Base):
    """A report that the desk has taken as a spoken line: by its mark it is recognised when the phone's queue comes through."""

    __tablename__ = "heard"
    __table_args__ = (
        UniqueConstraint("report_id"),
        ForeignKeyConstraint(["operation_id", "unit_id", "report_id"], ["reports.operation_id", "reports.unit_id", "reports.id"]),
        CheckConstraint(f"mark ~ '^{MARK}$'", name="mark"),
    )

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID]
    line: Mapped[str]


class Waiting(Base):
    """A row of the inbox: recorded, and not yet in the journal. Its number follows cause: what answers a report waits behind it.

    ``set_aside_at`` says when it turned out that this report can't be folded, ``problem`` why: it waits for a person, no other for it.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "report_id"], ["reports.operation_id", "reports.id"]),
        CheckConstraint("(set_aside_at IS NULL) = (problem IS NULL)", name="set_aside"),
        Index("ix_inbox_operation_id_id", "operation_id", "id"),
        Index("ix_inbox_set_aside", "operation_id", postgresql_where=text("set_aside_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    report_id: Mapped[uuid.UUID]
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    set_aside_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    problem: Mapped[str | None]


class JournalEntry(Base):
    """A place in the order of an operation: positions from 1 without gaps, each sealed with all before it.

    ``seal`` = SHA-256 of the seal before, the position as 8 bytes, and the report's digest.
    """

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("report_id"),
        ForeignKeyConstraint(["operation_id", "report_id"], ["reports.operation_id", "reports.id"]),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("octet_length(seal) = 32", name="seal"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    report_id: Mapped[uuid.UUID]
    folded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seal: Mapped[bytes] = mapped_column(LargeBinary)
