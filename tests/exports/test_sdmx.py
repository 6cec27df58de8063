"""The exchange format by its own rules: SDMX-CSV 2.0 and SDMX-ML 3.0, and by an independent reader."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pysdmx.io
import pytest

from coordinator.exports.sdmx import ATTRIBUTES, DIMENSIONS, TOTAL, category_codes
from tests.exports.conftest import Told
from tests.exports.nights import FIVE
from tests.exports.test_formats import asked
from tests.totals.evening import Evening

STRUCTURE = "{http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure}"
ID = re.compile(r"[A-Za-z0-9_@$\-]+")
"""The form of an identifier (SDMX information model, IDType)."""


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of an SDMX-CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


@pytest.mark.parametrize("name", FIVE)
def test_every_row_names_its_structure_and_every_code_is_in_the_lists_the_structure_gives(published: Told, name: str) -> None:
    evening = published(name)
    rows, structure = rows_of(asked(evening, "sdmx.csv")), ET.fromstring(asked(evening, "sdmx.xml"))
    lists = {one.get("id"): {code.get("id") for code in one.iter(f"{STRUCTURE}Code")} for one in structure.iter(f"{STRUCTURE}Codelist")}
    flow = next(structure.iter(f"{STRUCTURE}Dataflow"))
    reference = f"{flow.get('agencyID')}:{flow.get('id')}({flow.get('version')})"
    assert rows
    for row in rows:
        assert (row["STRUCTURE"], row["STRUCTURE_ID"], row["ACTION"]) == ("dataflow", reference, "R")
        for component in ("UNIT", "MEASURE", "CATEGORY", "UNIT_MEASURE", "OBS_STATUS", "CONF_STATUS", "RELEASE_STATUS"):
            (codes,) = [
                codes
                for id, codes in lists.items()
                if id
                and id.startswith("CL_")
                and id.endswith(f"_{component}")
                and (component != "MEASURE" or not id.endswith("_UNIT_MEASURE"))
            ]
            assert row[component] in codes, (component, row[component])
    assert len({tuple(row[one] for one in DIMENSIONS) for row in rows}) == len(rows), "dimensions are a key"
    assert all(ID.fullmatch(code or "") for codes in lists.values() for code in codes)


def test_the_header_is_that_of_the_format_and_then_the_components_of_the_structure(published: Told) -> None:
    evening = published("oak-grove-2020")
    header = asked(evening, "sdmx.csv").decode().split("\r\n")[0].split(",")
    assert header == ["STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", *ATTRIBUTES]
    structure = ET.fromstring(asked(evening, "sdmx.xml"))
    told = {one.get("id") for tag in ("Dimension", "TimeDimension", "Attribute", "Measure") for one in structure.iter(STRUCTURE + tag)}
    assert set(header[3:]) == told


def test_a_hidden_figure_is_missing_and_said_to_be_suppressed(published: Told) -> None:
    evening = published("united-front-2021")
    evening.desk.post(f"{evening.path}/publications", {})
    rows = rows_of(asked(evening, "sdmx.csv", public="true"))
    hidden = [row for row in rows if row["OBS_STATUS"] == "Q"]
    assert hidden
    assert {row["OBS_VALUE"] for row in hidden} == {""}
    assert {row["CONF_STATUS"] for row in rows} == {"F"}


def test_categories_get_codes_of_the_right_form_that_differ() -> None:
    codes = category_codes(["minor", "Minor", "human trafficking", "子供", "ünder 18", "minor"])
    assert codes == {
        "all": TOTAL,
        "minor": "MINOR",
        "Minor": "MINOR_2",
        "human trafficking": "HUMAN_TRAFFICKING",
        "子供": "C",
        "ünder 18": "UNDER_18",
    }


@pytest.mark.parametrize("name", FIVE)
def test_an_independent_reader_takes_both_files_and_finds_them_valid(published: Told, name: str, tmp_path: Path) -> None:
    """It holds the structure against SDMX's own schemas, and the data against the structure."""
    evening = published(name)
    evening.desk.post(f"{evening.path}/publications", {})
    for query in ({}, {"public": "true"}):
        assert _read(evening, tmp_path, **query) == len(rows_of(asked(evening, "sdmx.csv", **query)))


def test_a_figure_that_was_taken_out_once_is_of_a_unit_the_structure_knows(published: Told, tmp_path: Path) -> None:
    evening = published("united-front-2021")
    evening.adjust(-2)
    evening.fold()
    rows = rows_of(asked(evening, "sdmx.csv"))
    assert [row["OBS_VALUE"] for row in rows if (row["UNIT"], row["CATEGORY"]) == ("OVERLAP", "_T")] == ["-2"]
    assert _read(evening, tmp_path) == len(rows)


def _read(evening: Evening, folder: Path, **query: str) -> int:
    """How many observations the reader finds."""
    for form in ("sdmx.csv", "sdmx.xml"):
        (folder / form).write_bytes(asked(evening, form, **query))
    (found,) = pysdmx.io.get_datasets(str(folder / "sdmx.csv"), structure=str(folder / "sdmx.xml"), validate=True)
    return len(found.data)
