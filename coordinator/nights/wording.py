"""What an act says, in one line for people: ``arrests +3, victims (minor) +2, 36 min late``. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coordinator.nights.figures import UNSPECIFIED
from coordinator.nights.night import Act, Line, Night, Planned
from coordinator.releases.figures import spelled

LATE = 0.02
"""A report posted so much of the night after it was observed is called late."""


def said(act: Act, night: Night, document: dict[str, Any]) -> str:
    """The act in words; the unit and the time are for the caller to show."""
    labels = {measure["code"]: short(measure) for measure in document["measures"]}
    report = act.report
    if act.kind == "repeat":
        return "sent again with its key, counted once"
    if act.kind == "withdraw":
        return f"withdrawn: {', '.join(_lines(report.lines, night, labels))} ({report.reason})"
    if act.kind == "correct":
        return f"corrected: {', '.join(_corrections(report, night, labels))} ({report.reason})"
    words = ", ".join(_lines(report.lines, night, labels, report.basis == "to_date")) or report.note or "nothing new"
    return words + _delay(report, night)


def short(measure: dict[str, Any]) -> str:
    """A measure in one word: ``victims_rescued`` -> ``victims``."""
    return str(measure["code"]).partition("_")[0]


def clock(moment: datetime, time_zone: str) -> str:
    """A moment on the operation's own clock: ``1:43 am, Fri 27 Aug``."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{hour(moment, time_zone)}, {local:%a} {local.day} {local:%b}"


def hour(moment: datetime, time_zone: str) -> str:
    """The time of day alone: ``1:43 am``."""
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"


def _lines(lines: tuple[Line, ...], night: Night, labels: dict[str, str], standing: bool = False) -> Iterator[str]:
    for line in lines:
        name = _name(line, labels)
        if line.quantity is None:
            yield f"{name}, {line.unquantified}"
            continue
        figure = spelled(line.quantity, night.published.scales[line.measure])
        credit = f" with {', '.join(line.assisting)}" if line.assisting else ""
        yield f"{name} stand at {figure}" if standing else f"{name} +{figure}{credit}"


def _corrections(report: Planned, night: Night, labels: dict[str, str]) -> Iterator[str]:
    """Only the lines that change: ``arrests 5, not 7``."""
    for wrong, right in zip(report.lines, report.instead or (), strict=True):
        if wrong != right:
            scale = night.published.scales[wrong.measure]
            yield f"{_name(right, labels)} {spelled(right.quantity, scale)}, not {spelled(wrong.quantity, scale)}"


def _name(line: Line, labels: dict[str, str]) -> str:
    return labels[line.measure] + (f" ({line.category})" if line.category != UNSPECIFIED else "")


def _delay(report: Planned, night: Night) -> str:
    delay = (report.posted or 0.0) - report.observed
    if report.observed < 0:
        observed = night.moment(report.observed)
        return f", of {observed.day} {observed:%b}"
    if delay < LATE:
        return ""
    minutes = int(night.lasts * delay / timedelta(minutes=1))
    return f", {minutes} min late" if minutes < 120 else f", {minutes // 60} h late" if minutes < 2880 else f", {minutes // 1440} days late"
