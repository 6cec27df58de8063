"""Finals: a unit states what it has, and takes what it has stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from uuid_utils.compat import uuid7

from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import Invalid, NotReconciling, NotYourUnit
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry
from coordinator.operations.models import RECONCILING
from coordinator.reconciliation import reading, statements
from coordinator.reconciliation.facts import label, said, shown
from coordinator.reconciliation.models import Final
from coordinator.reconciliation.statements import Compared
from coordinator.reports import service as reports
from coordinator.reports.lines import category_of, quantity_of
from coordinator.reports.personal import complaint
from coordinator.totals import fold
from coordinator.totals import reading as totals
from coordinator.totals.document import NONE
from coordinator.totals.figures import CellFigure


def state(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Records a unit's finals, each with all below it: ``unit`` and ``figures`` of measure, category, and quantity or unquantified.

    Refuses with NotFound, NotReconciling, NotYourUnit and Invalid.
    """
    gate.enter(code)
    catalogue = reconciling(code)
    unit = own_unit(actor, catalogue, content["unit"])
    position = totals.standing_position(catalogue.id)
    figures = _figures(catalogue, content["figures"])
    for category, quantity, words in figures:
        about = {"operation_id": catalogue.id, "unit_id": unit.id, "category_id": category}
        session().add(Final(id=uuid7(), quantity=quantity, words=words, position=position, author_id=actor.id, **about))
    session().flush()
    audit.record(actor, "finals stated", catalogue.id, {"unit": unit.code, "position": position})
    return {"unit": unit.code, "position": position, "figures": [_figure(catalogue, *one) for one in figures]}


def _figure(catalogue: Catalogue, category: int, quantity: int | None, words: str | None) -> dict[str, Any]:
    measure, name = catalogue.measure_of_category[category]
    said = {"unquantified": words} if quantity is None else {"quantity": shown(quantity, measure)}
    return {"measure": measure.code, "category": name} | said


def reconciling(code: str) -> Catalogue:
    """The operation, once it is reconciling. Go through its gate, or close it, before."""
    catalogue = operations.find(code)
    if catalogue.phase != RECONCILING:
        raise NotReconciling(f"The operation is {catalogue.phase.replace('_', ' ')}: this is done while it is reconciling.")
    return catalogue


def own_unit(actor: Actor, catalogue: Catalogue, code: str) -> UnitEntry:
    """A unit that reports and that the actor speaks for. Refuses with Invalid and NotYourUnit."""
    unit = catalogue.unit_by_code.get(code)
    if unit is None or unit.kind not in ("jurisdiction", "agency", "site"):
        raise Invalid.at("/unit", f"There is no unit {code} that reports in this operation.")
    if not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"You do not speak for {unit.code}.")
    return unit


def _figures(catalogue: Catalogue, figures: Sequence[Mapping[str, Any]]) -> list[tuple[int, int | None, str | None]]:
    found: list[tuple[int, int | None, str | None]] = []
    errors: dict[str, list[str]] = {}
    for number, one in enumerate(figures):
        at = f"/figures/{number}"
        category = category_of(catalogue, one, at, errors)
        if category in {earlier for earlier, _, _ in found}:
            errors[at] = ["Gives a second final for the same measure and category."]
        quantity = quantity_of(catalogue.measure_by_code.get(one["measure"]), one.get("quantity"), at, errors)
        words = one.get("unquantified")
        if problem := complaint(words):
            errors[f"{at}/unquantified"] = [problem]
        found.append((category, quantity, words))
    if errors:
        raise Invalid(errors)
    return found


def take(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a unit's finals its figures: posts to date, as of when they were stated, what each differs by from what was reported.

    ``measure`` and ``category`` narrow to one of them. What the units below it have stays theirs: the unit's own figure becomes the
    final less those. Answers the receipt. Refuses with NotFound, NotReconciling, NotYourUnit, NotCountedYet and Invalid.
    """
    catalogue = settled(code)
    unit = own_unit(actor, catalogue, content["unit"])
    rows = [row for row in statements.compared(reading.facts(catalogue)) if row.unit.id == unit.id and row.difference]
    rows = [row for row in rows if _wanted(row, content)]
    if not rows:
        raise Invalid.at("", "There is nothing to take: no final in numbers differs from what was reported.")
    cells = totals.now(catalogue).cells
    lines = [_line(row, cells.get((unit.id, row.measure.categories[row.category]), NONE)) for row in rows]
    last = max(row.final.by.at for row in rows if row.final)
    return report(actor, code, unit.code, "to_date", last, lines, "The final figure, taken as it was stated.")


def report(actor: Actor, code: str, unit: str, basis: str, observed_at: datetime, lines: list[dict[str, Any]], note: str) -> dict[str, Any]:
    """Posts a report by the rules of all reports, counts it, and answers its receipt. A repeat is told by the door that asks for this."""
    about: dict[str, Any] = {"unit": unit, "basis": basis, "observed_at": observed_at, "lines": lines, "note": note}
    receipt, _ = reports.post(actor, code, about | {"nil": False, "corrects": None, "reason": None}, uuid4().hex)
    fold.settle(operations.find(code).id)
    return receipt


def settled(code: str) -> Catalogue:
    """The operation while it is reconciling, its gate closed and everything counted: nothing moves until this transaction ends.

    Refuses with NotFound, NotReconciling and NotCountedYet.
    """
    catalogue = operations.find(code)
    gate.close(catalogue.id)
    catalogue = reconciling(code)
    fold.settle(catalogue.id)
    return catalogue


def _wanted(row: Compared, content: Mapping[str, Any]) -> bool:
    named = (content.get("measure", row.measure.code), content.get("category", row.category))
    return named == (row.measure.code, row.category)


def _line(row: Compared, cell: CellFigure) -> dict[str, Any]:
    """The unit's own standing figure by which it has, with all below it, what it stated."""
    final, below = row.final.quantity if row.final else None, cell.total - cell.own
    if final is None or final < below:
        units = f"The units below {row.unit.code} have {said(below, row.measure)} of {label(row.measure, row.category)}"
        raise Invalid.at("", f"{units}, more than its final. Correct their reports first.")
    return {"measure": row.measure.code, "category": row.category, "quantity": given(final - below, row.measure), "assisting": []}


def given(quantity: int, measure: MeasureEntry) -> int | Decimal:
    """A quantity in units of 10^-scale as a report would send it."""
    return Decimal(quantity).scaleb(-measure.scale) if measure.scale else quantity
