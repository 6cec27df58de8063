"""What changed between two releases, by unit and measure, also where the national figure did not move. Pure.

Both sides are rows of statistics. Iowa -8, Oklahoma +6 and Tennessee +2 leave the nation where it was, and each of them is a
restatement: so what stands still above while several move below is said by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from coordinator.operations.models import NATIONAL, UNSPECIFIED
from coordinator.releases.figures import difference, signed
from coordinator.releases.statistics import ALL

Row = Mapping[str, Any]
Key = tuple[str, str, str]
"""Unit, measure, category."""

NAMED = ("unit", "unit_name", "kind", "parent", "measure", "label", "category", "unit_of_count")


def changes(before: Sequence[Row], after: Sequence[Row]) -> dict[str, Any]:
    """``units`` and ``national``: rows whose quantity, credit or note differs, with ``before``, ``after`` and ``difference`` (figures,
    None where there was none); ``unmoved``: measures in which several moved and the nation did not."""
    found = list(_changed(before, after))
    return {
        "units": [row for row in found if row["unit"] != NATIONAL],
        "national": [row for row in found if row["unit"] == NATIONAL],
        "unmoved": list(_unmoved(found)),
    }


def sentences(unmoved: Sequence[Row]) -> list[str]:
    """The alarm in words: ``Arrests made: Iowa −8, Oklahoma +6, Tennessee +2; the national figure stands still.``"""
    return [
        f"{one['label']}{'' if one['category'] == ALL else ', ' + one['category']}: "
        + ", ".join(f"{part['unit_name']} {signed(part['difference'])}" for part in one["parts"])
        + "; the national figure stands still."
        for one in unmoved
    ]


def plain(rows: Sequence[Row]) -> list[Row]:
    """Rows of figures or changes without those of a measure's only category, which say what the measure's own row says again."""
    whole = {(row["unit"], row["measure"]): _figures(row) for row in rows if row["category"] == ALL}
    return [row for row in rows if row["category"] != UNSPECIFIED or whole.get((row["unit"], row["measure"])) != _figures(row)]


def _figures(row: Row) -> list[Any]:
    return [row.get(name) for name in ("quantity", "before", "after")]


def _changed(before: Sequence[Row], after: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """In the order in which the rows stand now, those that are gone at the end."""
    old, new = ({_key(row): row for row in rows} for rows in (before, after))
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key, {}), new.get(key, {})
        if any(was.get(name) != now.get(name) for name in ("quantity", "assisted", "note")):
            yield {name: (now or was)[name] for name in NAMED} | _told(was, now)


def _told(was: Row, now: Row) -> dict[str, Any]:
    return {
        "before": was.get("quantity"),
        "after": now.get("quantity"),
        "difference": difference(was.get("quantity"), now.get("quantity")),
        "assisted": [was.get("assisted"), now.get("assisted")],
        "note": [was.get("note", ""), now.get("note", "")],
    }


def _unmoved(found: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """By measure, and by category where the measure as a whole does not tell it already."""
    moved = {(row["measure"], row["category"]) for row in found if row["unit"] == NATIONAL and _nonzero(row)}
    tops = [row for row in found if row["unit"] != NATIONAL and row["parent"] is None and _nonzero(row)]
    told: set[str] = set()
    for measure, category in sorted(
        {(row["measure"], row["category"]) for row in tops}, key=lambda cell: (cell[0], cell[1] != ALL, cell[1])
    ):
        parts = [row for row in tops if (row["measure"], row["category"]) == (measure, category)]
        if (measure, category) in moved or len(parts) < 2 or measure in told:
            continue
        told |= {measure} if category == ALL else set()
        one = {name: parts[0][name] for name in ("measure", "label", "category")}
        yield one | {"parts": [{name: row[name] for name in ("unit", "unit_name", "difference")} for row in parts]}


def _nonzero(row: Row) -> bool:
    return Decimal(str(row["difference"])) != 0


def _key(row: Row) -> Key:
    return row["unit"], row["measure"], row["category"]
