"""The pages of the plan: an operation as it is planned, and a new one. What they change is the API's, asked by ``js/plan``."""

from __future__ import annotations

from flask import Blueprint

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.db import transaction
from coordinator.operations import service, templates
from coordinator.operations.documents import whole
from coordinator.operations.models import PHASES
from coordinator.operations.schemas.operations import KINDS
from coordinator.operations.states import STATES

room = Blueprint("planning", __name__, template_folder="html")

ZONES = sorted({state.time_zone for state in STATES.values()})
"""What is offered as a time zone; any other of the IANA list can be typed."""


@room.get("/operations/new")
@page("operations.create")
def begin(actor: Actor) -> str:
    """A new operation, from a template or from nothing. An operation of the code ``new`` has all its pages but the way to its first."""
    offered = [templates.overview(name) for name in templates.names()]
    return render("plan/new.html", actor=actor, offered=offered, zones=ZONES)


@room.get("/operations/<code>/plan")
@page("operations.change")
def plan(actor: Actor, code: str) -> str:
    """Window, units, measures, rules and phase of an operation, to be changed."""
    with transaction():
        operation = service.find(code)
    content = {"operation": whole(operation), "phases": PHASES, "states": dict.fromkeys(STATES, True)}
    return render("plan/plan.html", actor=actor, here="plan", operation=operation, content=content, kinds=KINDS, zones=ZONES)
