"""The data folder: one hub at a time, and how other verbs find it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import SettingsError
from coordinator.hosting.folder import DataFolder, RunningHub, running_settings
from coordinator.hosting.refusals import HostingRefused
from tests.hosting.verbs import environment

NOTED = {"TALLYROOM_DATABASE_URL": "postgresql:///noted", "TALLYROOM_REDIS_URL": "unix:///noted?db=0"}

HOLDER = """
import sys, time
from pathlib import Path
from coordinator.hosting.folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
folder.hold()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[DataFolder]:
    """A folder held by this process, its hub noted."""
    folder = DataFolder(tmp_path / "data")
    folder.hold()
    folder.note(RunningHub(url="http://127.0.0.1:1", pid=os.getpid(), pids={"web": 1}, settings=NOTED))
    yield folder
    folder.let_go()


def test_the_folder_and_what_it_says_of_the_hub_are_private(held: DataFolder) -> None:
    assert held.path.stat().st_mode & 0o777 == 0o700
    assert (held.path / "hub.json").stat().st_mode & 0o777 == 0o600


def test_a_second_hub_is_told_which_process_holds_the_folder(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], env=environment(), stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        second = DataFolder(tmp_path)
        with pytest.raises(HostingRefused, match=rf"held by another hub \(process {holder.pid}\): stop that one, or name another"):
            second.hold()
        holder.kill()
    second.hold()
    second.let_go()


def test_a_hub_that_was_refused_leaves_the_other_ones_notes_alone(held: DataFolder) -> None:
    second = DataFolder(held.path)
    with pytest.raises(HostingRefused):
        second.hold()
    second.let_go()
    assert held.running() is not None


def test_a_folder_that_cannot_be_made_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostingRefused, match=r"can't be written \(Not a directory\): name another folder with --data"):
        DataFolder(tmp_path / "file" / "data").hold()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(HostingRefused, match=r"can't be written \(Permission denied\): name another folder with --data"):
        DataFolder(tmp_path / "data").hold()
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_refused_with_whose_it_is(tmp_path: Path) -> None:
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(HostingRefused, match="belongs to user nobody: run as that user, or name another"):
        DataFolder(tmp_path).hold()


def test_settings_come_from_the_hub_that_runs_on_the_folder(held: DataFolder) -> None:
    settings = running_settings(held.path, {"TALLYROOM_LOG_FORMAT": "text"})
    assert (settings.database_url, settings.redis_url, settings.log_format) == ("postgresql:///noted", "unix:///noted?db=0", "text")


def test_the_environment_comes_first(held: DataFolder) -> None:
    settings = running_settings(held.path, {"TALLYROOM_DATABASE_URL": "postgresql:///mine"})
    assert (settings.database_url, settings.redis_url) == ("postgresql:///mine", "unix:///noted?db=0")


def test_without_a_hub_the_environment_is_enough(tmp_path: Path) -> None:
    assert running_settings(tmp_path, NOTED).database_url == "postgresql:///noted"


def test_without_either_it_says_what_to_do(held: DataFolder) -> None:
    held.let_go()
    with pytest.raises(
        SettingsError, match=rf"no hub runs on {held.path}: start one with `tallyroom up`.*TALLYROOM_DATABASE_URL is not set"
    ):
        running_settings(held.path, {})


def test_notes_of_a_hub_that_was_killed_count_for_nothing(held: DataFolder, tmp_path: Path) -> None:
    notes = (held.path / "hub.json").read_text()
    held.let_go()
    (held.path / "hub.json").write_text(notes)
    assert held.running() is None
