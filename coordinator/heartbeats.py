"""Heartbeats: that a worker takes work, kept where everyone can see it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from config.queueing import WORKER
from coordinator.db import Base, session

__all__ = ["WORKER", "Heartbeat", "beat", "heard_within"]


class Heartbeat(Base):
    """The last sign of life of one kind of process."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


DAYS_KEPT = 1
"""A worker that started again has another name: what the one before it said is of no use to anyone the day after."""


def beat(name: str) -> None:
    """Says that ``name`` is alive now, and forgets who has been silent for a day."""
    row = {"name": name, "at": func.clock_timestamp()}
    session().execute(insert(Heartbeat).values(row).on_conflict_do_update(index_elements=["name"], set_={"at": func.clock_timestamp()}))
    session().execute(text("DELETE FROM heartbeats WHERE at < clock_timestamp() - make_interval(days => :days)"), {"days": DAYS_KEPT})


def heard_within(name: str, seconds: float) -> bool:
    """Whether ``name`` has been heard from in the last so many seconds."""
    query = text("SELECT EXISTS (SELECT FROM heartbeats WHERE name = :name AND at > clock_timestamp() - make_interval(secs => :seconds))")
    return bool(session().scalar(query, {"name": name, "seconds": seconds}))
