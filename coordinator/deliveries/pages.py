"""The page of what leaves the hub: addresses, what has gone out, what failed and why. What it does is the API's."""

from __future__ import annotations

from flask import Blueprint

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.db import transaction
from coordinator.deliveries import ways
from coordinator.deliveries.models import MAIL, PUSH, WEBHOOK
from coordinator.operations import service as operations

room = Blueprint("deliveries", __name__, template_folder="templates")

WORDS = {MAIL: "E-mail", WEBHOOK: "Webhook", PUSH: "Phone"}


@room.get("/operations/<code>/deliveries")
@page("deliveries.read")
def deliveries(actor: Actor, code: str) -> str:
    """What leaves the hub, and for where."""
    with transaction():
        operation = operations.find(code)
    closed = {kind: ways.now().closed(kind) for kind in WORDS}
    offered = [(kind, WORDS[kind]) for kind in (MAIL, WEBHOOK) if not closed[kind]]
    units = [unit for unit in operation.taking_part.values() if unit.kind != "unattributed"]
    content = {"operation": operation, "closed": [said for said in closed.values() if said], "offered": offered, "units": units}
    return render("deliveries/deliveries.html", actor=actor, here="deliveries", words=WORDS, **content)
