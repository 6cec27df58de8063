"""What a release says beside its figures, in lines a reader understands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from coordinator.browser.wording import figure_text, moment_words
from coordinator.fields import zone
from coordinator.releases.changes import sentences as standing_still
from coordinator.releases.figures import signed
from coordinator.releases.statistics import ALL

Document = Mapping[str, Any]


def sections(content: Document, operation: Document) -> Iterator[tuple[str, Sequence[str]]]:
    """Headings with their lines, also where there are none; nothing for a position, whose ``content`` is empty."""
    if content:
        changes = content["changes"]
        yield "Amended, and why", [content["amendment"]["reason"]] if content.get("amendment") else []
        yield "Changes since the release before", [*standing_still(changes["unmoved"]), *map(_change, _moved(changes))]
        yield "Earlier sentences that are no longer so", [f"{one['text']} Now: {one['now']}" for one in content["stale"]]
        yield "Certified although open", [f"{one['detail']} Waived by {one['name']}: {one['reason']}" for one in content["waivers"]]
        yield "Adjustments for overlaps", [_plain(one) for one in content["adjustments"]]
        yield "Control totals", [_plain(one) for one in content["controls"]]
        yield "Signed by", [_signature(one, operation) for one in content["signatures"]]


def _moved(changes: Document) -> list[Document]:
    """Rows whose figure moved; of a measure's categories its total alone tells it where there is but one."""
    return [row for row in (*changes["units"], *changes["national"]) if row["before"] != row["after"]]


def _change(row: Document) -> str:
    what = row["label"] if row["category"] == ALL else f"{row['label']}, {row['category']}"
    was, now = ("none" if figure is None else figure_text(figure, row["unit_of_count"]) for figure in (row["before"], row["after"]))
    return f"{row['unit_name']}: {what} {was} becomes {now} ({signed(row['difference'])})"


def _signature(one: Document, operation: Document) -> str:
    whose = "the desk, for the whole" if one["unit"] is None else one["unit"]
    at = moment_words(datetime.fromisoformat(one["signed_at"]), zone(operation["time_zone"]))
    return f"{one['name']} for {whose}, {at}, at position {one['position']}"


def _plain(one: Any) -> str:
    """An entry by its own sentence where it has one, else by its members."""
    if not isinstance(one, Mapping):
        return str(one)
    own = next((one[name] for name in ("text", "sentence", "detail") if isinstance(one.get(name), str)), None)
    return own or "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in one.items() if value not in (None, "", [], {}))
