"""A release is exported as it was stored: the same files whatever comes later, each with what was signed and why it was amended."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from coordinator.exports.formats import FORMATS
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.exports.test_formats import asked, of_csv, of_json, of_sdmx, of_the_totals, of_xlsx, squeezed, text_of
from tests.releases.signing import Signing
from tests.totals.evening import arrests, money, victims

OPEN_LATER = "the amount is counted next week"


@pytest.fixture
def released(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> Signing:
    """Release 1: Kentucky 12 arrests and 3 victims, Tennessee 7 arrests and money nobody has counted, which is waived."""
    night = Signing(create_operation("reconciling"), create_token)
    night.say(arrests(12), victims(3, "minor"), unit="KY")
    night.say(arrests(7), money(None), unit="TN")
    night.fold()
    night.sign_units("KY", "TN")
    for one in night.state()["open"]:
        night.waive(one["item"], OPEN_LATER)
    night.release()
    return night


@pytest.mark.parametrize("form", FORMATS)
def test_a_release_is_the_same_file_after_an_amendment(released: Signing, form: str) -> None:
    first = asked(released, form, release=1)
    figures = of_the_totals(released)
    assert released.amend("Tennessee has counted again").status_code == 201
    released.say(arrests(2), unit="TN")
    released.fold()
    assert of_the_totals(released) != figures
    assert asked(released, form, release=1) == first


def test_every_format_of_a_release_gives_the_figures_that_were_certified(released: Signing) -> None:
    figures = of_the_totals(released)
    for read in (of_json, of_csv, of_xlsx, of_sdmx):
        assert read(released, release=1) == figures, read.__name__


def test_the_paper_of_a_release_says_who_signed_and_what_was_certified_although_open(released: Signing) -> None:
    said = text_of(asked(released, "pdf", release=1))
    for told in ("Certified", OPEN_LATER, "liaison KY for KY", "the desk, for the whole", "release 1", "SHA-256 of the release"):
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
        "Amended, 1",
        "Tennessee has counted again",
        "Tennessee: Arrests made 7 becomes 9 (+2)",
        "National: Arrests made 19 becomes 21",
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
