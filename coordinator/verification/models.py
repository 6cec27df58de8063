"""The table of checkpoints."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

RECORD = ("definitions", "checkpoints")
"""Tables from which nothing is ever changed or deleted."""


class Checkpoint(Base):
    """How far an operation's record went at a moment: ``content`` is the canonical JSON that was signed, by Ed25519."""

    __tablename__ = "checkpoints"
    __table_args__ = (CheckConstraint("number > 0", name="number"), CheckConstraint("octet_length(signature) = 64", name="signature"))

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
