"""The pages of the record: the log, the journal and the audit of an operation, and the audit of the whole hub, as tables whose filters
stand in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, request

from coordinator.access.actor import Actor
from coordinator.browser.pages import page, render
from coordinator.browser.wording import CHANNELS, figure_text, moment_words
from coordinator.db import transaction
from coordinator.doors import cursor, place, place_number
from coordinator.errors import Invalid
from coordinator.fields import moment_text, zone
from coordinator.messages import activity
from coordinator.messages.sentences import KINDS as KINDS_OF_LOG
from coordinator.operations import audit, service
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import journal
from coordinator.reports.models import KINDS

room = Blueprint("records", __name__, template_folder="templates")

ROWS = 50
"""Rows of a page."""

LOCAL = "%Y-%m-%dT%H:%M"
"""A time as a form sends it: the operation's own, without an offset."""

Listing = list[dict[str, Any]]

Read = Callable[[dict[str, Any], str | None], Listing]
"""What a page lists: what it is asked for, and the cursor after which it goes on."""


@room.get("/operations/<code>/log")
@page("log.read")
def read_log(actor: Actor, code: str) -> str:
    """What was done and by whom, newest first: an activity log (ICS-214)."""
    ends: list[activity.Place | None] = []

    def read(query: dict[str, Any], after: str | None) -> Listing:
        items, end = activity.entries(code, query, activity.place(place(after)))
        ends.append(end)
        return items

    with transaction(snapshot=True):
        operation = service.find(code)
        found = _found(operation, ("unit", "kind", "since"), read, KINDS_OF_LOG)
    older = _older(found, lambda _: str(ends[0]))
    heartbeat = current_app.extensions["tallyroom.settings"].heartbeat_seconds
    return _shown(
        "log",
        actor,
        operation,
        kinds=KINDS_OF_LOG,
        older=older,
        entry=lambda position: cursor(str(position + 1)),
        heartbeat=heartbeat,
        file=_file(operation, found),
        **found,
    )


@room.get("/operations/<code>/journal")
@page("journal.read")
def read_journal(actor: Actor, code: str) -> str:
    """Every report, correction and withdrawal, newest first."""
    with transaction(snapshot=True):
        operation = service.find(code)
        found = _found(operation, ("unit", "kind", "since"), lambda query, after: journal.entries(code, query, place_number(after)))
    here = {item["position"] for item in found["items"]}

    def entry(position: int) -> str:
        """Where an entry is: on this page, or on the one that begins with it."""
        return f"#entry-{position}" if position in here else f"?{urlencode({'cursor': cursor(str(position + 1))})}#entry-{position}"

    return _shown("journal", actor, operation, entry=entry, kinds=KINDS, older=_older(found, itemgetter("position")), **found)


@room.get("/operations/<code>/audit")
@page("audit.read")
def read_audit(actor: Actor, code: str) -> str:
    """Who did what to the operation, newest first."""
    with transaction(snapshot=True):
        operation = service.find(code)
        found = _found(operation, ("act", "since"), lambda query, after: audit.some(code, query, place_number(after)))
        acts = audit.kinds(code)
    return _shown("audit", actor, operation, acts=acts, older=_older(found, itemgetter("id")), **found)


@room.get("/audit")
@page("audit.read_all")
def read_everything(actor: Actor) -> str:
    """Who did what on this hub, in all operations and beside them, newest first."""
    with transaction(snapshot=True):
        found = _found(None, ("act", "since"), lambda query, after: audit.some(None, query, place_number(after)))
        acts = audit.kinds(None)
    return _shown("audit", actor, None, acts=acts, older=_older(found, itemgetter("id")), **found)


def _found(operation: Catalogue | None, filters: tuple[str, ...], read: Read, kinds: tuple[str, ...] = KINDS) -> dict[str, Any]:
    """What the address asks for: ``asked`` as it stands there, ``items``, and ``errors`` where it can't be asked so."""
    asked = {name: request.args[name].strip() for name in (*filters, "cursor") if request.args.get(name, "").strip()}
    found: dict[str, Any] = {"asked": asked, "items": [], "errors": {}}
    try:
        items = read(_query(asked, operation, kinds), asked.get("cursor"))
    except Invalid as refused:
        return found | {"errors": refused.errors}
    return found | {"items": items}


def _query(asked: dict[str, str], operation: Catalogue | None, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The same as the API takes it; the time in ``asked`` becomes that of the page's zone. Refuses with Invalid."""
    query: dict[str, Any] = {"limit": ROWS, "order": "newest"} | {name: asked[name] for name in ("unit", "kind", "act") if name in asked}
    if query.get("kind", kinds[0]) not in kinds:
        raise Invalid.at("/kind", f"There is no kind {query['kind']}: choose one of {', '.join(kinds)}.")
    if "since" in asked:
        query["since"] = _moment(asked["since"], _zone(operation))
        asked["since"] = query["since"].strftime(LOCAL)
    return query


def _zone(operation: Catalogue | None) -> ZoneInfo:
    """The zone of a page's times: what belongs to no operation is in none of theirs."""
    return zone(operation.time_zone if operation else "UTC")


def _moment(text: str, own: ZoneInfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(own) if moment.tzinfo else moment.replace(tzinfo=own)
    except (ValueError, OverflowError):
        raise Invalid.at("/since", "Not a time. Give one such as 2021-08-26T22:15, in the zone of this page.") from None


def _older(found: Mapping[str, Any], place: Callable[[Any], Any]) -> str | None:
    """The address of the page after this one, by the place of its last item; None where this one is the last."""
    items = found["items"]
    return f"?{urlencode(found['asked'] | {'cursor': cursor(str(place(items[-1])))})}" if len(items) == ROWS else None


def _file(operation: Catalogue, found: Mapping[str, Any]) -> str:
    """The address of the same log as a spreadsheet's file, all of it."""
    asked = {name: value for name, value in found["asked"].items() if name != "cursor"}
    if "since" in asked and not found["errors"]:
        asked["since"] = moment_text(_moment(asked["since"], _zone(operation)))
    return f"/api/v1/operations/{operation.code}/log.csv?{urlencode(asked)}"


def _shown(name: str, actor: Actor, operation: Catalogue | None, **content: Any) -> str:
    measures, own = operation.measure_by_code if operation else {}, _zone(operation)

    def when(text: str) -> str:
        return moment_words(datetime.fromisoformat(text), own)

    def amount(line: Mapping[str, Any]) -> str:
        return f"“{line['unquantified']}”" if "unquantified" in line else figure_text(line["quantity"], measures[line["measure"]].unit)

    newest = "?" + urlencode({name: value for name, value in content["asked"].items() if name != "cursor"})
    content |= {"when": when, "amount": amount, "measures": measures, "newest": newest, "zone": own.key, "channels": CHANNELS}
    return render(f"desk/{name}.html", actor=actor, here=name, operation=operation, **content)
