"""Statistics: the rows of a totals document, as JSON and as a spreadsheet's file that can't attack its reader."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coordinator.exports import plain
from coordinator.operations.catalogue import Catalogue, MeasureEntry
from coordinator.releases import statistics
from coordinator.releases.statistics import COLUMNS
from coordinator.totals import document
from coordinator.totals.figures import CellFigure, Figures
from tests.conftest import Caller
from tests.structure.worlds import step
from tests.totals.catalogues import ARRESTS, KSP, KY, MINORS, MONEY, NATION, START, TN, VICTIMS, catalogue, unit
from tests.totals.evening import Evening, arrests, money, victims

Row = dict[str, Any]

HEADER = "operation,position,status,unit,unit_name,kind,parent,measure,label,category,quantity,unit_of_count,assisted,note"


@pytest.fixture
def evening(operation: Catalogue, desk: Caller) -> Evening:
    """A live operation at its desk."""
    return Evening(operation, desk)


def rows_of(cells: dict[tuple[int, int], CellFigure], operation: Catalogue | None = None) -> list[Row]:
    """The statistics of figures made by hand."""
    operation = operation or catalogue()
    return list(statistics.rows(operation, document.totals(operation, Figures(7, START, cells))))


def brief(row: Row) -> tuple[Any, ...]:
    """What a row says of how many."""
    return tuple(row[name] for name in ("unit", "measure", "category", "quantity", "assisted"))


def given(total: int, assisted: int = 0) -> CellFigure:
    """A cell with a figure."""
    return CellFigure(own=total, own_figures=1, total=total, figures=1, assisted=assisted)


def read(body: bytes) -> list[Row]:
    """A CSV file as a program reads it."""
    return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))


def test_a_unit_has_a_row_for_each_category_it_has_and_one_for_all_and_the_nation_comes_last() -> None:
    cells = {
        (KY, MINORS): given(2), (KY, VICTIMS): given(40), (KSP, VICTIMS): given(0, assisted=3), (NATION, MINORS): given(2),
        (NATION, VICTIMS): given(40), (TN, ARRESTS): CellFigure(assisted=5),
    }  # fmt: skip
    assert [brief(row) for row in rows_of(cells)] == [
        ("KY", "victims", "minor", 2, None),
        ("KY", "victims", "unspecified", 40, None),
        ("KY", "victims", "all", 42, 0),
        ("KY-KSP", "victims", "unspecified", 0, None),
        ("KY-KSP", "victims", "all", 0, 3),
        ("TN", "arrests", "all", 0, 5),
        ("NATIONAL", "arrests", "all", 0, None),
        ("NATIONAL", "victims", "minor", 2, None),
        ("NATIONAL", "victims", "unspecified", 40, None),
        ("NATIONAL", "victims", "all", 42, None),
        ("NATIONAL", "money", "all", "0.00", None),
        ("NATIONAL", "weight", "all", "0.000", None),
    ]


def test_a_row_says_whose_it_is_what_is_counted_and_how_far_it_can_be_trusted() -> None:
    row = rows_of({(KSP, MONEY): given(5)}, catalogue(exercise=True))[0]
    assert row == {
        "operation": "night", "position": 7, "status": "exercise", "unit": "KY-KSP", "unit_name": "State Police", "kind": "agency",
        "parent": "KY", "measure": "money", "label": "Money", "category": "unspecified", "quantity": "0.05", "unit_of_count": "USD",
        "assisted": None, "note": "",
    }  # fmt: skip
    assert set(row) == set(COLUMNS)
    national = rows_of({})[0]
    assert {name: national[name] for name in ("unit", "unit_name", "kind", "parent")} == {
        "unit": "NATIONAL", "unit_name": "National", "kind": "nation", "parent": None
    }  # fmt: skip


def test_notes_say_who_acted_at_another_time_what_is_not_known_yet_and_where_no_one_reported() -> None:
    apart = {"starts_at": "2021-08-12T00:00:00+00:00", "ends_at": "2021-08-13T00:00:00+00:00", "footnote": "Arrests at the rally."}
    operation = catalogue(units=(unit(KY, "KY", "Kentucky"), unit(TN, "TN", "Tennessee", conducted_separately=apart)))
    some = CellFigure(own_unquantified=1, unquantified=1)
    cells = {(KY, MONEY): some, (TN, ARRESTS): given(9), (TN, MONEY): some, (NATION, ARRESTS): given(9), (NATION, MONEY): some}
    notes = {(row["unit"], row["measure"], row["category"]): row["note"] for row in rows_of(cells, operation)}
    assert notes == {
        ("KY", "money", "all"): "There is some of which it is not known yet how much.",
        ("TN", "arrests", "unspecified"): "",
        ("TN", "arrests", "all"): "Conducted separately: Arrests at the rally.",
        ("TN", "money", "all"): "Conducted separately: Arrests at the rally. There is some of which it is not known yet how much.",
        ("NATIONAL", "arrests", "unspecified"): "",
        ("NATIONAL", "arrests", "all"): "",
        ("NATIONAL", "victims", "all"): "No unit has reported a figure.",
        ("NATIONAL", "money", "all"): "Not yet quantified: KY, TN.",
        ("NATIONAL", "weight", "all"): "No unit has reported a figure.",
    }


def test_a_file_is_rfc_4180_in_utf_8_and_reads_back_as_it_was_written() -> None:
    text = 'Ville de "Québec", 東京\nand\r\nbeyond'
    row = rows_of({(KY, ARRESTS): given(3)}, catalogue(units=(unit(KY, "KY", text),)))[0]
    body = plain.as_csv(iter([row]))
    assert body.startswith(HEADER.encode() + b"\r\n")
    assert body.endswith(b"\r\n")
    assert b',"Ville de ""Qu\xc3\xa9bec"", ' in body
    (back,) = read(body)
    assert back == {name: "" if row[name] is None else str(row[name]) for name in COLUMNS}
    assert back["unit_name"] == text


FORMULAS = [
    "=1+1",
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://evil.example","see")',
    "+1-1",
    "-2+3+cmd|'/c calc'!A1",
    "@SUM(1,1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "|calc",
    "%0A=1",
    "-",
]
HARMLESS = ["Kentucky", "'=1+1", '"=1+1"', "1-1", "a=b", "St. John's", "−5 by a true minus sign", ""]
LOOK_ALIKES = ["＝1+1", "＋1", "－1", "＠SUM(1,1)", "﹦1+1", " =1+1", "\u00a0=1+1", "\u3000@SUM(1,1)", "\u200b=1+1", " \t=1+1"]
"""Full and small forms, which a spreadsheet set to Japanese or Chinese reads as the plain sign, and what it may drop in front."""


def written(text: str) -> Row:
    """How a text is read back from a file, in each of the columns where people's texts stand."""
    named = MeasureEntry(9, "arrests", text, text, 0, None, {text: ARRESTS})
    (row,) = [row for row in rows_of({(KY, ARRESTS): given(3)}, _named(text, named)) if (row["unit"], row["category"]) == ("KY", text)]
    (back,) = read(plain.as_csv(iter([row | {"note": text}])))
    return back


