"""The plain report, read without a schema: pure, and only as clever as it must be to be quick.

Nearly every report on a busy night is of one form. ``plain`` reads that form and answers exactly what ``ReportIn`` would
(a property test holds the two equal); for anything else, right or wrong, it answers None, and the schema decides and
says what is wrong. So there is one place that refuses, and it is not here.
"""

from __future__ import annotations

import re
from typing import Any

from coordinator.fields import MOST, parse_moment
from coordinator.operations.models import UNSPECIFIED

_UNIT = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")
_MEASURE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_WORDS = re.compile(r"[ -~]{0,79}[!-~]")
"""Printable ASCII that does not end in a space: what needs no closer look."""

_NEEDED = {"unit", "basis", "observed_at", "lines"}
_KNOWN = _NEEDED | {"note"}
_LINE = {"measure", "category", "quantity", "assisting"}
MOST_LINES = 100


def plain(content: Any) -> dict[str, Any] | None:
    """What ``ReportIn().load(content)`` gives, where the report is of the plain form: figures, whole numbers, no correction."""
    if not isinstance(content, dict) or not _NEEDED <= content.keys() <= _KNOWN:
        return None
    unit, basis, note, given = content["unit"], content["basis"], content.get("note"), content["lines"]
    if not (_is(_UNIT, unit) and basis in ("increment", "to_date") and (note is None or _is(_WORDS, note))):
        return None
    observed_at, lines = _moment(content["observed_at"]), _lines(given)
    if observed_at is None or lines is None:
        return None
    return {
        "unit": unit,
        "basis": basis,
        "observed_at": observed_at,
        "lines": lines,
        "nil": False,
        "note": note,
        "corrects": None,
        "reason": None,
    }


def _lines(given: Any) -> list[dict[str, Any]] | None:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_LINES:
        return None
    lines = [_line(one) for one in given]
    return None if None in lines else lines  # type: ignore[return-value]


def _line(given: Any) -> dict[str, Any] | None:
    if not isinstance(given, dict) or not given.keys() <= _LINE:
        return None
    measure, quantity, category, assisting = (
        given.get("measure"),
        given.get("quantity"),
        given.get("category", UNSPECIFIED),
        given.get("assisting", []),
    )
    counted = type(quantity) is int and 0 <= quantity <= MOST
    helped = isinstance(assisting, list) and len(assisting) <= 50 and all(_is(_UNIT, unit) for unit in assisting)
    if counted and helped and _is(_MEASURE, measure) and _is(_WORDS, category):
        return {"measure": measure, "category": category, "quantity": quantity, "assisting": assisting}
    return None


def _is(form: re.Pattern[str], text: Any) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _moment(text: Any) -> Any:
    try:
        return parse_moment(text)
    except (TypeError, ValueError):
        return None
