"""Series: a measure through the night, by when it was observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from coordinator import clock
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import Invalid
from coordinator.fields import moment_text, zone
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.reports.drafts import figure
from coordinator.totals.models import SeriesRow

MOST_STEPS = 5_000
DAY = timedelta(days=1)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}


def series(actor: Actor, code: str, query: Mapping[str, Any]) -> dict[str, Any]:
    """Steps of a measure for a unit with all below it, or the nation. ``query``: measure, category, unit, step, from, to.

    Refuses with NotFound and Invalid.
    """
    catalogue = operations.find(code)
    step, (unit_id, measure, categories) = step_of(query["step"]), _wanted(catalogue, query)
    first, last = _range(catalogue, unit_id, categories, query, step)
    starts = boundaries(first, last, step, catalogue.time_zone)
    before, changes = _changes(catalogue.id, unit_id, categories, starts[0], last)
    points = [
        [moment_text(start), figure(new, measure.scale), figure(standing, measure.scale)]
        for start, new, standing in points_of(starts, before, changes)
    ]
    return {"step": query["step"], "measure": measure.code, "unit": query.get("unit"), "points": points}


def step_of(text: str) -> timedelta:
    """The length of a step such as ``15m``, ``1h`` or ``1d``: a minute to a week. Refuses with Invalid."""
    number, unit = text[:-1], text[-1:]
    step = int(number) * _UNITS[unit] if number.isdigit() and number.isascii() and len(number) <= 5 and unit in _UNITS else timedelta(0)
    if not _UNITS["m"] <= step <= 7 * DAY:
        raise Invalid.at("/step", "A step is a whole number of minutes, hours or days up to a week, such as 15m, 1h or 1d.")
    return step


def boundaries(first: datetime, last: datetime, step: timedelta, time_zone: str) -> list[datetime]:
    """The starts of all steps from the one that holds ``first`` to the one that holds ``last``.

    Minutes and hours are counted from the first midnight of 1970 UTC, so that a step keeps its place whatever the range; whole
    days from midnight in the operation's time zone, so that a night of clock change has 23 or 25 hours.
    """
    if step % DAY:
        start = first - (first - datetime(1970, 1, 1, tzinfo=UTC)) % step
        return [start + n * step for n in range(int((last - start) / step) + 1)]
    local = first.astimezone(zone(time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    days = range(int((last - local.astimezone(UTC)) / step) + 2)
    starts = [(local.replace(tzinfo=None) + n * step).replace(tzinfo=local.tzinfo).astimezone(UTC) for n in days]
    return [start for start in starts if start <= last]


def points_of(starts: Sequence[datetime], before: int, changes: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int, int]]:
    """For each step: its start, what is new in it, what stands at its end. ``changes`` in order, none before the first step."""
    points, standing, at = [], before, 0
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else None
        new = 0
        while at < len(changes) and (end is None or changes[at][0] < end):
            new += changes[at][1]
            at += 1
        standing += new
        points.append((start, new, standing))
    return points


def _wanted(catalogue: Catalogue, query: Mapping[str, Any]) -> tuple[int, MeasureEntry, list[int]]:
    measure = catalogue.measure_by_code.get(query["measure"])
    if measure is None:
        raise Invalid.at("/measure", f"There is no measure {query['measure']} in this operation.")
    unit, category = query.get("unit"), query.get("category")
    if unit is not None and unit not in catalogue.unit_by_code:
        raise Invalid.at("/unit", f"There is no unit {unit} in this operation.")
    if category is not None and category not in measure.categories:
        raise Invalid.at("/category", f"{measure.code} has no category {category}.")
    unit_id = catalogue.nation if unit is None else catalogue.unit_by_code[unit].id
    return unit_id, measure, list(measure.categories.values()) if category is None else [measure.categories[category]]


def _range(
    catalogue: Catalogue, unit_id: int, categories: list[int], query: Mapping[str, Any], step: timedelta
) -> tuple[datetime, datetime]:
    """From and to as asked; else from the window's start or the first figure to now, the window's end or the last figure."""
    first_figure, last_figure = (
        session().execute(_of(catalogue.id, unit_id, categories, func.min(SeriesRow.minute), func.max(SeriesRow.minute))).one()
    )
    last = query.get("to") or max(filter(None, (last_figure, min(clock.now(), catalogue.ends_at), catalogue.starts_at)))
    first = query.get("from") or min(filter(None, (first_figure, catalogue.starts_at, last)))
    if first > last:
        raise Invalid.at("/to", "The range ends before it starts.")
    if (last - first) / step >= MOST_STEPS:
        if "from" in query:
            raise Invalid.at("/step", f"That would be more than {MOST_STEPS} steps. Take a longer step or a shorter range.")
        first = last - (MOST_STEPS - 1) * step
    return first, last


def _changes(
    operation_id: int, unit_id: int, categories: list[int], first: datetime, last: datetime
) -> tuple[int, list[tuple[datetime, int]]]:
    """What stood before ``first``, and the changes by minute from there up to ``last``."""
    before = _of(operation_id, unit_id, categories, func.coalesce(func.sum(SeriesRow.change), 0)).where(SeriesRow.minute < first)
    within = _of(operation_id, unit_id, categories, SeriesRow.minute, func.sum(SeriesRow.change)).where(
        SeriesRow.minute.between(first, last)
    )
    rows = session().execute(within.group_by(SeriesRow.minute).order_by(SeriesRow.minute))
    return int(session().scalar(before) or 0), [(minute, int(change)) for minute, change in rows]


def _of(operation_id: int, unit_id: int, categories: list[int], *columns: Any) -> Any:
    where = (
        SeriesRow.operation_id == operation_id,
        SeriesRow.unit_id == unit_id,
        SeriesRow.category_id.in_(categories),
        SeriesRow.change != 0,
    )
    return select(*columns).where(*where)