def _named(text: str, measure: MeasureEntry) -> Catalogue:
    return catalogue(units=(unit(KY, "KY", text),), measures=(measure,))


TEXTS = ("unit_name", "label", "category", "unit_of_count", "note")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe_in_front(text: str) -> None:
    assert {name: written(text)[name] for name in TEXTS} == dict.fromkeys(TEXTS, f"'{text}")


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_is_harmless_is_left_as_it_is(text: str) -> None:
    assert {name: written(text)[name] for name in TEXTS} == dict.fromkeys(TEXTS, text)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_of_a_formula_gets_an_apostrophe_too(text: str) -> None:
    assert written(text)["unit_name"] == f"'{text}"


def test_figures_are_never_touched_and_none_of_them_starts_a_formula() -> None:
    cells = {(KY, MONEY): given(12_500_00), (NATION, MONEY): given(12_500_00)}
    back = read(plain.as_csv(iter(rows_of(cells))))
    assert [row["quantity"] for row in back if row["measure"] == "money"] == ["12500.00"] * 4
    assert all(row["quantity"].replace(".", "").isdigit() for row in back)


@pytest.fixture
def told(evening: Evening) -> Evening:
    """An evening with figures, credits, nil and what is not quantified: positions 1 to 4."""
    evening.say(arrests(3, "TN"), victims(2, "minor"), money("12500.00"), unit="KY-KSP")
    evening.say(victims(1))
    evening.fold()
    evening.say(money(None), unit="TN")
    evening.say(unit="UNATTRIBUTED")
    evening.fold()
    return evening


def test_the_file_and_the_json_say_the_same_and_what_the_totals_say(told: Evening) -> None:
    rows = told.desk.get(f"{told.path}/statistics.json").json["rows"]
    back = read(told.desk.get(f"{told.path}/statistics.csv").data)
    assert back == [{name: "" if row[name] is None else str(row[name]) for name in COLUMNS} for row in rows]
    totals = told.totals()
    for code, measures in [("NATIONAL", totals["national"]), *((one["code"], one["measures"]) for one in totals["units"])]:
        whole = {row["measure"]: row["quantity"] for row in rows if row["unit"] == code and row["category"] == "all"}
        assert whole == {measure: one["total"] for measure, one in measures.items()}
    assert [row["unit"] for row in rows if row["measure"] == "victims_rescued"] == ["KY"] * 3 + ["KY-KSP"] * 2 + ["NATIONAL"] * 3


