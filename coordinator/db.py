"""The database: one base for all tables, one way to be in a transaction, and what waits for its commit.

A door (route, task, verb) opens ``transaction()``; everything below it speaks through ``session()`` and never commits.
Work for others is handed to ``after_commit``: it runs when the commit has returned, and a rollback drops it. So nothing
leaves before it is true.

The session travels in a context variable, not as a parameter, because it is the same for everyone below a door and a
wrong one would be a mistake in any case; greenlets, threads and tasks each have their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import DeclarativeBase, Session

APPLICATION_ROLE = "tallyroom_app"
"""The role every connection of the hub takes: it can read all, add to the record, and change only what is derived."""


class Base(DeclarativeBase):
    """The base of all models; constraints are named so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


database = SQLAlchemy(model_class=Base)


class _Open:
    """A transaction under way: its session and what its commit will set free."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.waiting: list[Callable[[], None]] = []


_open: ContextVar[_Open | None] = ContextVar("transaction", default=None)
_engines: list[Engine] = []


def driver_url(url: str) -> str:
    """The URL with the driver the hub uses, whatever spelling it came in: ``postgres://`` and ``postgresql://`` alike."""
    return (
        make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    )


def engine_options(pool: int) -> dict[str, Any]:
    """How every process of the hub connects: at most ``pool`` connections, tested before use, never waiting for ever."""
    return {
        "pool_size": pool,
        "max_overflow": 0,
        "pool_timeout": 5,
        "pool_pre_ping": False,
        "pool_use_lifo": True,
        "pool_recycle": 1800,
        "hide_parameters": True,  # an error that is logged must not show what somebody wrote, or whom to call
        "connect_args": {"connect_timeout": 3, "application_name": "tallyroom"},
    }


def connect(url: str, pool: int = 4) -> Engine:
    """An engine of this process's own, for those without a Flask application: workers, verbs, tests."""
    return use(create_engine(driver_url(url), **engine_options(pool)))


def use(engine: Engine) -> Engine:
    """Makes ``engine`` the one transactions run on, and has each of its connections take the application's role."""
    event.listen(engine, "connect", _take_role)
    _engines[:] = [engine]
    return engine


def disconnect() -> None:
    """Drops the pool without closing what a parent process still uses: call it first thing after a fork."""
    for engine in _engines:
        engine.dispose(close=False)


def _take_role(connection: Any, _record: Any) -> None:
    """Limits for every statement, and the role that can't change the record, whoever logged in.

    A process that stands still in the middle of a transaction, a fold's above all, keeps its locks for 15 seconds and no longer.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET role {APPLICATION_ROLE}")
        cursor.execute("SET lock_timeout = '5s'; SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '15s'")
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute("SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
    connection.commit()


@contextmanager
def transaction(*, snapshot: bool = False) -> Iterator[Session]:
    """One transaction: commits at the end, rolls back on any error, then does what was waiting for the commit.

    With ``snapshot`` all its reads see one moment (REPEATABLE READ, read only).
    """
    if _open.get() is not None:
        raise RuntimeError("a transaction is open already: a door opens one, services never do")
    with Session(_engines[0], expire_on_commit=False) as session:
        current = _Open(session)
        token = _open.set(current)
        try:
            with session.begin():
                if snapshot:
                    session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
                yield session
        finally:
            _open.reset(token)
    for act in current.waiting:
        act()


@contextmanager
def question() -> Iterator[Session]:
    """One statement that only reads, without a transaction around it: one way to the database and back instead of three."""
    if _open.get() is not None:
        raise RuntimeError("a transaction is open already: ask within it")
    with Session(_engines[0].execution_options(isolation_level="AUTOCOMMIT")) as session:
        token = _open.set(_Open(session))
        try:
            yield session
        finally:
            _open.reset(token)


@contextmanager
def alone(turn: int) -> Iterator[bool]:
    """Whether nobody else, in any process, is inside for this ``turn``: an advisory lock that a killed process lets go of at once.

    It is held by a connection of its own outside any transaction, so what is done inside may take its time.
    """
    with _engines[0].connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:turn)"), {"turn": turn}))
        try:
            yield mine
        finally:
            if mine:
                connection.execute(text("SELECT pg_advisory_unlock(:turn)"), {"turn": turn})


def session() -> Session:
    """The session of the transaction this code runs in; an error where no door has opened one."""
    current = _open.get()
    if current is None:
        raise RuntimeError("no transaction is open: a route, task or verb opens one with transaction()")
    return current.session


def after_commit(act: Callable[[], None]) -> None:
    """Runs ``act`` once the present transaction has committed; a rollback drops it. It must be quick and never raise."""
    current = _open.get()
    if current is None:
        raise RuntimeError("no transaction is open to wait for")
    current.waiting.append(act)
