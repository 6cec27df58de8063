"""Nothing goes where it may not: names by the lists, numbers by what they are, in whatever spelling."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from coordinator.deliveries import lists, reaching
from coordinator.deliveries.lists import Lists

LISTED = lists.read(
    "example.gov, *.ky.example.gov",
    "hooks.example.gov, *.agency.example.gov:8443 http://127.0.0.1:9000",
    "push.example.net",
    "10.20.0.0/16 fd00:20::/32",
)


@pytest.mark.parametrize("address", ["duty@example.gov", "Duty.Desk+night@KSP.ky.example.gov"])
def test_mail_goes_to_domains_on_the_list(address: str) -> None:
    assert LISTED.mail(address) is None


@pytest.mark.parametrize(
    "address",
    [
        *("duty@example.com", "duty@example.gov.evil.net", "duty@evilexample.gov", "duty@ky.example.gov", "duty@sub.example.gov"),
        *("duty@example.gov\nBcc: x@evil.net", "a@b@example.gov", '"a b"@example.gov', "x <duty@example.gov>", "@example.gov", "duty@", ""),
        *("duty@example.gov,other@example.gov", "duty@[127.0.0.1]", "dutý@example.gov", "duty@example.gov ", f"{'x' * 65}@example.gov"),
    ],
)
def test_and_to_no_other_and_to_nothing_that_only_looks_like_an_address(address: str) -> None:
    assert LISTED.mail(address)


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example.gov/a?b=c", "https://HOOKS.example.gov:443/", "https://x.agency.example.gov:8443/in", "http://127.0.0.1:9000/"],
)
def test_webhooks_call_hosts_on_the_list_by_their_scheme_and_port(address: str) -> None:
    assert LISTED.hook(address).path.startswith("/")


@pytest.mark.parametrize(
    "address",
    [
        *("http://hooks.example.gov/", "https://hooks.example.gov:8443/", "https://hooks.example.gov.evil.net/", "https://evil.net/"),
        *("https://hooks.example.gov@evil.net/", "https://evil.net#@hooks.example.gov/", "https://evil.net\\@hooks.example.gov/"),
        *("https://agency.example.gov:8443/", "http://127.0.0.1/", "http://127.0.0.1:9001/", "http://2130706433:9000/"),
        *("http://0x7f000001:9000/", "http://127.1:9000/", "http://[::ffff:127.0.0.1]:9000/", "http://localhost:9000/"),
        *("ftp://hooks.example.gov/", "file:///etc/passwd", "https:///x", "https://hooks.example.gov:99999/", "hooks.example.gov", ""),
        *("https://[", "https://hooks.example.gov/\r\nX: y", "https://hooks.example.gov/ x", f"https://hooks.example.gov/{'x' * 1000}"),
    ],
)
def test_and_no_other_however_it_is_spelled(address: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]\.$|keeps\.$"):
        LISTED.hook(address)


@pytest.mark.parametrize(
    "number",
    [
        *("127.0.0.1", "127.255.0.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
        *("255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.0.0.8", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1"),
        *("fec0::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2001:db8::1", "2001::1"),
    ],
)
def test_numbers_of_ones_own_network_are_not_reached_in_any_spelling(number: str) -> None:
    assert not LISTED.reaches(ipaddress.ip_address(number))


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:220:1::1", "10.20.3.4", "::ffff:10.20.3.4", "fd00:20::7"])
def test_public_ones_are_and_those_of_a_network_that_is_listed(number: str) -> None:
    assert LISTED.reaches(ipaddress.ip_address(number))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "::1", "169.254.169.254"])
def test_a_host_is_judged_by_the_numbers_it_has_and_not_by_its_name(host: str) -> None:
    with pytest.raises(reaching.Refused, match="at a private address"):
        reaching.resolve(lists.Target("https", host, 443, "/"), Lists())


def test_one_number_of_ones_own_network_among_others_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(reaching.Refused):
        reaching.resolve(lists.Target("https", "hooks.example.gov", 443, "/"), LISTED)


def test_an_entry_that_cant_be_read_opens_nothing_and_is_named() -> None:
    found = lists.read("exa mple.gov, @ky.gov", "http://hooks.example.gov, https://x/path", "", "10.0.0.1/8")
    assert (found.hooks, found.private) == ((), ())
    assert found.domains == ("exa", "mple.gov", "ky.gov")
    assert [problem.partition(":")[0] for problem in found.problems] == [
        *("TALLYROOM_WEBHOOK_HOSTS", "TALLYROOM_WEBHOOK_HOSTS", "TALLYROOM_WEBHOOK_PRIVATE")
    ]
