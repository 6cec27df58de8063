"""Tables of operations: what is coordinated, the units that take part, and what is counted."""

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
    LargeBinary,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

PHASES = ("planned", "briefing", "live", "standing_down", "reconciling", "certified", "archived")
RECORD = ("zeros",)
"""Tables from which nothing is ever changed or deleted; ``definitions`` is sealed by its own chain."""

OPEN_PHASES = ("live", "standing_down", "reconciling")
"""The phases in which reports are taken."""

CERTIFIED_PHASES = ("certified", "archived")
"""The phases in which figures are certified."""

RECONCILING = "reconciling"
"""The last of them, in which figures are put right: adjustments stand in no earlier one."""

UNATTRIBUTED, OVERLAP, NATIONAL = "UNATTRIBUTED", "OVERLAP", "NATIONAL"
"""The units every operation has: figures that belong to no one; what is taken out of the nation because two units counted it
(written by the hub alone, shown once it has been used); and the nation itself (never listed, never posted to)."""

BUILT_IN = {
    NATIONAL: ("nation", "National"),
    UNATTRIBUTED: ("unattributed", "Attributed to no unit"),
    OVERLAP: ("overlap", "Counted by more than one unit"),
}
"""Code of a built-in unit -> its kind and its name."""

UNSPECIFIED = "unspecified"
"""The category every measure has."""


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Operation(Base):
    """A simultaneous operation. ``version`` grows with every change, so that what is read can be kept until then; ``released`` is the
    number of its last release, 0 before the first; ``letters`` are those by which its figures are said (``letters.py``);
    ``rules_version`` the version of its briefing whose counting rules whoever posts must have acknowledged, None where nobody is asked."""

    __tablename__ = "operations"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name="code"),
        CheckConstraint(_in("phase", PHASES), name="phase"),
        CheckConstraint("ends_at > starts_at", name="window"),
        CheckConstraint("reporting_interval_minutes BETWEEN 1 AND 10080", name="interval"),
        CheckConstraint("exercise_of IS NULL OR exercise", name="exercise_of"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reporting_interval_minutes: Mapped[int]
    exercise: Mapped[bool]
    exercise_of: Mapped[str | None] = mapped_column(ForeignKey("operations.code"), index=True)
    phase: Mapped[str] = mapped_column(server_default="planned")
    live_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    derived: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    headlines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    letters: Mapped[dict[str, dict[str, str]]] = mapped_column(JSONB, server_default="{}")
    released: Mapped[int] = mapped_column(server_default="0")
    rules_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Unit(Base):
    """Whoever figures are posted for. The parent is a unit of the same operation."""

    __tablename__ = "units"
    __table_args__ = (
        UniqueConstraint("operation_id", "code"),
        UniqueConstraint("operation_id", "id"),
        ForeignKeyConstraint(["operation_id", "parent_id"], ["units.operation_id", "units.id"]),
        CheckConstraint("code ~ '^[A-Z0-9][A-Z0-9-]{0,31}$'", name="code"),
        CheckConstraint(_in("kind", ("jurisdiction", "agency", "site", *(kind for kind, _ in BUILT_IN.values()))), name="kind"),
        CheckConstraint(" AND ".join(f"(kind = '{kind}') = (code = '{code}')" for code, (kind, _) in BUILT_IN.items()), name="built_in"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(BigInteger)
    level: Mapped[str | None]
    time_zone: Mapped[str | None]
    expected: Mapped[bool]
    conducted_separately: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Measure(Base):
    """What is counted. Quantities are whole numbers of 10^-scale units of count."""

    __tablename__ = "measures"
    __table_args__ = (
        UniqueConstraint("operation_id", "code"),
        UniqueConstraint("operation_id", "id"),
        CheckConstraint("code ~ '^[a-z][a-z0-9_]{0,62}$'", name="code"),
        CheckConstraint("scale BETWEEN 0 AND 6", name="scale"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    code: Mapped[str]
    label: Mapped[str]
    unit: Mapped[str]
    scale: Mapped[int]
    definition: Mapped[str | None]


class Category(Base):
    """A part of a measure; the parts are a partition, and ``unspecified`` is always one of them."""

    __tablename__ = "categories"
    __table_args__ = (
        UniqueConstraint("measure_id", "name"),
        UniqueConstraint("operation_id", "id"),
        ForeignKeyConstraint(["operation_id", "measure_id"], ["measures.operation_id", "measures.id"]),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    measure_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]


class Definitions(Base):
    """What an operation's figures depend on beside the journal, as it stood from one change to the next: numbered from 1.

    ``content`` is canonical JSON (``definitions.py``); ``seal`` = SHA-256 of the seal before, the number as 8 bytes, and the digest of
    the content.
    """

    __tablename__ = "definitions"
    __table_args__ = (CheckConstraint("number > 0", name="number"), CheckConstraint("octet_length(seal) = 32", name="seal"))

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)


class Zero(Base):
    """That the desk has signed that every counter of an operation is at zero, before it goes live. Once, for ever."""

    __tablename__ = "zeros"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    signed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))
    signed_by_name: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
