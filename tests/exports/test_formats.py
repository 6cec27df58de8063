"""Every format says what the totals say, opened again by another program, and is the same file every time it is made."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from coordinator.access.actor import console
from coordinator.browser.wording import figure_text
from coordinator.db import transaction
from coordinator.exports import service
from coordinator.exports.formats import FORMATS
from coordinator.exports.paper import SIDE_BY_SIDE
from coordinator.exports.sdmx import category_codes
from tests.exports.conftest import Told
from tests.exports.nights import FIVE
from tests.totals.evening import Evening, arrests

Figures = dict[tuple[str, str, str], Decimal]


def asked(evening: Evening, form: str, **query: Any) -> bytes:
    """A format as the desk gets it."""
    answer = evening.desk.get(f"{evening.path}/statistics.{form}", **query)
    assert answer.status_code == 200, answer.data
    assert answer.headers["Content-Type"].partition(";")[0] == FORMATS[form].media_type.partition(";")[0]
    return bytes(answer.data)


def of_the_totals(evening: Evening) -> Figures:
    """What the board shows: unit, measure, category -> figure."""
    totals, found = evening.totals(), {}
    for unit, measures in [("NATIONAL", totals["national"]), *((one["code"], one["measures"]) for one in totals["units"])]:
        for measure, figures in measures.items():
            found[unit, measure, "all"] = Decimal(str(figures["total"]))
            found |= {(unit, measure, name): Decimal(str(part)) for name, part in figures["categories"].items()}
    return found


def of_json(evening: Evening, **query: Any) -> Figures:
    rows = json.loads(asked(evening, "json", **query))["rows"]
    return {(row["unit"], row["measure"], row["category"]): Decimal(str(row["quantity"])) for row in rows}


def of_csv(evening: Evening, **query: Any) -> Figures:
    rows = csv.DictReader(io.StringIO(asked(evening, "csv", **query).decode(), newline=""))
    return {(row["unit"], row["measure"], row["category"]): Decimal(row["quantity"]) for row in rows}


def of_xlsx(evening: Evening, **query: Any) -> Figures:
    """Read by openpyxl; figures are numbers there, not text."""
    book, labels = load_workbook(io.BytesIO(asked(evening, "xlsx", **query))), {one.label: one.code for one in evening.catalogue.measures}
    found = {}
    for name in ("National", "By unit"):
        head, *rows = book[name].iter_rows(values_only=True)
        for row in (dict(zip(head, values, strict=True)) for values in rows):
            assert isinstance(row["Figure"], int | float), row
            found[row.get("Unit", "NATIONAL"), labels[row["Measure"]], row["Category"]] = Decimal(str(row["Figure"]))
    return found


def of_sdmx(evening: Evening, **query: Any) -> Figures:
    rows = list(csv.DictReader(io.StringIO(asked(evening, "sdmx.csv", **query).decode(), newline="")))
    names = {code: name for name, code in service_categories(evening).items()}
    return {(row["UNIT"], row["MEASURE"].lower(), names[row["CATEGORY"]]): Decimal(row["OBS_VALUE"]) for row in rows}


def service_categories(evening: Evening) -> dict[str, str]:
    return category_codes(name for measure in evening.catalogue.measures for name in measure.categories)


@pytest.mark.parametrize("name", FIVE)
def test_every_format_of_a_published_operation_gives_the_figures_of_the_board(published: Told, name: str) -> None:
    evening = published(name)
    figures = of_the_totals(evening)
    assert len(figures) > 3
    for read in (of_json, of_csv, of_xlsx, of_sdmx):
        assert read(evening) == figures, read.__name__


@pytest.mark.parametrize("name", FIVE)
def test_the_paper_of_a_published_operation_prints_every_figure_of_the_nation_and_its_units(published: Told, name: str) -> None:
    evening = published(name)
    printed = text_of(asked(evening, "pdf"))
    totals, measures = evening.totals(), evening.catalogue.measure_by_code
    for code, figures in totals["national"].items():
        if figures["categories"]:
            figure = figure_text(figures["total"], measures[code].unit, at_least=bool(figures["unquantified"]))
            assert squeezed(f"{measures[code].label}") in printed, code
            assert squeezed(figure + measures[code].unit) in printed, code
    for unit in totals["units"]:
        row = re.escape(squeezed(unit["name"] + unit["code"])) + r"[\d,]*?" + re.escape(squeezed("".join(_cells(evening, totals, unit))))
        assert re.search(row, printed), row
    assert "Howitwascounted" in printed
    assert squeezed(evening.catalogue.name) in printed


def _cells(evening: Evening, totals: Any, unit: Any) -> Iterator[str]:
    """A unit's figures in the first table, as a reader finds them."""
    having = [one for one in evening.catalogue.measures if any(one.code in other["measures"] for other in totals["units"])]
    for measure in having[:SIDE_BY_SIDE]:
        own = unit["measures"].get(measure.code, {})
        parts = own.get("categories", {})
        unknown = "some" if own.get("unquantified") else "–"
        whole = figure_text(own["total"], measure.unit, at_least=own["unquantified"]) if parts else unknown
        named = [] if set(parts) <= {"unspecified"} else [f"{figure_text(part)} {name}" for name, part in parts.items()]
        yield "".join((whole, *named))


