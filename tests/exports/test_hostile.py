"""No file can attack whoever opens it: hostile texts in every place of people's texts, opened by other programs."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from coordinator.exports.dossier import Dossier, of_position
from coordinator.exports.formats import FORMATS
from coordinator.exports.glyphs import FONTS, SHOWN, shown
from coordinator.exports.plain import as_csv
from coordinator.exports.workbook import as_xlsx
from coordinator.operations.catalogue import MeasureEntry
from coordinator.totals import document
from coordinator.totals.figures import CellFigure, Figures
from tests.exports.test_formats import squeezed, text_of
from tests.totals.catalogues import NATION, START, catalogue, unit

SIGNS = ("=", "+", "-", "@", "\t=", " =", "＝", "＋", "－", "＠", "\u00a0=", "\u200b=", "|", "%")
BODIES = (
    "1+1", "cmd|'/c calc'!A1", 'HYPERLINK("http://evil.example","see")', "SUM(1,1)", 'WEBSERVICE("http://evil.example")',
    'IMPORTXML("http://evil.example","//a")', "2+5+cmd|' /C calc'!A0", "A1", 'DDE("cmd";"/C calc";"x")', 'IMAGE("http://evil.example/x.png")',
    "rundll32|'URL.dll,OpenURL calc.exe'!A", "TRUE", "R1C1", "'a'#$A.A1",
)  # fmt: skip
PLAIN = (
    "http://evil.example/", "mailto:someone@evil.example", "file:///etc/passwd", "javascript:alert(1)", "internal:Sheet1!A1",
    "#National!A1", "<script>alert(1)</script>", "<a href='http://evil.example'>x</a>", "&amp; &lt;", "_x0041_", "1e5", "007",
    "2021-08-26", "TRUE", '"quoted", and, commas', "#text[*b*] $x$ @ref <label>", "// comment /* */", "\\u{41} #sys.inputs",
    "Ville de Québec", "東京 שלום Привет",
)  # fmt: skip
TEXTS = tuple(dict.fromkeys([*(sign + body for sign in SIGNS for body in BODIES), *PLAIN]))
"""More than 200."""


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """An operation in which each unit and each measure is one of the texts."""
    units = tuple(unit(1000 + n, f"U{n}", text) for n, text in enumerate(TEXTS))
    measures = tuple(
        MeasureEntry(5000 + n, f"m{n}", text, "persons", 0, text, {"unspecified": 5000 + n}) for n, text in enumerate(TEXTS[:40])
    )
    operation = catalogue(units=units, measures=measures)
    one = CellFigure(own=12, own_figures=1, total=12, figures=1)
    cells = {(1000 + n, 5000 + n % 40): one for n in range(len(TEXTS))} | {(NATION, 5000 + n): one for n in range(40)}
    return of_position(operation, document.totals(operation, Figures(7, START, cells)))


def by_unit(rows: Any) -> dict[str, str]:
    """Unit code -> name, of a table with a head."""
    head, *rest = rows
    at, name = (head.index(column) for column in (("unit", "unit_name") if "unit" in head else ("Unit", "Name")))
    return {row[at]: row[name] for row in rest if row[at].startswith("U")}


def test_there_are_two_hundred_of_them() -> None:
    assert len(TEXTS) >= 200


def test_openpyxl_finds_no_formula_and_no_link_in_the_workbook_and_every_text_as_it_was(dossier: Dossier) -> None:
    content = as_xlsx(dossier)
    book = load_workbook(io.BytesIO(content))
    for sheet in book:
        assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    named = by_unit([[cell or "" for cell in row] for row in book["By unit"].iter_rows(values_only=True)])
    assert named == {f"U{n}": text for n, text in enumerate(TEXTS)}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for sign in (b"<f>", b"<hyperlink ", b'TargetMode="External"'):
        assert not [name for name, part in parts.items() if sign in part], sign


def opened(folder: Path, name: str, content: bytes, options: str) -> bytes:
    """The file as LibreOffice reads it, saved by it in its own flat form or as CSV."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: `apt install libreoffice-calc-nogui` has the files opened by it too")
    (folder / name).write_bytes(content)
    form, _, infilter = options.partition("|")
    command = [
        office,
        "--headless",
        f"-env:UserInstallation=file://{folder}/profile",
        "--convert-to",
        form,
        "--outdir",
        str(folder / "out"),
    ]
    command += [f"--infilter={infilter}"] if infilter else []
    told = subprocess.run([*command, str(folder / name)], capture_output=True, text=True, timeout=180)
    ending = form.partition(":")[0]
    made = folder / "out" / f"{Path(name).stem}.{ending}"
    assert made.exists(), told.stdout + told.stderr
    return made.read_bytes()


COMMAS = "CSV:44,34,76,1,,0,false,false,false"
"""Commas, quotation marks, UTF-8, from the first line; text and numbers told apart by LibreOffice, formulas evaluated if there were any."""


def test_libreoffice_finds_no_formula_and_no_link_in_the_workbook_and_every_text_as_it_was(dossier: Dossier, tmp_path: Path) -> None:
    flat = opened(tmp_path, "book.xlsx", as_xlsx(dossier), "fods").decode()
    assert "table:formula=" not in flat
    assert "text:a " not in flat
    assert "evil.example" in flat, "the texts are there"


def test_libreoffice_finds_no_formula_in_the_plain_file_and_each_text_has_at_most_its_apostrophe(dossier: Dossier, tmp_path: Path) -> None:
    flat = opened(tmp_path, "plain.csv", as_csv(dossier.rows), f"fods|{COMMAS}").decode()
    assert "table:formula=" not in flat
    assert "text:a " not in flat
    back = by_unit(list(csv.reader(io.StringIO(as_csv(dossier.rows).decode(), newline=""))))
    assert {code: text.removeprefix("'") if text != TEXTS[int(code[1:])] else text for code, text in back.items()} == {
        f"U{n}": text for n, text in enumerate(TEXTS)
    }


def test_the_paper_has_no_link_no_script_and_every_text_as_it_can_be_set(dossier: Dossier) -> None:
    content = FORMATS["pdf"].write(dossier)
    reader = PdfReader(io.BytesIO(content))
    assert not [page["/Annots"] for page in reader.pages if "/Annots" in page]
    catalog: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(catalog)
    assert b"/JavaScript" not in content
    said = text_of(content)
    for text in PLAIN:
        assert squeezed(shown(text)) in said or squeezed(shown(text)).replace("'", "’") in said, text


def test_what_no_font_has_is_named_and_what_one_has_is_set() -> None:
    assert shown("東京") == "‹U+6771›‹U+4EAC›"
    assert shown("Québec — 5 €") == "Québec — 5 €"
    assert shown("a\tb\x07") == "a b‹U+0007›"


def test_every_character_that_is_left_as_it_is_can_be_set() -> None:
    import typst

    every = "".join(chr(code) for first, last in SHOWN for code in range(first, last + 1))
    setting = f'#set text(font: {str(FONTS).replace(chr(39), chr(34))}, lang: "en")\n#set document(title: "x")\n#par(sys.inputs.every)'
    made = typst.compile(setting.encode(), format="pdf", pdf_standards="ua-1", ignore_system_fonts=True, sys_inputs={"every": every})
    assert made.startswith(b"%PDF")
