"""Parts of the hub that are kept running."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from coordinator.hosting.parts import FIRST_PAUSE, LONGEST_PAUSE, Part
from coordinator.hosting.processes import AT_ONCE, Child, alive, end, launch, wait_until


class Clock:
    """A clock that is moved by hand."""

    now = 1000.0

    def monotonic(self) -> float:
        """The time it was moved to."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock by which parts wait."""
    moved = Clock()
    monkeypatch.setattr("coordinator.hosting.parts.time", moved)
    return moved


def part(tmp_path: Path, *command: str) -> Part:
    """A part that runs this command."""
    return Part("web", lambda: launch(command, output=tmp_path / "log"), AT_ONCE)


def test_a_part_that_runs_is_left_alone(tmp_path: Path) -> None:
    one = part(tmp_path, "sleep", "600")
    pid = one.child.pid
    assert one.tend() is None
    assert one.child.pid == pid
    end(one.child)


def test_a_part_that_ended_is_started_again_after_a_pause(tmp_path: Path, clock: Clock) -> None:
    one = part(tmp_path, "sleep", "600")
    first = one.child
    end(first)
    assert one.tend() == "web ended (signal 9); it is started again in 0.5 s"
    assert one.tend() is None
    clock.now += FIRST_PAUSE
    assert one.tend() == "web started again"
    assert one.child.pid != first.pid
    end(one.child)


def test_the_pause_grows_while_it_keeps_failing_up_to_a_limit(tmp_path: Path, clock: Clock) -> None:
    one = part(tmp_path, "false")
    said = []
    for _ in range(9):
        one.child.wait()
        said.append(one.tend())
        clock.now += LONGEST_PAUSE
        one.tend()
    one.child.wait()
    pauses = [str(line).rpartition(" in ")[2] for line in said]
    assert pauses == ["0.5 s", "1 s", "2 s", "4 s", "8 s", "15 s", "15 s", "15 s", "15 s"]


def test_a_part_that_was_healthy_starts_again_soon(tmp_path: Path, clock: Clock) -> None:
    one = part(tmp_path, "false")
    for _ in range(4):
        one.child.wait()
        one.tend()
        clock.now += LONGEST_PAUSE
        one.tend()
    one.child.wait()
    clock.now += 3600
    assert one.tend() == "web ended (status 1); it is started again in 0.5 s"


def test_a_part_that_can_not_be_started_is_tried_again_and_harms_no_other(tmp_path: Path, clock: Clock) -> None:
    """As when the machine has no room for one more process."""
    one = part(tmp_path, "sleep", "600")
    begin = one._start

    def refuse() -> Child:
        raise OSError("no room")

    end(one.child)
    one.tend()
    one._start = refuse
    clock.now += LONGEST_PAUSE
    assert one.tend() == "web can't be started: no room"
    one._start = begin
    assert one.tend() is None
    clock.now += LONGEST_PAUSE
    assert one.tend() == "web started again"
    end(one.child)


def test_what_a_killed_part_has_started_is_gone_before_it_starts_again(tmp_path: Path, clock: Clock) -> None:
    one = part(tmp_path, "sh", "-c", "sleep 600 & echo $!; wait")
    assert wait_until(lambda: (tmp_path / "log").read_text().endswith("\n"), 10)
    left = int((tmp_path / "log").read_text())
    one.child.kill()
    one.child.wait()
    assert alive(left)
    one.tend()
    clock.now += LONGEST_PAUSE
    one.tend()
    assert wait_until(lambda: not alive(left), 10)
    end(one.child)


def test_a_part_that_is_replaced_is_ended_though_it_is_stopped(tmp_path: Path, clock: Clock) -> None:
    one = part(tmp_path, "sleep", "600")
    one.child.send_signal(signal.SIGSTOP)
    one.replace()
    assert one.tend() == "web ended (signal 9); it is started again in 0.5 s"
