"""Statistics as a spreadsheet's plain file (CSV). Pure. Text in it can't be run by whoever opens it."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from coordinator.releases.statistics import COLUMNS

_TEXT = ("unit_name", "label", "category", "unit_of_count", "note")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""Tested on the text in its plainest form (NFKC, without what can't be seen in front), as a spreadsheet may read it."""


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_harmless(row) for row in rows)
    return file.getvalue().encode()


def _harmless(row: Mapping[str, Any]) -> dict[str, Any]:
    guarded = {name: "'" + row[name] for name in _TEXT if _starts_a_formula(str(row[name] or ""))}
    return {**row, **guarded}


def _starts_a_formula(text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).lstrip(" \u200b\u200c\u200d\u2060")
    return text.startswith(_STARTS_A_FORMULA) or plain.startswith(_STARTS_A_FORMULA)
