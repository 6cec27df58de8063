"""People who sign in: accounts with passphrases made when the test runs, and browsers that keep their cookies."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient

from coordinator.access import accounts, passphrases
from coordinator.access.actor import console
from coordinator.access.cookies import SESSION
from coordinator.db import transaction
from coordinator.operations import members

PAGE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
"""What a browser says of a write that a page of the hub has sent."""

PHONE = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36"
CODE = "482915"
"""A short code without a pattern."""


@dataclass(frozen=True)
class Account:
    """Someone who can sign in."""

    id: str
    name: str
    passphrase: str

    @property
    def words(self) -> dict[str, str]:
        """What signs it in."""
        return {"name": self.name, "passphrase": self.passphrase}


def passphrase() -> str:
    """A fresh one."""
    return " ".join(secrets.token_hex(3) for _ in range(4))


def new_account(role: str = "admin", operation: str | None = None, *units: str, name: str = "") -> Account:
    """An account with one right, made as the command line makes it."""
    account = Account("", name or f"{role} {uuid.uuid4().hex[:8]}", passphrase())
    content = {"role": role, "operation": operation, "units": list(units)}
    verifier = passphrases.hashed(account.passphrase)
    with transaction():
        catalogue = members.operation_of(console(), content)
        ids = list(members.units_of(content, catalogue).values())
        made = accounts.add(account.name, verifier)
        accounts.give(console(), made, role, catalogue.id if catalogue else None, ids, None)
    return Account(str(made.id), account.name, account.passphrase)


class Browser:
    """A browser in this process: one jar of cookies, and pages of the hub that write by it."""

    def __init__(self, app: Flask, agent: str = PHONE) -> None:
        self.client: FlaskClient = app.test_client()
        self.agent = agent
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None, **headers: str) -> Any:
        """A request that a page of the hub sends, under /api/v1."""
        sent = {"User-Agent": self.agent} | (PAGE if method != "GET" else {"Sec-Fetch-Site": "same-origin"}) | self.headers | headers
        options = {} if body is None else {"json": body}
        return self.client.open("/api/v1" + path, method=method, headers=sent, query_string=query or {}, **options)

    def get(self, path: str, **query: Any) -> Any:
        """GET."""
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """POST."""
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        """PATCH."""
        return self.ask("PATCH", path, body)

    def put(self, path: str, body: Any) -> Any:
        """PUT."""
        return self.ask("PUT", path, body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.ask("DELETE", path)

    def sign_in(self, account: Account) -> Any:
        """Signs in by name and passphrase."""
        answer = self.post("/sessions", account.words)
        assert answer.status_code == 201, answer.json
        return answer

    def take(self, invitation: str, name: str = "Kentucky duty desk", code: str = CODE, **headers: str) -> Any:
        """Takes an invitation on this device."""
        return self.post("/devices", {"invitation": invitation, "name": name, "code": code}, **headers)

    def unlock(self, code: str = CODE) -> Any:
        """Unlocks this device."""
        return self.post("/devices/this/sessions", {"code": code})

    def secret(self, name: str = SESSION) -> str | None:
        """What a cookie holds."""
        cookie = self.client.get_cookie(name)
        return cookie.value if cookie else None


def secret_in(link: str) -> str:
    """The secret of an invitation's link."""
    return link.split("#")[1]


def invited(admin: Any, operation: str, role: str = "liaison", *units: str, **members: Any) -> str:
    """The secret of a fresh invitation that ``admin`` has made."""
    units = units or (("KY",) if role == "liaison" else ())
    asked = {"name": "Kentucky duty desk", "role": role, "operation": operation, "units": list(units)} | members
    answer = admin.post("/invitations", asked)
    assert answer.status_code == 201, answer.json
    return secret_in(answer.json["link"])


def as_owner(url: str, statement: str, *values: Any) -> list[Any]:
    """Rows of a statement run by the owner of the tables, who alone can move time."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []
