"""One live night for whole files of reports: what is refused leaves no trace, and what is taken is each test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.structure.worlds import live_operation, new_token

TRACES = """
    SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM lines), (SELECT count(*) FROM assists), (SELECT count(*) FROM inbox),
           (SELECT count(*) FROM answers), (SELECT count(*) FROM audit), (SELECT count(*) FROM journal)
"""


@pytest.fixture(scope="module")
def night(app: Flask) -> Catalogue:
    """A live operation."""
    return live_operation()


@pytest.fixture(scope="module")
def kentucky(app: Flask, night: Catalogue) -> Caller:
    """Its liaison of Kentucky."""
    return new_token(app.test_client(), "liaison", night.code, "KY")


@pytest.fixture(scope="module")
def hub(app: Flask, night: Catalogue) -> Caller:
    """Its desk."""
    return new_token(app.test_client(), "desk", night.code)


@pytest.fixture(scope="module")
def reports(night: Catalogue) -> str:
    """The address of its reports."""
    return f"/operations/{night.code}/reports"


@pytest.fixture
def leaves_no_trace(app: Flask) -> Callable[[], bool]:
    """Whether everything the hub keeps is as it was when the test began."""
    before = traces()
    return lambda: traces() == before


def traces() -> tuple[Any, ...]:
    """How much the hub keeps: rows of every table a report, or a request about one, could leave something in."""
    with transaction() as session:
        return tuple(session.execute(text(TRACES)).one())
