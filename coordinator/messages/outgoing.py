"""What of messages leaves the hub, by mail, webhook and to phones: bulletins, and the steps of an alarm. In their transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from coordinator.deliveries import service as deliveries
from coordinator.deliveries.addresses import Target
from coordinator.deliveries.models import ALTERNATE, DESK, LIAISON
from coordinator.fields import clock_text, moment_text
from coordinator.messages.models import Bulletin
from coordinator.messages.reach import reach
from coordinator.operations.catalogue import Catalogue, UnitEntry

PHRASES = {
    "overdue": "{unit} is overdue: word of it was due at {due}. ",
    "bulletin": "{unit} has not acknowledged bulletin {number}, which was to be acknowledged by {due}. ",
}
ASKED = {
    ("overdue", LIAISON): "Report what is new, or that there is nothing new.",
    ("overdue", ALTERNATE): "Its liaison was reminded: report for it, or say that there is nothing new.",
    ("overdue", DESK): "It was reminded; call it.",
    ("bulletin", LIAISON): "Read and answer it.",
    ("bulletin", ALTERNATE): "Its liaison was reminded: read and answer it.",
    ("bulletin", DESK): "It was reminded; call it.",
}
"""What is asked of whom this step of an alarm reaches."""


def bulletin(catalogue: Catalogue, id: UUID, number: int, said: Mapping[str, Any], units: Iterable[UnitEntry]) -> None:
    """Sends a bulletin to the liaisons and alternates it reaches; of units above and below those it names too, as on the page."""
    by = said.get("acknowledge_by")
    message = _message(catalogue, "bulletin", "bulletins") | {
        "title": _title(said, number),
        "text": said["text"],
        "priority": said["priority"],
        "answer_by": by and clock_text(by, catalogue.time_zone),
        "bulletin": {"id": str(id), "number": number, "kind": said["kind"], "acknowledge_by": by and moment_text(by)},
    }
    whom = None if said["to_all"] else reach(catalogue, [unit.id for unit in units]).units
    deliveries.deliver(catalogue.id, message, Target((LIAISON, ALTERNATE), whom))


def reminder(catalogue: Catalogue, unit: UnitEntry, about: Bulletin | None, due_at: datetime, whom: str) -> None:
    """Sends a step of an alarm to whom it reaches."""
    why, at = "bulletin" if about else "overdue", clock_text(due_at, catalogue.time_zone)
    text = PHRASES[why].format(unit=unit.name, number=about and about.number, due=at) + ASKED[why, whom]
    message = _message(catalogue, "alarm" if whom == DESK else "reminder", _page(why, whom)) | {
        "title": f"{unit.code} is {'late' if about else 'overdue'}",
        "text": text,
        "priority": about.priority if about else "immediate",
        "unit": unit.code,
        "due_at": moment_text(due_at),
        "bulletin": about and {"id": str(about.id), "number": about.number},
    }
    deliveries.deliver(catalogue.id, message, Target((whom,), frozenset({unit.id})))


def _message(catalogue: Catalogue, type: str, page: str) -> dict[str, Any]:
    operation = {"code": catalogue.code, "name": catalogue.name}
    return {"type": type, "operation": operation, "exercise": catalogue.exercise, "page": f"/operations/{catalogue.code}/{page}"}


def _title(said: Mapping[str, Any], number: int) -> str:
    word = {"update": "Update", "cancel": "Cancelled"}.get(said["kind"], "Bulletin")
    return f"{word}: bulletin {number}" if word != "Bulletin" else f"Bulletin {number}"


def _page(why: str, whom: str) -> str:
    return "board" if whom == DESK else "post" if why == "overdue" else "bulletins"
