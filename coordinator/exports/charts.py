"""What the charts of a paper show: shares of the longest bar and places on a line, each with the sentence that says the same. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from coordinator.browser.wording import figure_text
from coordinator.exports.dossier import Dossier
from coordinator.fields import zone

MOST = 4
"""Measures that get a chart: the first that have figures."""

MOST_BARS = 24
"""Bars of one chart; the longest, the table has them all."""


def bars(dossier: Dossier) -> list[dict[str, Any]]:
    """A chart for each of the first measures: figures by unit at the top of the tree."""
    tops = [unit for unit in dossier.totals["units"] if unit["parent"] is None]
    return [chart for measure in dossier.operation["measures"] if (chart := _bars(measure, tops))][:MOST]


def _bars(measure: Mapping[str, Any], tops: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    found = [(unit["name"], _of(unit, measure)) for unit in tops if measure["code"] in unit["measures"]]
    longest = sorted((one for one in found if one[1] > 0), key=lambda one: -one[1])[:MOST_BARS]
    if not longest:
        return None
    lines = [{"name": name, "figure": figure_text(str(value)), "share": float(value / longest[0][1])} for name, value in longest]
    said = "; ".join(f"{line['name']} {line['figure']}" for line in lines)
    return {"title": f"{measure['label']} by jurisdiction", "alt": f"Bars, longest first: {said}.", "bars": lines}


def _of(unit: Mapping[str, Any], measure: Mapping[str, Any]) -> Decimal:
    return Decimal(str(unit["measures"][measure["code"]]["total"]))


def lines(dossier: Dossier) -> list[dict[str, Any]]:
    """A chart for each of the first measures: the national figure through the night."""
    return [chart for measure in dossier.operation["measures"] if (chart := _line(dossier, measure))][:MOST]


def _line(dossier: Dossier, measure: Mapping[str, Any]) -> dict[str, Any] | None:
    points = [(datetime.fromisoformat(at), Decimal(str(figure))) for at, figure in dossier.night.get(measure["code"], ())]
    if len(points) < 2 or not any(figure for _, figure in points):
        return None
    most, first, last = max(figure for _, figure in points), points[0][0], points[-1][0]
    places = [[float((at - first) / (last - first)), float(figure / most)] for at, figure in points]
    words = [f"{_hour(dossier, at)} {figure_text(str(figure))}" for at, figure in _few(points)]
    ends = {"from": _hour(dossier, first), "to": _hour(dossier, last), "most": figure_text(str(most))}
    return {"title": f"{measure['label']} through the window", "alt": f"A line: {'; '.join(words)}.", "points": places} | ends


def _few(points: list[tuple[datetime, Decimal]]) -> Iterator[tuple[datetime, Decimal]]:
    """The first, the last, and wherever the figure changed."""
    for number, (at, figure) in enumerate(points):
        if number in (0, len(points) - 1) or figure != points[number - 1][1]:
            yield at, figure


def _hour(dossier: Dossier, at: datetime) -> str:
    own = at.astimezone(zone(dossier.operation["time_zone"]))
    return f"{own:%b} {own.day}, {own:%H:%M} {own.tzname()}"
