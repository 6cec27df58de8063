"""Folding until nothing waits: the doors' way to ``fold``, with a transaction of its own for each.

Two things only a series of folds can do. It gathers: after a fold it rests as long as the fold took, so that a burst is folded
in fewer, larger steps and never takes more than half of a processor. And it sets aside: when a fold fails through
what it folds, smaller ones find the report that can't be folded; that one is laid aside with an alarm, and all others go on.
"""

from __future__ import annotations

import time

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from coordinator.db import question, transaction
from coordinator.totals import fold

log = structlog.get_logger(__name__)

LONGEST_REST = 0.2
"""Seconds between two folds of one operation, at most."""

TRIES, BETWEEN_TRIES = 5, 0.05
"""How often, and after how many seconds, a series looks again while another folds: it may be one that takes a single batch."""

OURS_TO_BLAME = ("22", "23", "42", "P0")
"""Classes of SQLSTATE that come from what is folded; any other says how the database fares, and folding smaller would not help."""


def fold_waiting(operation_id: int, most: int = fold.MOST) -> int:
    """Folds what waits for one operation, ``most`` at a time, until nothing does or another goes on with it; answers how many.

    Raises what the database raises when it can't be reached: whoever folds next takes up where this left off.
    """
    total, size, tries = 0, most, 0
    while _more(operation_id) and tries < TRIES:
        began = time.monotonic()
        try:
            folded = _fold(operation_id, size)
        except Exception as problem:
            size = _after(operation_id, size, problem)
            continue
        if not folded:
            tries += 1
            time.sleep(BETWEEN_TRIES)
            continue
        total, size, tries = total + folded, min(most, size * 2), 0
        time.sleep(min(LONGEST_REST, time.monotonic() - began))
    return total


def _fold(operation_id: int, size: int) -> int:
    with transaction():
        return fold.fold(operation_id, size)


def _more(operation_id: int) -> bool:
    with question():
        return fold.waits(operation_id)


def _after(operation_id: int, size: int, problem: Exception) -> int:
    """How many to try next after a fold of ``size`` has failed; one alone is set aside. Raises what is not the reports' fault."""
    if isinstance(problem, SQLAlchemyError) and not _blamed_on_reports(problem):
        raise problem
    if size > 1:
        return size // 2
    with transaction():
        set_aside = fold.set_aside(operation_id, f"{type(problem).__name__}: {problem}"[:500])
    log.error("report_set_aside", operation=operation_id, report=str(set_aside), problem=repr(problem))
    return 1


def _blamed_on_reports(problem: SQLAlchemyError) -> bool:
    state = getattr(problem.orig, "sqlstate", None) if isinstance(problem, DBAPIError) else None
    return state is not None and state.startswith(OURS_TO_BLAME)
