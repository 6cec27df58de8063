"""A planned night: its reports, what is done with each, and how each is said in the contract's words. Pure.

Times are parts of the night: 0 is its beginning, 1 its end; what was observed before it lies below 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from coordinator.nights.figures import UNSPECIFIED, Cell, Published

Kind = Literal["post", "repeat", "correct", "withdraw"]

STEPS = 500
"""Moments in a night at which something may be observed: far enough apart to keep their order when rounded to seconds."""


@dataclass(frozen=True)
class Line:
    """A figure, or the words said where there is none; ``quantity`` is in the measure's smallest unit."""

    measure: str
    category: str = UNSPECIFIED
    quantity: int | None = None
    unquantified: str | None = None
    assisting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """One report. ``posted`` is when the hub is told, ``repeated`` when it is told again with the same key.

    At ``settled`` the report is corrected to the lines ``instead`` or, where there are none, withdrawn, for ``reason``.
    """

    unit: str
    observed: float
    lines: tuple[Line, ...]
    basis: Literal["increment", "to_date"] = "increment"
    posted: float | None = None
    key: str = ""
    note: str | None = None
    repeated: float | None = None
    instead: tuple[Line, ...] | None = None
    settled: float | None = None
    reason: str = ""

    def quantity(self, measure: str, category: str) -> int | None:
        """What it says of that measure and category; None where it says nothing."""
        return next((line.quantity for line in self.lines if (line.measure, line.category) == (measure, category)), None)


@dataclass(frozen=True)
class Act:
    """What a liaison does, and when."""

    at: float
    kind: Kind
    report: Planned


@dataclass(frozen=True)
class Night:
    """A whole night, its reports in the order they are posted."""

    begins: datetime
    lasts: timedelta
    published: Published
    reports: tuple[Planned, ...] = ()

    def moment(self, part: float) -> datetime:
        """That part of the night as a time: in whole seconds, unless the night is too short for them."""
        elapsed = self.lasts * part
        whole = self.lasts >= timedelta(seconds=2 * STEPS)
        return self.begins + (timedelta(seconds=round(elapsed.total_seconds())) if whole else elapsed)

    def part(self, moment: datetime) -> float:
        """The part of the night at which a time lies."""
        return (moment - self.begins) / self.lasts

    def body(self, report: Planned) -> dict[str, Any]:
        """The report as the contract takes it."""
        said: dict[str, Any] = {"unit": report.unit, "basis": report.basis, "observed_at": self.moment(report.observed).isoformat()}
        said["lines"] = [self._said(line) for line in report.lines]
        return {**said, **({} if report.lines else {"nil": True}), **({"note": report.note} if report.note else {})}

    def correction(self, report: Planned, report_id: str) -> dict[str, Any]:
        """The report that puts ``instead`` in the place of the lines of the one with that id."""
        lines = [self._said(line) for line in report.instead or ()]
        return {**self.body(report), "lines": lines, "corrects": report_id, "reason": report.reason}

    def acts(self) -> list[Act]:
        """Everything that is done, in the order of time."""
        return sorted((act for report in self.reports for act in _acts(report)), key=lambda act: act.at)

    def entries(self) -> int:
        """How many places in the journal the night takes: a repeat takes none."""
        return sum(act.kind != "repeat" for act in self.acts())

    def _said(self, line: Line) -> dict[str, Any]:
        said: dict[str, Any] = {"measure": line.measure}
        if line.category != UNSPECIFIED:
            said["category"] = line.category
        if line.quantity is None:
            return {**said, "unquantified": line.unquantified}
        said["quantity"] = self.published.spelled(line.measure, line.quantity)
        return {**said, **({"assisting": [*line.assisting]} if line.assisting else {})}


def line(cell: Cell, quantity: int) -> Line:
    """A line that says the quantity of a cell, whoever posts it."""
    return Line(cell[1], cell[2], quantity)


def _acts(report: Planned) -> Iterator[Act]:
    if report.posted is not None:
        yield Act(report.posted, "post", report)
    if report.repeated is not None:
        yield Act(report.repeated, "repeat", report)
    if report.settled is not None:
        yield Act(report.settled, "withdraw" if report.instead is None else "correct", report)
