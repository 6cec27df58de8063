"""Where anything may go, as the settings list it: pure. What is not listed is refused, in words that say which setting would allow it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
IP = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAILBOX = re.compile(r"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@([A-Za-z0-9.-]{1,253})")
"""RFC 5321 without quoted names and comments, which nobody uses and in which much can be hidden."""

_NAME = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_URL = re.compile(r"https?://[\x21-\x7e]+")
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "64:ff9b:1::/48", "2001::/23")))
"""Networks of protocols, not of hosts; Python's releases differ in which of them they call global."""

NO_HOST = "This address names no host, or a port that is none."
NOTHING_ELSE = "An address has no name, passphrase or # in it: the hub signs what it sends."

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True)
class Target:
    """Where a request goes: ``http`` or ``https``, the host's name or number, its port, and path with query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """What may be said of it in a log or a list: the path may hold a secret of the receiver."""
        usual = {"http": 80, "https": 443}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


@dataclass(frozen=True)
class Host:
    """A listed host; ``*.`` before its name means every host below it. Plain http only where it is listed so."""

    scheme: str
    host: str
    port: int

    def covers(self, target: Target) -> bool:
        """Whether a request to ``target`` is one to this host."""
        return (self.scheme, self.port) == (target.scheme, target.port) and named(self.host, target.host)


@dataclass(frozen=True)
class Lists:
    """Everything the settings list; ``problems`` are entries that could not be read, which allow nothing."""

    domains: tuple[str, ...] = ()
    hooks: tuple[Host, ...] = ()
    phones: tuple[Host, ...] = ()
    private: tuple[Network, ...] = ()
    problems: tuple[str, ...] = field(default=(), compare=False)

    def mail(self, address: str) -> str | None:
        """Why no mail goes to this address; None where it may."""
        found = _MAILBOX.fullmatch(address)
        if not found or len(found[1]) > 64:
            return "This is not an e-mail address, such as duty.desk@example.gov."
        if not any(named(domain, found[2].lower()) for domain in self.domains):
            return f"No mail goes to {found[2]}: it is not on the list TALLYROOM_MAIL_DOMAINS, which whoever runs the hub keeps."
        return None

    def hook(self, address: str) -> Target:
        """Where a webhook goes; ValueError says why it may not."""
        return _listed(address, self.hooks, "TALLYROOM_WEBHOOK_HOSTS")

    def phone(self, address: str) -> Target:
        """Where a phone is woken; ValueError says why it may not."""
        return _listed(address, self.phones, "TALLYROOM_PUSH_HOSTS")

    def reaches(self, ip: IP) -> bool:
        """Whether this very number may be connected to: a public one, or one of a private network that is listed."""
        real = _real(ip)
        if _within(real, self.private):
            return True
        hidden = real.is_multicast or real.is_reserved or real.is_unspecified or getattr(real, "is_site_local", False)
        return real.is_global and not hidden and not _within(real, _SPECIAL)


def read(domains: str, hooks: str, phones: str, private: str) -> Lists:
    """The lists of four settings, entries apart by commas or spaces."""
    problems: list[str] = []
    return Lists(
        domains=tuple(_each(domains, _domain, "TALLYROOM_MAIL_DOMAINS", problems)),
        hooks=tuple(_each(hooks, _host, "TALLYROOM_WEBHOOK_HOSTS", problems)),
        phones=tuple(_each(phones, _host, "TALLYROOM_PUSH_HOSTS", problems)),
        private=tuple(_each(private, ipaddress.ip_network, "TALLYROOM_WEBHOOK_PRIVATE", problems)),
        problems=tuple(problems),
    )


def named(listed: str, name: str) -> bool:
    """Whether a name is the listed one, or below it where that begins with ``*.``."""
    return name.endswith(listed[1:]) and len(name) >= len(listed) if listed.startswith("*.") else name == listed


def target(address: str) -> Target:
    """An address taken apart; ValueError says what is wrong with it."""
    if not _URL.fullmatch(address) or len(address) > 1000:
        raise ValueError("This is not an address such as https://hooks.example.gov/tallyroom.")
    if "\\" in address or "#" in address:
        raise ValueError(NOTHING_ELSE)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(NO_HOST) from None
    if "@" in parts.netloc:
        raise ValueError(NOTHING_ELSE)
    if not host:
        raise ValueError(NO_HOST)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host.rstrip("."), port or {"http": 80, "https": 443}[parts.scheme], path)


def _listed(address: str, hosts: Iterable[Host], setting: str) -> Target:
    found = target(address)
    if not any(host.covers(found) for host in hosts):
        raise ValueError(f"Nothing goes to {found.place}: it is not on the list {setting}, which whoever runs the hub keeps.")
    return found


def _within(ip: IP, networks: Iterable[Network]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)


def _real(ip: IP) -> IP:
    """The address behind those that only carry another: IPv4 within IPv6, 6to4, NAT64."""
    if isinstance(ip, ipaddress.IPv6Address):
        if within := ip.ipv4_mapped or ip.sixtofour:
            return within
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _each(text: str, one: Callable[[str], T], setting: str, problems: list[str]) -> Iterator[T]:
    for entry in text.replace(",", " ").split():
        try:
            yield one(entry)
        except ValueError:
            problems.append(f"{setting}: {entry!r} is none, and is left out")


def _domain(entry: str) -> str:
    name = entry.lower().removeprefix("@")
    if not _NAME.fullmatch(name):
        raise ValueError(entry)
    return name


def _host(entry: str) -> Host:
    """``hooks.example.gov``, ``*.example.gov:8443``, or for tests and one's own machine ``http://127.0.0.1:9000``."""
    found = urlsplit(entry if "://" in entry else f"https://{entry}")
    plain = found.scheme == "http"
    if found.scheme not in ("http", "https") or found.path or found.query or not found.hostname or (plain and not found.port):
        raise ValueError(entry)
    if ":" not in found.hostname and not _NAME.fullmatch(found.hostname):
        raise ValueError(entry)
    return Host(found.scheme, found.hostname, found.port or 443)
