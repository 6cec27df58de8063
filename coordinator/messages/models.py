"""Tables of messages. What was said and heard is append-only, as the record is; whom to call tonight is kept apart and forgotten."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.db import Base

RECORD = (
    *("bulletins", "addressees", "acknowledgements", "bulletin_messages", "deliveries"),
    *("check_ins", "calls", "reminders", "stand_downs", "happenings"),
)
"""Tables from which nothing is ever changed or deleted."""

KINDS = ("alert", "update", "cancel")
PRIORITIES = ("routine", "immediate", "flash")
ANSWERS = ("understood", "cannot_comply", "question")
ORDERED = ("live", "standing_down")
"""The phases that begin with an order to all."""

HAPPENINGS = ("bulletin", "acknowledgement", "message", "check_in", "contact", "call", "reminder", "interval", "stand_down")
OUTCOMES = ("reached", "no_answer", "message_left", "wrong_number")


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _unit() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["operation_id", "unit_id"], ["units.operation_id", "units.id"])


def _now() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())


def _by() -> Mapped[uuid.UUID | None]:
    """Who did it; None for the hub's own command line."""
    return mapped_column(ForeignKey("tokens.id"))


class Switchboard(Base):
    """How far an operation's messages have come: ``version`` counts what has happened, ``bulletins`` the numbers given.

    Its row is the lock under which messages happen, so that who has seen a version has seen all before it. No other table refers
    to it, so nobody else waits.
    """

    __tablename__ = "switchboards"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    bulletins: Mapped[int] = mapped_column(Integer)


class Bulletin(Base):
    """What the desk says to units. It names the one it supersedes, which has at most one successor by its unique key.

    ``phase`` makes it the order that begins this phase. Units added later are not asked to acknowledge what was said before.
    """

    __tablename__ = "bulletins"
    __table_args__ = (
        UniqueConstraint("operation_id", "number"),
        UniqueConstraint("operation_id", "id"),
        UniqueConstraint("supersedes"),
        ForeignKeyConstraint(["operation_id", "supersedes"], ["bulletins.operation_id", "bulletins.id"]),
        CheckConstraint(_in("kind", KINDS), name="kind"),
        CheckConstraint("(kind = 'alert') = (supersedes IS NULL)", name="supersedes"),
        CheckConstraint(_in("priority", PRIORITIES), name="priority"),
        CheckConstraint(_in("phase", ORDERED), name="phase"),
        CheckConstraint("length(text) BETWEEN 1 AND 2000", name="text"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"))
    number: Mapped[int]
    kind: Mapped[str]
    priority: Mapped[str]
    text: Mapped[str]
    supersedes: Mapped[uuid.UUID | None]
    to_all: Mapped[bool]
    acknowledge_by: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    exercise: Mapped[bool]
    phase: Mapped[str | None]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Addressee(Base):
    """A unit that is to acknowledge a bulletin."""

    __tablename__ = "addressees"
    __table_args__ = (
        _unit(),
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
    )

    bulletin_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)


def _addressee() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["bulletin_id", "unit_id"], ["addressees.bulletin_id", "addressees.unit_id"])


class Acknowledgement(Base):
    """What an addressed unit answers; the newest stands. ``reason`` says why it can't comply, or what it asks."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        _addressee(),
        CheckConstraint(_in("answer", ANSWERS), name="answer"),
        CheckConstraint("answer = 'understood' OR reason IS NOT NULL", name="reason"),
        Index("ix_acknowledgements_bulletin_id_unit_id", "bulletin_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), index=True)
    bulletin_id: Mapped[uuid.UUID]
    unit_id: Mapped[int] = mapped_column(BigInteger)
    answer: Mapped[str]
    reason: Mapped[str | None]
    channel: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Answer(Base):
    """A message in the thread that the desk and one addressed unit have about a bulletin."""

    __tablename__ = "bulletin_messages"
    __table_args__ = (
        _addressee(),
        Index("ix_bulletin_messages_bulletin_id_unit_id", "bulletin_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), index=True)
    bulletin_id: Mapped[uuid.UUID]
    unit_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str]
    from_unit: Mapped[bool]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Delivery(Base):
    """A liaison whose stream or page has been given a bulletin."""

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
        CheckConstraint(_in("way", ("stream", "page", "api")), name="way"),
    )

    bulletin_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    token_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tokens.id"), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str]
    at: Mapped[datetime] = _now()


class CheckIn(Base):
    """A unit says that it is there; ``channel`` is ``telephone`` where the desk says it for the unit."""

    __tablename__ = "check_ins"
    __table_args__ = (_unit(), Index("ix_check_ins_operation_id_unit_id", "operation_id", "unit_id", "id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    channel: Mapped[str]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Call(Base):
    """The desk has called a unit: its alarms are silent until the next interval."""

    __tablename__ = "calls"
    __table_args__ = (
        _unit(),
        CheckConstraint(_in("outcome", OUTCOMES), name="outcome"),
        Index("ix_calls_operation_id_unit_id", "operation_id", "unit_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str]
    note: Mapped[str | None]
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Reminder(Base):
    """A step of an alarm: 1 the liaison was reminded, 2 the alternate, 3 the desk was shown whom to call. Each is taken once for
    what was ``due_at`` a time: word of the unit, or its acknowledgement of a bulletin."""

    __tablename__ = "reminders"
    __table_args__ = (
        _unit(),
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
        UniqueConstraint(
            "operation_id", "unit_id", "bulletin_id", "due_at", "step", name="uq_reminders_step", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("step BETWEEN 1 AND 3", name="step"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    operation_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    bulletin_id: Mapped[uuid.UUID | None]
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    step: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime] = _now()


class StandDown(Base):
    """The desk says why the stand-down is over although ``missing`` units have not acknowledged it."""

    __tablename__ = "stand_downs"

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    reason: Mapped[str]
    missing: Mapped[list[str]] = mapped_column(ARRAY(String))
    by_id: Mapped[uuid.UUID | None] = _by()
    by_name: Mapped[str]
    at: Mapped[datetime] = _now()


class Happening(Base):
    """What has happened, by its number in the operation: 1, 2, 3, without gaps."""

    __tablename__ = "happenings"
    __table_args__ = (
        _unit(),
        ForeignKeyConstraint(["operation_id", "bulletin_id"], ["bulletins.operation_id", "bulletins.id"]),
        CheckConstraint(_in("kind", HAPPENINGS), name="kind"),
    )

    operation_id: Mapped[int] = mapped_column(ForeignKey("operations.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    bulletin_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime] = _now()


class Contact(Base):
    """Whom to call for a unit tonight: users on duty. Forgotten when the operation is archived, and in no log, record or export."""

    __tablename__ = "contacts"
    __table_args__ = (_unit(),)

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    telephone: Mapped[str]
    alternate: Mapped[str | None]
    alternate_telephone: Mapped[str | None]


class Cadence(Base):
    """A unit's own reporting interval, where it is another than the operation's."""

    __tablename__ = "cadences"
    __table_args__ = (_unit(), CheckConstraint("minutes BETWEEN 1 AND 10080", name="minutes"))

    operation_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    minutes: Mapped[int]
