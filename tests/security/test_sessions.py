"""Sessions, as the hub promises them: hashed, new at sign-in, idle for 30 minutes, 12 hours at most, their streams with them."""

from __future__ import annotations

import hashlib
import http.client
import socket
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import pytest
from flask import Flask
from sqlalchemy import event

from coordinator import db
from coordinator.access import accounts, passphrases, sessions
from coordinator.access.actor import console
from coordinator.access.cookies import DEVICE, SESSION
from coordinator.access.sessions import Terms
from coordinator.db import transaction
from coordinator.operations import members
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.hubs import SOON, LiveOperation, RealHub, eventually, real_hub
from tests.people import Browser, as_owner, invited, new_account, passphrase


@pytest.fixture
def browser(app: Flask, operation: Catalogue) -> Browser:
    """A liaison's browser, signed in."""
    browser = Browser(app)
    browser.sign_in(new_account("liaison", operation.code, "KY"))
    return browser


def age(url: str, browser: Browser, column: str, by: str) -> None:
    """Makes the session older."""
    id = browser.get("/me").json["session"]["id"]
    as_owner(url, f"UPDATE sessions SET {column} = {column} - CAST(%s AS interval) WHERE id = %s", by, id)


def test_the_database_holds_hashes_alone(app: Flask, operation: Catalogue, desk: Caller, owner_url: str) -> None:
    browser, invitation = Browser(app), invited(desk, operation.code)
    browser.take(invitation)
    secrets = [browser.secret(SESSION) or "", browser.secret(DEVICE) or "", invitation]
    tables = [table for (table,) in as_owner(owner_url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")]
    for secret in secrets:
        forms = [secret, secret.encode().hex(), secret[4:]]
        for table in tables:
            assert as_owner(owner_url, f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY (%s)', [f"%{one}%" for one in forms]) == [
                (0,)
            ]
        assert len(secret) == 47, "256 bits"
    kept = as_owner(owner_url, "SELECT digest FROM sessions ORDER BY id DESC LIMIT 1")
    assert kept == [(hashlib.sha256(secrets[0].encode()).digest(),)]


def test_it_is_new_at_sign_in_and_the_one_before_has_ended(app: Flask, browser: Browser, operation: Catalogue) -> None:
    before = browser.secret() or ""
    browser.sign_in(new_account("desk", operation.code))
    assert browser.secret() != before
    other = Browser(app)
    other.client.set_cookie(SESSION, before)
    assert other.get("/me").json["type"] == "/problems/session-ended"


def test_a_secret_of_ones_own_making_is_never_taken_up(app: Flask, operation: Catalogue) -> None:
    browser, planted = Browser(app), "trs_" + "x" * 43
    browser.client.set_cookie(SESSION, planted)
    browser.sign_in(new_account("desk", operation.code))
    assert browser.secret() != planted


def test_half_an_hour_without_anyone_ends_it(browser: Browser, owner_url: str) -> None:
    age(owner_url, browser, "seen_at", "28 minutes")
    assert browser.get("/me").status_code == 200, "which was someone's doing"
    age(owner_url, browser, "seen_at", "29 minutes")
    assert browser.get("/me").status_code == 200
    age(owner_url, browser, "seen_at", "30 minutes")
    assert browser.get("/me").json["type"] == "/problems/session-ended"


def test_what_a_stream_reads_is_no_ones_doing(browser: Browser, operation: Catalogue, owner_url: str) -> None:
    age(owner_url, browser, "seen_at", "29 minutes")
    with browser.ask("GET", f"/operations/{operation.code}/stream", Accept="text/event-stream") as answer:
        assert answer.status_code == 200
    [(idle,)] = as_owner(owner_url, "SELECT clock_timestamp() - seen_at > interval '29 minutes' FROM sessions ORDER BY id DESC LIMIT 1")
    assert idle
    assert browser.get("/me").status_code == 200
    [(idle,)] = as_owner(owner_url, "SELECT clock_timestamp() - seen_at > interval '29 minutes' FROM sessions ORDER BY id DESC LIMIT 1")
    assert not idle


def test_twelve_hours_end_it_whatever_is_done(browser: Browser, owner_url: str) -> None:
    age(owner_url, browser, "expires_at", "11 hours 59 minutes")
    assert browser.get("/me").status_code == 200
    age(owner_url, browser, "expires_at", "1 minute")
    assert browser.get("/me").json["type"] == "/problems/session-ended"


def test_on_a_wall_it_stays_without_anyone_until_its_twelve_hours_are_over(browser: Browser, operation: Catalogue, owner_url: str) -> None:
    assert browser.patch(f"/sessions/{browser.get('/me').json['session']['id']}", {"wall": True}).status_code == 204
    age(owner_url, browser, "seen_at", "11 hours")
    assert browser.get(f"/operations/{operation.code}/totals").status_code == 200
    age(owner_url, browser, "expires_at", "12 hours")
    assert browser.get(f"/operations/{operation.code}/totals").status_code == 401


def test_reading_writes_nothing_but_once_a_minute(browser: Browser, owner_url: str) -> None:
    last = "SELECT xmin::text FROM sessions ORDER BY id DESC LIMIT 1"
    before = as_owner(owner_url, last)
    for _ in range(5):
        browser.get("/me")
    assert as_owner(owner_url, last) == before


def test_all_sessions_of_a_lot_are_recognised_in_one_statement(app: Flask, operation: Catalogue) -> None:
    secrets = []
    for _ in range(3):
        browser = Browser(app)
        browser.sign_in(new_account("observer", operation.code))
        secrets.append(browser.secret() or "")
    said: list[str] = []
    engine = db._engines[0]
    event.listen(engine, "before_cursor_execute", note := lambda _c, _u, statement, *_: said.append(statement))
    try:
        with transaction():
            found = sessions.recognise_all([(secrets[0], True), ("unknown", False), *((one, False) for one in secrets[1:])])
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [one is not None for one in found] == [True, False, True, True]
    assert len(said) == 1


@pytest.fixture(scope="module")
def hub() -> Iterator[RealHub]:
    """A hub with its web server alone."""
    with real_hub("web") as hub:
        yield hub


class Watching:
    """A browser's stream: read in a thread until it ends. Use as a context."""

    def __init__(self, hub: RealHub, code: str, secret: str) -> None:
        self.connection = hub.connection()
        self.headers = {"Cookie": f"{SESSION}={secret}", "Accept": "text/event-stream"}
        self.connection.request("GET", f"/api/v1/operations/{code}/stream", headers=self.headers)
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200, self.answer.read()
        self.lines, self.ended = 0, threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            while self.answer.readline():
                self.lines += 1
        except (OSError, http.client.HTTPException, ValueError):
            pass
        self.ended.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Goes away, as a closed page does."""
        if self.connection.sock is not None:
            with suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(SOON)
        self.answer.close()
        self.connection.close()


def opened(hub: RealHub, night: LiveOperation, *, wall: bool = False) -> tuple[uuid.UUID, str]:
    """A session on the hub, as signing in opens one: its id and secret."""
    with hub.connected():
        verifier = passphrases.hashed(passphrase())
        with transaction():
            content = {"role": "desk", "operation": night.code, "units": []}
            catalogue = members.operation_of(console(), content)
            account = accounts.add(uuid.uuid4().hex, verifier)
            accounts.give(console(), account, "desk", catalogue and catalogue.id, [], None)
            return sessions.open(Terms("test", "a program", 3600 if wall else 4, 3600), account=account.id)


def test_revoking_ends_its_streams_within_30_seconds(hub: RealHub) -> None:
    night = hub.create_operation()
    gone, kept = opened(hub, night, wall=True), opened(hub, night, wall=True)
    with Watching(hub, night.code, gone[1]) as ending, Watching(hub, night.code, kept[1]) as staying:
        assert hub.admin.delete(f"/sessions/{gone[0]}").status == 204
        assert ending.ended.wait(30.0)
        seen = staying.lines
        eventually(lambda: staying.lines > seen)
        assert not staying.ended.is_set()


def test_an_idle_session_s_stream_ends_and_a_wall_s_goes_on(hub: RealHub) -> None:
    night = hub.create_operation()
    wall = opened(hub, night, wall=True)
    idle = opened(hub, night)  # last: it has only seconds until someone watches by it
    with Watching(hub, night.code, idle[1]) as ending, Watching(hub, night.code, wall[1]) as staying:
        assert ending.ended.wait(SOON), "reading by stream is no one's doing"
        assert not staying.ended.is_set()
    connection = hub.connection()
    connection.request("GET", f"/api/v1/operations/{night.code}/stream", headers=ending.headers)
    answer = connection.getresponse()
    assert (answer.status, b"session-ended" in answer.read()) == (401, True), "which is what tells a page to ask for the code"
    connection.close()


@pytest.mark.parametrize("act", ["account locked", "right revoked"])
def test_what_ends_the_right_ends_its_streams(hub: RealHub, act: str) -> None:
    night = hub.create_operation()
    id, secret = opened(hub, night, wall=True)
    [(account,)] = hub.query("SELECT account_id FROM sessions WHERE id = %s", id)
    [(right,)] = hub.query("SELECT id FROM tokens WHERE account_id = %s", account)
    with Watching(hub, night.code, secret) as watching:
        if act == "account locked":
            assert hub.admin.patch(f"/accounts/{account}", {"locked": True}).status == 200
        else:
            assert hub.admin.delete(f"/tokens/{right}").status == 204
        assert watching.ended.wait(30.0)
