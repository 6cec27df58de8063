"""The page of files: ask for one, watch it being made, fetch it; and publish the public form."""

from __future__ import annotations

from flask import Blueprint

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.db import transaction
from coordinator.exports.formats import FORMATS
from coordinator.operations import service as operations

room = Blueprint("files", __name__, template_folder="templates")

WORDS = {
    "pdf": "Paper (PDF)",
    "xlsx": "Workbook (XLSX)",
    "csv": "Plain file (CSV)",
    "json": "JSON",
    "sdmx.csv": "SDMX-CSV, for statistical offices",
    "sdmx.xml": "SDMX structure",
}
"""What each format is called, in the order they are offered."""


@room.get("/operations/<code>/exports")
@page("statistics.read")
def exports(actor: Actor, code: str) -> str:
    """Files of the figures."""
    with transaction():
        operation = operations.find(code)
    offered = [(form, WORDS[form]) for form in WORDS if form in FORMATS]
    publishes = actor.may_in("statistics.publish", code)
    may = {"publishes": publishes, "waits": not (operation.certified or actor.may_in("statistics.early", code))}
    return render("exports/exports.html", actor=actor, here="exports", operation=operation, offered=offered, **may)
