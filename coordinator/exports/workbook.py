"""The workbook (XLSX): sheets of the nation, the units, and notes with definitions. Pure. Numbers are numbers, text is never run."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from coordinator.exports import sealed, texts
from coordinator.exports.dossier import Dossier, Tell, silent
from coordinator.exports.remarks import HIDDEN, remarks
from coordinator.operations.models import NATIONAL

EXACT = 2**53
"""Up to here a spreadsheet's numbers are exact; a figure with more digits is written as text."""

COLUMNS = (
    ("unit", "Unit", 16), ("unit_name", "Name", 38), ("kind", "Kind", 12), ("parent", "Below", 12), ("label", "Measure", 30),
    ("category", "Category", 18), ("quantity", "Figure", 14), ("unit_of_count", "Unit of count", 14), ("assisted", "Assisted", 12),
    ("note", "Note", 60),
)  # fmt: skip
LINE = 15
"""The height of a line, in points: not every program makes a row as high as its text."""
OFTEN = 500
"""Rows after which progress is told."""

FIGURES = ("quantity", "assisted")
OF_THE_NATION = ("label", "category", "quantity", "unit_of_count", "note")


def as_xlsx(dossier: Dossier, tell: Tell = silent) -> bytes:
    """The workbook's bytes; the only date in it is the dossier's. ``tell`` hears what share of its rows is written."""
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = Workbook(file, options)
    made = dossier.made_at.replace(tzinfo=None)
    book.set_properties({"title": dossier.operation["name"], "comments": texts.status(dossier), "created": made})
    scales = {measure["code"]: measure["scale"] for measure in dossier.operation["measures"]}
    sheets = _Sheets(book, dossier, scales, tell)
    sheets.table("National", OF_THE_NATION, [row for row in dossier.rows if row["unit"] == NATIONAL])
    sheets.table("By unit", tuple(name for name, _, _ in COLUMNS), [row for row in dossier.rows if row["unit"] != NATIONAL])
    sheets.notes()
    book.close()
    return file.getvalue()


class _Sheets:
    """The sheets of one workbook and their styles."""

    def __init__(self, book: Any, dossier: Dossier, scales: dict[str, int], tell: Tell) -> None:
        self._book, self._dossier, self._scales, self._tell, self._written = book, dossier, scales, tell, 0
        self._text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True, "indent": 1})
        self._head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self._name = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "quote_prefix": True})
        self._title = book.add_format({"bold": True, "font_size": 14})
        self._numbers: dict[int, Any] = {}

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """A sheet of statistics rows: its head stays in sight and filters them."""
        sheet = self._sheet(name)
        known = {column: (title, width) for column, title, width in COLUMNS}
        for at, column in enumerate(columns):
            sheet.set_column(at, at, known[column][1])
            sheet.write_string(0, at, known[column][0], self._head)
        for number, row in enumerate(rows, 1):
            self._row(sheet, number, columns, row)
            self._written += 1
            if self._written % OFTEN == 0:
                self._tell(self._written / len(self._dossier.rows))
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)

    def notes(self) -> None:
        """What a reader must know: facts, remarks, definitions, how it was counted, the digest."""
        sheet = self._sheet("Notes and definitions")
        sheet.set_column(0, 0, 38)
        sheet.set_column(1, 1, 110)
        for number, (name, value) in enumerate(_notes(self._dossier)):
            if name:
                sheet.write_string(number, 0, name, self._name if value else self._title)
            sheet.write_string(number, 1, value, self._text)
            sheet.set_row(number, LINE * max(1, -(-len(value) // 100), 1.3 * (not value and bool(name))))

    def _sheet(self, name: str) -> Worksheet:
        mark = "EXERCISE " if self._dossier.operation["exercise"] else ""
        sheet: Worksheet = self._book.add_worksheet(mark + name)
        sheet.set_landscape()
        sheet.set_paper(1)
        sheet.fit_to_pages(1, 0)
        about = f"{self._dossier.code}, position {self._dossier.position}, {texts.status(self._dossier)}".replace("&", "&&")
        sheet.set_header(f"&L{about}"[:250])
        sheet.set_footer("&R&P of &N")
        return sheet

    def _row(self, sheet: Any, number: int, columns: Sequence[str], row: Any) -> None:
        for at, column in enumerate(columns):
            value = row[column]
            if column not in FIGURES:
                sheet.write_string(number, at, value or "", self._text)
            elif value is None and column == "quantity":
                sheet.write_string(number, at, HIDDEN, self._text)
            elif value is not None:
                self._figure(sheet, number, at, value, self._scales[row["measure"]])

    def _figure(self, sheet: Any, number: int, at: int, value: int | str, scale: int) -> None:
        if abs(int(str(value).replace(".", ""))) > EXACT:
            sheet.write_string(number, at, str(value), self._text)
        else:
            sheet.write_number(number, at, float(value), self._number(scale))

    def _number(self, scale: int) -> Any:
        if scale not in self._numbers:
            shape = "#,##0" + ("." + "0" * scale if scale else "")
            self._numbers[scale] = self._book.add_format({"num_format": shape, "valign": "top"})
        return self._numbers[scale]


def _notes(dossier: Dossier) -> Iterable[tuple[str, str]]:
    yield from texts.facts(dossier)
    measures = dossier.operation["measures"]
    labels = {measure["code"]: measure["label"] for measure in measures}
    yield from _section(*sealed.amended(dossier.content))
    sentences = () if dossier.public else dossier.content.get("sentences", ())
    yield from _section("Headline", [("", one["text"]) for one in sentences])
    yield from _section("Derived figures", texts.derived(dossier))
    yield from _section("Remarks", [(one.unit or ", ".join(labels[code] for code in one.measures), one.text) for one in remarks(dossier)])
    yield from _section("Definitions", [(measure["label"], measure["definition"] or "") for measure in measures])
    paragraphs = (*((texts.PUBLIC,) if dossier.public else ()), *texts.COUNTING)
    yield from _section("How it was counted", [("", paragraph) for paragraph in paragraphs])
    for title, entries in sealed.sections(dossier.content, dossier.operation):
        yield from _section(title, entries)
    yield from _section("Digest (SHA-256)", [("", dossier.digest)])


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """A heading with its lines, where there are any."""
    if rows:
        yield from (("", ""), (title, ""), *rows)
