"""The pages of certification and of releases. What they do is the API's, asked by ``js/certify``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.browser.wording import figure_text, moment_words
from coordinator.db import transaction
from coordinator.fields import zone
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.releases import changes, reading, state
from coordinator.releases.figures import signed
from coordinator.releases.statistics import OWED

room = Blueprint("certifying", __name__, template_folder="templates")

OWN = ("unsigned", "alarm", "unquantified", "rule")
"""Items that certification asks in its own words; all others are checks of reconciliation, and settled there."""

MOST = 100
"""Releases on the page: far more than an operation has."""


@room.get("/operations/<code>/certification")
@page("certification.read")
def certification(actor: Actor, code: str) -> str:
    """Who has signed, what is open, and the one thing to do next; a liaison signs here, and the desk."""
    with transaction(snapshot=True):
        operation = operations.find(code)
        document, rows = state.to_sign(actor, code)
        since = reading.stored(operation, operation.released).position if operation.released else None
    told = {"state": document, "rows": rows, "since": since, "own": OWN}
    return render("releases/certification.html", actor=actor, here="certification", **told, **_words(operation))


@room.get("/operations/<code>/releases")
@page("releases.read")
def releases(actor: Actor, code: str) -> str:
    """What was released, newest first, and what of it is no longer so."""
    with transaction(snapshot=True):
        operation = operations.find(code)
        listed = reading.listed(operation, MOST)
    return render("releases/releases.html", actor=actor, here="releases", listed=listed, **_words(operation))


def _words(operation: Catalogue) -> dict[str, Any]:
    """How the templates write moments, figures and alarms of an operation."""
    own = zone(operation.time_zone)
    when: Callable[[str], str] = lambda text: moment_words(datetime.fromisoformat(text), own)  # noqa: E731
    return {
        "operation": operation,
        "when": when,
        "figure": figure_text,
        "owes": lambda row: row["note"].endswith(OWED),
        "signed": signed,
        "alarms_of": changes.sentences,
        "plain": changes.plain,
    }
