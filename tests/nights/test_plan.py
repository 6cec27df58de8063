"""Whatever the seed, a planned night comes to the published figures by the contract's arithmetic, folded naively."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.nights.plan import plan
from coordinator.operations import templates
from tests.nights.counted import Figures, by_jurisdiction, folded, planned, played

NAMES = templates.names()


def as_published(facts: dict[str, Any]) -> Figures:
    """Read from the facts once more, by other code than the plan's."""
    codes = {measure["code"] for measure in facts["measures"]}
    figures: Figures = {}
    for row in facts["statistics"]:
        for measure in codes & row.keys():
            for category, quantity in (row[measure] if isinstance(row[measure], dict) else {"unspecified": row[measure]}).items():
                if isinstance(quantity, int):
                    cell = row["jurisdiction"] or "UNATTRIBUTED", measure, category
                    figures[cell] = figures.get(cell, Decimal(0)) + quantity
    for measure in codes & facts["published_totals"].keys():
        rest = facts["published_totals"][measure] - sum(quantity for (_, of, _), quantity in figures.items() if of == measure)
        if rest:
            cell = "UNATTRIBUTED", measure, "unspecified"
            figures[cell] = figures.get(cell, Decimal(0)) + rest
    return figures


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_night_comes_to_the_published_figures(name: str, seed: int) -> None:
    night, document = planned(name, seed)
    assert by_jurisdiction(folded(played(night)), document) == as_published(templates.facts(name))


STATES = ["KY", "MO", "SD", "PR"]
AGENCIES = st.fixed_dictionaries(
    {"name": st.sampled_from(["State Police", "Attorney General's Office", "City Police Department", "Bureau"])},
    optional={"jurisdiction": st.sampled_from([*STATES, "US"]), "level": st.sampled_from(["state", "local", "federal"])},
)
QUANTITIES = st.integers(0, 400)


@st.composite
def invented(draw: st.DrawFn) -> dict[str, Any]:
    """Facts of an operation that never was, in the form the real ones have."""
    categories = ["unspecified", "minor", "adult"]
    figures = {"arrests": QUANTITIES, "victims": st.dictionaries(st.sampled_from(categories), QUANTITIES, min_size=1), "money": QUANTITIES}
    agencies = draw(st.lists(AGENCIES, max_size=5))
    about = {"jurisdiction": st.sampled_from([*STATES, None])}
    rows = draw(st.lists(st.fixed_dictionaries(about, optional=figures | {"conducted_separately": st.just(True)}), max_size=6))
    units = {"arrests": "persons", "victims": "persons", "money": "USD"}
    facts: dict[str, Any] = {
        "code": "invented",
        "name": "Invented",
        "time_zone": "America/Chicago",
        "jurisdictions": STATES,
        "agencies": agencies,
        "statistics": rows,
    }
    facts["measures"] = [
        {"code": code, "label": code, "unit": unit, "categories": categories if code == "victims" else []} for code, unit in units.items()
    ]
    least = sum(int(str(row.get("arrests", 0))) for row in rows)
    return facts | {"published_totals": draw(st.sampled_from([{}, {"arrests": least + 7}]))}


@settings(max_examples=300, deadline=None)
@given(facts=invented(), seed=st.integers(0, 1000))
def test_any_facts_of_the_form_come_to_their_figures(facts: dict[str, Any], seed: int) -> None:
    document = templates.operation_document(facts)
    night = plan(facts, document, seed)
    assert by_jurisdiction(folded(played(night)), document) == as_published(facts)
    codes = {unit["code"] for unit in document["units"]} | {"UNATTRIBUTED"}
    assert all(report.unit in codes and len(night.body(report)["lines"]) <= 100 for report in night.reports)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_night_and_another_seed_another(name: str) -> None:
    assert planned(name, 7) == planned(name, 7)
    assert planned(name, 7)[0].reports != planned(name, 8)[0].reports


@pytest.mark.parametrize("seed", range(30))
def test_united_front_has_all_that_happens_on_such_a_night(seed: int) -> None:
    night, _ = planned("united-front-2021", seed)
    acts = [act.kind for act in night.acts()]
    assert acts.count("correct") == acts.count("withdraw") == 1
    assert acts.count("repeat") >= 5
    assert sum((report.posted or 0) - report.observed > 0.02 for report in night.reports) >= 5
    assert night.entries() == len(night.reports) + 2


