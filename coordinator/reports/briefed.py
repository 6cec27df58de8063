"""The gate of the counting rules: under which version of them whoever posts counts.

It is asked of the person, not of the unit: whoever counts must know the rules, and a night has shifts, so what the evening's liaison
acknowledged says nothing of the morning's. Each right acknowledges once for a unit it speaks for, and that holds for what it posts for
the unit and all below it. The desk is never asked. What it enters is counted under what anyone has acknowledged for the unit, and is
marked where that is not the version in force.

An acknowledgement is never taken back, so a process keeps those it has seen and asks the database only about a right that it has not
seen acknowledge what is in force: once a lot, and in an operation without rules to acknowledge never.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import text

from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.operations.models import UNATTRIBUTED
from coordinator.reports.drafts import Rules

Versions = Mapping[int, int]
"""Unit -> the newest version acknowledged for it."""

KEPT = 20_000
"""Rights whose acknowledgements a process keeps at most; beyond, it begins anew."""

_kept: dict[tuple[int, UUID], Versions] = {}

_ACKNOWLEDGED = text("""
    SELECT right_id, unit_id, max(version) AS version FROM briefing_checks
    WHERE operation_id = :operation AND passed AND right_id = ANY(CAST(:rights AS uuid[])) GROUP BY right_id, unit_id
""")
_BY_ANYONE = text("""
    SELECT unit_id, max(version) AS version FROM briefing_checks WHERE operation_id = :operation AND passed GROUP BY unit_id
""")


def rules(catalogue: Catalogue, speaking: Collection[tuple[Actor, str]]) -> Rules:
    """Under which version of the counting rules each of these actors counts for a unit; ``speaking``: who posts, and the unit's code."""
    in_force = catalogue.rules_version
    if in_force is None:
        return _none
    _look(catalogue, speaking)
    of_units = by_anyone(catalogue.id) if any(by_desk(actor) for actor, _ in speaking) else {}

    def version(actor: Actor, unit: UnitEntry) -> int | None:
        if unit.code == UNATTRIBUTED:  # the desk counts it, by the rules it has written
            return in_force
        return newest(of_units if by_desk(actor) else _of(catalogue, actor), unit)

    return version


def _none(_actor: Actor, _unit: UnitEntry) -> None:
    """Under which version one counts where there is none."""


def by_desk(actor: Actor) -> bool:
    """Whether the actor speaks for whoever has called."""
    return actor.may("reports.telephone")


def newest(versions: Versions, unit: UnitEntry) -> int | None:
    """The newest version acknowledged for the unit or one above it."""
    return max((versions[id] for id in unit.lineage if id in versions), default=None)


def by_anyone(operation_id: int) -> Versions:
    """What anyone has acknowledged."""
    return {row.unit_id: row.version for row in session().execute(_BY_ANYONE, {"operation": operation_id})}


def by_rights(operation_id: int, rights: Iterable[UUID]) -> dict[UUID, dict[int, int]]:
    """What each of these rights has acknowledged."""
    found: dict[UUID, dict[int, int]] = {right: {} for right in rights}
    for row in session().execute(_ACKNOWLEDGED, {"operation": operation_id, "rights": list(found)}):
        found[row.right_id][row.unit_id] = row.version
    return found


def what_to_do(catalogue: Catalogue, unit: UnitEntry) -> str:
    """What whoever posts for the unit is told."""
    return (
        f"Read version {catalogue.rules_version} of the counting rules and acknowledge it for {unit.code}, at"
        f" /operations/{catalogue.code}/briefing. Nothing is lost: then send this again as it is."
    )


def _of(catalogue: Catalogue, actor: Actor) -> Versions:
    return _kept.get((catalogue.id, actor.id), {}) if actor.id else {}


def _look(catalogue: Catalogue, speaking: Iterable[tuple[Actor, str]]) -> None:
    """Asks about every right that, as far as this process knows, has not acknowledged what is in force for the unit it posts for."""
    units = catalogue.taking_part
    unknown = {
        actor.id
        for actor, code in speaking
        if actor.id and code in units and not by_desk(actor) and newest(_of(catalogue, actor), units[code]) != catalogue.rules_version
    }
    if not unknown:
        return
    if len(_kept) > KEPT:
        _kept.clear()
    _kept.update({(catalogue.id, right): versions for right, versions in by_rights(catalogue.id, unknown).items()})
