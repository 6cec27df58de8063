"""The guard of every route: from the bearer's token, or the browser's session, to the actor. 401, 403 and 404 of access end here.

``@guard("reports.post")`` above a view gives it the actor as its first argument. A view without a guard or ``public`` keeps
the application from starting.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, request
from sqlalchemy import Row
from structlog.contextvars import bind_contextvars

from coordinator.access import cookies, tokens
from coordinator.access.actor import MAY, Actor
from coordinator.access.limits import whose
from coordinator.db import question
from coordinator.errors import NotAllowed, NotFound, NotSignedIn
from coordinator.fields import OPERATION_CODE
from coordinator.together import Together

View = Callable[..., Any]
_CODE = re.compile(OPERATION_CODE)


def guard(act: str) -> Callable[[View], View]:
    """Lets through who may do ``act``, a key of MAY, in the operation of the address, and counts its writes."""
    if act not in MAY:
        raise KeyError(f"no role may do {act!r}: add it to MAY")

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            return view(_admit(act, kwargs.get("code")), *args, **kwargs)

        guarded.guarded_by = act  # type: ignore[attr-defined]
        return guarded

    return wrap


def public(view: View) -> View:
    """Marks a view that anyone may see."""
    view.guarded_by = "public"  # type: ignore[attr-defined]
    return view


def entrance(view: View) -> View:
    """Marks a view by which people come in: anyone may send it, from a page of the hub or from a program, so often a minute."""

    @functools.wraps(view)
    def entered(*args: Any, **kwargs: Any) -> Any:
        cookies.own_page_or_program()
        current_app.extensions["tallyroom.attempts"].spend(whose(request.remote_addr or ""))
        return view(*args, **kwargs)

    return public(entered)


def _admit(act: str, operation: str | None) -> Actor:
    sent = request.headers.get("Authorization")
    actor = (None if sent else cookies.actor(act, operation)) or bearer(sent or "", request.remote_addr or "")
    bind_contextvars(actor=str(actor.id))
    if request.method in cookies.WRITES:
        current_app.extensions["tallyroom.limits"].spend(actor.id)
    if operation is not None and not (_CODE.fullmatch(operation) and actor.belongs_to(operation)):
        raise NotFound("There is no such operation, or it is not yours.")
    if not actor.may(act):
        raise NotAllowed(f"The role {actor.role} may not do this.")
    return actor


def bearer(authorization: str, origin: str) -> Actor:
    """Who sends this Authorization header from that address; NotSignedIn where nobody known does."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Sign in, or send a token: Authorization: Bearer TOKEN.")
    if len(token) > 512:
        raise NotSignedIn("The token is unknown, expired or revoked.")
    return tokens.named(_together.ask(token.strip()), token.strip(), origin)


def _recognise_lot(lot: Sequence[str]) -> Sequence[Row[Any] | None]:
    """Who holds each token: asked of the database for every request, so that a revoked one is dead at once."""
    with question():
        return tokens.recognise_all(lot)


_together: Together[str, Row[Any] | None] = Together("tokens", _recognise_lot)
