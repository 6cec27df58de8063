"""Tokens: issued, shown once, recognised, listed, ended."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from coordinator.access import tokens
from coordinator.db import driver_url, transaction
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, actor_of, report_body

Create = Callable[..., Caller]


def asked(night: Catalogue, **members: Any) -> dict[str, Any]:
    """A token for Kentucky's liaison."""
    return {"name": "Kentucky liaison", "role": "liaison", "operation": night.code, "units": ["KY"], "expires_at": None} | members


def holder(client: FlaskClient, issued: Any) -> Caller:
    """Whoever was given the token of this answer."""
    assert issued.status_code == 201, issued.json
    return Caller(client, issued.json["token"], issued.json["id"])


def rows(query: str, **parameters: Any) -> list[Any]:
    """What the database holds."""
    with transaction() as session:
        return list(session.execute(text(query), parameters))


@pytest.mark.parametrize("issuer", ["admin", "desk"])
def test_an_admin_and_the_desk_issue_tokens_for_an_operation(
    create_token: Create, operation: Catalogue, client: FlaskClient, issuer: str
) -> None:
    caller = create_token(issuer, None if issuer == "admin" else operation.code)
    answer = caller.post("/tokens", asked(operation))
    shown = {name: answer.json[name] for name in ("name", "role", "operation", "units", "expires_at", "revoked_at")}
    assert shown == {
        "name": "Kentucky liaison",
        "role": "liaison",
        "operation": operation.code,
        "units": ["KY"],
        "expires_at": None,
        "revoked_at": None,
    }
    liaison = holder(client, answer)
    right = {"id": liaison.id, "role": "liaison", "operation": operation.code, "units": ["KY"]}
    nobody = {"session": None, "account": None, "device": None}
    assert liaison.get("/me").json == right | nobody | {"name": "Kentucky liaison", "rights": [right]}
    assert liaison.post(f"/operations/{operation.code}/reports", report_body()).status_code == 201


@pytest.mark.parametrize("role", ["desk", "observer"])
def test_a_desk_issues_every_role_of_its_own_operation(desk: Caller, operation: Catalogue, client: FlaskClient, role: str) -> None:
    issued = desk.post("/tokens", {"name": "x", "role": role, "operation": operation.code})
    assert holder(client, issued).get("/me").json["role"] == role


def test_a_desk_issues_no_admin_and_nothing_for_another_operation(desk: Caller, create_operation: Callable[..., Catalogue]) -> None:
    other = create_operation()
    refused = [
        desk.post("/tokens", {"name": "x", "role": "admin"}),
        desk.post("/tokens", asked(other)),
        desk.post("/tokens", {"name": "x", "role": "desk", "operation": other.code}),
    ]
    assert [(one.status_code, one.json["type"]) for one in refused] == [(403, "/problems/not-allowed")] * 3
    assert rows("SELECT 1 FROM tokens WHERE issued_by = :id", id=desk.id) == []


def test_an_admin_issues_an_admin(create_token: Create, client: FlaskClient) -> None:
    second = holder(client, create_token().post("/tokens", {"name": "second", "role": "admin"}))
    me = second.get("/me").json
    assert {name: me[name] for name in ("name", "role", "operation", "units")} == {
        "name": "second",
        "role": "admin",
        "operation": None,
        "units": [],
    }


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"role": "king"}, "/role"),
        ({"role": None}, "/role"),
        ({"role": 1}, "/role"),
        ({"name": ""}, "/name"),
        ({"name": "  "}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "x\u0000"}, "/name"),
        ({"name": ["x"]}, "/name"),
        ({"units": []}, "/units"),
        ({"units": ["XX"]}, "/units/0"),
        ({"units": ["KY", "NATIONAL"]}, "/units/1"),
        ({"units": ["ky"]}, "/units/0"),
        ({"units": "KY"}, "/units"),
        ({"units": ["KY"] * 201}, "/units"),
        ({"role": "observer"}, "/units"),
        ({"role": "desk"}, "/units"),
        ({"operation": None}, "/operation"),
        ({"operation": "Night 1"}, "/operation"),
        ({"role": "admin", "units": []}, "/operation"),
        ({"expires_at": "2021-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2090-01-01T00:00:00"}, "/expires_at"),
        ({"expires_at": "soon"}, "/expires_at"),
        ({"expires_at": 4_000_000_000}, "/expires_at"),
        ({"token": "trm_mine"}, "/token"),
        ({"id": str(uuid.uuid4())}, "/id"),
    ],
)
def test_a_token_that_can_not_be_is_refused_with_the_place(
    create_token: Create, operation: Catalogue, members: dict[str, Any], pointer: str
) -> None:
    admin = create_token()
    answer = admin.post("/tokens", asked(operation, **members))
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")
    assert set(answer.json["errors"]) == {pointer}
    assert rows("SELECT 1 FROM tokens WHERE issued_by = :id", id=admin.id) == []


