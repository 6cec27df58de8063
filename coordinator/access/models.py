"""Tables of access: tokens, the answers kept for repeats, and the audit record."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.db import Base


class Token(Base):
    """A bearer token, kept as the SHA-256 of its text; the text is shown once."""

    __tablename__ = "tokens"
    __table_args__ = (
        CheckConstraint("role IN ('admin', 'desk', 'liaison', 'observer')", name="role"),
        CheckConstraint("(role = 'admin') = (operation_id IS NULL)", name="scope"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        UniqueConstraint("id", "operation_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operations.id"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    issued_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    grants: Mapped[list[Grant]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class Grant(Base):
    """A unit a token speaks for, with all below it; always of the token's operation."""

    __tablename__ = "grants"
    __table_args__ = (
        ForeignKeyConstraint(["token_id", "operation_id"], ["tokens.id", "tokens.operation_id"]),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
    )

    token_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)


class Answer(Base):
    """What a caller was answered under an idempotency key, so that a repeat gets the same. Reports keep their own."""

    __tablename__ = "answers"

    caller: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # as text: members keep their order, so a repeat is equal to the byte
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Act(Base):
    """One act on the audit record: who, what, when, whence, and on what. Append-only."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    actor_name: Mapped[str]
    origin: Mapped[str]
    act: Mapped[str]
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operations.id"), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
