"""Migrating in a process of its own."""

from __future__ import annotations

import subprocess

import pytest

from coordinator.hosting import migrating
from coordinator.hosting.refusals import HostingRefused
from coordinator.schema import at_head


def test_a_database_is_brought_up_to_date_and_a_second_time_nothing_changes(owner_url: str) -> None:
    for _ in range(2):
        migrating.begin()(owner_url)
    assert at_head(owner_url)


def test_what_keeps_a_database_from_being_migrated_is_said_in_a_line(owner_url: str) -> None:
    with pytest.raises(HostingRefused, match=r"^the database could not be brought up to date: [^\n]+$"):
        migrating.begin()("postgresql://nobody@127.0.0.1:1/nothing")


def test_no_list_of_processes_shows_the_owners_url(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen] = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **kwargs: begun.append(popen(*args, **kwargs)) or begun[-1])
    with pytest.raises(HostingRefused):
        migrating.begin()("postgresql://secret@127.0.0.1:1/nothing")
    assert "migrating" in begun[0].args[-1]
    assert "secret" not in " ".join(begun[0].args)


def test_a_process_that_is_told_nothing_does_nothing() -> None:
    migrating.begin()("")
