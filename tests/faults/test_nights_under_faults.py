"""An operation's night comes out as it was published while workers, beat and Redis are killed, frozen and flushed."""

from __future__ import annotations

import pytest
from rich.console import Console

from faults import beside, hubs
from faults.hubs import Hub
from tests.hosting.verbs import run
from tests.hubs import LONG

NIGHTS = ("united-front-2021", "hsi-kansas-city-2021", "missouri-missing-foster-youth", "oak-grove-2020", "operation-hope")
SECONDS = 60.0 if LONG else 12.0


@pytest.mark.parametrize("night", NIGHTS if LONG else NIGHTS[:1])
def test_a_night_comes_out_as_published_while_everything_behind_the_web_server_is_in_trouble(own_hub, seed, night) -> None:
    nemesis, equal = beside.play_night(night, own_hub, seed, SECONDS, Console(width=110))
    assert nemesis.tally.total() >= SECONDS / 5
    assert equal


def test_faults_are_committed_beside_whatever_else_is_tried(own_hub) -> None:
    """As when a night is played from outside."""
    said = run("faults", "--on", own_hub.folder, "--seconds", "3", "--seed", "3")
    assert said.returncode == 0, said.stderr
    assert "fault   1:" in said.stdout and "Faults: " in said.stdout


def test_without_a_hub_it_says_how_to_start_one(tmp_path) -> None:
    said = run("faults", "--on", tmp_path)
    assert said.returncode == 2
    assert said.stderr.startswith("tallyroom: no hub with servers of its own runs on")


def test_a_hub_is_found_by_its_folder(own_hub: Hub) -> None:
    assert hubs.running(own_hub.folder).pid("redis") == own_hub.pid("redis")
