"""Tables of reconciliation: what was stated, explained and expected. Append-only, like the record; the latest of each stands."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

RECORD = ("finals", "explanations", "controls")
"""Tables from which nothing is ever changed or deleted."""


class Final(Base):
    """A unit's statement of what it has with all below it, by category: a quantity in units of 10^-scale, or words.

    It stands beside the journal and moves no figure. A to-date report would: it would become the figure it is to be compared
    with, and no difference could ever show. Whoever agrees with the statement takes it, by such a report.
    """

    __tablename__ = "finals"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        ForeignKeyConstraint(["operation_id", "category_id"], ["categories.operation_id", "categories.id"]),
        CheckConstraint("(quantity IS NULL) <> (words IS NULL)", name="one_of"),
        CheckConstraint("quantity BETWEEN 0 AND 1000000000000000000", name="quantity"),
        Index("ix_finals_operation_id", "operation_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    words: Mapped[str | None]
    position: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    stated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Explanation(Base):
    """Why a check may stay as it is: of the inputs that ``inputs`` is the SHA-256 of, and of no others."""

    __tablename__ = "explanations"
    __table_args__ = (
        CheckConstraint("octet_length(inputs) = 32", name="inputs"),
        Index("ix_explanations_operation_id", "operation_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    check: Mapped[str]
    inputs: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str]
    position: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Control(Base):
    """A national figure from elsewhere, of a measure or, with ``category_id``, of one of its categories."""

    __tablename__ = "controls"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "measure_id"], ["measures.operation_id", "measures.id"]),
        ForeignKeyConstraint(["operation_id", "category_id"], ["categories.operation_id", "categories.id"]),
        CheckConstraint("quantity BETWEEN 0 AND 1000000000000000000", name="quantity"),
        Index("ix_controls_operation_id", "operation_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    measure_id: Mapped[int] = mapped_column(BigInteger)
    category_id: Mapped[int | None] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str]
    position: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
