"""Reports that arrive together in one process are written by one statement and one commit; each is answered only after it.

A report alone goes at once. What one of a lot does to the database can't harm the others: where the lot as a whole fails for
a reason that may be one report's own, each is tried by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from coordinator.db import transaction
from coordinator.reports import service
from coordinator.reports.service import Post, Posted
from coordinator.together import Together

OWN_FAULTS = ("22", "23", "40", "55")
"""Classes of SQLSTATE that one report among many may have caused: its data, a constraint, a deadlock, a lock it waited for."""


def post(asked: Post) -> Posted:
    """Records one report, with whatever else arrives now. Refuses as ``service.post`` does."""
    return _together.ask(asked)


def _post_lot(lot: Sequence[Post]) -> Sequence[Posted | Exception]:
    try:
        with transaction():
            return service.post_all(lot)
    except DBAPIError as problem:
        state = getattr(problem.orig, "sqlstate", None) or ""
        if len(lot) == 1 or not state.startswith(OWN_FAULTS):
            raise
        return [_post_alone(one) for one in lot]


def _post_alone(asked: Post) -> Posted | Exception:
    try:
        with transaction():
            return service.post(*asked)
    except Exception as problem:  # whatever it is, it is this report's alone
        return problem


_together: Together[Post, Posted] = Together("posts", _post_lot)
