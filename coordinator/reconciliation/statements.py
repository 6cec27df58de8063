"""Checks against what was stated beside the journal: who is silent, finals, control totals. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from coordinator.operations.catalogue import MeasureEntry, UnitEntry
from coordinator.reconciliation.facts import Check, Expected, Facts, Stated, figure_of, label, said, shown


class Compared(NamedTuple):
    """What a unit has reported of a category, with all below it, beside its final; None where it has none of them."""

    unit: UnitEntry
    measure: MeasureEntry
    category: str
    reported: int | None
    unquantified: bool
    final: Stated | None

    @property
    def difference(self) -> int | None:
        """The final less what was reported, in units of 10^-scale; None where one of them is no number."""
        if self.final is None or self.final.quantity is None:
            return None
        return self.final.quantity - (self.reported or 0)


def compared(facts: Facts) -> Iterator[Compared]:
    """Each unit and category of which there is a figure or a final."""
    for unit in facts.catalogue.units:
        part = facts.units.get(unit.code, {"measures": {}})["measures"]
        for measure in facts.catalogue.measures:
            found: dict[str, Any] = part.get(measure.code, {"categories": {}, "unquantified": False})
            for category, id in measure.categories.items():
                given, final = category in found["categories"], facts.finals.get((unit.id, id))
                some = found["unquantified"] and (given or category == "unspecified")
                if given or some or final:
                    yield Compared(unit, measure, category, figure_of(part, measure, category) if given else None, some, final)


def heard(facts: Facts) -> Iterator[Check]:
    """That every unit that is expected to report has."""
    for unit in facts.catalogue.expected:
        silent = unit.code in facts.silent
        why = f"{unit.name} has reported nothing, not even that there is nothing." if silent else f"{unit.name} has reported."
        inputs = (("reports", "none" if silent else "some"),)
        yield Check("heard", (unit.code,), unit.code, inputs, "at least one report or nil report", not silent, why, (unit.code,))


def stated(facts: Facts, rows: list[Compared]) -> Iterator[Check]:
    """That every unit expected to report has stated a final for each figure it has."""
    for unit in facts.catalogue.expected:
        missing = [row for row in rows if row.unit.id == unit.id and row.final is None]
        if any(row.unit.id == unit.id for row in rows):
            names = ", ".join(label(row.measure, row.category) for row in missing)
            why = f"{unit.code} has stated no final for {names}." if missing else f"{unit.code} has stated a final for every figure it has."
            inputs = tuple((label(row.measure, row.category), None) for row in missing)
            yield Check("finals", (unit.code,), unit.code, inputs, "every figure has a final", not missing, why, (unit.code,))


def agreeing(rows: list[Compared]) -> Iterator[Check]:
    """That what was reported is what the unit itself states."""
    return (_agrees(row, row.final) for row in rows if row.final is not None)


def _agrees(row: Compared, final: Stated) -> Check:
    unit, measure, difference = row.unit.code, row.measure, row.difference
    reported = None if row.reported is None else shown(row.reported, measure)
    stated = final.words if final.quantity is None else shown(final.quantity, measure)
    if difference is None:
        why = f"{unit}'s final is in words: “{final.words}”. A report with the figure, or an explanation, settles it."
    elif difference:
        more = f"{said(abs(difference), measure)} {'more' if difference > 0 else 'less'} than was reported"
        why = f"{unit} states {said(final.quantity or 0, measure)}, {more}."
    else:
        why = f"{unit} states {said(final.quantity or 0, measure)}, as was reported."
    inputs = (("final", stated), ("reported", reported))
    about, subject = (unit, measure.code, row.category), f"{unit}, {label(measure, row.category)}"
    return Check("final", about, subject, inputs, "final - reported = 0", difference == 0, why, (unit,), measure.code, row.category)


def remainder(facts: Facts, control: Expected) -> int:
    """What the nation lacks of a control total, in units of 10^-scale; below 0 where it has more."""
    return control.quantity - figure_of(facts.document["national"], control.measure, control.category)


def controlled(facts: Facts) -> Iterator[Check]:
    """That the nation has what was published or expected of it."""
    for control in facts.controls:
        measure, left = control.measure, remainder(facts, control)
        nation = control.quantity - left
        words = f"{said(control.quantity, measure)} by {control.source}, {said(nation, measure)} in the nation"
        by = f": {said(abs(left), measure)} {'missing' if left > 0 else 'too many'}" if left else ", the same"
        inputs = ((control.source, shown(control.quantity, measure)), ("NATIONAL", shown(nation, measure)))
        about = (measure.code, control.category or "all", str(control.id))
        subject, formula = f"{label(measure, control.category)}, {control.source}", "control - NATIONAL = 0"
        yield Check("control", about, subject, inputs, formula, left == 0, f"{words}{by}.", (), measure.code, control.category)
