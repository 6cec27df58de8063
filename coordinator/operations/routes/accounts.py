"""``/accounts``: names to sign in with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from coordinator.access import accounts, cookies, passphrases
from coordinator.access.actor import Actor
from coordinator.access.guards import entrance, guard
from coordinator.db import transaction
from coordinator.doors import Room, answer, created, page, place_id
from coordinator.errors import Invalid, Refusal
from coordinator.operations import admission, people
from coordinator.operations.schemas.people import AccountIn, AccountList, AccountOut, LockIn, OfferIn, OfOperation, PassphraseIn, Taken

room = Room("accounts", __name__, url_prefix="/api/v1/accounts", description="Names to sign in with.")


@room.route("", methods=["POST"])
@entrance
@room.doc(security=[])
@room.arguments(AccountIn)
@room.response(201, Taken)
def take(content: dict[str, Any]) -> Response:
    """Take an invitation into a new account, and sign in with it."""
    terms = cookies.terms()
    with transaction():
        admission.check_account(content)
    verifier = passphrases.hashed(content["passphrase"])
    with transaction():
        opened = admission.take_into_new_account(content, verifier, terms)
        document = admission.right_description(opened.right, opened)
    return cookies.keep(created(document, False), cookies.SESSION, opened.secret, terms.most)


@room.route("/this/rights", methods=["POST"])
@guard("invitations.take")
@room.arguments(OfferIn)
@room.response(201, Taken)
def take_too(actor: Actor, content: dict[str, Any]) -> Response:
    """Take an invitation into the account one is signed in with."""
    with transaction():
        document = admission.right_description(admission.take_into_own_account(actor, content["invitation"]))
    return created(document, False)


@room.route("/this/passphrase", methods=["PUT"])
@guard("passphrase.change")
@room.arguments(PassphraseIn)
@room.response(204)
def change_passphrase(actor: Actor, content: dict[str, Any]) -> Response:
    """Change the passphrase of the account one is signed in with; its other sessions end."""
    terms = cookies.terms()
    with transaction():
        account = accounts.own(actor)
        attempt = accounts.begin(account.name, terms)
    if isinstance(attempt, Refusal):
        raise attempt
    if objection := passphrases.objection(content["passphrase"], account.name):
        raise Invalid.at("/passphrase", objection)
    proven = passphrases.proves(content["current"], attempt.verifier)
    verifier = passphrases.hashed(content["passphrase"])
    with transaction():
        refusal = accounts.change_passphrase(actor, attempt, proven, verifier, terms)
    if refusal:
        raise refusal
    return Response(status=204)


@room.route("", methods=["GET"])
@guard("accounts.read")
@room.arguments(OfOperation, location="query")
@room.response(200, AccountList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List accounts, or those with a right in an operation, newest first."""
    with transaction():
        items = people.list_accounts(actor, query["operation"], query, place_id(query["cursor"]))
    return page(items, query["limit"], items[-1]["id"] if items else None)


@room.route("/<uuid:id>", methods=["PATCH"])
@guard("accounts.change")
@room.arguments(LockIn)
@room.response(200, AccountOut)
def lock(actor: Actor, content: dict[str, Any], id: UUID) -> Response:
    """Lock an account, which ends its sessions, or unlock it, whatever locked it."""
    with transaction():
        account = accounts.by_id(id)
        (accounts.lock if content["locked"] else accounts.unlock)(actor, account)
        return answer(people.account(account))


@room.route("/<uuid:id>", methods=["DELETE"])
@guard("accounts.change")
@room.response(204)
def close(actor: Actor, id: UUID) -> Response:
    """End an account for good: its rights are revoked, its sessions end, and it stays locked."""
    with transaction():
        accounts.close(actor, accounts.by_id(id))
    return Response(status=204)
