"""Children that are tied to their parent's life, and who they run as."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coordinator.hosting import launch as launcher
from coordinator.hosting.processes import AT_ONCE, allowed, end, end_together, last_lines, launch, wait_until
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import environment

IGNORES_SIGTERM = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
HAS_A_CHILD = "import subprocess, time; subprocess.Popen(['sleep', '600']); print('started', flush=True); time.sleep(60)"

PARENT = """
import sys, time
from pathlib import Path
from coordinator.hosting.processes import launch
child = launch(["sleep", "600"], output=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""


def test_a_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    line = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    with subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert int(parent.stdout.readline())
        members = family(parent.pid)
        assert len(members) == 2
        parent.kill()
        assert all_gone(members)


def test_a_child_whose_parent_is_gone_already_does_not_start(tmp_path: Path) -> None:
    line = [sys.executable, "-I", "-S", launcher.__file__, "self", "9", "1", "touch", str(tmp_path / "never")]
    assert subprocess.run(line, check=False).returncode == 0
    assert not (tmp_path / "never").exists()


def test_a_program_that_is_not_there_is_named_in_the_log(tmp_path: Path) -> None:
    child = launch([tmp_path / "missing"], output=tmp_path / "log")
    assert child.wait() == 127
    assert f"can't run {tmp_path / 'missing'}" in last_lines(tmp_path / "log")


def test_ending_goes_on_to_sigkill_when_sigterm_is_ignored(tmp_path: Path) -> None:
    child = launch([sys.executable, "-c", IGNORES_SIGTERM], output=tmp_path / "log")
    assert wait_until(lambda: "deaf" in last_lines(tmp_path / "log"), 10)
    assert end(child, ((signal.SIGTERM, 0.1),)) == -signal.SIGKILL


def test_ending_a_child_takes_what_it_started_with_it(tmp_path: Path) -> None:
    child = launch([sys.executable, "-c", HAS_A_CHILD], output=tmp_path / "log")
    assert wait_until(lambda: "started" in last_lines(tmp_path / "log"), 10)
    members = family(child.pid)
    assert len(members) == 2
    end(child, AT_ONCE)
    assert all_gone(members)


def test_several_are_ended_side_by_side(tmp_path: Path) -> None:
    children = [launch(["sleep", "600"], output=tmp_path / f"log{number}") for number in range(3)]
    end_together(dict.fromkeys(children, ((signal.SIGTERM, 5.0),)))
    assert all(child.returncode for child in children)


def test_a_long_log_makes_room_for_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coordinator.hosting.processes.LONGEST_LOG", 10)
    log = tmp_path / "web.log"
    log.write_text("more than ten bytes\n")
    launch(["echo", "new"], output=log).wait()
    assert log.read_text() == "new\n"
    assert (tmp_path / "web.old").read_text() == "more than ten bytes\n"


@pytest.mark.skipif(not allowed("mapped"), reason="no user namespaces here")
def test_in_a_user_namespace_the_user_has_a_name_and_is_not_root(tmp_path: Path) -> None:
    launch(["id", "-un"], output=tmp_path / "log", identity="mapped").wait()
    assert last_lines(tmp_path / "log") in launcher.NAMED


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_as_nobody_private_folders_can_still_be_passed(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "inside").write_text("read\n")
    launch(["cat", tmp_path / "inside"], output=tmp_path / "log", identity="nobody").wait()
    launch(["id", "-u"], output=tmp_path / "log", identity="nobody").wait()
    assert last_lines(tmp_path / "log") == f"read | {launcher.NOBODY}"
