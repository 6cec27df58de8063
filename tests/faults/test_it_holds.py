"""A whole hub under the nemesis: nothing lost, nothing twice, no gap in the journal; and builds that break it are found out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coordinator.hosting.hub import ROOT
from coordinator.hosting.processes import wait_until
from faults import nemesis, trial
from faults.hubs import Hub
from faults.trial import Result, Trial
from tests.faults import mutants
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import environment
from tests.hubs import LONG

POSTS, FAULTS = (50_000, 200) if LONG else (5_000, 20)
PACE = 100.0 if LONG else 160.0
FEW = 400
"""Posts that show what a broken build does."""

SOON = 8.0
"""Seconds after which one that does not count is not waited for any more."""


def few(on: Hub, seed: int, **members: object) -> Result:
    """The same trial with few posts; unless told otherwise, without any fault."""
    return trial.run(Trial(seed, **{"posts": FEW, "faults": 0, **members}), on)  # type: ignore[arg-type]


def test_a_hub_under_faults_loses_nothing_alters_nothing_and_counts_nothing_twice(own_hub, seed) -> None:
    result = trial.run(Trial(seed, POSTS, FAULTS, pace=PACE), own_hub)
    assert result.faults.total() == FAULTS, result.faults
    assert result.answers.total() > result.answers["201"] + result.answers["422 invalid"], "nobody noticed a fault: the test proves nothing"
    assert not result.wrong


CRASHES = {name: nemesis.ALL[name] for name in ("PostgreSQL killed", "a process of PostgreSQL killed")}


def test_a_build_that_answers_before_the_report_is_on_disk_is_caught(own_hub, seed) -> None:
    with mutants.broken(own_hub.owner_url, mutants.ANSWERS_BEFORE_IT_IS_ON_DISK):
        result = few(own_hub, seed, faults=3, kinds={"PostgreSQL killed": CRASHES["PostgreSQL killed"]})
    assert "acknowledged and missing" in found(result)


def test_a_fold_that_forgets_to_empty_the_inbox_is_caught(own_hub, seed) -> None:
    with mutants.broken(own_hub.owner_url, mutants.FORGETS_TO_EMPTY_THE_INBOX):
        result = few(own_hub, seed, seconds_to_settle=SOON)
    caught = {"not counted in time", "stored and not in the journal", "totals that differ", "set aside, though it can be folded"}
    assert caught & found(result)


def test_a_journal_in_which_folds_break_off_has_no_gap(own_hub, seed) -> None:
    with mutants.broken(own_hub.owner_url, mutants.FOLDS_BREAK_OFF):
        result = few(own_hub, seed)
        assert attempts(own_hub) >= 3, "no fold broke off: the test proves nothing"
    assert not result.wrong


def test_numbers_from_a_sequence_are_caught(own_hub, seed) -> None:
    with mutants.broken(own_hub.owner_url, mutants.NUMBERS_FROM_A_SEQUENCE):
        result = few(own_hub, seed, seconds_to_settle=SOON)
    assert "positions out of order or missing below" in found(result)
    assert "position seen before one below it" in found(result)


def test_a_build_that_counts_twice_is_caught(own_hub, seed) -> None:
    with mutants.broken(own_hub.owner_url, mutants.COUNTS_TWICE):
        result = few(own_hub, seed, seconds_to_settle=SOON)
    assert {"counted twice", "totals that differ", "series that differ"} <= found(result)


def test_after_all_that_the_hub_is_sound_again(own_hub, seed) -> None:
    assert not few(own_hub, seed, faults=3, kinds=CRASHES).wrong


def found(result: Result) -> set[str]:
    """What was found."""
    return {one.about for one in result.wrong}


def attempts(on: Hub) -> int:
    """How many folds the weather has seen."""
    return mutants.ask(on.owner_url, "SELECT last_value FROM broken_attempts")


LINE = [sys.executable, "-P", "-m", "coordinator", "faults"]


def test_the_verb_says_what_it_did_and_found() -> None:
    line = [*LINE, "--seconds", "3", "--faults", "2", "--seed", "7"]
    said = subprocess.run(line, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    for words in ("seed 7\n", "300 posts at 100 a second, 2 faults", "fault   2:", "acknowledged and missing", "It holds."):
        assert words in said.stdout


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_verb_leaves_nothing_when_it_is_interrupted(how, tmp_path: Path) -> None:
    """Killed, it can't remove its folder; but no process outlives it."""
    env = environment() | {"TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*LINE, "--seconds", "60"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("fault   1:" in line for line in process.stdout)
        members = family(process.pid)
        process.send_signal(how)
        assert process.wait(60) == (130 if how != signal.SIGKILL else -signal.SIGKILL)
    assert len(members) > 10
    assert all_gone(members, 20)
    assert how == signal.SIGKILL or wait_until(lambda: not list(tmp_path.iterdir()), 5)
