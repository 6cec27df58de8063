"""What a release says beside its figures, in lines a reader understands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from coordinator.browser.wording import figure_text, moment_words
from coordinator.fields import zone
from coordinator.operations.models import NATIONAL, UNSPECIFIED
from coordinator.releases.changes import plain
from coordinator.releases.changes import sentences as standing_still
from coordinator.releases.figures import signed
from coordinator.releases.statistics import ALL

Document = Mapping[str, Any]
Entry = tuple[str, str]
"""Whom a line is about, empty where that needs no saying, and what it says."""


def amended(content: Document) -> tuple[str, Sequence[Entry]]:
    """What an amendment says first: why it was made, and what moved where the nation stood still. No lines for anything else."""
    if not content or not content["amendment"]:
        return "", []
    before = content["amendment"]["amends"]
    return f"Amends release {before}", [
        ("", line) for line in (content["amendment"]["reason"], *standing_still(content["changes"]["unmoved"]))
    ]


def sections(content: Document, operation: Document) -> Iterator[tuple[str, Sequence[Entry]]]:
    """Headings with their lines, also where there are none; nothing for a position, whose ``content`` is empty."""
    if content:
        yield f"Changes since release {content['number'] - 1}", [*map(_change, _moved(content["changes"], operation))]
        yield "Earlier sentences that are no longer so", [("", f"{one['text']} Now: {one['now']}") for one in content["stale"]]
        waived = [f"{one['detail']} Waived by {one['name']}: {one['reason']}" for one in content["waivers"]]
        yield "Certified although open", [("", line) for line in waived]
        yield "Adjustments for overlaps", [_adjustment(one, operation) for one in content["adjustments"]]
        yield "Control totals", [_control(one, operation) for one in content["controls"]]
        yield "Signed by", [_signature(one, operation) for one in content["signatures"]]


def _moved(changes: Document, operation: Document) -> list[Document]:
    """Rows whose figure moved, each unit followed by those below it, the nation last."""
    above = {unit["code"]: unit["parent"] for unit in operation["units"]}
    rows = [row for row in plain((*changes["units"], *changes["national"])) if row["before"] != row["after"]]
    places = {unit: place for place, unit in enumerate(dict.fromkeys(_top(above, row["unit"]) for row in rows))}
    return sorted(rows, key=lambda row: (row["unit"] == NATIONAL, places[_top(above, row["unit"])]))


def _top(above: Mapping[str, str | None], unit: str) -> str:
    while parent := above.get(unit):
        unit = parent
    return unit


def _change(row: Document) -> Entry:
    what = row["label"] if row["category"] == ALL else f"{row['label']}, {row['category']}"
    was, now = ("none" if figure is None else figure_text(figure, row["unit_of_count"]) for figure in (row["before"], row["after"]))
    return row["unit_name"], f"{what} {was} becomes {now} ({signed(row['difference'])})"


def _signature(one: Document, operation: Document) -> Entry:
    names = {unit["code"]: unit["name"] for unit in operation["units"]}
    at = moment_words(datetime.fromisoformat(one["signed_at"]), zone(operation["time_zone"]))
    whose = str(names.get(one["unit"], one["unit"])) if one["unit"] else "The whole"
    return whose, f"{one['name']}, {at}, at position {one['position']}"


def _adjustment(one: Document, operation: Document) -> Entry:
    label, unit = _counted(one, operation)
    names = {unit["code"]: unit["name"] for unit in operation["units"]}
    sources = ", ".join(f"{names.get(source['unit'], source['unit'])} {figure_text(source['quantity'], unit)}" for source in one["sources"])
    come = f"{sources} come to {figure_text(one['result'], unit)}, so {figure_text(one['reduction'], unit)} are taken out of the nation"
    return label, f"{come} ({one['name']}: {one['reason']})"


def _control(one: Document, operation: Document) -> Entry:
    label, unit = _counted(one, operation)
    said, has, left = (figure_text(one[name], unit) for name in ("quantity", "national", "remainder"))
    return label, f"{said} by {one['source']}; the nation has {has}, the remainder is {left}"


def _counted(one: Document, operation: Document) -> tuple[str, str]:
    """What is counted and in what."""
    measure = next(measure for measure in operation["measures"] if measure["code"] == one["measure"])
    category = one["category"] or UNSPECIFIED
    return measure["label"] + (f", {category}" if category != UNSPECIFIED else ""), measure["unit"]
