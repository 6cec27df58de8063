"""The hub's address, taken before anything is started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coordinator.hosting.listening import listen, url
from coordinator.hosting.refusals import HostingRefused


def test_port_zero_takes_a_free_one_and_says_which() -> None:
    with listen("127.0.0.1:8000", 0) as listener:
        port = listener.getsockname()[1]
        assert port > 0
        assert url(listener) == f"http://127.0.0.1:{port}"


def test_all_interfaces_are_reached_by_this_machines_own() -> None:
    with listen("0.0.0.0:0") as listener:
        assert url(listener).startswith("http://127.0.0.1:")


def test_a_port_in_use_is_refused_with_what_to_do() -> None:
    with listen("127.0.0.1:0") as first:
        port = first.getsockname()[1]
        with pytest.raises(HostingRefused, match=f"port {port} is in use: choose another with --port"):
            listen("127.0.0.1:0", port)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("somewhere", "write it as host:port"),
        ("127.0.0.1:http", "write it as host:port"),
        ("127.0.0.1:99999", "99999 is not a port"),
        ("192.0.2.1:0", "can't listen on 192.0.2.1:0"),
        ("no.such.host.invalid:0", "can't listen on no.such.host.invalid:0"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(address: str, said: str) -> None:
    with pytest.raises(HostingRefused, match=said):
        listen(address)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may take any port")
def test_a_port_for_root_alone_is_refused_with_what_to_do() -> None:
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("every port is open to everyone here")
    with pytest.raises(HostingRefused, match="port 80 is not allowed for this user: choose one above 1023"):
        listen("127.0.0.1:80")
