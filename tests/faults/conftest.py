"""One hub for all faults whose parts a test stops and starts itself, and one that is kept running as ``up`` keeps it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults import hubs
from faults.hubs import Hub
from tests.hubs import hub, shared_hub

__all__ = ["hub", "shared_hub"]


@pytest.fixture(scope="package")
def own_hub() -> Iterator[Hub]:
    """A hub as anyone starts it, for all files: whatever dies in it comes back by itself."""
    with hubs.hub() as on:
        yield on
