"""People as the API shows them: who is speaking, and the sessions, devices and accounts of an operation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from coordinator.access import accounts, attempts
from coordinator.access.actor import Actor, Right, Session
from coordinator.access.devices import MOST
from coordinator.access.models import Account
from coordinator.db import session
from coordinator.errors import NotFound
from coordinator.fields import in_text, moment_text
from coordinator.operations import members


def me(actor: Actor) -> dict[str, Any]:
    """Who is speaking: the right it acts with here, and where it speaks from a browser its session and every right that gives."""
    rights = actor.session.rights if actor.session else (Right(_id(actor), actor.name, actor.role, actor.operation, actor.units),)
    account = session().get(Account, actor.session.account) if actor.session and actor.session.account else None
    return {
        "id": str(actor.id),
        "name": actor.name,
        "role": actor.role,
        "operation": actor.operation,
        "units": members.unit_codes(actor.units),
        "session": actor.session and _session(actor.session),
        "account": account and {"id": str(account.id), "name": account.name},
        "device": actor.session and actor.session.device and {"id": str(actor.session.device)},
        "rights": [_right(right) for right in rights],
    }


def session_row(row: Row[Any], actor: Actor) -> dict[str, Any]:
    """A session in a list."""
    current = actor.session is not None and actor.session.id == row.id
    told = {"id": str(row.id), "name": row.name, "by": "account" if row.account_id else "device", "current": current}
    told |= {name: getattr(row, name) for name in ("browser", "origin", "wall", "created_at", "seen_at", "expires_at")}
    return in_text(told, "created_at", "seen_at", "expires_at")


def device_row(row: Row[Any]) -> dict[str, Any]:
    """A device in a list."""
    told = {"id": str(row.id), "tries_left": MOST - row.failures}
    told |= {name: getattr(row, name) for name in ("name", "role", "operation", "browser", "created_at", "expires_at")}
    return in_text(told, "created_at", "expires_at")


def account_rows(rows: list[Any]) -> list[dict[str, Any]]:
    """Accounts in a list: ``locked`` says by whom, ``attempts`` where failures to sign in did it and it ends by itself."""
    failing = attempts.locked([row.login for row in rows])
    return [
        {
            "id": str(row.id),
            "name": row.name,
            "created_at": moment_text(row.created_at),
            "locked": "admin" if row.locked_at else "attempts" if row.login in failing else None,
        }
        for row in rows
    ]


def account(one: Account) -> dict[str, Any]:
    """One account, as it stands."""
    session().refresh(one)
    return account_rows([one])[0]


def list_accounts(actor: Actor, operation: str | None, query: dict[str, Any], after: Any) -> list[dict[str, Any]]:
    """Accounts the actor may see: an admin all or an operation's, a desk its own operation's."""
    asked = members.overseen(actor, operation if actor.operation is None else operation or actor.operation)
    return account_rows(accounts.visible(asked, query["limit"], after))


def _session(one: Session) -> dict[str, Any]:
    told = {"id": str(one.id), "wall": one.wall, "created_at": one.created_at, "idle_at": one.idle_at, "expires_at": one.expires_at}
    return in_text(told, "created_at", "idle_at", "expires_at")


def _right(right: Right) -> dict[str, Any]:
    units = members.unit_codes(right.units)
    return {"id": str(right.id), "role": right.role, "operation": right.operation, "units": units}


def _id(actor: Actor) -> UUID:
    if actor.id is None:
        raise NotFound("The command line is no one in particular.")
    return actor.id
