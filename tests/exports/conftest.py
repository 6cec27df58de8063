"""Dossiers of the published operations."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.exports.nights import evening_of
from tests.totals.evening import Evening

Told = Callable[[str], Evening]


@pytest.fixture
def published(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> Told:
    """Makes a published operation with its figures: ``published("united-front-2021")``."""
    return lambda name: evening_of(name, create_operation, create_token, f"{name[:40]}-{uuid.uuid4().hex[:6]}")