def test_a_token_for_an_operation_that_is_not_there_is_404(create_token: Create, operation: Catalogue) -> None:
    assert create_token().post("/tokens", asked(operation, operation="no-such-operation")).status_code == 404


def test_the_text_of_a_token_is_shown_once_and_kept_only_as_its_hash(desk: Caller, operation: Catalogue) -> None:
    issued = desk.post("/tokens", asked(operation)).json
    secret = issued["token"]
    assert re.fullmatch(r"trm_[A-Za-z0-9_-]{43}", secret)
    assert "token" not in next(item for item in desk.get("/tokens").json["items"] if item["id"] == issued["id"])
    [(digest,)] = rows("SELECT digest FROM tokens WHERE id = :id", id=issued["id"])
    assert digest == hashlib.sha256(secret.encode()).digest()
    for table in ("tokens", "audit", "answers", "grants"):
        held = rows(f"SELECT row_to_json(t)::text FROM {table} t")
        assert not any(secret[4:] in row for (row,) in held), table


def test_the_same_key_and_body_gives_the_same_text_and_makes_no_second_token(desk: Caller, operation: Catalogue) -> None:
    first = desk.post("/tokens", asked(operation), "k")
    again = desk.post("/tokens", dict(reversed(asked(operation).items())), "k")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert rows("SELECT count(*) FROM tokens WHERE issued_by = :id", id=desk.id) == [(1,)]


def test_the_same_key_with_another_body_is_refused_and_reveals_nothing(desk: Caller, operation: Catalogue) -> None:
    first = desk.post("/tokens", asked(operation), "k").json
    other = desk.post("/tokens", asked(operation, name="someone else"), "k")
    assert (other.status_code, other.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert not {first["id"], first["token"], first["name"]} & set(re.findall(r'[^"]+', other.get_data(as_text=True)))


def test_another_callers_same_key_is_another_key(desk: Caller, create_token: Create, operation: Catalogue) -> None:
    second = create_token("desk", operation.code)
    texts = {caller.post("/tokens", asked(operation), "k").json["token"] for caller in (desk, second)}
    assert len(texts) == 2


def test_without_a_key_every_request_makes_a_token(desk: Caller, operation: Catalogue) -> None:
    assert len({desk.post("/tokens", asked(operation), None).json["token"] for _ in range(2)}) == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256, "\x7f"])
def test_a_key_that_is_no_key_is_refused(desk: Caller, operation: Catalogue, key: str) -> None:
    headers = desk.headers | {"Idempotency-Key": key}
    answer = desk.client.post("/api/v1/tokens", json=asked(operation), headers=headers)
    assert answer.status_code == 422
    assert "1 to 255 visible characters" in str(answer.json["errors"])


def test_a_token_works_until_it_expires_and_then_no_longer(desk: Caller, operation: Catalogue, client: FlaskClient, owner_url: str) -> None:
    until = moment_text(datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1))
    issued = desk.post("/tokens", asked(operation, expires_at=until))
    assert issued.json["expires_at"] == until
    liaison = holder(client, issued)
    assert liaison.get("/me").status_code == 200
    engine = create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE tokens SET expires_at = clock_timestamp() WHERE id = :id"), {"id": liaison.id})
    engine.dispose()
    answer = liaison.get("/me")
    assert (answer.status_code, answer.json["detail"]) == (401, "The token is unknown, expired or revoked.")
    with transaction():
        assert tokens.standing({uuid.UUID(liaison.id), uuid.UUID(desk.id), None}) == {uuid.UUID(desk.id)}


