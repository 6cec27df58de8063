"""The page of reconciliation: what is open, what units state, every check with its working. What it does is the API's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import Blueprint, request

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.browser.wording import figure_text, moment_words
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.fields import zone
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import RECONCILING
from coordinator.reconciliation import service
from coordinator.reconciliation.schemas import ReconciliationQuery

room = Blueprint("reconciling", __name__, template_folder="templates")

KINDS = {
    "unchanged-nation": "Changes that cancel out",
    "rule": "Rule",
    "control": "Control total",
    "joint-action": "Counted by two units",
    "parent-and-child": "Counted at two levels",
    "final": "Final and reported",
    "finals": "Finals stated",
    "heard": "Heard from",
    "unquantified": "No figure yet",
    "unattributed": "Attributed to no unit",
    "changed": "Changed since",
    "parts": "Parts and total",
}
"""What a check of each code is called, in the order in which they are shown."""


@room.get("/operations/<code>/reconciliation")
@page("reconciliation.read")
def reconciliation(actor: Actor, code: str) -> str:
    """All of it, as it stands now, for the desk; for a liaison what concerns its units. ``?at=`` shows how it stood then, and
    ``?since=`` what has changed since a position, such as a release's."""
    query = load(ReconciliationQuery(), request.args.to_dict())
    at, since = query.get("at"), query.get("since")
    with transaction(snapshot=True):
        operation = operations.find(code)
        found = service.read(actor, code, at, since)
    checks, now = found["checks"], at is None
    return render(
        "reconciliation/reconciliation.html",
        actor=actor,
        here="reconciliation",
        operation=operation,
        found=found,
        at=at,
        since=since,
        now=now,
        settles=now and actor.may("reconciliation.settle"),
        reconciling=now and operation.phase == RECONCILING,
        kinds=KINDS,
        by_kind=_by_kind,
        units=_by_unit(found["rows"]),
        unsettled=[one for one in checks if not one["settled"]],
        settled=[one for one in checks if one["settled"] and not one["holds"]],
        holding=[one for one in checks if one["holds"]],
        speaks_for=[unit for unit in operation.units if _reports(unit.kind) and operation.covers(actor.units, unit)],
        content=_content(operation, found["rows"]),
        **_wording(operation),
    )


def _reports(kind: str) -> bool:
    return kind in ("jurisdiction", "agency", "site")


def _by_kind(checks: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The checks of each code, where there are any."""
    kinds = [(kind, [one for one in checks if one["code"] == kind]) for kind in KINDS]
    return [(kind, ones) for kind, ones in kinds if ones]


def _by_unit(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, list[Mapping[str, Any]]]]:
    """Each unit's code and name with its rows."""
    return [(*unit, list(own)) for unit, own in groupby(rows, key=lambda row: (row["unit"], row["unit_name"]))]


def _content(operation: Catalogue, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the form of finals is filled from."""
    measures = [
        {"code": one.code, "label": one.label, "scale": one.scale, "categories": list(one.categories)} for one in operation.measures
    ]
    known = [{name: row[name] for name in ("unit", "measure", "category", "reported", "final", "words")} for row in rows]
    return {"measures": measures, "rows": known}


def _wording(operation: Catalogue) -> dict[str, Any]:
    """How the template says figures, moments, and what a row or a check is of."""

    def amount(figure: int | str | None, measure: str) -> str:
        return "–" if figure is None else figure_text(figure, operation.measure_by_code[measure].unit)

    def of(measure: str, category: str | None) -> str:
        named = operation.measure_by_code[measure].label
        return named if category in (None, "unspecified") else f"{named}, {category}"

    def when(text: str) -> str:
        return moment_words(datetime.fromisoformat(text), zone(operation.time_zone))

    return {"amount": amount, "of": of, "when": when}
