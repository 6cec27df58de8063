"""A whole hub as anyone starts it: what it says, what it survives, and that it leaves nothing."""

from __future__ import annotations

import http.client
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from coordinator.hosting.postgres import PrivatePostgres
from coordinator.hosting.processes import wait_until
from coordinator.hosting.valkey import PrivateValkey
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import Up, run


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A running hub on private servers."""
    with Up(tmp_path_factory.mktemp("hub") / "data") as running:
        yield running


def notes(hub: Up) -> dict[str, dict[str, object]]:
    """What the hub says of itself."""
    found = json.loads((hub.data / "hub.json").read_text())
    assert isinstance(found, dict)
    return found


def status(hub: Up, path: str) -> int:
    """The status that an address of the hub answers, 0 for none."""
    parts = urlsplit(hub.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def sockets_of(hub: Up) -> list[Path]:
    """The socket folders of its private servers."""
    settings = notes(hub)["settings"]
    addresses = [
        str(settings["TALLYROOM_DATABASE_URL"]).partition("host=")[2],
        str(settings["TALLYROOM_REDIS_URL"]).removeprefix("unix://"),
    ]
    return [Path(addresses[0]), Path(addresses[1].partition("?")[0]).parent]


def test_it_is_ready_when_it_says_so(hub: Up) -> None:
    assert status(hub, "/readyz") == 200


def test_a_second_hub_on_its_folder_is_refused_and_does_no_harm(hub: Up) -> None:
    second = run("up", "--port", 0, "--data", hub.data)
    assert second.returncode == 2
    assert (
        second.stderr
        == f"tallyroom: {hub.data} is held by another hub (process {hub.process.pid}): stop that one, or name another folder with --data\n"
    )
    assert status(hub, "/readyz") == 200
    assert (hub.data / "hub.json").exists()


def test_a_port_in_use_is_found_before_anything_is_started(hub: Up, tmp_path: Path) -> None:
    port = urlsplit(hub.url).port
    second = run("up", "--port", port, "--data", tmp_path / "data")
    assert second.returncode == 2
    assert second.stderr == f"tallyroom: port {port} is in use: choose another with --port (0 takes any free one)\n"
    assert not (tmp_path / "data").exists()


def test_doctor_finds_it_by_its_folder_and_everything_safe(hub: Up) -> None:
    looked = run("doctor", "--data", hub.data)
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert "0 unsafe" in looked.stdout


def test_doctor_names_what_is_unsafe_and_how_to_mend_it(hub: Up) -> None:
    owner = str(notes(hub)["settings"]["TALLYROOM_OWNER_URL"])
    looked = run("doctor", "--data", hub.data, TALLYROOM_DATABASE_URL=owner, TALLYROOM_REDIS_URL="redis://127.0.0.1:1/0")
    assert looked.returncode == 1
    for words in (
        "UNSAFE  the hub logs in as",
        "UNSAFE  record: journal",
        "UNSAFE  redis",
        "to mend: REVOKE UPDATE, DELETE, TRUNCATE ON journal",
    ):
        assert words in looked.stdout


def test_processes_do_not_get_the_owners_login(hub: Up) -> None:
    pids = notes(hub)["pids"]
    for name in ("web", "worker", "beat"):
        assert b"TALLYROOM_OWNER_URL" not in Path(f"/proc/{pids[name]}/environ").read_bytes()


@pytest.mark.parametrize("name", ["web", "Valkey", "PostgreSQL"])
def test_a_part_that_is_killed_comes_back_at_the_same_address(hub: Up, name: str) -> None:
    before = notes(hub)["pids"][name.lower()]
    os.kill(int(str(before)), signal.SIGKILL)
    hub.hear(f"{name} started again")
    assert wait_until(lambda: status(hub, "/readyz") == 200, 60)


def test_sigterm_ends_it_all_and_exits_0(hub: Up) -> None:
    members, folders = family(hub.process.pid), sockets_of(hub)
    assert len(members) > 6
    hub.process.send_signal(signal.SIGTERM)
    assert hub.end() == 0
    assert all_gone(members)
    assert not any(folder.exists() for folder in folders)
    assert not (hub.data / "hub.json").exists()
    assert status(hub, "/healthz") == 0


def test_a_killed_parent_leaves_no_process_and_the_folder_serves_again(tmp_path: Path) -> None:
    with Up(tmp_path / "data") as hub:
        members, folders = family(hub.process.pid), sockets_of(hub)
        hub.process.kill()
        assert all_gone(members, 15)
    with Up(tmp_path / "data") as hub:
        assert status(hub, "/readyz") == 200
        assert not any(folder.exists() for folder in folders)
        hub.process.send_signal(signal.SIGINT)
        assert hub.end() == 0


def test_asked_to_stop_while_it_starts_it_leaves_nothing(tmp_path: Path) -> None:
    hub = Up(tmp_path / "data")
    hub.hear("starting Valkey and PostgreSQL")
    members = family(hub.process.pid)
    hub.process.send_signal(signal.SIGTERM)
    assert hub.end() == 0
    assert all_gone(members)


def test_servers_that_the_environment_names_take_the_place_of_private_ones(tmp_path: Path) -> None:
    with PrivatePostgres(tmp_path / "postgres") as database, PrivateValkey(tmp_path / "valkey") as valkey:
        urls = {
            "TALLYROOM_DATABASE_URL": database.url(),
            "TALLYROOM_OWNER_URL": database.url(user="tallyroom"),
            "TALLYROOM_REDIS_URL": valkey.url,
        }
        with Up(tmp_path / "data", **urls) as hub:
            assert sorted(notes(hub)["pids"]) == ["beat", "web", "worker"]
            assert notes(hub)["settings"] == urls | {"TALLYROOM_SIGNING_KEY_FILE": str(tmp_path / "data" / "signing.key")}
        assert not (tmp_path / "data" / "postgres").exists()


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit"])
def test_a_database_that_may_lose_what_it_answered_for_is_refused(tmp_path: Path, name: str) -> None:
    with PrivatePostgres(tmp_path / "postgres", options={name: "off"}) as database:
        refused = run("up", "--port", 0, "--data", tmp_path / "data", TALLYROOM_DATABASE_URL=database.url())
    assert refused.returncode == 2
    assert f"{name} is off: ALTER SYSTEM SET {name} = on" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_database_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    refused = run("up", "--port", 0, "--data", tmp_path / "data", TALLYROOM_DATABASE_URL="postgresql://x@/x?host=/nowhere")
    assert refused.returncode == 2
    assert refused.stderr.startswith("tallyroom: the database can't be reached")
    assert refused.stderr.count("\n") == 1
