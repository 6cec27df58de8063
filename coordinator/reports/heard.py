"""Reports that the desk has taken as spoken lines, and the same reports when the phone's queue comes through.

Whichever of the two comes first is recorded; the other is answered with its receipt. That both are the same is known by the mark,
which a line says and which a phone's report makes from its time and its key; whether they say the same, their figures show. While
the desk takes a line, the operation's gate is shut, so neither can pass the other unseen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import HeardOtherwise
from coordinator.operations.catalogue import Catalogue
from coordinator.reports.drafts import Draft, figure, receipt
from coordinator.reports.models import Assist, Heard, Line, Report
from coordinator.reports.saying import mark

NOTE_KEPT = "note kept"


class Told(NamedTuple):
    """What a report says that a line can say: its figures by category, in units of 10^-scale, None where it is not known how much."""

    basis: str | None
    nil: bool
    joint_action: int | None
    figures: Mapping[int, int | None]
    assisting: frozenset[int]


def outcome(actor: Actor, catalogue: Catalogue, draft: Draft) -> tuple[dict[str, Any], bool] | HeardOtherwise | None:
    """What becomes of a draft that was left out: the receipt of the report that the desk took, if it did and it says the same. The
    note of the phone, which no line carries, is then kept in the log."""
    taken = None if draft.mark is None else find(catalogue.id, draft.unit.id, draft.mark)
    if taken is None:
        return None
    found = same(catalogue, taken, draft)
    if draft.note and not isinstance(found, HeardOtherwise):
        _keep_note(actor, catalogue, taken, draft)
    return found


def _keep_note(actor: Actor, catalogue: Catalogue, taken: Report, draft: Draft) -> None:
    """Once, however often the phone repeats its report: that one never changes, so what was said with it stands beside it."""
    detail = {"unit": draft.unit.code, "report": str(taken.id), "note": draft.note}
    if not audit.recorded(catalogue.id, NOTE_KEPT, detail):
        audit.record(actor, NOTE_KEPT, catalogue.id, detail)


def find(operation_id: int, unit_id: int, mark: str) -> Report | None:
    """The report that was taken as a line with this mark."""
    key = (Heard.operation_id == operation_id, Heard.unit_id == unit_id, Heard.mark == mark)
    return session().scalars(select(Report).join(Heard, Heard.report_id == Report.id).where(*key)).one_or_none()


def arrived(operation_id: int, unit_id: int, said: str, second: datetime) -> Report | None:
    """The report that came from a phone by itself and has the mark ``said``, which speaks of this second."""
    within = (Report.observed_at >= second, Report.observed_at < second + timedelta(seconds=1), Report.kind == "report")
    rows = session().scalars(select(Report).where(Report.operation_id == operation_id, Report.unit_id == unit_id, *within))
    return next((row for row in rows if row.observed_at and mark(row.observed_at, row.idempotency_key) == said), None)


def same(catalogue: Catalogue, there: Report, draft: Draft) -> tuple[dict[str, Any], bool] | HeardOtherwise:
    """The receipt of the report that is there, where ``draft`` says the same."""
    one, other = _told(there), drafted(draft)
    if one == other:
        return receipt(there, catalogue.unit_by_id[there.unit_id].code), True
    return HeardOtherwise(
        f"The hub has this report already, and it says: {words(catalogue, one)}. This one says: {words(catalogue, other)}. "
        "It counts once, as the hub has it: if that is wrong, correct it in the list of reports."
    )


def words(catalogue: Catalogue, told: Told) -> str:
    """What a report says, in words: ``new: Arrests made 46; Victims rescued, minor 2``."""
    if told.nil:
        return "nothing new"
    said = "; ".join(f"{_name(catalogue, id)} {_figure(catalogue, id, figure)}" for id, figure in sorted(told.figures.items()))
    helpers = sorted(catalogue.unit_by_id[id].code for id in told.assisting)
    helped = f"; assisted by {', '.join(helpers)}" if helpers else ""
    return f"{'new' if told.basis == 'increment' else 'in all'}: {said}{helped}"


def _name(catalogue: Catalogue, category_id: int) -> str:
    measure, category = catalogue.measure_of_category[category_id]
    return measure.label if category == "unspecified" else f"{measure.label}, {category}"


def _figure(catalogue: Catalogue, category_id: int, quantity: int | None) -> str:
    return (
        "some, not yet known how much" if quantity is None else str(figure(quantity, catalogue.measure_of_category[category_id][0].scale))
    )


def _told(report: Report) -> Told:
    lines = [(row.category_id, row.quantity) for row in session().scalars(select(Line).where(Line.report_id == report.id))]
    helpers = frozenset(session().scalars(select(Assist.unit_id).where(Assist.report_id == report.id)))
    return Told(report.basis, report.nil, report.joint_action_id, _summed(lines), helpers)


def drafted(draft: Draft) -> Told:
    """What a draft says that a line can say."""
    lines = [(line.category_id, line.quantity) for line in draft.lines]
    helpers = frozenset(unit for line in draft.lines for unit in line.assisting)
    return Told(draft.basis, draft.nil, draft.joint_action.id if draft.joint_action else None, _summed(lines), helpers)


def _summed(lines: list[tuple[int, int | None]]) -> Mapping[int, int | None]:
    """One figure a category: several increments of one are one, as the page and the line say them."""
    found: dict[int, list[int | None]] = defaultdict(list)
    for category, quantity in lines:
        found[category].append(quantity)
    return {category: None if None in given else sum(filter(None, given)) for category, given in found.items()}
