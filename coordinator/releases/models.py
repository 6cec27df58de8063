"""Tables of certification: who signed what, what was waived and why, what was amended and why, and the releases. All append-only.

A trigger holds what no key can: a signature's person is who the right says; a release has the desk's signatures of two people, of
different names, under the very thing it releases; its number follows the last, and names what came before; an amendment has its reason
first.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

RECORD = ("signatures", "waivers", "amendments", "releases")
"""Tables from which nothing is ever changed or deleted."""


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Signature(Base):
    """A signature: a unit's under its figures, or the desk's under the release of ``number``, each at a ``position`` of the journal.

    ``digest`` is the SHA-256 of what was signed; ``person`` the account of whoever signed, or the right where no account is behind it.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
        CheckConstraint("kind IN ('unit', 'desk')", name="kind"),
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL) AND (kind = 'desk') = (number IS NOT NULL)", name="what"),
        CheckConstraint("person = coalesce(account_id, right_id)", name="person"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("position >= 0", name="position"),
        Index("ix_signatures_unit", "operation_id", "unit_id", "position", unique=True, postgresql_where=text("kind = 'unit'")),
        Index("ix_signatures_desk", "operation_id", "number", "digest", "person", unique=True, postgresql_where=text("kind = 'desk'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    kind: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    number: Mapped[int | None]
    position: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    right_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    person: Mapped[uuid.UUID]
    name: Mapped[str]
    signed_at: Mapped[datetime] = _now()


class Waiver(Base):
    """Why something open is certified all the same: good while ``detail``, what was open, reads as it did."""

    __tablename__ = "waivers"
    __table_args__ = (UniqueConstraint("operation_id", "item", "detail"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    item: Mapped[str]
    detail: Mapped[str]
    reason: Mapped[str]
    right_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    name: Mapped[str]
    given_at: Mapped[datetime] = _now()


class Amendment(Base):
    """Why what was released is opened again: ``number`` is the release that will say what came of it."""

    __tablename__ = "amendments"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "amends"], ["releases.operation_id", "releases.number"]),
        CheckConstraint("number = amends + 1", name="number"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amends: Mapped[int]
    reason: Mapped[str]
    right_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    name: Mapped[str]
    opened_at: Mapped[datetime] = _now()


class Release(Base):
    """What was released: ``content`` is the canonical JSON of all it says, and ``digest`` its SHA-256. Nothing is ever made anew from
    anything else. ``signed`` is the digest of what the desk's two people signed, ``previous_digest`` that of the release before."""

    __tablename__ = "releases"
    __table_args__ = (
        CheckConstraint("status = CASE number WHEN 1 THEN 'certified' ELSE 'amended-' || (number - 1)::text END", name="status"),
        CheckConstraint("digest = sha256(content)", name="digest"),
        CheckConstraint("number > 0 AND (number = 1) = (previous_digest IS NULL)", name="number"),
        CheckConstraint("position >= 0", name="position"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    previous_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed: Mapped[bytes] = mapped_column(LargeBinary)
    released_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"))
    released_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
