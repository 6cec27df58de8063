"""What the races share: many at once, each ready before any starts, and a recount at the end."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from coordinator.access.actor import Actor
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import service
from coordinator.reports.routes import posting
from coordinator.reports.schemas import ReportIn
from coordinator.reports.service import Post, Posted
from coordinator.totals import recount
from tests.conftest import report_body
from tests.hubs import Answer, hub, shared_hub

__all__ = ["hub", "shared_hub"]

PATIENCE = 30.0


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Runs all of them in threads of their own, started together; answers what each answered, in order."""
    ready = threading.Barrier(len(acts), timeout=PATIENCE)

    def run(act: Callable[[], Any]) -> Any:
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(run, act) for act in acts]]


def outcomes(answers: Sequence[Any]) -> list[tuple[int, bool]]:
    """Of each answer, of a real hub or of the application here, its status, and whether it is the first one over again; sorted."""
    return sorted(
        (answer.status if isinstance(answer, Answer) else answer.status_code, answer.headers.get("Idempotent-Replayed") == "true")
        for answer in answers
    )


def compared(operation_id: int) -> recount.Comparison:
    """A recount of the record, compared with the totals."""
    with transaction(snapshot=True):
        return recount.compare(operation_id)


@contextmanager
def held_open(act: Callable[[], Any]) -> Iterator[Any]:
    """``act`` in a transaction of another thread, which stays open until the block ends and then commits."""
    done, go_on, answers = threading.Event(), threading.Event(), []

    def run() -> None:
        with transaction():
            answers.append(act())
            done.set()
            assert go_on.wait(PATIENCE)

    thread = threading.Thread(target=run)
    thread.start()
    assert done.wait(PATIENCE)
    try:
        yield answers[0]
    finally:
        go_on.set()
        thread.join(PATIENCE)


def posted(actor: Actor, operation: Catalogue, **members: Any) -> UUID:
    """Posts within the transaction that is open."""
    receipt, _ = service.post(actor, operation.code, load(ReportIn(), report_body(**members)), uuid.uuid4().hex)
    return UUID(receipt["id"])


@pytest.fixture(params=["in one process", "in a process each"])
def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether reports that arrive together are written by one statement, as in one web process, or race in the database."""
    if request.param == "in a process each":
        monkeypatch.setattr(posting, "post", _post_apart)
    return str(request.param)


def _post_apart(asked: Post) -> Posted:
    with transaction():
        return service.post(*asked)


@pytest.fixture
def poster(app: Flask, create_token: Callable[..., Any]) -> Callable[..., Any]:
    """Makes callers that post side by side: ``poster(caller)`` is the same caller with a client of its own."""

    def another(caller: Any) -> Any:
        return type(caller)(app.test_client(), caller.token, caller.id)

    return another
