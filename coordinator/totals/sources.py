"""Where a figure comes from: the entries it is made of, those that no longer count, and who sent each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import aliased

from coordinator.access.actor import Actor
from coordinator.access.models import Token
from coordinator.db import session
from coordinator.errors import Invalid, NotYourUnit
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.reports.drafts import figure
from coordinator.reports.models import JournalEntry, Line, Report
from coordinator.totals.models import EntryRow
from coordinator.totals.positions import Entry
from coordinator.totals.reading import position_of
from coordinator.totals.tracing import Place, shares


class Found(NamedTuple):
    """An entry of one of the cells asked for; ``dropped`` where a correction or withdrawal had taken it out by then."""

    unit: int
    category: int
    entry: Entry
    dropped: bool


def sources(actor: Actor, code: str, query: Mapping[str, Any], after: Place | None) -> dict[str, Any]:
    """The entries behind a measure's figure of a unit with all below it, or of the nation, newest in the journal first.

    ``query``: measure, category, unit, as_of, at, limit. Refuses with NotFound, NotYourUnit and Invalid.
    """
    catalogue = operations.find(code)
    measure, categories, units = _wanted(actor, catalogue, query)
    position = position_of(catalogue.id, query.get("at"))
    found = _entries(catalogue.id, units, categories, query.get("as_of"), position)
    added = _added(found)
    shown = [one for one in found if after is None or one.entry.place < after][: query["limit"]]
    return {
        "unit": query.get("unit"),
        "measure": measure.code,
        "category": query.get("category"),
        "position": position,
        "total": figure(sum(added.values()), measure.scale),
        "count": len(found),
        "items": _documents(catalogue, measure, shown, added),
    }


def _wanted(actor: Actor, catalogue: Catalogue, query: Mapping[str, Any]) -> tuple[MeasureEntry, list[int], list[int]]:
    """The measure, the ids of its categories and of the units in question, where the actor may see their reports."""
    measure = catalogue.measure_by_code.get(query["measure"])
    if measure is None:
        raise Invalid.at("/measure", f"There is no measure {query['measure']} in this operation.")
    category, code = query.get("category"), query.get("unit")
    if category is not None and category not in measure.categories:
        raise Invalid.at("/category", f"{measure.code} has no category {category}.")
    top = catalogue.unit_by_code.get(code) if code is not None else None
    if code is not None and top is None:
        raise Invalid.at("/unit", f"There is no unit {code} in this operation.")
    if actor.units and (top is None or not catalogue.covers(actor.units, top)):
        raise NotYourUnit("You see where the figures of your own units come from. Name one of them.")
    units = [unit.id for unit in catalogue.units if top is None or top.id in unit.lineage]
    return measure, [id for name, id in measure.categories.items() if category in (None, name)], units


def _entries(operation_id: int, units: list[int], categories: list[int], as_of: datetime | None, at: int) -> list[Found]:
    """Every entry of these cells that the journal held at ``at``, the newest first."""
    row = EntryRow
    columns = (row.unit_id, row.category_id, row.observed_at, row.position, row.number, row.standing, row.quantity, row.superseded_at)
    query = select(*columns).where(
        row.operation_id == operation_id, row.unit_id.in_(units), row.category_id.in_(categories), row.position <= at
    )
    if as_of is not None:
        query = query.where(row.observed_at <= as_of)
    found: Iterable[Any] = session().execute(query.order_by(row.position.desc(), row.number.desc()))
    return [
        Found(unit, category, Entry(observed_at, (position, number), standing, quantity), superseded is not None and superseded <= at)
        for unit, category, observed_at, position, number, standing, quantity, superseded in found
    ]


def _added(found: Sequence[Found]) -> dict[Place, int]:
    """What each entry adds to the figure; those that add nothing because another stands for them are left out."""
    cells: dict[tuple[int, int], list[Entry]] = defaultdict(list)
    for one in found:
        if not one.dropped:
            cells[one.unit, one.category].append(one.entry)
    return {place: quantity for entries in cells.values() for place, quantity in shares(entries).items()}


def _documents(catalogue: Catalogue, measure: MeasureEntry, shown: Sequence[Found], added: Mapping[Place, int]) -> list[dict[str, Any]]:
    following, author = aliased(Report), aliased(Token)
    query = (
        select(JournalEntry.position, Line.number, Line.unquantified, Report, author.name, author.role, following)
        .join(Report, Report.id == JournalEntry.report_id)
        .join(Line, Line.report_id == Report.id)
        .join(author, author.id == Report.author_id)
        .outerjoin(following, following.supersedes == Report.id)
        .where(JournalEntry.operation_id == catalogue.id, tuple_(JournalEntry.position, Line.number).in_([o.entry.place for o in shown]))
    )
    rows = {(row[0], row[1]): row for row in session().execute(query)} if shown else {}
    return [_document(catalogue, measure, one, added, rows[one.entry.place]) for one in shown]


def _document(catalogue: Catalogue, measure: MeasureEntry, one: Found, added: Mapping[Place, int], row: Any) -> dict[str, Any]:
    _, _, unquantified, report, name, role, following = row
    place, quantity = one.entry.place, one.entry.quantity
    return {
        "report": str(report.id),
        "position": place[0],
        "number": place[1],
        "unit": catalogue.unit_by_id[one.unit].code,
        "category": catalogue.measure_of_category[one.category][1],
        "basis": report.basis,
        "observed_at": moment_text(report.observed_at),
        "received_at": moment_text(report.received_at),
        "author": {"name": name, "role": role},
        "channel": report.channel,
        "quantity": None if quantity is None else figure(quantity, measure.scale),
        "unquantified": unquantified,
        "adds": figure(added.get(place, 0), measure.scale),
        "state": _state(one, added, following),
        "note": report.note,
        "corrects": report.supersedes and str(report.supersedes),
        "reason": report.reason,
        "dropped_because": following.reason if one.dropped else None,
    }


def _state(one: Found, added: Mapping[Place, int], following: Report | None) -> str:
    if one.dropped and following is not None:
        return "withdrawn" if following.kind == "withdrawal" else "corrected"
    return "counts" if one.entry.place in added else "covered"