def test_the_rows_of_a_real_night_in_full(told: Evening) -> None:
    lines = told.desk.get(f"{told.path}/statistics.csv").data.decode().split("\r\n")
    start = f"{told.catalogue.code},4,unofficial-partial"
    assert lines[0] == HEADER
    police = f"{start},KY-KSP,Kentucky State Police,agency,KY"
    assert [line for line in lines if line.startswith(police)] == [
        f"{police},arrests,Arrests made,unspecified,3,persons,,",
        f"{police},arrests,Arrests made,all,3,persons,0,",
        f"{police},victims_rescued,Victims rescued,minor,2,persons,,",
        f"{police},victims_rescued,Victims rescued,all,2,persons,0,",
        f"{police},currency_seized,Currency seized,unspecified,12500.00,USD,,",
        f"{police},currency_seized,Currency seized,all,12500.00,USD,0.00,",
    ]
    assert f"{start},TN,Tennessee,jurisdiction,,arrests,Arrests made,all,0,persons,3," in lines
    owes = "There is some of which it is not known yet how much."
    assert f"{start},TN,Tennessee,jurisdiction,,currency_seized,Currency seized,all,0.00,USD,0.00,{owes}" in lines
    assert lines[-2:] == [
        f"{start},NATIONAL,National,nation,,currency_seized,Currency seized,all,12500.00,USD,,Not yet quantified: TN.",
        "",
    ]


def test_at_a_position_the_statistics_are_what_was_known_then(told: Evening) -> None:
    answer = told.desk.get(f"{told.path}/statistics.json", at=1).json
    assert (answer["position"], {row["position"] for row in answer["rows"]}) == (1, {1})
    assert {row["unit"] for row in answer["rows"]} == {"KY", "KY-KSP", "TN", "NATIONAL"}
    back = read(told.desk.get(f"{told.path}/statistics.csv", at=1).data)
    assert [row["quantity"] for row in back] == [str(row["quantity"]) for row in answer["rows"]]
    assert told.desk.get(f"{told.path}/statistics.csv", at=5).status_code == 422
    assert told.desk.get(f"{told.path}/statistics.json", at=-1).status_code == 422


def test_a_file_says_what_it_is(told: Evening) -> None:
    headers = told.desk.get(f"{told.path}/statistics.csv").headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert headers["Content-Disposition"] == f'attachment; filename="{told.catalogue.code}-4.csv"'


@pytest.mark.parametrize("form", ["json", "csv"])
def test_statistics_have_an_etag_that_the_time_alone_does_not_change(told: Evening, form: str) -> None:
    first, second = (told.desk.get(f"{told.path}/statistics.{form}") for _ in range(2))
    assert first.headers["ETag"] == second.headers["ETag"]
    assert told.desk.get(f"{told.path}/statistics.{form}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    told.say(arrests(1))
    told.fold()
    assert told.desk.get(f"{told.path}/statistics.{form}", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_exercise_is_marked_on_every_row(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    operation = create_operation(exercise=True)
    evening = Evening(operation, create_token("desk", operation.code))
    evening.say(arrests(1))
    evening.fold()
    rows = evening.desk.get(f"{evening.path}/statistics.json").json["rows"]
    assert {row["status"] for row in rows} == {"exercise"}


FORMS = ("json", "csv")


def statuses(caller: Caller, evening: Evening) -> set[int]:
    """How a caller is answered, in either form."""
    return {caller.get(f"{evening.path}/statistics.{form}").status_code for form in FORMS}


def phases(evening: Evening) -> Iterator[str]:
    """Steps through the phases from the present one on."""
    yield "live"
    for phase in ("standing_down", "reconciling", "certified", "archived"):
        step(evening.catalogue.code, phase)
        yield phase


def test_the_desk_reads_statistics_always_and_members_once_they_are_certified(told: Evening, create_token: Callable[..., Caller]) -> None:
    code = told.catalogue.code
    members = create_token("liaison", code, "KY"), create_token("observer", code)
    always = told.desk, create_token()
    for phase in phases(told):
        allowed = phase in ("certified", "archived")
        assert [statuses(caller, told) for caller in always] == [{200}] * 2
        assert [statuses(caller, told) for caller in members] == [{200 if allowed else 403}] * 2
    assert {row["status"] for row in members[0].get(f"{told.path}/statistics.json").json["rows"]} == {"certified"}


def test_whoever_is_of_another_operation_or_of_none_learns_nothing(
    told: Evening, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    stranger = create_token("desk", create_operation().code)
    for form in FORMS:
        assert stranger.get(f"{told.path}/statistics.{form}").status_code == 404
        assert told.desk.client.get(f"/api/v1{told.path}/statistics.{form}").status_code == 401
