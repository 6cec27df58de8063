"""The pages of briefings: for a liaison to read and acknowledge, for the desk to write and see who has; and what is missing before live."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from coordinator.access.actor import LIAISON, Actor
from coordinator.briefings import readiness, reading, service
from coordinator.briefings.models import RECEIVED
from coordinator.browser.pages import page, render
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import whole

room = Blueprint("briefing_pages", __name__, template_folder="templates")


@room.get("/operations/<code>/briefing")
@page("briefings.read")
def briefing(actor: Actor, code: str) -> str:
    """The newest version: who may post reads and acknowledges it here, the desk writes the next one."""
    with transaction():
        operation = operations.find(code)
        newest = service.newest(operation.id)
        pack = reading.one(actor, code, newest.version) if newest else None
        if newest and actor.role == LIAISON:
            service.has(actor, operation.id, newest.version, RECEIVED)
        content = _content(actor, operation, pack)
    return render("briefings/briefing.html", actor=actor, here="briefing", operation=operation, pack=pack, content=content)


@room.get("/operations/<code>/readiness")
@page("briefings.follow")
def ready(actor: Actor, code: str) -> str:
    """What is still missing before the operation is live."""
    with transaction(snapshot=True):
        operation = operations.find(code)
        found = readiness.document(code)
    return render("briefings/readiness.html", actor=actor, here="readiness", operation=operation, found=found)


def _content(actor: Actor, operation: Catalogue, pack: dict[str, Any] | None) -> dict[str, Any]:
    """What the page's module reads: what is asked of the reader with its short check, and for the desk the version to begin from."""
    asked = reading.asked(actor, operation.code)
    desk = actor.may("briefings.publish")
    check = reading.one(actor, operation.code, asked["version"])["questions"] if asked else []
    plan = whole(operation)
    return {
        "operation": {name: plan[name] for name in ("code", "name", "time_zone", "measures")},
        "desk": desk,
        "over": operation.certified,
        "asked": asked,
        "check": check,
        "version": pack and pack["version"],
        "pack": pack if desk else None,
    }
