"""The pages by which people come in, and by which the desk lets them in.

Each is a frame with its forms; what they do is the API's, asked by the modules of ``js/access``. The four that anyone may see
know nothing but what the browser's own cookies and address say.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from coordinator.access import cookies, devices
from coordinator.access.actor import ADMIN, ROLES, Actor
from coordinator.access.passphrases import DIGITS, LEAST, MOST
from coordinator.browser.pages import open_page, page, render
from coordinator.db import transaction
from coordinator.errors import NotFound
from coordinator.operations import people, service
from coordinator.operations.models import BUILT_IN

room = Blueprint("ways_in", __name__, template_folder="html")


@room.get("/sign-in")
@open_page
def sign_in() -> str:
    """Name and passphrase."""
    return render("access/sign_in.html", after=_after(), ended="ended" in request.args, most=MOST)


@room.get("/unlock")
@open_page
def unlock() -> str | Response:
    """The short code of this device; another way in where it is none, or none any more."""
    secret = cookies.secret(cookies.DEVICE)
    try:
        with transaction():
            device = people.device_row(devices.this(secret))
    except NotFound:
        why = {"gone": "1"} if secret else {"ended": "1"} if "ended" in request.args else {}
        return redirect(f"/sign-in?{urlencode(why | {'next': _after()})}", 303)
    return render("access/unlock.html", after=_after(), ended="ended" in request.args, device=device, digits=DIGITS)


@room.get("/join")
@open_page
def join() -> str:
    """An invitation, whose secret stands after the ``#`` and is read by the page alone."""
    return render("access/join.html", digits=DIGITS, least=LEAST, most=MOST)


@room.get("/sessions")
@page("sessions.read")
def sessions(actor: Actor) -> str:
    """What is open of one's own, and this device."""
    with transaction():
        return render("access/sessions.html", actor=actor, here="sessions", me=people.me(actor), least=LEAST, most=MOST)


@room.get("/operations/<code>/people")
@page("invitations.read")
def members(actor: Actor, code: str) -> str:
    """Who takes part: invitations, rights, sessions and devices of an operation."""
    with transaction():
        operation = service.find(code)
    units = sorted((unit for unit in operation.units if unit.code not in BUILT_IN), key=lambda unit: unit.code)
    return render(
        "access/people.html",
        actor=actor,
        here="people",
        operation=operation,
        units=units,
        roles=[role for role in ROLES[::-1] if role != ADMIN],
    )


def _after() -> str:
    """Where to go after signing in: a page of this hub, wherever the address was sent from."""
    asked = request.args.get("next", "/")
    return asked if asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable() else "/"
