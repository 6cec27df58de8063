"""Playing a night on the real hub: its tree and measures become an operation, its records are posted, then they are folded.

Beside it stands what the oracle says of the same night, put into the words of the totals document, so that the two can be
compared whole. Nothing here knows how the hub counts.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, seed, settings
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access.actor import Actor, console
from coordinator.db import transaction
from coordinator.doors import load
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import BUILT_IN, OVERLAP
from coordinator.operations.schemas.operations import OperationIn
from coordinator.reports import drafts, joint
from coordinator.reports import service as reports
from coordinator.reports.record import store
from coordinator.reports.schemas import ReportIn
from tests.totals import naive
from tests.totals.naive import Number, Record
from tests.totals.nights import Measure, Night, lineage

SEED = int(os.environ.get("TALLYROOM_TEST_SEED", "20210826"))
"""What the nights are drawn from; every run prints it."""

TIMES = int(os.environ.get("TALLYROOM_TEST_TIMES", "1"))
"""How many times the usual number of nights are played."""


def nightly(examples: int) -> Callable[[Any], Any]:
    """For a property that plays nights on the database: drawn from SEED, without deadlines, the fixtures shared by all examples."""
    calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    phases = (Phase.explicit, Phase.generate, Phase.shrink)
    profile = settings(max_examples=examples * TIMES, derandomize=True, deadline=None, phases=phases, suppress_health_check=calm)
    return lambda test: seed(SEED)(profile(test))


@dataclass
class Played:
    """A night's operation on the hub, and the receipts of what has been posted of it, by the record's name."""

    catalogue: Catalogue
    actor: Actor
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    """Unit -> the code of the joint action it leads"""

    def post(self, record: Record) -> bool:
        """Posts a record within the present transaction; whether it was answered as one posted before."""
        how = self._withdraw if record.kind == "withdrawal" else self._adjust if record.unit == OVERLAP else self._report
        receipt, repeated = how(record)
        assert self.receipts.setdefault(record.id, receipt) == receipt
        return repeated

    def post_all(self, records: Sequence[Record]) -> None:
        """Posts records in one transaction of their own, all for the first time."""
        with transaction():
            assert not any(self.post(record) for record in records)

    def id_of(self, name: str | None) -> UUID | None:
        """The hub's id of a record, None for None."""
        return None if name is None else UUID(self.receipts[name]["id"])

    def _key(self, record: Record) -> str:
        return f"{self.catalogue.code}:{record.id}"

    def _report(self, record: Record) -> reports.Posted:
        body = body_of(record, self.id_of(record.supersedes)) | ({"channel": "telephone"} if record.by_desk else {})
        content = load(ReportIn(), body | ({"joint_action": self._joint(record.lead)} if record.lead else {}))
        return reports.post(self.actor, self.catalogue.code, content, self._key(record))

    def _joint(self, lead: str) -> str:
        """The code of the joint action that a unit leads, opened when first named."""
        if lead not in self.led:
            self.led[lead] = joint.open(self.actor, self.catalogue.code, {"unit": lead, "name": f"led by {lead}"})["code"]
        return self.led[lead]

    def _adjust(self, record: Record) -> reports.Posted:
        if record.id in self.receipts:
            return self.receipts[record.id], True
        return adjust(self.catalogue, self.actor, {line[:2]: line[2] for line in map(astuple, record.lines)}, record.observed_at), False

    def _withdraw(self, record: Record) -> reports.Posted:
        named = self.id_of(record.supersedes)
        assert named is not None
        return reports.withdraw(self.actor, self.catalogue.code, named, "sent by mistake", self._key(record))


def adjust(catalogue: Catalogue, actor: Actor, taken: Mapping[tuple[str, str], Number], at: datetime) -> dict[str, Any]:
    """Records an adjustment, as reconciliation does; answers its receipt. ``taken``: measure and category -> figure."""
    cells = [(catalogue.measure_by_code[code], name, quantity) for (code, name), quantity in taken.items()]
    quantities = {measure.categories[name]: int(quantity * 10**measure.scale) for measure, name, quantity in cells}
    unit, id = operations.overlap_unit(catalogue), uuid7()
    draft = drafts.adjustment(catalogue, actor, unit, quantities, at.astimezone(UTC), "counted by both", id, clock.now())
    assert store(catalogue.id, [draft]) == {id}
    return drafts.receipt(draft, unit.code)


def operation_of(night: Night, phase: str = "live") -> Catalogue:
    """A new operation with the night's tree and measures, stepped to ``phase``."""
    with transaction():
        catalogue = operations.create(console(), load(OperationIn(), _document(night)))
        for step in ("briefing", "live", "standing_down"):
            if catalogue.phase != phase:
                catalogue = operations.set_phase(console(), catalogue.code, step)
    return catalogue


def body_of(record: Record, supersedes: UUID | None) -> dict[str, Any]:
    """A report or correction as POST /reports takes it."""
    body = {
        "unit": record.unit,
        "basis": record.basis,
        "observed_at": record.observed_at.isoformat(),
        "nil": record.nil,
        "lines": [_line(line) for line in record.lines],
    }
    return body | ({"corrects": str(supersedes), "reason": "counted again"} if supersedes else {})


def _line(line: naive.Line) -> dict[str, Any]:
    where = {"measure": line.measure, "category": line.category}
    if line.quantity is None:
        return where | {"unquantified": "some"}
    quantity = f"{line.quantity:f}" if isinstance(line.quantity, Decimal) else line.quantity
    return where | {"quantity": quantity, "assisting": list(line.assisting)}