def text_of(paper: bytes) -> str:
    """A paper's text as pypdf reads it, without spaces: it puts them, and the ends of lines, where the page has none."""
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages))


def squeezed(text: str) -> str:
    """The text without spaces."""
    return "".join(text.split())


def test_the_paper_is_tagged_and_speaks_english_and_names_itself(published: Told) -> None:
    reader = PdfReader(io.BytesIO(asked(published("united-front-2021"), "pdf")))
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert catalog["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Operation United Front"
    assert b"pdfuaid" in catalog["/Metadata"].get_data()


def test_united_front_s_paper_makes_the_remarks_its_figures_need(published: Told) -> None:
    said = text_of(asked(published("united-front-2021"), "pdf"))
    for remark in (
        "45 unspecified + 2 minor = 47",
        "South Dakota: conducted separately, Fri, Aug 6, 2021",
        "In the totals: 9 arrests made.",
        "30 of the 41 are attributed to no unit; those of all units come to 11.",
        "Currency seized: there is some in Iowa of which it is not known yet how much",
    ):
        assert squeezed(remark) in said


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_position_is_the_same_file_whenever_it_is_made(published: Told, form: str) -> None:
    evening = published("united-front-2021")
    position = evening.totals()["position"]
    first = asked(evening, form)
    evening.say(arrests(1))
    evening.fold()
    assert asked(evening, form, at=position) == first
    assert asked(evening, form) != first or form == "sdmx.xml"


def test_the_digest_in_every_file_for_readers_is_that_of_the_rows(published: Told) -> None:
    evening = published("oak-grove-2020")
    digest = json.loads(asked(evening, "json"))["digest"].removeprefix("sha-256:")
    assert text_of(asked(evening, "pdf")).count(digest) > 1
    notes = [row[1] for row in load_workbook(io.BytesIO(asked(evening, "xlsx")))["Notes and definitions"].iter_rows(values_only=True)]
    assert digest in notes


def test_what_takes_too_long_to_wait_for_is_refused_with_the_way_to_have_it_made(
    published: Told, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = published("oak-grove-2020")
    few = dataclasses.replace(app.extensions["tallyroom.settings"], export_rows=3)
    monkeypatch.setitem(app.extensions, "tallyroom.settings", few)
    for form in ("pdf", "xlsx"):
        answer = evening.desk.get(f"{evening.path}/statistics.{form}")
        assert (answer.status_code, answer.json["type"]) == (409, "/problems/export-too-long")
        assert f'exports {{"format": "{form}"}}' in answer.json["detail"]
    assert evening.desk.get(f"{evening.path}/statistics.csv").status_code == 200


def test_a_release_that_is_not_there_is_not_found_and_two_places_are_refused(published: Told) -> None:
    evening = published("oak-grove-2020")
    assert evening.desk.get(f"{evening.path}/statistics.pdf", release=1).status_code == 404
    assert evening.desk.get(f"{evening.path}/statistics.pdf", release=1, at=1).status_code == 422


def test_a_dossier_is_read_by_the_command_line_too(published: Told) -> None:
    evening = published("oak-grove-2020")
    with transaction(snapshot=True):
        dossier = service.dossier(console(), evening.catalogue.code)
    assert FORMATS["csv"].write(dossier) == asked(evening, "csv")
