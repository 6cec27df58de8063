"""One live night for whole files of reports: what is refused leaves no trace, and what is taken is each test's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, seed, settings
from sqlalchemy import text

import coordinator.models  # noqa: F401 (all tables)
from coordinator.db import Base, transaction
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.hubs import LONG
from tests.structure.worlds import live_operation, new_token

TRACES = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in sorted(Base.metadata.tables))


def chances(examples: int) -> Callable[[Any], Any]:
    """For a property: so many examples of the short form and seven times as many of the long one, drawn from the run's seed."""
    profile = settings(
        max_examples=examples * (7 if LONG else 1),
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    return lambda test: seed(int(os.environ["SEED"]))(profile(test))


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
    """How much the hub keeps: the rows of every table there is."""
    with transaction() as session:
        return tuple(session.execute(text(TRACES)).one())
