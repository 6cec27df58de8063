"""Tables of exports: publications, which are never changed, and the files that workers make."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from coordinator.db import Base

RECORD = ("publications",)
"""Tables from which nothing is ever changed or deleted."""

WAITING, WORKING, READY, FAILED = "waiting", "working", "ready", "failed"


class Publication(Base):
    """That a position or release (0: none) was given a public form, and by which patterns: what comes later is bound by them."""

    __tablename__ = "publications"
    __table_args__ = (
        UniqueConstraint("operation_id", "position", "release"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("position >= 0 AND release >= 0", name="place"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    release: Mapped[int]
    patterns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[bytes]
    name: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Export(Base):
    """A file a worker makes. ``seen_at`` is when whoever makes it last gave a sign of life; ``progress`` is in thousandths."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'working', 'ready', 'failed')", name="state"),
        CheckConstraint("progress BETWEEN 0 AND 1000", name="progress"),
        CheckConstraint("(state = 'ready') = (content IS NOT NULL)", name="content"),
        Index("ix_exports_operation_id_id", "operation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    asked_by: Mapped[UUID | None]
    format: Mapped[str]
    position: Mapped[int] = mapped_column(BigInteger)
    release: Mapped[int]
    public: Mapped[bool]
    state: Mapped[str] = mapped_column(server_default=WAITING)
    progress: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    content: Mapped[bytes | None] = deferred(mapped_column())
