"""Whatever the seed, a planned night comes to the published figures by the contract's arithmetic, folded naively here."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.nights.night import Night
from coordinator.nights.plan import plan
from coordinator.operations import templates

NAMES = templates.names()
Figures = dict[tuple[str, str, str], Decimal]


def planned(name: str, seed: int) -> tuple[Night, dict[str, Any]]:
    facts = templates.facts(name)
    document = templates.operation_document(facts)
    return plan(facts, document, seed), document


def played(night: Night) -> list[dict[str, Any]]:
    """The bodies that stand at the end: repeats are one, what is corrected is replaced, what is withdrawn never was."""
    standing: dict[str, dict[str, Any]] = {}
    for act in night.acts():
        key = act.report.key
        if act.kind in ("post", "repeat"):
            standing[key] = night.body(act.report)
        elif act.kind == "correct":
            standing[key] = night.correction(act.report, standing[key]["unit"])
        else:
            del standing[key]
    return list(standing.values())


def folded(bodies: list[dict[str, Any]]) -> Figures:
    """position = the latest standing figure, plus the increments observed after it; for each cell."""
    said: dict[tuple[str, str, str], list[tuple[datetime, str, Decimal]]] = defaultdict(list)
    for body in bodies:
        for line in body["lines"]:
            if "quantity" in line:
                cell = body["unit"], line["measure"], line.get("category", "unspecified")
                said[cell].append((datetime.fromisoformat(body["observed_at"]), body["basis"], Decimal(line["quantity"])))
    return {cell: position(entries) for cell, entries in said.items()}


def position(entries: list[tuple[datetime, str, Decimal]]) -> Decimal:
    stood = max(((at, quantity) for at, basis, quantity in entries if basis == "to_date"), default=None)
    after = [quantity for at, basis, quantity in entries if basis == "increment" and (stood is None or at > stood[0])]
    return sum(after, stood[1] if stood else Decimal(0))


def by_jurisdiction(figures: Figures, document: dict[str, Any]) -> Figures:
    above = {unit["code"]: unit.get("parent") or unit["code"] for unit in document["units"]}
    summed: Figures = defaultdict(Decimal)
    for (unit, measure, category), quantity in figures.items():
        summed[above.get(unit, unit), measure, category] += quantity
    return dict(summed)


def as_published(name: str) -> Figures:
    """Read from the facts once more, by other code than the plan's."""
    facts = templates.facts(name)
    codes = {measure["code"] for measure in facts["measures"]}
    figures: Figures = {}
    for row in facts["statistics"]:
        for measure in codes & row.keys():
            for category, quantity in (row[measure] if isinstance(row[measure], dict) else {"unspecified": row[measure]}).items():
                if isinstance(quantity, int):
                    figures[row["jurisdiction"] or "UNATTRIBUTED", measure, category] = Decimal(quantity)
    for measure in codes & facts["published_totals"].keys():
        rest = facts["published_totals"][measure] - sum(quantity for (_, of, _), quantity in figures.items() if of == measure)
        if rest:
            figures["UNATTRIBUTED", measure, "unspecified"] = Decimal(rest)
    return figures


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_night_comes_to_the_published_figures(name: str, seed: int) -> None:
    night, document = planned(name, seed)
    assert by_jurisdiction(folded(played(night)), document) == as_published(name)


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
