"""One caller of a hub: an address, a token, a connection kept open. Standard library alone.

What may be repeated is repeated, with the same key: a connection that broke, 503 (outcome unknown) and 429 (too fast).
All else that is not a success stops the night.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import uuid4

PATIENCE = 60.0
"""Seconds a call is repeated while the hub is away or asks to wait."""

TIMEOUT, LONGEST_WAIT = 30.0, 10.0
"""Seconds for one answer, and between two attempts at most, whatever Retry-After says."""

BROKEN = (OSError, http.client.HTTPException)


class NightStopped(Exception):
    """The night can't be played on; the message is one line that says what to do."""


class HubRefused(NightStopped):
    """The hub answered that it will not; ``status`` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """A success: its content, and whether it was the first answer over again."""

    content: dict[str, Any]
    replayed: bool


class Caller:
    """Calls ``url`` with ``token``. Not for several threads at once. ``wait`` is how it sleeps, in seconds."""

    def __init__(self, url: str, token: str, wait: Callable[[float], None] = time.sleep) -> None:
        self.address = address(url)
        self.headers = {"Authorization": f"Bearer {_visible(token)}", "Accept": "application/json"}
        self._wait = wait
        self._connection: http.client.HTTPConnection | None = None
        self._answered = False

    def another(self, token: str) -> Caller:
        """A caller of the same hub with another token."""
        return Caller(self.address.geturl(), token, self._wait)

    def get(self, path: str) -> dict[str, Any]:
        """The document at ``path`` below /api/v1."""
        return self._call("GET", path, None, {}).content

    def post(self, path: str, content: dict[str, Any], key: str | None = None) -> Answer:
        """Sends ``content`` to ``path`` with an idempotency key, a fresh one if none is given."""
        return self._call(
            "POST", path, json.dumps(content).encode(), {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid4())}
        )

    def close(self) -> None:
        """Closes the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        deadline = time.monotonic() + PATIENCE
        while True:
            pause = 0.5
            try:
                answer = self._attempt(method, path, body, headers)
                if answer.status not in (429, 503) or time.monotonic() > deadline:
                    return self._understood(answer, method, path)
                pause = _seconds(answer.headers.get("Retry-After"))
            except BROKEN as problem:
                self.close()
                if not self._answered or time.monotonic() > deadline:
                    raise NightStopped(f"No hub answers at {self.address.geturl()}: {_why(problem)}. `tallyroom up` starts one.") from None
            self._wait(min(pause, LONGEST_WAIT))

    def _attempt(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> _Raw:
        if self._connection is None:
            self._connection = connect(self.address, TIMEOUT)
        self._connection.request(method, f"{self.address.path}/api/v1{path}", body, self.headers | headers)
        answer = self._connection.getresponse()
        raw = _Raw(answer.status, answer.headers, answer.read())
        self._answered = True
        return raw

    def _understood(self, answer: _Raw, method: str, path: str) -> Answer:
        content = answer.content()
        if not 200 <= answer.status < 300:
            raise HubRefused(answer.status, f"The hub refused {method} {path} ({answer.status}): {_said(content)}")
        if content is None:
            raise NightStopped(f"What answers at {self.address.geturl()} is no Tallyroom hub.")
        return Answer(content, answer.headers.get("Idempotent-Replayed") == "true")


@dataclass(frozen=True)
class _Raw:
    """An answer as it came."""

    status: int
    headers: Any
    body: bytes

    def content(self) -> dict[str, Any] | None:
        """The JSON object in the body, None where there is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


def address(url: str) -> SplitResult:
    """The parts of a hub's address, without a slash at its end; NightStopped where it is none."""
    try:
        parts = urlsplit(url.rstrip("/"))
        there = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0  # a port past 65535 raises
    except ValueError:
        there = False
    if there:
        return parts
    raise NightStopped(f"{url} is no address of a hub: give one such as http://127.0.0.1:8000.")


def connect(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection to be opened at the first request."""
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=timeout)


def _visible(token: str) -> str:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise NightStopped("The token is empty or holds characters no token has: give one with --token or TALLYROOM_TOKEN.")
    return token


def _said(content: dict[str, Any] | None) -> str:
    """A problem document in one line: its detail, then each fault with its place."""
    problem = content or {}
    faults = [f"{place or 'the body'}: {' '.join(messages)}" for place, messages in problem.get("errors", {}).items()]
    return "; ".join(faults) or str(problem.get("detail") or problem.get("title") or "no reason given")


def _seconds(retry_after: str | None) -> float:
    try:
        return max(0.05, float(retry_after or 1))
    except ValueError:
        return 1.0


def _why(problem: Exception) -> str:
    return (getattr(problem, "strerror", None) or str(problem) or type(problem).__name__).lower()
