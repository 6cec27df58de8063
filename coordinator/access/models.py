"""Tables of access: rights to act and who holds them, sessions, invitations, answers kept for repeats, the audit record."""

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
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.db import Base


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


class Token(Base):
    """A right to act: a role, in an operation, for units. Whoever presents the text of ``digest`` (SHA-256; shown once) has it,
    or whoever has signed in with the account or on the device that holds it: one of the three."""

    __tablename__ = "tokens"
    __table_args__ = (
        CheckConstraint("num_nonnulls(digest, account_id, device_id) = 1", name="holder"),
        Index(
            "ix_tokens_account_id_operation_id",
            "account_id",
            "operation_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("account_id IS NOT NULL AND revoked_at IS NULL"),
        ),
        CheckConstraint("role IN ('admin', 'desk', 'liaison', 'observer')", name="role"),
        CheckConstraint("(role = 'admin') = (operation_id IS NULL)", name="scope"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        UniqueConstraint("id", "operation_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[str]
    operation_id: Mapped[int | None] = mapped_column(ForeignKey("operations.id"), index=True)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("devices.id"), unique=True)
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


class Account(Base):
    """Whoever signs in by name. ``login`` is the name as it is compared, ``passphrase`` its verifier (argon2id, in PHC form)."""

    __tablename__ = "accounts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    passphrase: Mapped[str]
    created_at: Mapped[datetime] = _now()
    changed_at: Mapped[datetime] = _now()
    locked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Device(Base):
    """A browser that stays signed in, locked by a short code. ``digest`` is the SHA-256 of the secret in its cookie; ``code`` the
    verifier of short code and secret together, so that whoever has this table can't try the million codes."""

    __tablename__ = "devices"
    __table_args__ = (
        CheckConstraint("octet_length(digest) = 32", name="digest"),
        CheckConstraint("failures BETWEEN 0 AND 5", name="failures"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    code: Mapped[str]
    browser: Mapped[str]
    failures: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignedIn(Base):
    """A session: a browser in which someone has signed in. ``digest`` is the SHA-256 of the secret in its cookie; it ends
    ``idle_seconds`` after ``seen_at``, unless it only shows a board on a ``wall``, and at ``expires_at`` in any case."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint("num_nonnulls(account_id, device_id) = 1", name="holder"),
        CheckConstraint("octet_length(digest) = 32", name="digest"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    device_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("devices.id"), index=True)
    browser: Mapped[str]
    origin: Mapped[str]
    idle_seconds: Mapped[int]
    wall: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime] = _now()
    seen_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Attempt(Base):
    """Failures to sign in under one name, known or not: SHA-256 of the name, when each failed, and until when it is locked."""

    __tablename__ = "attempts"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    locked_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Invitation(Base):
    """A right that is offered once to whoever has the link; ``digest`` is the SHA-256 of the secret in it."""

    __tablename__ = "invitations"
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
    created_at: Mapped[datetime] = _now()
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    taken_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tokens.id"))

    units: Mapped[list[InvitedUnit]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class InvitedUnit(Base):
    """A unit the offered right speaks for; always of the invitation's operation."""

    __tablename__ = "invited_units"
    __table_args__ = (
        ForeignKeyConstraint(["invitation_id", "operation_id"], ["invitations.id", "invitations.operation_id"]),
        ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"]),
    )

    invitation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
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
