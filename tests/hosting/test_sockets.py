"""Socket folders: private, short, and never left for long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from coordinator.hosting.sockets import LONGEST, PREFIX, SocketFolder, remove_abandoned
from tests.hosting.verbs import environment

MAKER = """
from coordinator.hosting.sockets import SocketFolder
import time
print(SocketFolder().path, flush=True)
time.sleep(60)
"""


def test_a_folder_is_private_and_goes_when_it_is_removed() -> None:
    folder = SocketFolder()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    folder.remove()
    assert not folder.path.exists()


def test_a_folder_in_use_is_left_alone_and_an_abandoned_one_removed() -> None:
    with subprocess.Popen([sys.executable, "-c", MAKER], env=environment(), stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout is not None
        folder = Path(maker.stdout.readline().strip())
        remove_abandoned()
        assert folder.exists()
        maker.kill()
        maker.wait()
        remove_abandoned()
        assert not folder.exists()


def test_a_link_in_the_temporary_folder_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("coordinator.hosting.sockets.LONGEST", 1000)
    (tmp_path / "precious").mkdir()
    (tmp_path / f"{PREFIX}trap").symlink_to(tmp_path / "precious")
    remove_abandoned()
    assert (tmp_path / "precious").exists()


def test_a_long_temporary_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("long" * LONGEST)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    folder = SocketFolder()
    assert len(f"{folder.path}/.s.PGSQL.5432".encode()) < 107
    folder.remove()
