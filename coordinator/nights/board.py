"""The board as the stream tells it: a snapshot, then what changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from coordinator.nights.stream import Event

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Board:
    """What is known of an operation: its ``totals`` document, kept up to date, with units by code."""

    totals: Document = field(default_factory=dict)
    units: Mapping[str, Document] = field(default_factory=dict)
    phase: str = ""

    def after(self, event: Event) -> Board:
        """The board with an event taken in; kinds it does not know change nothing."""
        content = event.content
        if event.kind == "snapshot":
            return Board(content, {unit["code"]: unit for unit in content["units"]}, content.get("phase", self.phase))
        if event.kind not in ("totals", "status", "phase"):
            return self
        changed = {key: value for key, value in content.items() if key not in ("national", "units")}
        national = {**self.totals.get("national", {}), **content.get("national", {})}
        totals = {**self.totals, **changed, "national": national}
        return replace(self, totals=totals, units=self._units_after(content.get("units", [])), phase=content.get("phase", self.phase))

    def _units_after(self, changed: Iterable[Document]) -> Mapping[str, Document]:
        """Units come with the measures that changed alone."""
        units = dict(self.units)
        for unit in changed:
            before = units.get(unit["code"], {})
            units[unit["code"]] = {**before, **unit, "measures": {**before.get("measures", {}), **unit["measures"]}}
        return units

    @property
    def position(self) -> int:
        """How far in the journal."""
        return int(self.totals.get("position", 0))

    def heard(self, jurisdictions: Iterable[str]) -> list[str]:
        """Those of the jurisdictions from which, or from below which, there is a report."""
        spoken = {code for unit in self.units.values() if unit.get("last_report_at") for code in (unit["code"], unit.get("parent"))}
        return [code for code in jurisdictions if code in spoken]
