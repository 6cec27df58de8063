"""The private PostgreSQL: durable, private, and back after anything."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coordinator.hosting.checkup_database import refuse_unfit
from coordinator.hosting.postgres import OWNER, PrivatePostgres
from coordinator.hosting.processes import Identity, allowed, working_in
from coordinator.hosting.refusals import HostingRefused
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import ROOT, environment

IDENTITIES: list[Identity] = [one for one in ("self", "mapped", "nobody") if allowed(one) and (one != "self" or os.geteuid() != 0)]

STRANGER = 54321
"""A user without a name."""

ON_ITS_OWN = """
import sys, time
from pathlib import Path
from coordinator.hosting.postgres import PrivatePostgres
server = PrivatePostgres(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module", params=IDENTITIES)
def server(request: pytest.FixtureRequest) -> Iterator[PrivatePostgres]:
    """A server for each way in which this user can run one."""
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-postgres-"))
    with PrivatePostgres(folder / "deep" / "folder", identity=request.param) as started:
        yield started
    shutil.rmtree(folder)


def asked(server: PrivatePostgres, query: str, user: str = "tallyroom_hub") -> object:
    """The one value that a query of the hub's database answers."""
    with psycopg.connect(server.url(user=user)) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("listen_addresses", ""),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
    ],
)
def test_its_settings_are_durable_and_private(server: PrivatePostgres, name: str, value: str) -> None:
    assert asked(server, f"SELECT current_setting('{name}')") == value


def test_the_hub_logs_in_as_a_plain_member_of_the_application_role(server: PrivatePostgres) -> None:
    assert asked(server, "SELECT NOT rolsuper AND pg_has_role('tallyroom_app', 'MEMBER') FROM pg_roles WHERE rolname = session_user")


def test_a_database_can_be_copied_from_another(server: PrivatePostgres) -> None:
    server.create_database("first")
    with psycopg.connect(server.url("first", OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.create_database("second", template="first")
    with psycopg.connect(server.url("second", OWNER)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    for name in ("first", "second"):
        server.drop_database(name)


def test_what_was_committed_is_there_after_a_kill(server: PrivatePostgres) -> None:
    with psycopg.connect(server.url(user=OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS survived AS SELECT 1")
        connection.commit()
        before, url = family(server.pid), server.url()
        server.kill()
    assert all_gone(before)
    server.start()
    assert server.url() == url
    assert asked(server, "SELECT count(*) FROM survived", OWNER) == 1


def test_it_stops_though_someone_is_connected(server: PrivatePostgres) -> None:
    members, connection = family(server.pid), psycopg.connect(server.url())
    server.stop()
    connection.close()
    assert all_gone(members)
    server.start()
    assert asked(server, "SELECT 1") == 1


def test_its_socket_is_in_a_short_folder_that_goes_with_it(server: PrivatePostgres) -> None:
    folder = Path(server.url().partition("host=")[2])
    assert len(f"{folder}/.s.PGSQL.5432") < 100
    assert folder.stat().st_mode & 0o077 == 0
    server.stop()
    assert not folder.exists()
    server.start()


def test_a_number_noted_before_a_reboot_that_is_someone_elses_now_is_no_obstacle(server: PrivatePostgres) -> None:
    server.kill()
    notes = server.data / "postmaster.pid"
    notes.write_text(notes.read_text().replace(str(server.pid), str(os.getpid()), 1))
    server.start()
    assert asked(server, "SELECT 1") == 1


def test_a_server_without_a_parent_ends_by_itself_and_its_folder_serves_again(tmp_path: Path) -> None:
    line = [sys.executable, "-c", ON_ITS_OWN, str(tmp_path)]
    with subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        members = family(int(parent.stdout.readline()))
        parent.kill()
    with PrivatePostgres(tmp_path) as server:
        assert asked(server, "SELECT 1") == 1
        assert all_gone(members)


def test_a_frozen_server_left_by_a_killed_parent_is_ended_before_another_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = ((signal.SIGINT, 0.2), (signal.SIGQUIT, 0.2))
    monkeypatch.setattr("coordinator.hosting.postgres.STEPS_TO_STOP", short)
    first, second = PrivatePostgres(tmp_path), PrivatePostgres(tmp_path)
    first.start()
    try:
        os.kill(first.pid, signal.SIGSTOP)
        second.start()
        assert working_in(first.data)
        assert first.child.wait(5) == -signal.SIGKILL
    finally:
        second.stop()


def test_a_half_made_folder_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.unfinished").mkdir()
    (tmp_path / "data.unfinished" / "PG_VERSION").write_text("18\n")
    with PrivatePostgres(tmp_path) as server:
        assert asked(server, "SELECT 1") == 1


def test_a_folder_of_another_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(HostingRefused, match=r"made by PostgreSQL 12 .* name another folder with --data"):
        PrivatePostgres(tmp_path).start()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = PrivatePostgres(tmp_path, options={"shared_buffers": "nonsense"})
    with pytest.raises(HostingRefused, match="shared_buffers"):
        server.start()
    server.stop()


def test_a_postgresql_that_may_lose_what_it_answered_for_is_refused(tmp_path: Path) -> None:
    with PrivatePostgres(tmp_path, options={"synchronous_commit": "off"}) as server:
        with pytest.raises(HostingRefused, match="synchronous_commit is off: ALTER SYSTEM"):
            refuse_unfit(server.url())
        server.stop()
        safe = PrivatePostgres(tmp_path)
        safe.start()
        refuse_unfit(safe.url())
        safe.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("user", [STRANGER, 65534])
def test_another_user_can_run_one_too(user: int) -> None:
    if any(not folder.stat().st_mode & 0o001 for folder in Path(sys.executable).resolve().parents):
        pytest.skip("the Python that runs these tests is root's alone")
    if user == STRANGER and not allowed("mapped"):
        pytest.skip("a user without a name needs a user namespace")
    folder = Path(tempfile.mkdtemp(prefix="tallyroom-other-"))
    os.chown(folder, user, user)
    line = [sys.executable, "-c", ON_ITS_OWN, str(folder)]
    try:
        with subprocess.Popen(
            line, env=environment(), cwd=ROOT, user=user, group=user, extra_groups=[], stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            members = family(int(other.stdout.readline()))
            assert {Path(f"/proc/{one.pid}").stat().st_uid for one in members} == {user}
            other.kill()
        assert all_gone(members, 10)
    finally:
        shutil.rmtree(folder)
