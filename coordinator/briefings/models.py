"""Tables of briefings: what was said, who has it, who has read it and who knows the rules. All of it is append-only."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

RECORD = ("briefings", "briefing_files", "briefing_receipts", "briefing_checks")
"""Tables from which nothing is ever changed or deleted."""

RECEIVED, READ = "received", "read"


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


def _by() -> Mapped[uuid.UUID | None]:
    """Who did it; None for the hub's own command line."""
    return mapped_column(ForeignKey("tokens.id"))


def _version() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["operation_id", "version"], ["briefings.operation_id", "briefings.version"])


class Briefing(Base):
    """A version of an operation's pack. ``rules`` are its counting rules as they were then, ``asks`` says that they are to be
    acknowledged; ``bulletin_id`` is the bulletin that said so."""

    __tablename__ = "briefings"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("asks OR acknowledge_by IS NULL", name="acknowledge_by"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    pages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    files: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    asks: Mapped[bool]
    acknowledge_by: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    bulletin_id: Mapped[uuid.UUID | None]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class File(Base):
    """A file that versions may hold."""

    __tablename__ = "briefing_files"
    __table_args__ = (CheckConstraint("digest = sha256(content)", name="digest"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), index=True)
    name: Mapped[str]
    kind: Mapped[str]
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Receipt(Base):
    """A liaison to whom a version was given, or who says that it has been read."""

    __tablename__ = "briefing_receipts"
    __table_args__ = (_version(), CheckConstraint("what IN ('received', 'read')", name="what"))

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    right_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = _now()


class Check(Base):
    """A try at the short check, for a unit with all below it. ``passed`` makes it the acknowledgement: whoever passed may post."""

    __tablename__ = "briefing_checks"
    __table_args__ = (
        _version(),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        Index("ix_briefing_checks_operation_id_right_id", "operation_id", "right_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    unit_id: Mapped[int] = mapped_column(BigInteger)
    right_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    by_name: Mapped[str]
    answers: Mapped[list[int]] = mapped_column(JSONB)
    passed: Mapped[bool]
    at: Mapped[datetime] = _now()
