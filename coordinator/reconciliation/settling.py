"""Settling what is open: explanations of checks, adjustments of overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from uuid_utils.compat import uuid7

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import FiguresChanged, Invalid, NotFound, NotYourUnit
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, MeasureEntry, UnitEntry
from coordinator.reconciliation import checks, document, overlaps, reading, statements
from coordinator.reconciliation.checks import Settled
from coordinator.reconciliation.facts import label, said
from coordinator.reconciliation.models import Explanation
from coordinator.reconciliation.stating import settled
from coordinator.reports import adjusting
from coordinator.reports import service as reports
from coordinator.reports.lines import category_of, quantity_of
from coordinator.reports.personal import complaint
from coordinator.totals import fold
from coordinator.totals import reading as totals
from coordinator.totals import service as documents
from coordinator.totals.document import NONE
from coordinator.totals.models import EntryRow


def explain(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Records why a check may stay as it is: ``check`` (its id), ``text``, ``inputs`` (the digest of what was looked at, or None to
    take them as they are) and ``since`` (the position that changes were looked for from, or None).

    A liaison explains what concerns its own units. Refuses with NotFound, NotYourUnit, FiguresChanged and Invalid.
    """
    catalogue = operations.find(code)
    fold.hold(catalogue.id)
    facts = reading.facts(catalogue, None, _earlier(actor, code, content.get("since")))
    found = {one.check.id: one.check for one in checks.of(facts, list(statements.compared(facts)))}.get(content["check"])
    if found is None:
        raise Invalid.at("/check", "There is no such check now. Read the reconciliation again.")
    if actor.units and not any(catalogue.covers(actor.units, catalogue.unit_by_code[unit]) for unit in found.units):
        raise NotYourUnit("The check does not concern your units.")
    if content["inputs"] not in (None, found.digest.hex()):
        raise FiguresChanged("The figures have changed since you looked: read the check again, then explain it as it is now.")
    if problem := complaint(content["text"]):
        raise Invalid.at("/text", problem)
    kept = {"check": found.id, "inputs": found.digest, "text": content["text"], "position": facts.document["position"]}
    session().add(Explanation(id=uuid7(), operation_id=catalogue.id, author_id=actor.id, **kept))
    session().flush()
    explained = reading.explanations(catalogue.id, facts.document["position"])[found.id]
    return document.check(Settled(found, explained, None))


def _earlier(actor: Actor, code: str, since: int | None) -> dict[str, Any] | None:
    return None if since is None else documents.totals(actor, code, at=since)


def adjust(actor: Actor, code: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Takes out of the nation what ``sources`` count in common: ``measure``, ``category``, ``method``, ``number``, ``reason``.

    It has entered the journal when this commits. Refuses with NotFound, NotReconciling, NotCountedYet and Invalid.
    """
    catalogue = settled(code)
    errors: dict[str, list[str]] = {}
    category = category_of(catalogue, content, "", errors)
    measure = catalogue.measure_by_code.get(content["measure"])
    number = quantity_of(measure, content["number"], "", errors)
    if number is not None and "/quantity" in errors:
        errors["/number"] = errors.pop("/quantity")
    if problem := complaint(content["reason"]):
        errors["/reason"] = [problem]
    if errors or measure is None:
        raise Invalid(errors)
    standing = [one for one in reading.adjustments(catalogue, totals.standing_position(catalogue.id)) if one.fallen is None]
    units = overlaps.check_sources(catalogue, content["sources"], category, standing)
    made = _made(catalogue, measure, category, units, {**content, "number": number})
    id = adjusting.make(actor, catalogue, made, session().scalars(select(func.clock_timestamp())).one())
    fold.settle(catalogue.id)
    return _adjustment(catalogue, id)


def _made(catalogue: Catalogue, measure: MeasureEntry, category: int, units: list[UnitEntry], content: Mapping[str, Any]) -> adjusting.Made:
    figures = totals.now(catalogue)
    sources = {unit: figures.cells.get((unit.id, category), NONE) for unit in units}
    without = [unit.code for unit, cell in sources.items() if not cell.figures]
    if without:
        raise Invalid.at("/sources", f"{', '.join(without)} {'has' if len(without) == 1 else 'have'} no figure of it.")
    by_code = {unit.code: cell.total for unit, cell in sources.items()}
    result = overlaps.result(measure, by_code, content["method"], content["number"])
    what = label(measure, content["category"])
    each = ", ".join(f"{code} {said(quantity, measure)}" for code, quantity in by_code.items())
    note = f"{what}: {each}; together {said(result, measure)} ({content['method']}). {content['reason']}"
    last = _last_observed(catalogue, category, units)
    quantities = {unit.id: cell.total for unit, cell in sources.items()}
    return adjusting.Made(category, quantities, content["method"], result, last, content["reason"], note)


def _last_observed(catalogue: Catalogue, category: int, units: list[UnitEntry]) -> datetime:
    """The last moment of which the figures of these units, with all below them, speak: from then on the overlap is in the nation."""
    tops = {unit.id for unit in units}
    below = [unit.id for unit in catalogue.units if not tops.isdisjoint(unit.lineage)]
    counting = (EntryRow.operation_id == catalogue.id, EntryRow.superseded_at.is_(None), EntryRow.quantity.is_not(None))
    query = select(func.max(EntryRow.observed_at)).where(*counting, EntryRow.unit_id.in_(below), EntryRow.category_id == category)
    return session().scalars(query).one()  # type: ignore[return-value]


def _adjustment(catalogue: Catalogue, id: UUID) -> dict[str, Any]:
    position = totals.standing_position(catalogue.id)
    return next(document.adjustment(catalogue, one) for one in reading.adjustments(catalogue, position) if one.id == id)


def withdraw(actor: Actor, code: str, id: UUID, reason: str) -> dict[str, Any]:
    """Ends an adjustment. Refuses with NotFound, NotReconciling, NotCountedYet, ReportNotCurrent and Invalid."""
    catalogue = settled(code)
    if id not in {one.id for one in reading.adjustments(catalogue, totals.standing_position(catalogue.id))}:
        raise NotFound("There is no such adjustment.")
    reports.withdraw(actor, code, id, reason, None)
    fold.settle(catalogue.id)
    return _adjustment(catalogue, id)