@pytest.mark.parametrize("seed", range(30))
def test_kentuckys_standing_figure_is_its_agencys_and_covers_a_report_that_comes_after_it(seed: int) -> None:
    night, _ = planned("united-front-2021", seed)
    (standing,) = [report for report in night.reports if report.basis == "to_date"]
    assert standing.unit in ("KY-KSP", "KY-AGO")
    covered = [report for report in night.reports if report.unit == standing.unit and report.observed < standing.observed]
    assert any((report.posted or 0) > (standing.posted or 0) for report in covered)


@pytest.mark.parametrize("seed", range(30))
def test_a_report_is_posted_after_it_is_observed_and_amended_after_it_is_posted(seed: int) -> None:
    for report in planned("united-front-2021", seed)[0].reports:
        assert report.posted is not None and report.posted > report.observed
        assert all(later is None or later > report.posted for later in (report.repeated, report.settled))


def test_every_key_is_used_for_one_report() -> None:
    keys = [report.key for report in planned("united-front-2021", 1)[0].reports]
    assert len(set(keys)) == len(keys)


def test_south_dakota_was_observed_two_weeks_earlier_and_is_posted_in_the_night() -> None:
    night, document = planned("united-front-2021", 1)
    (apart,) = [report for report in night.reports if report.unit == "SD-DCI"]
    assert 10 < (night.begins - night.moment(apart.observed)).days < 15
    assert 0 <= (apart.posted or -1) <= 1 and "8 enticement" in (apart.note or "")
    assert document["starts_at"] == night.begins.isoformat()


def test_iowa_says_there_was_currency_and_not_how_much() -> None:
    night, _ = planned("united-front-2021", 1)
    lines = [(report.unit, line) for report in night.reports for line in night.body(report)["lines"] if "unquantified" in line]
    assert lines == [("IA-DPS", {"measure": "currency_seized", "unquantified": "amount not published"})]


def test_states_with_nothing_more_to_say_say_so() -> None:
    night, _ = planned("united-front-2021", 1)
    nil = [report.unit for report in night.reports if night.body(report).get("nil")]
    assert sorted(nil) == ["NE-NSP", "TN-TBI", "WI"]


def test_states_without_figures_of_their_own_are_heard_from_by_a_nil_report() -> None:
    night, _ = planned("hsi-kansas-city-2021", 1)
    assert {report.unit for report in night.reports if not report.lines} == {"MO", "KS"}


def test_an_agency_that_assisted_is_credited_by_the_one_that_led() -> None:
    night, _ = planned("united-front-2021", 1)
    credits = {(report.unit, line.assisting) for report in night.reports for line in report.lines if line.assisting}
    assert ("KY-AGO", ("KY-KSP",)) in credits


def test_money_is_posted_in_decimal_notation_to_the_cent(tmp_path: Path) -> None:
    facts = templates.facts("united-front-2021")
    facts["statistics"][2]["currency_seized"] = "12500.55"
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts))
    night, document = planned(str(path), 1)
    lines = [line for body in played(night) for line in body["lines"] if line["measure"] == "currency_seized"]
    assert all(isinstance(line["quantity"], str) for line in lines)
    assert by_jurisdiction(folded(played(night)), document)["IA", "currency_seized", "unspecified"] == Decimal("12500.55")


def test_a_published_zero_is_posted_as_a_figure(tmp_path: Path) -> None:
    facts = templates.facts("oak-grove-2020")
    facts["statistics"][0]["protective_custody"] = facts["published_totals"]["protective_custody"] = 0
    path = tmp_path / "facts.json"
    path.write_text(json.dumps(facts))
    night, document = planned(str(path), 1)
    assert by_jurisdiction(folded(played(night)), document)["MO", "protective_custody", "unspecified"] == 0


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"statistics": [{"jurisdiction": "MO", "arests": 1}]}, "names arests, which is no measure"),
        ({"statistics": [{"jurisdiction": "MO", "persons_detained": -1}]}, "no count"),
        ({"statistics": [{"jurisdiction": "MO", "persons_detained": 1.5}]}, "no count"),
        ({"statistics": [{"jurisdiction": "MO", "persons_detained": True}]}, "no count"),
        ({"statistics": [{"jurisdiction": "MO", "persons_detained": {"x": None}}]}, "no count"),
        ({"statistics": [{"jurisdiction": "MO", "agency": "Nobody", "persons_detained": 1}]}, "Nobody"),
        ({"published_totals": {"persons_detained": "many"}}, "no count"),
    ],
)
def test_figures_that_can_not_be_read_are_refused_by_their_name(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(json.dumps({**templates.facts("oak-grove-2020"), **changes}))
    with pytest.raises(templates.FactsUnusable, match=says):
        planned(str(path), 1)
