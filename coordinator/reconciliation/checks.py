"""All checks of one position, and what settles each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from coordinator.reconciliation import changes, overlaps, statements, sums
from coordinator.reconciliation.facts import Adjustment, Check, Explained, Facts
from coordinator.reconciliation.statements import Compared


class Settled(NamedTuple):
    """A check with what was said of it: its last ``explanation``, which counts only while it is ``current``; the ``adjustment`` that
    takes the overlap out."""

    check: Check
    explanation: Explained | None
    adjustment: Adjustment | None

    @property
    def current(self) -> bool:
        """Whether the explanation is of the inputs as they are now."""
        return self.explanation is not None and self.explanation.inputs == self.check.digest

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be done about it."""
        return self.check.holds or self.current or self.adjustment is not None


class OpenItem(NamedTuple):
    """Something not settled: the kind of check, whom or what it is about, and the sentence that says what is wrong."""

    code: str
    subject: str
    detail: str
    check: str
    units: tuple[str, ...]


def of(facts: Facts, rows: list[Compared]) -> list[Settled]:
    """Every check, those of the whole operation first; ``rows`` are what ``statements.compared`` gives."""
    found: list[Check] = [
        *sums.rules(facts),
        *statements.controlled(facts),
        *statements.heard(facts),
        *statements.stated(facts, rows),
        *statements.agreeing(rows),
        *overlaps.joint(facts),
        *sums.parents(facts),
        *sums.without_figure(facts),
        *sums.without_unit(facts),
        *sums.parts(facts),
    ]
    if facts.earlier is not None:
        found[:0] = changes.unchanged_nation(facts.catalogue, facts.earlier, facts.document)
        found += changes.changed(facts.catalogue, facts.earlier, facts.document)
    return [_settled(facts, check) for check in found]


def _settled(facts: Facts, check: Check) -> Settled:
    return Settled(check, facts.explanations.get(check.id), overlaps.settling(facts.catalogue, check, facts.adjustments))


def open_items(checks: Sequence[Settled]) -> list[OpenItem]:
    """What is not settled."""
    return [OpenItem(one.check.code, one.check.subject, one.check.why, one.check.id, one.check.units) for one in checks if not one.settled]
