"""Figures as people read them: pure. The same as ``static/js/figures.js`` does in a browser."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

UNSAID = frozenset({"persons", "person", "people", ""})
"""Units of count that a label already names."""

CHANNELS = {"api": "by a program", "page": "on a page", "telephone": "by telephone", "console": "at the hub's own machine"}
"""By which way a report came, as people say it."""


def figure_text(figure: int | str, unit: str = "", at_least: bool = False) -> str:
    """``12500`` of persons: 12,500. ``"12500.00"`` of USD: $12,500; below 0: -$12,500. ``at_least`` puts the sign of it in front.
    Never a float."""
    if str(figure).startswith("-"):
        return "-" + figure_text(str(figure)[1:], unit)
    whole, _, part = str(figure).partition(".")
    digits = f"{int(whole):,}" + (f".{part}" if part.strip("0") else "")
    said = f"${digits}" if unit == "USD" else digits if unit in UNSAID else f"{digits} {unit}"
    return f"≥ {said}" if at_least else said


def moment_words(moment: datetime, zone: ZoneInfo) -> str:
    """``Thu, Aug 26, 2021, 9:15:07 pm CDT``: a record is read years later, so its year is said, and its zone always."""
    own = moment.astimezone(zone)
    return f"{own:%a, %b} {own.day}, {own.year}, {own.hour % 12 or 12}:{own:%M:%S} {'am' if own.hour < 12 else 'pm'} {own.tzname()}"
