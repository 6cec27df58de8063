"""Published operations with their figures in a hub, without playing their nights: each unit's cells as one report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from typing import Any

from coordinator.fields import moment_text
from coordinator.nights.figures import Published, published
from coordinator.operations import templates
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.totals.evening import Evening

FIVE = tuple(templates.names())


def evening_of(name: str, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], code: str) -> Evening:
    """The operation of a template, live, with everything that was published of it reported and folded."""
    facts = templates.facts(name)
    document = templates.operation_document(facts, code)
    evening = Evening(create_operation(**document), create_token("desk", code))
    figures = published(facts, document)
    told = [(unit, _line(figures, measure, category, quantity)) for (unit, measure, category), quantity in figures.cells.items()]
    told += [(unit, {"measure": measure, "unquantified": words}) for (unit, measure), words in figures.unquantified.items()]
    hours = (templates.window(facts)[1] - templates.window(facts)[0]) / 13
    for number, (unit, lines) in enumerate(groupby(sorted(told, key=lambda one: one[0]), key=lambda one: one[0]), 1):
        at: datetime = templates.window(facts)[0] + hours * (number % 12)
        evening.say(*(line for _, line in lines), unit=unit, observed_at=moment_text(at))
    evening.fold()
    return evening


def _line(figures: Published, measure: str, category: str, quantity: int) -> dict[str, Any]:
    return {"measure": measure, "category": category, "quantity": figures.spelled(measure, quantity)}
