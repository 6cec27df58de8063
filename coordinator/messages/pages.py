"""The page of bulletins: for the desk to write and see who has heard, for a liaison to read and answer. What it does is the API's."""

from __future__ import annotations

from flask import Blueprint, current_app

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.db import transaction
from coordinator.messages.happenings import OVER
from coordinator.operations import service as operations
from coordinator.operations.documents import whole

room = Blueprint("messages", __name__, template_folder="templates")


@room.get("/operations/<code>/bulletins")
@page("bulletins.read")
def bulletins(actor: Actor, code: str) -> str:
    """What was ordered, and who has heard it."""
    with transaction():
        operation = operations.find(code)
    spoken_for = [unit for unit in operation.taking_part.values() if actor.units and operation.covers(actor.units, unit)]
    content = {
        "operation": whole(operation),
        "desk": actor.may("bulletins.issue"),
        "over": operation.phase == OVER,
        "units": [unit.code for unit in spoken_for],
        "heartbeat": current_app.extensions["tallyroom.settings"].heartbeat_seconds,
    }
    return render("messages/bulletins.html", actor=actor, here="bulletins", operation=operation, content=content)
