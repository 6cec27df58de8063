"""What the tests of totals share: an evening to speak to, the database's owner, and the seed of the nights that are played."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.totals.evening import Evening
from tests.totals.playing import SEED, TIMES


@pytest.fixture
def evening(operation: Catalogue, desk: Caller) -> Evening:
    """A live operation at its desk."""
    return Evening(operation, desk)


@pytest.fixture
def owner(owner_url: str) -> Iterator[psycopg.Connection]:
    """The database's owner, whom nothing but a trigger keeps from the record; each statement is a transaction."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        yield connection


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says what to give to play the same nights again."""
    terminalreporter.write_line(f"nights were played from TALLYROOM_TEST_SEED={SEED} TALLYROOM_TEST_TIMES={TIMES}")
