"""A backup taken under load is the hub as of one moment: restored elsewhere, every figure, key and position is as it was."""

from __future__ import annotations

import json
import os
import pwd
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from coordinator.hosting.postgres import HUB, OWNER
from tests.conftest import report_body
from tests.hosting.verbs import LINE, ROOT, environment
from tests.hubs import SOON, Answer, Api, LiveOperation, RealHub, eventually, real_hub

SECONDS = 300
POSTERS = 3
RESENT = 20
"""Reports of each poster that are in the backup for certain, and sent again to what was restored."""


def verb(*words: object, user: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs a verb to its end, as another user if one is named."""
    who: dict[str, Any] = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    line = [*LINE, *map(str, words)]
    return subprocess.run(line, env=environment(**settings), cwd="/", capture_output=True, text=True, timeout=SECONDS, check=False, **who)


def owned(hub: RealHub) -> dict[str, str]:
    """Settings by which a verb finds a hub's database, and its owner."""
    return {"TALLYROOM_DATABASE_URL": hub.postgres.url(user=HUB), "TALLYROOM_OWNER_URL": hub.postgres.url(user=OWNER)}


class Poster(threading.Thread):
    """Posts until told to stop, and keeps every key with its receipt."""

    def __init__(self, operation: LiveOperation, unit: str) -> None:
        super().__init__(daemon=True)
        self.caller, self.path, self.unit = operation.caller("liaison", unit), operation.reports, unit
        self.sent: list[tuple[str, dict[str, Any], bytes]] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            key, body = uuid.uuid4().hex, report_body(unit=self.unit)
            answer = self.caller.post(self.path, body, key)
            assert answer.status == 201, answer.body
            self.sent.append((key, body, answer.body))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may pass through, since servers and verbs may run as another user."""
    path = Path(tempfile.mkdtemp(prefix="tallyroom-backups-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@contextmanager
def under_load(operation: LiveOperation) -> Iterator[list[Poster]]:
    """Posters at work."""
    posters = [Poster(operation, unit) for unit in ("KY", "TN", "KY-KSP")[:POSTERS]]
    for poster in posters:
        poster.start()
    try:
        yield posters
    finally:
        for poster in posters:
            poster.enough.set()
        for poster in posters:
            poster.join(SOON)


def statistics(hub: RealHub, caller: Api, code: str, at: int) -> bytes:
    """The statistics at a position, byte for byte."""
    answer = Api(hub, caller.token).get(f"/operations/{code}/statistics.csv", at=at)
    assert answer.status == 200, answer.body
    return answer.body


def test_a_backup_under_load_restores_to_the_same_hub_elsewhere(folder: Path) -> None:
    with real_hub("web", "worker") as hub:
        operation = hub.create_operation()
        with under_load(operation) as posters:
            eventually(lambda: all(len(poster.sent) >= RESENT for poster in posters), what="every poster to have posted")
            operation.settled(sum(len(poster.sent) for poster in posters))
            before = operation.totals()["position"]
            file = folder / "hub.backup"
            made = verb("backup", file, **owned(hub))
            assert made.returncode == 0, made.stderr
        assert file.stat().st_mode & 0o777 == 0o600
        figures = statistics(hub, operation.desk, operation.code, before)
        restored = verb("restore", file, "--data", folder / "data")
        assert restored.returncode == 0, restored.stdout + restored.stderr
        assert f"{operation.code}: position" in restored.stdout and "differences" not in restored.stdout
        with second(folder / "data") as other:
            assert statistics(other, operation.desk, operation.code, before) == figures
            _keys_replay(other, operation, posters)
            _goes_on(other, operation)


@contextmanager
def second(data: Path) -> Iterator[RealHub]:
    """A hub on restored data."""
    hub = RealHub(data, ("web", "worker"))
    try:
        hub.start()
        yield hub
    finally:
        hub.stop()


def _keys_replay(hub: RealHub, operation: LiveOperation, posters: list[Poster]) -> None:
    """What was in the backup gives its first receipt again; what came after it is new. Either way each counts once."""
    replayed = []
    for poster in posters:
        caller = Api(hub, poster.caller.token)
        for key, body, receipt in (*poster.sent[:RESENT], *poster.sent[-2:]):
            answer: Answer = caller.post(poster.path, body, key)
            assert answer.status == 201
            replayed.append(answer.replayed)
            assert not answer.replayed or answer.body == receipt
    assert sum(replayed) >= RESENT * POSTERS, replayed


def _goes_on(hub: RealHub, operation: LiveOperation) -> None:
    """The next position follows, and everything still equals a recount."""
    there = LiveOperation(hub, operation.code, Api(hub, operation.desk.token))
    recorded = hub.query("SELECT count(*) FROM reports")[0][0]
    assert there.settled(recorded)["position"] == recorded
    assert there.desk.post(there.reports, report_body()).status == 201
    assert there.settled(recorded + 1)["position"] == recorded + 1
    positions = [row[0] for row in hub.query("SELECT position FROM journal ORDER BY position")]
    assert positions == list(range(1, len(positions) + 1))
    assert there.recounted().holds


@pytest.fixture(scope="module")
def small(request: pytest.FixtureRequest) -> Iterator[tuple[RealHub, Path]]:
    """A hub with a little in it, and its backup."""
    place = Path(tempfile.mkdtemp(prefix="tallyroom-backups-"))
    place.chmod(0o755)
    with real_hub("web", "worker") as hub:
        operation = hub.create_operation()
        assert operation.desk.post(operation.reports, report_body()).status == 201
        operation.settled(1)
        file = place / "small.backup"
        made = verb("backup", file, **owned(hub))
        assert made.returncode == 0, made.stderr
        file.chmod(0o644)
        yield hub, file
    shutil.rmtree(place)


def test_a_database_that_is_not_empty_is_left_as_it_is(small: tuple[RealHub, Path]) -> None:
    hub, file = small
    before = hub.query("SELECT count(*) FROM reports")
    refused = verb("restore", file, **owned(hub))
    assert refused.returncode == 2 and "this database is not empty" in refused.stderr
    assert hub.query("SELECT count(*) FROM reports") == before


@pytest.mark.parametrize("user", [None, "nobody"])
def test_it_restores_as_root_and_as_a_user_without_rights(small: tuple[RealHub, Path], folder: Path, user: str | None) -> None:
    if user and (os.geteuid() != 0 or not _may_run(user)):
        pytest.skip(f"this test can't run the verbs as {user}: it is not root, or that user can't read the code")
    _, file = small
    place = folder / "theirs"
    place.mkdir()
    if user:
        shutil.chown(place, user)
    restored = verb("restore", file, "--data", place / "data", user=user, HOME=str(place))
    assert restored.returncode == 0, restored.stdout + restored.stderr
    again = verb("backup", place / "again.backup", "--data", place / "data", user=user, HOME=str(place))
    assert again.returncode == 0, again.stderr
    assert rows(place / "again.backup") == rows(file), "a backup of a hub that does not run is the same"


def _may_run(user: str) -> bool:
    """Whether that user can run this Python and read the code."""
    line = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import coordinator.hosting.backups"]
    try:
        return subprocess.run(line, user=user, cwd="/", capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def rows(file: Path) -> dict[str, int]:
    """Rows by table, as a backup says."""
    with zipfile.ZipFile(file) as archive:
        return dict(json.loads(archive.read("backup.json"))["tables"])


def test_a_backup_that_was_cut_or_altered_is_refused_before_anything_is_made(small: tuple[RealHub, Path], folder: Path, seed: int) -> None:
    content, chance = small[1].read_bytes(), random.Random(seed)
    bad, size = folder / "bad.backup", len(content)
    for number in range(6):
        at = chance.randrange(size * 8 // 10)
        bad.write_bytes(content[: at or 1] if number % 2 else content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :])
        refused = verb("restore", bad, "--data", folder / "data")
        assert refused.returncode == 2 and "bad.backup" in refused.stderr, (at, refused)
        assert not (folder / "data").exists()
    missing = verb("restore", folder / "none.backup", "--data", folder / "data")
    assert missing.returncode == 2 and "there is no" in missing.stderr


def test_a_backup_of_a_later_version_is_refused_with_that_word(small: tuple[RealHub, Path], folder: Path) -> None:
    later = folder / "later.backup"
    with zipfile.ZipFile(small[1]) as archive, zipfile.ZipFile(later, "w") as copy:
        copy.writestr("database.dump", archive.read("database.dump"))
        copy.writestr("backup.json", json.dumps(json.loads(archive.read("backup.json")) | {"revision": "9999"}))
    refused = verb("restore", later, "--data", folder / "data")
    assert refused.returncode == 2 and "is of a later version of Tallyroom" in refused.stderr
    assert not (folder / "data").exists()


def test_a_restore_that_fails_half_way_leaves_the_database_empty_and_can_be_repeated(small: tuple[RealHub, Path], folder: Path) -> None:
    """The dump is cut where only PostgreSQL notices: its digest is written anew."""
    import hashlib

    half = folder / "half.backup"
    with zipfile.ZipFile(small[1]) as archive, zipfile.ZipFile(half, "w") as copy:
        dump = archive.read("database.dump")[:-4_000]
        notes = json.loads(archive.read("backup.json")) | {"bytes": len(dump), "sha256": hashlib.sha256(dump).hexdigest()}
        copy.writestr("database.dump", dump)
        copy.writestr("backup.json", json.dumps(notes))
    refused = verb("restore", half, "--data", folder / "data")
    assert refused.returncode == 2 and "pg_restore did not succeed, and nothing was changed" in refused.stderr
    restored = verb("restore", small[1], "--data", folder / "data")
    assert restored.returncode == 0, restored.stdout + restored.stderr


def test_nothing_that_is_there_is_overwritten_and_where_no_hub_is_there_is_no_backup(small: tuple[RealHub, Path], folder: Path) -> None:
    hub, file = small
    again = verb("backup", file, **owned(hub))
    assert again.returncode == 2 and "is there already: name another file" in again.stderr
    nowhere = verb("backup", folder / "x.backup", "--data", folder / "nothing")
    assert nowhere.returncode == 2 and "there is no hub's database in" in nowhere.stderr
    assert not (folder / "x.backup").exists() and not (folder / "nothing").exists()
