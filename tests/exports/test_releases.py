"""A release is exported as it was stored: the same files whatever comes later, each with what was signed and why it was amended."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from coordinator.db import transaction
from coordinator.exports.dossier import of_release
from coordinator.exports.formats import FORMATS
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.releases import reading as releases
from tests.conftest import Caller
from tests.exports.test_formats import asked, of_csv, of_json, of_sdmx, of_the_totals, of_xlsx, squeezed, text_of
from tests.releases.signing import Signing
from tests.totals.evening import arrests, money, victims

OPEN_LATER = "the amount is counted next week"


@pytest.fixture
def released(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> Signing:
    """Release 1: Kentucky 12 arrests and 4 victims, 3 of them minors, Tennessee 7 arrests and money nobody has counted, which is waived."""
    night = Signing(create_operation("reconciling"), create_token)
    night.say(arrests(12), victims(3, "minor"), victims(1), unit="KY")
    night.say(arrests(7), money(None), unit="TN")
    night.fold()
    night.sign_units("KY", "TN")
    for one in night.state()["open"]:
        night.waive(one["item"], OPEN_LATER)
    night.release()
    return night


def test_a_release_is_the_same_file_in_every_form_after_an_amendment_and_under_a_plan_with_other_names(released: Signing) -> None:
    first = {form: asked(released, form, release=1) for form in FORMATS}
    figures = of_the_totals(released)
    assert released.amend("Tennessee has counted again").status_code == 201
    released.say(arrests(2), unit="TN")
    released.fold()
    assert of_the_totals(released) != figures
    plan = released.desk.get(released.path).json
    measures = [one | {"label": f"{one['label']} by all", "definition": "Another one."} for one in plan["measures"]]
    units = [one | {"name": f"{one['name']} again"} for one in plan["units"] if one["code"] != "UNATTRIBUTED"]
    other = {"name": "Another name", "ends_at": "2021-08-28T12:00:00Z", "measures": measures, "units": units}
    changed = released.desk.patch(released.path, other)
    assert changed.status_code == 200, changed.json
    assert "by all" in asked(released, "csv").decode()
    assert {form: asked(released, form, release=1) for form in FORMATS} == first


def test_a_release_of_the_first_form_without_definitions_still_opens(released: Signing) -> None:
    with transaction(snapshot=True):
        told = releases.content(operations.find(released.catalogue.code), 1)
    named = {name: told["operation"][name] for name in ("code", "name", "time_zone", "starts_at", "ends_at")}
    old = told | {"form": "tallyroom-release-1", "operation": named, "remarks": [one["text"] for one in told["remarks"]]}
    new, first = (of_release(released.catalogue, content, bytes(32).hex()) for content in (told, old))
    for form in ("json", "csv", "sdmx.csv", "sdmx.xml"):
        assert FORMATS[form].write(first) == FORMATS[form].write(new), form
    assert all(squeezed(remark) in text_of(FORMATS["pdf"].write(first)) for remark in old["remarks"])
    assert FORMATS["xlsx"].write(first)


def test_a_release_s_remarks_are_those_its_paper_prints_and_there_is_no_other_list(released: Signing) -> None:
    (listed,) = released.desk.get(f"{released.path}/releases").json["items"]
    said = text_of(asked(released, "pdf", release=1))
    assert len(listed["remarks"]) > 1
    assert [said.count(squeezed(remark)) for remark in listed["remarks"]] == [1] * len(listed["remarks"])
    notes = [row[1] for row in load_workbook(io.BytesIO(asked(released, "xlsx", release=1)))["Notes and definitions"].values]
    assert [notes.count(remark) for remark in listed["remarks"]] == [1] * len(listed["remarks"])


def test_every_format_of_a_release_gives_the_figures_that_were_certified(released: Signing) -> None:
    figures = of_the_totals(released)
    for read in (of_json, of_csv, of_xlsx, of_sdmx):
        assert read(released, release=1) == figures, read.__name__


def test_the_paper_of_a_release_says_who_signed_and_what_was_certified_although_open(released: Signing) -> None:
    said = text_of(asked(released, "pdf", release=1))
    for told in ("Certified", OPEN_LATER, "Kentuckyliaison KY", "The wholedesk", "release 1", "SHA-256 of this release"):
        assert squeezed(told) in said, told


def test_the_paper_of_an_amendment_says_why_and_what_changed(released: Signing) -> None:
    released.amend("Tennessee has counted again")
    released.say(arrests(2), unit="TN")
    released.fold()
    released.sign_units("TN")
    released.waive_all()
    released.release()
    said = text_of(asked(released, "pdf", release=2))
    for told in (
        "Certified, amendment 1",
        "Tennessee has counted again",
        "TennesseeArrests made 7 becomes 9 (+2)",
        "NationalArrests made 19 becomes 21",
    ):
        assert squeezed(told) in said, told


def test_members_read_a_release_while_it_is_amended_but_not_the_figures_that_are_open_again(
    released: Signing, create_token: Callable[..., Caller]
) -> None:
    observer = create_token("observer", released.catalogue.code)
    released.amend("Tennessee has counted again")
    assert observer.get(f"{released.path}/statistics.pdf", release=1).status_code == 200
    assert observer.get(f"{released.path}/statistics.pdf").status_code == 403
    assert observer.get(f"{released.path}/statistics.pdf", release=2).status_code == 404
