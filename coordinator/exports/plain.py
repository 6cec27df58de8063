"""Statistics as a spreadsheet's plain file (CSV). Pure. Text in it can't be run by whoever opens it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from coordinator.releases.statistics import COLUMNS
from coordinator.wire import harmless

_TEXT = ("unit_name", "label", "category", "unit_of_count", "note")


def as_csv(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_harmless(row) for row in rows)
    return file.getvalue().encode()


def _harmless(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, **{name: harmless(row[name]) for name in _TEXT if row[name]}}
