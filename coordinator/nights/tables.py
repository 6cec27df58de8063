"""The end of a night on paper: every figure by state and agency beside the published one, and what must be said with it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coordinator.nights.comparison import NATIONAL, Comparison, Row
from coordinator.nights.figures import UNATTRIBUTED
from coordinator.releases.figures import spelled
from coordinator.releases.remarks import figure, remarks

Document = dict[str, Any]

LABEL, NAME, BETWEEN = 11, 16, 3
"""Columns at least of a measure, so that ``102 = 102 ✓`` fits, and of the names; those between two of them."""


ONLY_STATES = "Only states' figures were published; how a state's are shared out among its agencies is made up for this playing.\n"


def show(console: Console, document: Document, totals: Document, comparison: Comparison) -> None:
    """Prints the table, the verdict, the differences if there are any, and the remarks."""
    console.print(f"\n{document['name']}: the hub's figures = the published ones", style="bold", soft_wrap=True, highlight=False)
    console.print(_table(document, totals, comparison, console.width))
    if any(not comparison.of(unit["code"], measure) for unit in totals["units"] for measure in unit["measures"]):
        console.print(ONLY_STATES, style="dim", soft_wrap=True)
    for row in comparison.rows:
        if row.kind in ("derived", "count"):
            console.print(Text.assemble(f"{_name(document, row)}  ", _beside(row)))
    console.print(_verdict(document, comparison), soft_wrap=True)
    _say(console, [one.text for one in remarks(document, totals)])


def _say(console: Console, sentences: list[str]) -> None:
    if sentences:
        console.print("\nWhat the figures alone do not say:", style="bold")
    for sentence in sentences:
        lines = wrap(f"- {sentence}", console.width, initial_indent="  ", subsequent_indent="    ")
        console.print(*lines, sep="\n", highlight=False, markup=False)


def _table(document: Document, totals: Document, comparison: Comparison, width: int) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    units = {unit["code"]: unit for unit in totals["units"]}
    rows = [(_title(units[code]), [*_figures(document, units[code], comparison)]) for code in _in_order(document, units)]
    nation = [_national(measure, totals, comparison) for measure in document["measures"]]
    columns = [_column(measure, cells) for measure, *cells in zip(document["measures"], nation, *(cells for _, cells in rows), strict=True)]
    names = max((title.cell_len for title, _ in rows), default=0)
    room = width - sum(wide + BETWEEN for _, wide in columns) - BETWEEN
    table.add_column("State, agency", overflow="ellipsis", no_wrap=True, vertical="bottom", width=max(NAME, min(names, room)))
    for label, wide in columns:
        table.add_column(label, justify="right", no_wrap=True, width=wide, vertical="bottom")
    for title, cells in rows:
        table.add_row(title, *cells)
    table.add_section()
    table.add_row(Text("All together", "bold"), *nation)
    return table


def _column(measure: Document, cells: list[Text]) -> tuple[Text, int]:
    """A measure's label in lines as wide as its figures, and how wide that is."""
    wide = max(LABEL, *(cell.cell_len for cell in cells), *(len(word) for word in measure["label"].split()))
    return Text("\n".join(wrap(measure["label"], wide)), justify="right"), wide


def _national(measure: Document, totals: Document, comparison: Comparison) -> Text:
    """Where nobody published a total, what is known is the least it can be."""
    row = comparison.of(NATIONAL, measure["code"])
    return _beside(row) if row else Text(f"≥ {figure(measure, totals['national'][measure['code']]['total'])}", "yellow")


def _in_order(document: Document, units: Document) -> Iterator[str]:
    """Each state and then its agencies that reported; those who belong to none at the end; nobody without a figure but the states."""
    for unit in document["units"]:
        if unit["kind"] == "jurisdiction" and unit.get("expected", True):
            yield unit["code"]
            yield from (
                below["code"] for below in document["units"] if below.get("parent") == unit["code"] and units[below["code"]]["measures"]
            )
    if units.get(UNATTRIBUTED, {}).get("measures"):
        yield UNATTRIBUTED


def _title(unit: Document) -> Text:
    if unit["code"] == UNATTRIBUTED:
        return Text("Of no state", "italic")
    return Text(f"  {unit['name']}", "dim") if unit["parent"] else Text(unit["name"], "bold")


def _figures(document: Document, unit: Document, comparison: Comparison) -> Iterator[Text]:
    for measure in document["measures"]:
        code, own = measure["code"], unit["measures"].get(measure["code"], {})
        row = comparison.of(unit["code"], code)
        if row:
            yield _beside(row)
        else:
            yield Text(figure(measure, own["total"]).lstrip("$") if own.get("categories") else "", "dim")


def _beside(row: Row) -> Text:
    """Both figures and a mark that says, without colour too, whether they are equal."""
    counted, published = (_side(row, quantity) for quantity in (row.counted, row.published))
    if row.equal and row.kind == "unquantified":
        return Text.assemble(counted, (" ✓", "green"))
    if row.equal:
        return Text.assemble(counted, (f" = {published} ✓", "green"))
    return Text(f"{counted} ≠ {published} ✗", "bold red")


def _side(row: Row, quantity: int | None) -> str:
    if row.kind == "unquantified":
        return "some" if quantity else "none"
    return spelled(quantity, row.scale)


def _name(document: Document, row: Row) -> str:
    labels: dict[str, str] = {one["code"]: one["label"] for one in [*document["measures"], *document.get("derived", [])]}
    return labels.get(row.measure, row.measure.capitalize())


def _verdict(document: Document, comparison: Comparison) -> Text:
    different = comparison.different()
    if comparison.equal:
        verdict = Text(f"Equal in all {len(comparison.rows)} comparisons: by state, by category, and in every total.", "bold green")
    else:
        verdict = Text(f"Different: {len(different)} of {len(comparison.rows)} figures.", "bold red")
    for row in different:
        verdict.append(
            f"\n  {row.unit} {_name(document, row)} ({row.category}): {_side(row, row.counted)} here, {_side(row, row.published)} published"
        )
    if comparison.unread:
        verdict.append(f"\nNot compared, their names say nothing here: {', '.join(comparison.unread)}")
    return verdict
