"""The page of situation reports: the newest or any other to read, print and fetch; the desk makes and approves them here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.browser.wording import moment_words
from coordinator.db import transaction
from coordinator.errors import NotFound
from coordinator.fields import zone
from coordinator.operations import service as operations
from coordinator.situation import reading, service
from coordinator.situation.models import FINAL, KINDS, LONGEST, SHORTEST
from coordinator.situation.paper import words
from coordinator.situation.schemas import REMARKS

room = Blueprint("situations", __name__, template_folder="templates")

MOST = 200
"""Reports in the list: more than a night has."""


@room.get("/operations/<code>/situation")
@page("situation.read")
def situation(actor: Actor, code: str) -> str:
    """The situation report that ``?report=`` names, or the newest."""
    with transaction(snapshot=True):
        operation = operations.find(code)
        listed = reading.listed(code, MOST, None)
        report = reading.one(code, _asked(listed[0]["number"])) if listed else None
        schedule = service.schedule(code)
        approves = report is not None and actor.may_in("situation.approve", code) and service.approves(actor, code, report["number"])
    own = zone(operation.time_zone)
    content: dict[str, Any] = {
        "listed": listed,
        "report": report,
        "words": report and words(report),
        "schedule": schedule,
        "approves": approves,
        "kinds": [kind for kind in KINDS if kind != ("initial" if listed else "update")],
        "over": bool(listed) and listed[0]["kind"] == FINAL,
        "most": REMARKS,
        "bounds": (SHORTEST, LONGEST),
        "when": lambda text: moment_words(datetime.fromisoformat(text), own),
    }
    return render("situation/situation.html", actor=actor, here="situation", operation=operation, **content)


def _asked(newest: int) -> int:
    number = request.args.get("report", "").strip() or str(newest)
    if not number.isdecimal() or len(number) > 9:
        raise NotFound(f"There is no situation report {number[:20]} of this operation.")
    return int(number)
