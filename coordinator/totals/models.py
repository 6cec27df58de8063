"""Tables of totals: all derived, all rebuilt by a recount."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    SmallInteger,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base


class Head(Base):
    """Where the fold of an operation stands; its row is the fold's lock. No report refers to it, so none waits for a fold."""

    __tablename__ = "heads"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    folded_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class EntryRow(Base):
    """A line of a journaled report at its cell; ``superseded_at`` is the position at which it stopped counting. One that is mere
    ``credit`` never counts: it adds to what its unit has assisted in.

    A report without lines has one row without a category, and a withdrawal one without a time either: by them their unit was heard.
    """

    __tablename__ = "entries"
    __table_args__ = (
        Index("ix_entries_cell", "operation_id", "unit_id", "category_id", "observed_at"),
        Index(
            "ix_entries_standing",
            "operation_id",
            "unit_id",
            "category_id",
            "observed_at",
            postgresql_where="standing AND quantity IS NOT NULL AND NOT credit",
        ),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int | None] = mapped_column(BigInteger)
    standing: Mapped[bool]
    observed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    assisting: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    superseded_at: Mapped[int | None] = mapped_column(BigInteger)
    by_desk: Mapped[bool]
    credit: Mapped[bool]


class Cell(Base):
    """A cell's position: its unit's own, and ``total`` with all units below it. The nation is a unit here like any other.

    Only OVERLAP's own figure lies below 0, and it has none below it; the nation has no own, and OVERLAP below it.
    """

    __tablename__ = "cells"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        ForeignKeyConstraint(["operation_id", "category_id"], ["categories.operation_id", "categories.id"]),
        CheckConstraint("own = 0 OR total = own OR (own > 0 AND total > own)", name="figures"),
        CheckConstraint("own_figures >= 0 AND figures >= own_figures", name="given"),
        CheckConstraint("assisted >= 0 AND own_unquantified >= 0 AND unquantified >= own_unquantified", name="credits"),
        Index("ix_cells_position", "operation_id", "position"),
    )

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    category_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    own: Mapped[Decimal] = mapped_column(Numeric, server_default="0")
    own_figures: Mapped[int] = mapped_column(BigInteger, server_default="0")
    own_unquantified: Mapped[int] = mapped_column(BigInteger, server_default="0")
    total: Mapped[Decimal] = mapped_column(Numeric, server_default="0")
    figures: Mapped[int] = mapped_column(BigInteger, server_default="0")
    unquantified: Mapped[int] = mapped_column(BigInteger, server_default="0")
    assisted: Mapped[Decimal] = mapped_column(Numeric, server_default="0")
    standing_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    by_desk: Mapped[Decimal] = mapped_column(Numeric, server_default="0")
    position: Mapped[int] = mapped_column(BigInteger, server_default="0")


class SeriesRow(Base):
    """What a cell's total changed by in a minute, by when it was observed; a to-date figure makes a step, up or down."""

    __tablename__ = "series"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    category_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    minute: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    change: Mapped[Decimal] = mapped_column(Numeric)


class HearingRow(Base):
    """What was heard from a unit and all below it: standing reports, those of them with figures, and the last word received."""

    __tablename__ = "hearings"
    __table_args__ = (
        CheckConstraint("reports >= 0 AND with_figures BETWEEN 0 AND reports", name="reports"),
        Index("ix_hearings_position", "operation_id", "position"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reports: Mapped[int] = mapped_column(BigInteger, server_default="0")
    with_figures: Mapped[int] = mapped_column(BigInteger, server_default="0")
    last_report_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    position: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Recount(Base):
    """The last comparison of an operation's totals with a recount of its record, and where they differed."""

    __tablename__ = "recounts"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    holds: Mapped[bool]
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
