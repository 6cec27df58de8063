"""Where a figure comes from: the entries it is made of, those that no longer count, and who sent each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
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
from coordinator.totals.reading import position_of

Place = tuple[int, int]
"""A position in the journal, and the number of a line in its report."""


def sources(actor: Actor, code: str, query: Mapping[str, Any], after: Place | None) -> dict[str, Any]:
    """The entries behind a measure's figure of a unit with all below it, or of the nation, newest in the journal first.

    ``query``: measure, category, unit, as_of, at, limit. Refuses with NotFound, NotYourUnit and Invalid.
    """
    catalogue = operations.find(code)
    measure, categories, units = _wanted(actor, catalogue, query)
    position = position_of(catalogue.id, query.get("at"))
    entries = _entries(catalogue.id, units, categories, query.get("as_of"), position).subquery()
    total, count = session().execute(select(func.coalesce(func.sum(entries.c.adds), 0), func.count()).select_from(entries)).one()
    return {
        "unit": query.get("unit"),
        "measure": measure.code,
        "category": query.get("category"),
        "position": position,
        "total": figure(int(total), measure.scale),
        "count": count,
        "items": _documents(catalogue, measure, _shown(entries, after, query["limit"])),
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


def _entries(operation_id: int, units: list[int], categories: list[int], as_of: datetime | None, at: int) -> Select[Any]:
    """Every entry of these cells that the journal held at ``at``: its place and cell, what it ``adds`` to the figure (null where it
    does not count), and whether a correction or withdrawal had ``dropped`` it by then.

    The arithmetic of ``positions.py`` for one entry at a time: of each cell its last to-date figure counts, and what was observed
    after it. The database does it, since a cell may have more entries than a page should wait for.
    """
    row = EntryRow
    among = and_(row.operation_id == operation_id, row.unit_id.in_(units), row.category_id.in_(categories), row.position <= at)
    if as_of is not None:
        among = and_(among, row.observed_at <= as_of)
    dropped = func.coalesce(row.superseded_at <= at, False)
    last = _last_standing(and_(among, ~dropped))
    counts = or_(last.c.position.is_(None), row.observed_at > last.c.observed_at, _place(row) == _place(last.c))
    return (
        select(row.position, row.number, row.unit_id, row.category_id, row.quantity, dropped.label("dropped"))
        .add_columns(case((and_(~dropped, ~row.credit, counts), func.coalesce(row.quantity, 0))).label("adds"))
        .outerjoin(last, and_(last.c.unit_id == row.unit_id, last.c.category_id == row.category_id))
        .where(among)
    )


def _last_standing(among: ColumnElement[bool]) -> Any:
    """The to-date figure that stands in each cell: the last observed, of two at one instant the later in the journal."""
    row = EntryRow
    cell = (row.unit_id, row.category_id)
    return (
        select(*cell, row.observed_at, row.position, row.number)
        .ext(distinct_on(*cell))
        .where(among, row.standing, row.quantity.is_not(None))
        .order_by(*cell, row.observed_at.desc(), row.position.desc(), row.number.desc())
        .subquery("last")
    )


def _place(row: Any) -> Any:
    return tuple_(row.position, row.number)


def _shown(entries: Any, after: Place | None, limit: int) -> Sequence[Row[Any]]:
    """A page of these entries, the newest in the journal first, from the place ``after`` on."""
    earlier = _place(entries.c) < after if after is not None else true()
    wanted = select(entries).where(earlier).order_by(entries.c.position.desc(), entries.c.number.desc())
    return session().execute(wanted.limit(limit)).all()


def _documents(catalogue: Catalogue, measure: MeasureEntry, shown: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    following, author = aliased(Report), aliased(Token)
    places = [(one.position, one.number) for one in shown]
    query = (
        select(JournalEntry.position, Line.number, Line.unquantified, Report, author.name, author.role, following)
        .join(Report, Report.id == JournalEntry.report_id)
        .join(Line, Line.report_id == Report.id)
        .join(author, author.id == Report.author_id)
        .outerjoin(following, following.supersedes == Report.id)
        .where(JournalEntry.operation_id == catalogue.id, tuple_(JournalEntry.position, Line.number).in_(places))
    )
    rows = {(row[0], row[1]): row for row in session().execute(query)} if places else {}
    return [_document(catalogue, measure, one, rows[one.position, one.number]) for one in shown]


def _document(catalogue: Catalogue, measure: MeasureEntry, one: Row[Any], row: Any) -> dict[str, Any]:
    _, _, unquantified, report, name, role, following = row
    return {
        "report": str(report.id),
        "position": one.position,
        "number": one.number,
        "unit": catalogue.unit_by_id[one.unit_id].code,
        "category": catalogue.measure_of_category[one.category_id][1],
        "basis": report.basis,
        "observed_at": moment_text(report.observed_at),
        "received_at": moment_text(report.received_at),
        "author": {"name": name, "role": role},
        "channel": report.channel,
        "quantity": None if one.quantity is None else figure(one.quantity, measure.scale),
        "unquantified": unquantified,
        "adds": figure(one.adds or 0, measure.scale),
        "state": _state(one, report, following),
        "note": report.note,
        "corrects": report.supersedes and str(report.supersedes),
        "reason": report.reason,
        "dropped_because": following.reason if one.dropped else None,
    }


def _state(one: Row[Any], report: Report, following: Report | None) -> str:
    if one.dropped and following is not None:
        return "withdrawn" if following.kind == "withdrawal" else "corrected"
    if report.credit:
        return "credited"
    return "covered" if one.adds is None else "counts"