def _document(night: Night) -> dict[str, Any]:
    units = [
        {"code": code, "name": code, "kind": "agency" if parent else "jurisdiction", "parent": parent}
        for code, parent in night.tree.items()
        if code not in BUILT_IN
    ]
    measures = [
        {"code": measure.code, "label": measure.code, "unit": "units", "scale": measure.scale, "categories": list(measure.categories)}
        for measure in night.measures
    ]
    return {
        "code": f"played-{uuid.uuid4().hex}",
        "name": "A night that is played",
        "time_zone": "America/Chicago",
        "starts_at": "2021-08-26T18:00:00-05:00",
        "ends_at": "2021-08-27T06:00:00-05:00",
        "measures": measures,
        "units": units,
    }


@dataclass(frozen=True)
class Expected:
    """What the oracle says of a night as of a time and at a position, in the words of the totals document."""

    night: Night
    records: Sequence[Record]
    as_of: datetime | None = None
    at: int | None = None

    def units(self) -> dict[str, dict[str, Any]]:
        """Unit -> measure -> what it has, for every unit; measures it has nothing of are left out."""
        unquantified = naive.unquantified(self.records, self.as_of, self.at)
        return {unit: dict(self._measures(unit, unquantified)) for unit in self.night.tree if unit != OVERLAP or self._adjusted()}

    def national(self) -> dict[str, Any]:
        """Measure -> the nation's figures, those of the last minutes left out."""
        unquantified = naive.unquantified(self.records, self.as_of, self.at)
        tree, when = self.night.tree, (self.as_of, self.at)
        return {
            one.code: {
                "total": shown(naive.national(self.records, tree, one.code, None, *when), one.scale),
                "categories": {
                    name: shown(figure, one.scale)
                    for name in one.categories
                    if (figure := naive.national(self.records, tree, one.code, name, *when)) is not None
                },
                "unquantified": sorted(unit for unit, code in unquantified if code == one.code),
                "credited": shown(sum(naive.assisted(self.records, unit, one.code, *when) for unit in tree), one.scale),
                **self._by_desk("", one, naive.national(self.records, tree, one.code, None, *when)),
                **self._overlap(one),
            }
            for one in self.night.measures
        }

    def recent(self, minutes: int) -> dict[str, Any]:
        """Measure -> what was new in the nation in the minute of ``as_of`` and those before it, ``minutes`` in all."""
        assert self.as_of is not None
        first = self.as_of.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes - 1)
        tops = [unit for unit, parent in self.night.tree.items() if parent is None]
        return {
            one.code: shown(
                sum(
                    change
                    for top in tops
                    for minute, change in naive.series(self.records, self.night.tree, top, one.code, None, self.as_of, self.at).items()
                    if minute >= first
                ),
                one.scale,
            )
            for one in self.night.measures
        }

    def heard(self) -> set[str]:
        """Units heard from."""
        return naive.heard(self.records, self.night.tree, self.as_of, self.at)

    def nil(self) -> set[str]:
        """Units heard from by nil reports alone."""
        return naive.nil(self.records, self.night.tree, self.as_of, self.at)

    def series(self) -> dict[tuple[str, str, str], dict[datetime, Any]]:
        """Unit, measure and category -> minute -> change in units of 10^-scale; those without a change are left out."""
        found = {
            (unit, one.code, name): {
                minute: int(change * 10**one.scale)
                for minute, change in naive.series(self.records, self.night.tree, unit, one.code, name, self.as_of, self.at).items()
            }
            for unit in self.night.tree
            for one in self.night.measures
            for name in one.categories
        }
        return {key: changes for key, changes in found.items() if changes}

    def _adjusted(self) -> bool:
        """Whether there was an adjustment, even if it has been withdrawn since."""
        known = [one for one in self.records[: self.at] if one.unit == OVERLAP and one.kind == "report"]
        return any(self.as_of is None or one.observed_at <= self.as_of for one in known)

    def _by_desk(self, unit: str, one: Measure, total: Number | None) -> dict[str, Any]:
        """What the desk entered of a unit's ``total``, or of the nation's where there is no unit; nothing where there is none."""
        tops = [unit] if unit else [top for top, parent in self.night.tree.items() if parent is None]
        entered = sum(naive.by_desk(self.records, self.night.tree, top, one.code, self.as_of, self.at) for top in tops)
        return {} if total is None else {"by_desk": shown(entered, one.scale)}

    def _overlap(self, one: Measure) -> dict[str, Any]:
        taken = naive.own_total(self.records, OVERLAP, one.code, self.as_of, self.at)
        return {} if taken is None else {"overlap": shown(taken, one.scale)}

    def _measures(self, unit: str, unquantified: set[tuple[str, str]]) -> Any:
        tree, when = self.night.tree, (self.as_of, self.at)
        below = {one for one in tree if unit in lineage(tree, one)}
        for one in self.night.measures:
            total = naive.unit_total(self.records, tree, unit, one.code, None, *when)
            assisted = naive.assisted(self.records, unit, one.code, *when)
            some = any((other, one.code) in unquantified for other in below)
            if total is not None or assisted or some:
                own = naive.own_total(self.records, unit, one.code, *when)
                parts = {name: naive.unit_total(self.records, tree, unit, one.code, name, *when) for name in one.categories}
                yield (
                    one.code,
                    {
                        "total": shown(total, one.scale),
                        "own": shown(own, one.scale),
                        "assisted": shown(assisted, one.scale),
                        "categories": {name: shown(part, one.scale) for name, part in parts.items() if part is not None},
                        "unquantified": some,
                        **self._by_desk(unit, one, total),
                    },
                )


def shown(figure: Number | None, scale: int) -> int | str:
    """A figure of the oracle as the API writes it; none is 0."""
    return f"{Decimal(figure or 0):.{scale}f}" if scale else int(figure or 0)
