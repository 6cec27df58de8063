"""The private Valkey: nothing but a socket, and back after anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from coordinator.hosting.refusals import HostingRefused
from coordinator.hosting.valkey import PrivateValkey
from tests.hosting.families import all_gone, family


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PrivateValkey]:
    """A running server."""
    with PrivateValkey(tmp_path / "valkey") as started:
        yield started


@pytest.fixture
def client(server: PrivateValkey) -> Iterator[redis.Redis]:
    """A client of it."""
    with redis.Redis.from_url(server.url, decode_responses=True) as connected:
        yield connected


def test_it_listens_on_its_socket_alone_and_throws_nothing_out(client: redis.Redis) -> None:
    facts = client.config_get("*")
    assert (facts["port"], facts["maxmemory-policy"], facts["save"], facts["appendonly"]) == ("0", "noeviction", "", "no")


def test_it_is_back_empty_at_the_same_address_after_a_kill(server: PrivateValkey, client: redis.Redis) -> None:
    client.set("key", "value")
    url, members = server.url, family(server.pid)
    server.kill()
    assert all_gone(members)
    server.start()
    assert server.url == url
    assert client.get("key") is None


def test_nothing_is_left_after_it_stops(server: PrivateValkey, tmp_path: Path) -> None:
    folder, members = Path(server.url.removeprefix("unix://")).parent, family(server.pid)
    server.stop()
    server.stop()
    assert all_gone(members)
    assert not folder.exists()
    assert sorted(path.name for path in (tmp_path / "valkey").iterdir()) == ["valkey.log"]


def test_a_machine_without_the_server_is_told_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(HostingRefused, match="set TALLYROOM_REDIS_URL"):
        PrivateValkey(tmp_path).start()


def test_stopping_one_that_never_started_touches_nothing_of_another(server: PrivateValkey, client: redis.Redis) -> None:
    PrivateValkey(server.folder).stop()
    assert client.ping()
