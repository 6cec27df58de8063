"""One POST to a receiver elsewhere, so that nobody can have the hub reach where it may not.

The name is resolved once, every number it gives must be allowed, and that very number is connected to: a name that points elsewhere
a moment later changes nothing. No redirect is followed, no proxy of the environment is asked, and of the answer only its head is read.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from coordinator.deliveries.lists import IP, Lists, Target
from coordinator.deliveries.parcels import Outcome, of_status

SECONDS = 10.0
"""From the first connection to the head of the answer."""


class Refused(Exception):
    """The receiver's address is one that may not be reached."""


def post(target: Target, body: bytes, headers: Mapping[str, str], listed: Lists) -> Outcome:
    """Sends ``body`` and says what came of it; nothing is raised that the network may do."""
    try:
        status, asked = _ask(target, resolve(target, listed), body, headers)
    except Refused as problem:
        return Outcome(str(problem), final=True)
    except (OSError, http.client.HTTPException) as problem:
        return Outcome(in_words(target.host, problem))
    return of_status(status, asked)


def resolve(target: Target, listed: Lists) -> list[IP]:
    """The numbers of a host, all of which may be reached. Refused where one may not, OSError where there is none."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    numbers = list(dict.fromkeys(ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found))
    if not all(listed.reaches(one) for one in numbers):
        raise Refused(
            f"{target.host} is at a private address, and the hub calls none of its own network. Where it is meant to, whoever runs the hub "
            "lists that network in TALLYROOM_WEBHOOK_PRIVATE."
        )
    return numbers


def in_words(host: str, problem: Exception) -> str:
    """What went wrong on the way, for a person."""
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"The certificate of {host} is not good."
    if isinstance(problem, ssl.SSLError):
        return f"{host} does not speak TLS as it should."
    if isinstance(problem, socket.gaierror):
        return f"{host} can't be found."
    if isinstance(problem, ConnectionRefusedError):
        return f"{host} takes no connections."
    if isinstance(problem, TimeoutError):
        return f"{host} did not answer within {SECONDS:.0f} s."
    return f"The connection to {host} broke off."


def _ask(target: Target, numbers: list[IP], body: bytes, headers: Mapping[str, str]) -> tuple[int, float]:
    connection = _Connection(target, numbers)
    late = False

    def cut() -> None:
        nonlocal late
        late = True
        connection.cut()

    with _within(SECONDS, cut):
        try:
            connection.request("POST", target.path, body, {"User-Agent": "Tallyroom", **headers})
            answer = connection.getresponse()
            return answer.status, _seconds(answer.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException):
            if late:
                raise TimeoutError from None
            raise
        finally:
            connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to one of these numbers, and to nothing else, in the name of the host."""

    def __init__(self, target: Target, numbers: list[IP]) -> None:
        self.default_port = 443 if target.scheme == "https" else 80
        super().__init__(target.host, target.port, timeout=SECONDS)
        self._numbers, self._secure = numbers, target.scheme == "https"

    def connect(self) -> None:
        """Connects to the first number that answers; TLS is held against the host's name."""
        plain = self._first()
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock: Any = plain
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)

    def cut(self) -> None:
        """Ends it from another thread, whatever it waits for."""
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _first(self) -> socket.socket:
        for number in self._numbers[:-1]:
            try:
                return socket.create_connection((str(number), self.port), SECONDS / 2)
            except OSError:
                continue
        return socket.create_connection((str(self._numbers[-1]), self.port), SECONDS / 2)


@contextmanager
def _within(seconds: float, act: Any) -> Iterator[None]:
    """Whoever sends a byte now and then must not hold the hub for ever: after ``seconds`` comes ``act``."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _seconds(text: str | None) -> float:
    """Retry-After in seconds; as a date it is not read, since clocks differ."""
    return float(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0.0
