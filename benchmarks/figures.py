"""What a measurement gives: a figure beside its limit from the same run, and the target it should meet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

WIDTH = 150
"""Characters of a line where there is no terminal to ask."""


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``limit`` is what the same machine gave in the same run with all that is ours left out.

    ``at_least``: whether more is better; the target is met from that side. ``limit`` and ``target`` may be None.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    target: float | None = None
    at_least: bool = False
    limit_is: str = ""

    @property
    def ratio(self) -> float | None:
        """The figure as a part of its limit."""
        return self.value / self.limit if self.limit else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}


def show(figures: list[Figure], machine: str) -> None:
    """Prints one table."""
    table = Table(title=machine, title_justify="left")
    for column in ("figure", "measured", "limit", "ratio", "target", "met"):
        table.add_column(column, justify="left" if column in ("figure", "met") else "right")
    for one in figures:
        target = "" if one.target is None else f"{'≥' if one.at_least else '≤'} {_said(one.target)} {one.unit}"
        limit = "" if one.limit is None else f"{_said(one.limit)} {one.unit} ({one.limit_is})"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        table.add_row(one.name, f"{_said(one.value)} {one.unit}", limit, ratio, target, {True: "yes", False: "NO", None: ""}[one.met])
    Console(width=None if Console().is_terminal else WIDTH).print(table)


def _said(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def percentile(values: list[float], part: float) -> float:
    """The value that ``part`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