def test_a_revoked_token_ends_at_once_and_what_it_sent_stays(desk: Caller, liaison: Caller, operation: Catalogue) -> None:
    id = liaison.post(f"/operations/{operation.code}/reports", report_body()).json["id"]
    answer = desk.delete(f"/tokens/{liaison.id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert liaison.get("/me").status_code == 401
    assert liaison.post(f"/operations/{operation.code}/reports", report_body()).status_code == 401
    assert desk.get(f"/operations/{operation.code}/reports/{id}").json["status"] == "current"
    with transaction():
        assert tokens.standing({uuid.UUID(liaison.id)}) == set(), "its streams end too"


def test_revoking_twice_is_the_same_as_once(desk: Caller, liaison: Caller) -> None:
    assert desk.delete(f"/tokens/{liaison.id}").status_code == 204
    [first] = [item["revoked_at"] for item in desk.get("/tokens").json["items"] if item["id"] == liaison.id]
    assert first is not None
    assert desk.delete(f"/tokens/{liaison.id}").status_code == 204
    assert first in [item["revoked_at"] for item in desk.get("/tokens").json["items"]]


def test_a_token_may_end_itself(desk: Caller) -> None:
    assert desk.delete(f"/tokens/{desk.id}").status_code == 204
    assert desk.get("/me").status_code == 401


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer trm_x",
        "Bearer " + "x" * 513,
        "Bearer trm_\u00e4",
        "Token {}",
        "{}",
        "Bearer {}x",
        "Bearer x{}",
    ],
)
def test_whoever_shows_no_good_token_is_told_what_to_send(client: FlaskClient, liaison: Caller, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.format(liaison.token)}
    answer = client.get("/api/v1/me", headers=headers)
    assert (answer.status_code, answer.json["type"]) == (401, "/problems/not-signed-in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_the_scheme_is_read_as_rfc_9110_writes_it(client: FlaskClient, liaison: Caller, form: str) -> None:
    assert client.get("/api/v1/me", headers={"Authorization": form.format(liaison.token)}).status_code == 200


def test_a_session_of_the_address_bar_is_no_token(client: FlaskClient, liaison: Caller) -> None:
    assert client.get(f"/api/v1/me?token={liaison.token}&access_token={liaison.token}").status_code == 401


def test_tokens_are_listed_newest_first_a_page_at_a_time(desk: Caller, operation: Catalogue) -> None:
    made = [desk.post("/tokens", asked(operation, name=f"number {n}")).json["id"] for n in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = desk.get("/tokens", limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [*reversed(made), desk.id]


def test_what_is_made_meanwhile_moves_no_page(desk: Caller, operation: Catalogue) -> None:
    made = [desk.post("/tokens", asked(operation)).json["id"] for _ in range(3)]
    first = desk.get("/tokens", limit=2).json
    desk.post("/tokens", asked(operation))
    second = desk.get("/tokens", limit=2, cursor=first["next"]).json
    assert [item["id"] for item in (*first["items"], *second["items"])] == [*reversed(made), desk.id]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"cursor": "x"}, {"cursor": "bm90LWEtdXVpZA"}, {"page": 2}]
)
def test_a_list_that_can_not_be_read_so_is_refused(desk: Caller, query: dict[str, Any]) -> None:
    answer = desk.get("/tokens", **query)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {f"/{next(iter(query))}"}


def test_what_the_caller_has_already_is_not_sent_again(desk: Caller) -> None:
    for path in ("/me", "/tokens"):
        first = desk.get(path)
        again = desk.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert desk.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_text_of_a_token_can_not_be_had_from_its_id_and_another_secret(
    desk: Caller, create_token: Create, operation: Catalogue
) -> None:
    issued = desk.post("/tokens", asked(operation)).json
    mine, other = actor_of(desk), actor_of(create_token())
    assert tokens.text_of(mine, uuid.UUID(issued["id"])) == issued["token"]
    assert tokens.text_of(other, uuid.UUID(issued["id"])) != issued["token"]


def test_an_actor_shows_no_secret(desk: Caller) -> None:
    assert desk.token not in repr(actor_of(desk))


def test_nothing_of_a_token_is_in_the_log(
    client: FlaskClient, desk: Caller, operation: Catalogue, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = desk.post("/tokens", asked(operation)).json["token"]
    client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}x"})
    out, err = capfd.readouterr()
    assert secret not in out + err
    assert desk.token not in out + err
