"""A caller against a server that answers as told: what it repeats, what stops it, and what it says then."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from coordinator.nights import caller as calling
from coordinator.nights.caller import Caller, HubRefused, NightStopped

Script = list[tuple[int, dict[str, str], Any]]
"""Answers in turn: status, headers, content; status 0 hangs up without a word."""


class Scripted:
    """A server with a script and the requests it got."""

    def __init__(self, script: Script) -> None:
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        handler = type("Handler", (_Handler,), {"script": script, "requests": self.requests})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script
    requests: list[Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.command, self.path, dict(self.headers), json.loads(body)))
        status, headers, content = self.script.pop(0)
        if not status:
            self.close_connection = True
            return
        sent = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(sent))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    """Starts a scripted server."""
    started: list[tuple[Scripted, threading.Thread]] = []

    def start(*script: tuple[int, dict[str, str], Any]) -> Scripted:
        scripted = Scripted(list(script))
        thread = threading.Thread(target=scripted.server.serve_forever, args=(0.01,))
        thread.start()
        started.append((scripted, thread))
        return scripted

    yield start
    for scripted, thread in started:
        scripted.server.shutdown()
        thread.join()
        scripted.server.server_close()


@pytest.fixture
def waited() -> list[float]:
    """How long a caller has waited, instead of its waiting."""
    return []


def test_a_post_carries_token_key_and_body(serve: Callable[..., Scripted]) -> None:
    hub = serve((201, {}, {"id": 1}))
    caller = Caller(hub.url + "/", "trm_abc")
    answer = caller.post("/operations/x/reports", {"unit": "KY"}, "key-1")
    caller.close()
    ((method, path, headers, body),) = hub.requests
    assert (method, path, body) == ("POST", "/api/v1/operations/x/reports", {"unit": "KY"})
    assert (headers["Authorization"], headers["Idempotency-Key"]) == ("Bearer trm_abc", "key-1")
    assert (answer.content, answer.replayed) == ({"id": 1}, False)


def test_what_was_too_fast_waits_as_long_as_it_is_told(serve: Callable[..., Scripted], waited: list[float]) -> None:
    hub = serve((429, {"Retry-After": "3"}, {}), (429, {"Retry-After": "3600"}, {}), (201, {}, {}))
    caller = Caller(hub.url, "trm_abc", waited.append)
    caller.post("/x", {})
    caller.close()
    assert waited == [3.0, calling.LONGEST_WAIT]


def test_what_may_or_may_not_have_been_stored_is_sent_again_with_its_key(serve: Callable[..., Scripted], waited: list[float]) -> None:
    hub = serve((201, {}, {}), (503, {"Retry-After": "2"}, {}), (0, {}, {}), (201, {"Idempotent-Replayed": "true"}, {}))
    caller = Caller(hub.url, "trm_abc", waited.append)
    caller.post("/first", {})
    assert caller.post("/second", {}).replayed
    caller.close()
    keys = [headers["Idempotency-Key"] for _, path, headers, _ in hub.requests if path.endswith("/second")]
    assert len(keys) == 3 and len(set(keys)) == 1


def test_a_hub_that_stays_away_ends_the_night(serve: Callable[..., Scripted], waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "PATIENCE", -1.0)
    hub = serve((201, {}, {}), (503, {}, {"detail": "the database can't be reached"}))
    caller = Caller(hub.url, "trm_abc", waited.append)
    caller.post("/x", {})
    with pytest.raises(HubRefused, match="the database can't be reached"):
        caller.post("/x", {})
    caller.close()


def test_a_refusal_says_what_was_wrong_and_where(serve: Callable[..., Scripted]) -> None:
    hub = serve(
        (422, {}, {"title": "The content breaks a rule", "detail": "see errors", "errors": {"/code": ["Is not a code."], "": ["Is odd."]}})
    )
    caller = Caller(hub.url, "trm_abc")
    with pytest.raises(HubRefused) as refused:
        caller.post("/operations", {})
    caller.close()
    assert str(refused.value) == "The hub refused POST /operations (422): /code: Is not a code.; the body: Is odd."
    assert refused.value.status == 422


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b""])
def test_another_kind_of_server_is_told_apart(serve: Callable[..., Scripted], content: bytes) -> None:
    hub = serve((200, {}, content))
    caller = Caller(hub.url, "trm_abc")
    with pytest.raises(NightStopped, match="is no Tallyroom hub"):
        caller.post("/operations", {})
    caller.close()


def test_no_hub_at_all_is_said_at_once(serve: Callable[..., Scripted], waited: list[float]) -> None:
    with pytest.raises(NightStopped, match=r"No hub answers at http://127\.0\.0\.1:1: connection refused"):
        Caller("http://127.0.0.1:1", "trm_abc", waited.append).post("/x", {})
    assert waited == []


@pytest.mark.parametrize("url", ["", "hub", "ftp://hub", "http://", "http://hub:99999", "http://hub:0", "http://[::1", "127.0.0.1:8000"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NightStopped, match="no address of a hub"):
        Caller(url, "trm_abc")


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "ä"])
def test_a_token_that_can_be_none_is_refused(token: str) -> None:
    with pytest.raises(NightStopped, match="TALLYROOM_TOKEN"):
        Caller("http://127.0.0.1:1", token)
