"""Accounts: made, signed in to, listed, locked.

Signing in takes two transactions with the passphrase tried between them, because trying one takes a processor for a while: the
first counts the attempt, the second says what came of it. A refusal that must stay on the record is answered, not raised:
raising it would undo the record.
"""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from coordinator.access import attempts, audit, sessions, tokens
from coordinator.access.actor import ADMIN, Actor
from coordinator.access.models import Account, Token
from coordinator.access.sessions import Terms
from coordinator.db import session
from coordinator.errors import InUse, NameTaken, NotAllowed, NotFound, NotRecognised, Refusal, TooManyAttempts

_LIST = text("""
    SELECT a.id, a.name, a.login, a.created_at, a.locked_at FROM accounts a
    WHERE (CAST(:operation AS text) IS NULL OR EXISTS (
              SELECT FROM tokens t JOIN operations o ON o.id = t.operation_id
              WHERE t.account_id = a.id AND t.revoked_at IS NULL AND o.code = :operation))
      AND (CAST(:after AS uuid) IS NULL OR a.id < :after)
    ORDER BY a.id DESC LIMIT :limit
""")


@dataclass(frozen=True)
class Attempt:
    """A sign-in under way: the name as typed and compared, the account where there is one, and how many attempts stand against it."""

    login: str
    account: Account | None
    count: int

    @property
    def verifier(self) -> str | None:
        """What the passphrase is tried against."""
        return self.account.passphrase if self.account else None


def login_of(name: str) -> str:
    """A name as it is compared: case, width, spaces and what can't be seen don't matter."""
    seen = "".join(one for one in unicodedata.normalize("NFKC", name) if unicodedata.category(one) != "Cf")
    return " ".join(seen.casefold().split())


def add(name: str, verifier: str) -> Account:
    """Makes an account without rights. Refuses with NameTaken."""
    id, login = uuid7(), login_of(name)
    made = insert(Account).values(id=id, name=" ".join(name.split()), login=login, passphrase=verifier).on_conflict_do_nothing()
    if session().scalar(made.returning(Account.id)) is None:
        raise NameTaken("Another account signs in by this name. Choose another.")
    return session().get_one(Account, id)


def give(actor: Actor, account: Account, role: str, operation_id: int | None, units: list[int], issued_by: uuid.UUID | None) -> Token:
    """Gives an account a right. Refuses with InUse where it has one in that operation already."""
    held = [token for token in tokens.of_holder(account=account.id) if token.operation_id == operation_id]
    if held:
        raise InUse(f"{account.name} takes part there already, as {held[0].role}. End that right first.")
    right = Token(id=uuid7(), name=account.name, role=role, account_id=account.id, issued_by=issued_by)
    tokens.put(right, operation_id, units)
    audit.record(actor, "right given", operation_id, {"account": str(account.id), "token": str(right.id), "role": role})
    return right


def begin(name: str, terms: Terms) -> Attempt | Refusal:
    """Counts an attempt to sign in by this name; a refusal where it is locked, on the record."""
    login = login_of(name)
    account = session().scalars(select(Account).where(Account.login == login)).one_or_none()
    count, seconds = attempts.charge(login)
    if seconds is None:
        return Attempt(login, account, count)
    audit.record(_someone(account, terms), "sign-in refused", None, {"account": _id(account), "why": "locked"})
    return TooManyAttempts(seconds)


def end(attempt: Attempt, proven: bool, terms: Terms) -> tuple[uuid.UUID, str] | Refusal:
    """What comes of it: the session's id and secret, or a refusal, either on the record."""
    account, someone = attempt.account, _someone(attempt.account, terms)
    if account is None or not proven:
        locks = attempt.count >= attempts.MOST
        audit.record(someone, "sign-in failed", None, {"account": _id(account)} | ({"locked": attempts.WINDOW} if locks else {}))
        return NotRecognised("Name and passphrase do not belong together. After five failures a name is locked for 15 minutes.")
    attempts.forgive(attempt.login)
    if account.locked_at is not None or not (rights := tokens.of_holder(account=account.id)):
        why = "This account is locked. Ask an admin." if account.locked_at else "This account has no right any more. Ask the desk."
        audit.record(someone, "sign-in refused", None, {"account": _id(account), "why": why})
        return NotAllowed(why)
    id, secret = sessions.open(terms, account=account.id)
    audit.record(_holder(rights[0], terms), "signed in", None, {"account": _id(account), "session": str(id)})
    return id, secret


def change_passphrase(actor: Actor, attempt: Attempt, proven: bool, verifier: str, terms: Terms) -> Refusal | None:
    """Gives the actor's account another passphrase and ends its other sessions; a refusal, on the record, where it did not know
    the present one."""
    if not proven or attempt.account is None:
        audit.record(_someone(attempt.account, terms), "passphrase not changed", None, {"account": _id(attempt.account)})
        return NotRecognised("That is not your present passphrase. After five failures your name is locked for 15 minutes.")
    attempts.forgive(attempt.login)
    kept = update(Account).where(Account.id == attempt.account.id)
    session().execute(kept.values(passphrase=verifier, changed_at=func.clock_timestamp()))
    sessions.end_all(account=attempt.account.id, but=actor.session.id if actor.session else None)
    audit.record(actor, "passphrase changed", None, {"account": _id(attempt.account)})
    return None


def own(actor: Actor) -> Account:
    """The actor's account; NotFound where it has none."""
    if actor.session is None or actor.session.account is None:
        raise NotFound("You have not signed in with an account.")
    return session().get_one(Account, actor.session.account)


def named(name: str) -> Account:
    """The account of this name; NotFound where there is none."""
    return _found(session().scalars(select(Account).where(Account.login == login_of(name))).one_or_none())


def by_id(id: uuid.UUID) -> Account:
    """The account of this id; NotFound where there is none."""
    return _found(session().get(Account, id))


def visible(operation: str | None, limit: int, after: uuid.UUID | None) -> list[Row[Any]]:
    """Accounts, newest first: of everyone with a right in ``operation``, else all."""
    return list(session().execute(_LIST, {"operation": operation, "limit": limit, "after": after}))


def lock(actor: Actor, account: Account) -> None:
    """Keeps an account from signing in until it is unlocked, and ends its sessions."""
    session().execute(update(Account).where(Account.id == account.id, Account.locked_at.is_(None)).values(locked_at=func.clock_timestamp()))
    sessions.end_all(account=account.id)
    audit.record(actor, "account locked", None, {"account": str(account.id)})


def unlock(actor: Actor, account: Account) -> None:
    """Lets an account sign in again, whatever locked it."""
    session().execute(update(Account).where(Account.id == account.id).values(locked_at=None))
    attempts.forgive(account.login)
    audit.record(actor, "account unlocked", None, {"account": str(account.id)})


def close(actor: Actor, account: Account) -> None:
    """Ends all an account may do, for good: its rights are revoked and it stays locked. What it reported stays its own."""
    for right in tokens.of_holder(account=account.id):
        tokens.revoke(actor, right.id)
    lock(actor, account)


def _found(account: Account | None) -> Account:
    if account is None:
        raise NotFound("There is no such account.")
    return account


def _someone(account: Account | None, terms: Terms) -> Actor:
    """Whoever tries. A name no one has is not kept: it may be a passphrase, typed into the wrong field."""
    return Actor(None, account.name if account else "unknown", ADMIN, channel="page", origin=terms.origin)


def _holder(right: Token, terms: Terms) -> Actor:
    return Actor(right.id, right.name, right.role, channel="page", origin=terms.origin)


def _id(account: Account | None) -> str | None:
    return str(account.id) if account else None
