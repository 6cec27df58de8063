"""The door for browsers: cookies in and out, and no write that another site's page has sent.

Two cookies, both ``__Host-`` (so Secure, of this host alone), HttpOnly and SameSite=Lax: the session's secret and the device's.
Browsers keep such cookies on plain http too where the address is their own machine, so there is one form of them everywhere.

A write with a cookie must say that it comes from a page of this hub: by ``Sec-Fetch-Site``, which no page can set, or by
``Origin``; and its body is JSON, which no form can send. There is no token to run out while a liaison is offline.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, request

from coordinator.access import browsers
from coordinator.access.actor import ON_THE_WALL, Actor, Session
from coordinator.access.sessions import Terms, recognise_all
from coordinator.db import question
from coordinator.errors import FromElsewhere, NotAllowed, SessionEnded
from coordinator.together import Together

SESSION, DEVICE = "__Host-tallyroom", "__Host-tallyroom-device"
OPERATION = "Tallyroom-Operation"
"""Header by which a page says in which operation it acts, where its address names none."""

WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
_LONGEST = 128
_PURPOSE = "text/event-stream"


def secret(name: str) -> str | None:
    """What a cookie of ours holds."""
    value = request.cookies.get(name)
    return value if value and len(value) <= _LONGEST else None


def actor(act: str, operation: str | None) -> Actor | None:
    """Who speaks by the session of this browser, with the right it has in the operation; None where there is no cookie.

    Refuses with SessionEnded, FromElsewhere, and NotAllowed where the session hangs on a wall.
    """
    presented = secret(SESSION)
    if presented is None:
        return None
    if request.method in WRITES:
        own_page_only()
    session = _together.ask((presented, _PURPOSE not in request.headers.get("Accept", "")))
    if session is None:
        raise SessionEnded("Your session has ended. Sign in again; what you have typed stays on this page until you leave it.")
    if session.wall and request.method in WRITES and act not in ON_THE_WALL:
        raise NotAllowed("This session only shows the board on a wall. Sign in again to do anything else.")
    return _acting(session, presented, operation or request.headers.get(OPERATION))


def own_page_only() -> None:
    """Refuses a write that did not come from a page of this hub; one that does not say where it came from too."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    foreign = origin is not None and _place(origin) != request.host
    if foreign or site not in (None, "same-origin") or (site is None and origin is None):
        raise FromElsewhere("Another site sent this, or nothing says which did. Nothing was done: use the hub's own pages.")


def _place(origin: str) -> str | None:
    """Host and port of an Origin header; None where it is no address at all."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def own_page_or_program() -> None:
    """The same for what needs no cookie: a program, which says nothing of pages, may do it as well."""
    if "Sec-Fetch-Site" in request.headers or "Origin" in request.headers:
        own_page_only()


def terms() -> Terms:
    """How a session begun by this request is opened."""
    settings = current_app.extensions["tallyroom.settings"]
    browser = browsers.named(request.user_agent.string)
    return Terms(request.remote_addr or "", browser, settings.idle_minutes * 60, settings.session_hours * 3600, secret(SESSION))


def keep(response: Response, name: str, value: str, seconds: float) -> Response:
    """Gives the browser a cookie for so long."""
    response.set_cookie(name, value, max_age=int(seconds), path="/", secure=True, httponly=True, samesite="Lax")
    response.headers["Cache-Control"] = "no-store"
    return response


def forget(response: Response, name: str) -> Response:
    """Takes a cookie from the browser."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="Lax")
    return response


def _acting(session: Session, presented: str, operation: str | None) -> Actor:
    right = session.right_in(operation)
    origin = request.remote_addr or ""
    return Actor(right.id, right.name, right.role, right.operation, right.units, "page", origin, presented.encode(), session)


def _recognise_lot(lot: list[tuple[str, bool]]) -> list[Session | None]:
    """The sessions of a lot: asked of the database for every request, so that a revoked one is dead at once."""
    with question():  # which also notes activity: one statement is a transaction of its own
        return recognise_all(lot)


_together: Together[tuple[str, bool], Session | None] = Together("sessions", _recognise_lot)  # type: ignore[arg-type]
