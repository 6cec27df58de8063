"""Which process of a run tries what: tests that share a hub stay together, so that it is started once, and what takes long comes first.

A folder's hub ends with the folder's last test in a row (see ``tests.hubs.shared_hub``). Handed out file by file, from all folders in
turn, the tests of pages alone would have theirs started twenty times. What is short comes last, so that both processes end together.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/browser/", "tests/desk/", "tests/faults/")
"""Folders of which each file uses the folder's hub."""

FIRST = (
    "tests/browser/",
    "tests/hosting/",
    "tests/journeys/",
    "tests/races/",
    "tests/desk/",
    "tests/deliveries/test_hub.py",
    "tests/verification/test_hub.py",
    "tests/messages/test_delivery.py",
    "tests/faults/",
)
"""What is begun first, in this order: whole hubs, each a matter of minutes or of a file that one process must try alone. While one
process has the pages, the other has what mostly waits for hubs to start and stop; so that faults, which measure how far behind a hub
is, have beside them what needs no hub and comes last."""


def unit(nodeid: str) -> str:
    """What a test is handed out with: its folder, where that has one hub, else its file."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if path.startswith(folder)), path)


def dearest_first(items: list[pytest.Item]) -> None:
    """Puts the tests in the order in which they are handed out; those of a file stay in theirs."""
    ranks = {prefix: number for number, prefix in enumerate(FIRST)}
    items.sort(key=lambda item: next((rank for prefix, rank in ranks.items() if item.nodeid.startswith(prefix)), len(ranks)))


class BySharing(LoadScopeScheduling):
    """Hands out the tests unit by unit, in their order."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)  # type: ignore[arg-type]

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
