"""Answered figures as exact numbers, and as people read them in a sentence or table. Pure."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

FINEST = 6
"""Decimal places of the finest measure there can be: a figure given with so many is shown with as many as it needs."""


def smallest(value: Any, scale: int) -> int | None:
    """A figure, an integer or a decimal string, in units of 10^-scale; None where it is no such figure."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        scaled = Decimal(str(value)).scaleb(scale)
        return int(scaled) if scaled == scaled.to_integral_value() else None
    except (InvalidOperation, OverflowError, ValueError):
        return None


def spelled(quantity: int | None, scale: int) -> str:
    """A figure for people: ``1,234``, ``12,500.00``; a dash where there is none."""
    if quantity is None:
        return "–"
    value = Decimal(quantity).scaleb(-scale)
    return f"{value.normalize():,f}" if scale == FINEST else f"{value:,.{scale}f}"


def difference(before: int | str | None, after: int | str | None) -> int | str:
    """What ``after`` has more, in the form of the figures; nothing counts as 0."""
    one, other = Decimal(str(before or 0)), Decimal(str(after or 0))
    exact = other - one
    return f"{exact:f}" if isinstance(before, str) or isinstance(after, str) else int(exact)


def signed(difference: int | str) -> str:
    """A difference for people, with its sign: ``+6``, ``−8``, ``0``."""
    value = Decimal(str(difference))
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{abs(value):,f}"
