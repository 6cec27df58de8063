"""The comparison finds what differs, and says nothing differs only where nothing does."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.nights.comparison import ALL, NATIONAL, compare
from coordinator.nights.figures import UNATTRIBUTED, published
from coordinator.operations import templates
from coordinator.releases.figures import smallest, spelled
from coordinator.releases.remarks import remarks
from tests.nights.counted import totals_of

NAMES = templates.names()


def both(name: str, seed: int = 1) -> tuple[Any, dict[str, Any]]:
    facts = templates.facts(name)
    return published(facts, templates.operation_document(facts)), totals_of(name, seed)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_hub_that_counts_as_the_contract_says_is_equal_in_every_figure(name: str, seed: int) -> None:
    compared = compare(*both(name, seed))
    assert compared.equal and not compared.different() and not compared.unread


def test_united_front_is_compared_by_state_category_and_nation() -> None:
    compared = compare(*both("united-front-2021"))
    rows = {(row.unit, row.measure, row.category): row.published for row in compared.rows}
    assert rows[NATIONAL, "arrests", ALL] == 102
    assert rows[NATIONAL, "victims_rescued", "minor"] == 2
    assert rows["KY", "victims_rescued", "unspecified"] == 21 and rows["KY", "victims_rescued", ALL] == 23
    assert rows[UNATTRIBUTED, "services_provided", ALL] == 30
    assert rows["IA", "currency_seized", ALL] == 1
    assert rows[NATIONAL, "jurisdictions", ALL] == 12


def test_derived_figures_are_compared() -> None:
    compared = compare(*both("missouri-missing-foster-youth"))
    derived = {row.measure: spelled(row.counted, row.scale) for row in compared.rows if row.kind == "derived"}
    assert derived == {"not_returned": "53", "never_located": "29", "located_without_outcome": "6"}


def changed(totals: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """The totals document with one member at ``path`` replaced; a unit is named by its code."""
    totals = copy.deepcopy(totals)
    place: Any = totals
    for step in path[:-1]:
        place = next(unit for unit in place if unit["code"] == step) if isinstance(place, list) else place[step]
    place[path[-1]] = value
    return totals


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("national", "arrests", "total"), 101, (NATIONAL, "arrests", ALL)),
        (("national", "victims_rescued", "categories", "minor"), 3, (NATIONAL, "victims_rescued", "minor")),
        (("national", "currency_seized", "unquantified"), [], ("IA", "currency_seized", ALL)),
        (("national", "currency_seized", "unquantified"), ["IA", "KY-KSP"], ("KY", "currency_seized", ALL)),
        (("units", "KY", "measures", "arrests", "categories", "unspecified"), 47, ("KY", "arrests", "unspecified")),
        (("units", "KY", "measures", "arrests", "total"), 47, ("KY", "arrests", ALL)),
        (("units", "TN", "measures"), {}, ("TN", "arrests", "unspecified")),
        (("units", "US", "measures"), {"arrests": {"total": 1, "categories": {"unspecified": 1}}}, ("US", "arrests", "unspecified")),
        (("units", "WI", "measures", "arrests", "categories"), {"unspecified": 5, "adult": 1}, ("WI", "arrests", "adult")),
        (("reporting", "expected"), 13, (NATIONAL, "jurisdictions", ALL)),
    ],
)
def test_one_wrong_figure_is_found(path: tuple[Any, ...], value: Any, where: tuple[str, str, str]) -> None:
    figures, totals = both("united-front-2021")
    compared = compare(figures, changed(totals, *path, value=value))
    assert not compared.equal
    assert where in [(row.unit, row.measure, row.category) for row in compared.different()]


def test_what_a_withdrawal_leaves_at_zero_is_no_difference() -> None:
    figures, totals = both("united-front-2021")
    empty = {"services_provided": {"total": 0, "categories": {"unspecified": 0}}}
    assert compare(figures, changed(totals, "units", "US", "measures", value=empty)).equal


def test_a_headline_whose_name_says_nothing_is_named_and_not_passed_over() -> None:
    facts = templates.facts("oak-grove-2020")
    facts["published_totals"]["helicopters"] = 2
    assert compare(published(facts, templates.operation_document(facts)), totals_of("oak-grove-2020", 1)).unread == ("helicopters",)


def test_a_headline_below_the_sum_of_its_parts_is_a_difference() -> None:
    facts = templates.facts("oak-grove-2020")
    facts["published_totals"]["persons_detained"] = 4
    compared = compare(published(facts, templates.operation_document(facts)), totals_of("oak-grove-2020", 1))
    assert [(row.unit, row.published, row.counted) for row in compared.different()] == [(NATIONAL, 4, 5)]


@pytest.mark.parametrize(
    ("value", "scale", "quantity"),
    [
        (7, 0, 7),
        ("12500.55", 2, 1250055),
        (12500.5, 2, 1250050),
        ("7", 0, 7),
        (1.5, 0, None),
        (True, 0, None),
        (None, 0, None),
        ("some", 2, None),
        ("NaN", 2, None),
        ("Infinity", 2, None),
        (-6, 0, -6),
    ],
)
def test_figures_are_read_exactly_or_not_at_all(value: Any, scale: int, quantity: int | None) -> None:
    assert smallest(value, scale) == quantity


@pytest.mark.parametrize(
    ("quantity", "scale", "said"), [(None, 0, "–"), (1234, 0, "1,234"), (1250055, 2, "12,500.55"), (53_000_000, 6, "53")]
)
def test_figures_are_written_for_people(quantity: int | None, scale: int, said: str) -> None:
    assert spelled(quantity, scale) == said


def test_the_remarks_on_united_front_say_what_its_bare_figures_hide() -> None:
    document = templates.operation_document(templates.facts("united-front-2021"))
    said = [one.text for one in remarks(document, totals_of("united-front-2021", 1))]
    added = "No one stands in two categories, so they are added, and the total has them all."
    assert f"Victims rescued: 45 unspecified + 2 minor = 47. {added}" in said
    assert "Persons provided services: 30 of the 41 are attributed to no unit; those of all units come to 11." in said
    assert "Currency seized: there is some in Iowa of which it is not known yet how much, and no figure has been given." in said
    assert any(one.startswith("South Dakota: conducted separately, ") and "Ran earlier" in one and "9 arrests made" in one for one in said)
    assert any(sentence.startswith("Assisted where others led") and "Kentucky State Police" in sentence for sentence in said)


def test_a_rule_that_does_not_hold_is_remarked_on() -> None:
    document = templates.operation_document(templates.facts("missouri-missing-foster-youth"))
    totals = totals_of("missouri-missing-foster-youth", 1)
    totals["rules"] = [{"code": "located-at-most-listed", "holds": False, "units": {"MO": False}}]
    assert "A rule does not hold: More children are located than are on the list." in [one.text for one in remarks(document, totals)]
