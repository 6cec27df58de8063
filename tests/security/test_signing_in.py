"""Signing in, as the hub promises it: few tries for anyone, and no sign of which names there are.

Five failures in 15 minutes lock a name for 15 (FBI CJIS Security Policy, AC-7), counted before each is tried. Time is moved by
the owner of the tables, who alone can.
"""

from __future__ import annotations

import hashlib
import json
import statistics
import threading
import time
import uuid
from typing import Any

import pytest
from flask import Flask

from coordinator.access import accounts
from tests.people import Account, Browser, as_owner, new_account, passphrase

UNKNOWN = "no one of this name"


def told(answer: Any) -> tuple[int, str, Any]:
    """All that an answer gives away."""
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Retry-After")


def fail(browser: Browser, name: str) -> Any:
    """A failure to sign in."""
    return browser.post("/sessions", {"name": name, "passphrase": passphrase()})


def digest(name: str) -> bytes:
    """How a name is kept."""
    return hashlib.sha256(accounts.login_of(name).encode()).digest()


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Whoever tries."""
    return Browser(app)


def test_five_failures_lock_and_known_and_unknown_names_are_told_the_same(browser: Browser) -> None:
    account, unknown = new_account(), f"{UNKNOWN} {uuid.uuid4().hex}"
    known_answers = [told(fail(browser, account.name)) for _ in range(7)]
    unknown_answers = [told(fail(browser, unknown)) for _ in range(7)]
    assert [status for status, _, _ in known_answers] == [401] * 5 + [429] * 2
    assert known_answers == unknown_answers
    assert len(set(known_answers)) == 2, "nor does an answer say how often one may still try"
    assert json.loads(known_answers[0][1])["type"] == "/problems/not-recognised"
    assert 880 < int(known_answers[5][2]) <= 900


def test_while_locked_the_right_passphrase_opens_nothing(browser: Browser) -> None:
    account = new_account()
    wrong = [fail(browser, account.name) for _ in range(6)][-1]
    right = browser.post("/sessions", account.words)
    assert (right.status_code, right.json) == (429, wrong.json)
    assert browser.secret() is None


def test_spelling_the_name_otherwise_gives_no_further_tries(browser: Browser) -> None:
    account = new_account()
    name = account.name
    for spelling in (name, name.upper(), f" {name}", name.replace(" ", "  \u200b"), f"\u00ad{name.title()}"):
        assert fail(browser, spelling).status_code == 401
    assert fail(browser, account.name).status_code == 429


def test_the_lock_ends_after_15_minutes_and_five_more_lock_again(browser: Browser, owner_url: str) -> None:
    account = new_account()
    for _ in range(5):
        fail(browser, account.name)
    move = "UPDATE attempts SET locked_until = locked_until - interval '%s' WHERE digest = %%s"
    as_owner(owner_url, move % "14 minutes 50 seconds", digest(account.name))
    assert fail(browser, account.name).status_code == 429
    as_owner(owner_url, move % "11 seconds", digest(account.name))
    assert [fail(browser, account.name).status_code for _ in range(6)] == [401] * 5 + [429]


def test_failures_older_than_15_minutes_no_longer_count(browser: Browser, owner_url: str) -> None:
    account = new_account()
    for _ in range(4):
        fail(browser, account.name)
    older = "UPDATE attempts SET failures = ARRAY(SELECT one - interval '15 minutes' FROM unnest(failures) one) WHERE digest = %s"
    as_owner(owner_url, older, digest(account.name))
    assert [fail(browser, account.name).status_code for _ in range(5)] == [401] * 5
    assert fail(browser, account.name).status_code == 429


def test_signing_in_forgives_what_failed_before(browser: Browser) -> None:
    account = new_account()
    for _ in range(2):
        assert [fail(browser, account.name).status_code for _ in range(4)] == [401] * 4
        browser.sign_in(account)


def test_many_at_once_get_no_more_tries_than_one_after_the_other(app: Flask) -> None:
    account, answers, together = new_account(), [], threading.Barrier(16)

    def guess() -> None:
        together.wait()
        answers.append(fail(Browser(app), account.name).status_code)

    threads = [threading.Thread(target=guess) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [401] * 5 + [429] * 11


def test_an_unknown_name_takes_as_long_as_a_known_one(browser: Browser, owner_url: str) -> None:
    """Without the passphrase of no one, an unknown name is refused some twenty times sooner."""

    def seconds(name: str) -> float:
        began = time.perf_counter()
        assert fail(browser, name).status_code == 401
        return time.perf_counter() - began

    people: list[Account] = [new_account() for _ in range(4)]
    known, unknown = [], []
    for round in range(4):
        for person in people:
            known.append(seconds(person.name))
            unknown.append(seconds(f"{UNKNOWN} {round} {person.id}"))
    assert 0.5 < statistics.median(unknown) / statistics.median(known) < 2


def test_no_table_holds_the_name_or_the_passphrase_that_failed(browser: Browser, owner_url: str) -> None:
    name, words = uuid.uuid4().hex, passphrase()
    browser.post("/sessions", {"name": name, "passphrase": words})
    tables = as_owner(owner_url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    for (table,) in tables:
        found = as_owner(owner_url, f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY (%s)', [f"%{name}%", f"%{words}%"])
        assert found == [(0,)], table


def test_half_a_character_signs_no_one_in(browser: Browser) -> None:
    half = "half \ud800"
    sent = [
        browser.post("/sessions", {"name": "Someone", "passphrase": half}),
        browser.post("/invitations/offer", {"invitation": half}),
        browser.post("/devices", {"invitation": half, "name": "Someone", "code": half}),
    ]
    assert [answer.status_code for answer in sent] == [422] * 3
    assert sent[0].json["errors"] == {"/passphrase": ["Holds half a character: type it anew."]}


def test_one_address_can_not_try_name_after_name_without_end(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from coordinator.access.limits import Limits
    from coordinator.errors import TooManyAttempts

    monkeypatch.setitem(app.extensions, "tallyroom.attempts", Limits(0.001, 3, lambda: 0.0, refusal=TooManyAttempts))
    answers = [fail(Browser(app), uuid.uuid4().hex) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert (answers[3].json["type"], answers[3].headers["Retry-After"]) == ("/problems/too-many-attempts", "1000")
