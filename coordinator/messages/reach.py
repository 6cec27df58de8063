"""Whom a bulletin reaches: pure. Everyone at the desk, and the liaisons of the units it names, of those above and below them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coordinator.access.actor import Actor
from coordinator.operations.catalogue import Catalogue, UnitEntry


@dataclass(frozen=True)
class Reach:
    """Ids of the units whose liaisons it reaches; None for all of them."""

    units: frozenset[int] | None

    def includes(self, actor: Actor) -> bool:
        """Whether it reaches this actor."""
        if not actor.may("bulletins.read"):
            return False
        return not actor.units or self.units is None or not actor.units.isdisjoint(self.units)


def reach(catalogue: Catalogue, units: Iterable[int]) -> Reach:
    """Of what is said to these units."""
    named = frozenset(units)
    above = {id for unit in named for id in catalogue.lineage(unit)} - {catalogue.nation}
    below = {unit.id for unit in catalogue.units if not named.isdisjoint(unit.lineage)}
    return Reach(frozenset(above | below))


def everyone(catalogue: Catalogue) -> tuple[UnitEntry, ...]:
    """The units that ``to all`` means: those that are expected to report."""
    return catalogue.expected
