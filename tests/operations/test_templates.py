"""Templates and the documents made of them, held against the published figures."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from coordinator.operations import templates
from coordinator.operations.expressions import parse_derived, parse_rule
from coordinator.operations.schemas.operations import OperationIn
from coordinator.operations.templates import FactsUnusable

NAMES = ["hsi-kansas-city-2021", "missouri-missing-foster-youth", "oak-grove-2020", "operation-hope", "united-front-2021"]
UNIT = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")


@pytest.fixture(scope="module", params=NAMES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return templates.operation_document(templates.facts(request.param))


@pytest.fixture(scope="module")
def united_front() -> dict[str, Any]:
    return templates.operation_document(templates.facts("united-front-2021"))


def unit(document: dict[str, Any], code: str) -> dict[str, Any]:
    return next(unit for unit in document["units"] if unit["code"] == code)


def written(folder: Path, **changes: Any) -> Path:
    """A file of facts: those of Oak Grove with some members changed, or removed where None."""
    content = {key: value for key, value in {**templates.facts("oak-grove-2020"), **changes}.items() if value is not None}
    path = folder / "facts.json"
    path.write_text(json.dumps(content))
    return path


def test_the_five_operations_come_with_the_hub() -> None:
    assert templates.names() == NAMES


def test_a_document_has_the_shape_the_hub_takes(document: dict[str, Any]) -> None:
    assert OperationIn().validate(document) == {}


def test_codes_of_units_are_well_formed_and_unique(document: dict[str, Any]) -> None:
    codes = [unit["code"] for unit in document["units"]]
    assert all(UNIT.fullmatch(code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_agency_and_site_stands_below_its_jurisdiction(document: dict[str, Any]) -> None:
    jurisdictions = {unit["code"] for unit in document["units"] if unit["kind"] == "jurisdiction"}
    below = [unit for unit in document["units"] if unit["kind"] != "jurisdiction"]
    assert all(unit["parent"] in jurisdictions and unit["code"].startswith(unit["parent"] + "-") for unit in below)


def test_every_measure_says_how_it_is_counted(document: dict[str, Any]) -> None:
    assert all(measure["definition"] for measure in document["measures"])


def test_the_same_facts_give_the_same_document(document: dict[str, Any]) -> None:
    assert templates.operation_document(templates.facts(document["code"])) == document


def test_a_document_may_have_another_code() -> None:
    facts = templates.facts("oak-grove-2020")
    assert templates.operation_document(facts, "rehearsal")["code"] == "rehearsal"
    assert templates.operation_document(facts)["code"] == "oak-grove-2020"


def test_united_front_has_its_twelve_states_by_name_each_in_its_own_time(united_front: dict[str, Any]) -> None:
    expected = [unit for unit in united_front["units"] if unit["kind"] == "jurisdiction" and unit.get("expected", True)]
    assert len(expected) == 12
    assert unit(united_front, "KY")["name"] == "Kentucky"
    assert unit(united_front, "KY")["time_zone"] == "America/New_York"
    assert unit(united_front, "NE")["time_zone"] == "America/Chicago"


def test_agencies_of_united_front_have_readable_codes(united_front: dict[str, Any]) -> None:
    assert unit(united_front, "KY-KSP")["name"] == "Kentucky State Police"
    assert unit(united_front, "MO-MSHP")["name"] == "Missouri State Highway Patrol"
    assert unit(united_front, "TX-AUSTIN-PD")["level"] == "local"


def test_federal_and_national_partners_are_not_expected_to_report(united_front: dict[str, Any]) -> None:
    assert unit(united_front, "US")["expected"] is False
    assert unit(united_front, "US-FBI")["parent"] == "US"


def test_illinois_and_wisconsin_have_no_named_agency(united_front: dict[str, Any]) -> None:
    assert not [one for one in united_front["units"] if one.get("parent") in ("IL", "WI")]


def test_south_dakota_is_conducted_separately_and_says_so(united_front: dict[str, Any]) -> None:
    apart = unit(united_front, "SD")["conducted_separately"]
    assert datetime.fromisoformat(apart["ends_at"]) < datetime.fromisoformat(united_front["starts_at"])
    assert apart["starts_at"].startswith("2021-08-06") and "Sturgis" in apart["footnote"]
    assert [one["code"] for one in united_front["units"] if one.get("conducted_separately")] == ["SD"]


def test_united_front_runs_from_dusk_to_dawn_in_central_time(united_front: dict[str, Any]) -> None:
    assert (united_front["starts_at"], united_front["ends_at"]) == ("2021-08-26T18:00:00-05:00", "2021-08-27T06:00:00-05:00")
    assert united_front["reporting_interval_minutes"] == 60


def test_dollars_are_counted_in_cents(united_front: dict[str, Any]) -> None:
    scales = {measure["code"]: measure.get("scale", 0) for measure in united_front["measures"]}
    assert scales == {"arrests": 0, "victims_rescued": 0, "services_provided": 0, "currency_seized": 2}


def test_cities_are_sites_below_their_state() -> None:
    document = templates.operation_document(templates.facts("hsi-kansas-city-2021"))
    sites = {unit["code"]: unit["parent"] for unit in document["units"] if unit["kind"] == "site"}
    assert sites == {"KS-WICHITA": "KS", "MO-INDEPENDENCE": "MO", "MO-KANSAS-CITY": "MO"}


def test_rules_and_derived_measures_parse_and_read_as_sentences() -> None:
    document = templates.operation_document(templates.facts("missouri-missing-foster-youth"))
    assert [parse_rule(rule["expression"]) for rule in document["rules"]]
    assert [rule["code"] for rule in document["rules"]] == ["located-at-most-listed", "returned-to-care-plus-discharged-at-most-located"]
    assert {one["code"]: one["label"] for one in document["derived"] if parse_derived(one["expression"])} == {
        "not_returned": "Not returned to care",
        "never_located": "Never located",
        "located_without_outcome": "Located, outcome not published",
    }


def test_a_rule_without_a_message_of_its_own_is_put_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, rules=["services_offered <= persons_detained", "services_offered <= persons_detained"])
    rules = templates.operation_document(templates.facts(path))["rules"]
    assert rules[0]["message"] == "Adults offered victim services must be at most Persons contacted and detained"
    assert [rule["code"] for rule in rules] == [
        "services-offered-at-most-persons-detained",
        "services-offered-at-most-persons-detained-2",
    ]


def test_a_part_conducted_separately_without_dates_lies_two_weeks_before(tmp_path: Path) -> None:
    rows = [{"jurisdiction": "MO", "persons_detained": 1, "conducted_separately": True}]
    path = written(tmp_path, statistics=rows, notes=["Missouri went first."])
    apart = unit(templates.operation_document(templates.facts(path)), "MO")["conducted_separately"]
    assert apart["starts_at"].startswith("2020-10-09") and apart["footnote"] == "Missouri went first."


@pytest.mark.parametrize(
    ("window", "starts", "ends"),
    [
        ({"starts": "2021-03-01", "ends": "2021-03-02"}, "2021-03-01T18:00:00-06:00", "2021-03-02T06:00:00-06:00"),
        ({"starts": "2021-03-01"}, "2021-03-01T00:00:00-06:00", "2021-03-02T00:00:00-06:00"),
        ({"starts": "2021-03-01", "ends": "2021-03-20"}, "2021-03-01T00:00:00-06:00", "2021-03-21T00:00:00-05:00"),
        ({"starts": "2021-03-01T20:30:00", "ends": "2021-03-02T05:00:00Z"}, "2021-03-01T20:30:00-06:00", "2021-03-02T05:00:00+00:00"),
        ({"note": "dates not published"}, "2021-01-04T00:00:00-06:00", "2021-01-11T00:00:00-06:00"),
    ],
)
def test_a_window_published_in_any_form_becomes_two_moments(tmp_path: Path, window: dict[str, str], starts: str, ends: str) -> None:
    document = templates.operation_document(templates.facts(written(tmp_path, window=window)))
    assert (document["starts_at"], document["ends_at"]) == (starts, ends)


def test_agencies_that_would_share_a_code_are_numbered(tmp_path: Path) -> None:
    agencies = [{"name": "Kansas Bureau"}, {"name": "Kentucky Brigade"}, {"name": "Kansas Bureau"}]
    document = templates.operation_document(templates.facts(written(tmp_path, agencies=agencies, statistics=[])))
    assert [one["code"] for one in document["units"]] == ["MO", "MO-KB", "MO-KB-2"]


def test_an_operation_document_passes_through(tmp_path: Path, united_front: dict[str, Any]) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(united_front))
    assert templates.operation_document(templates.facts(path)) == united_front
    assert templates.operation_document(templates.facts(path), "again")["code"] == "again"


def test_an_unknown_template_is_answered_with_those_there_are() -> None:
    with pytest.raises(FactsUnusable, match=r"no file united-back.*united-front-2021"):
        templates.facts("united-back")


@pytest.mark.parametrize("content", ["", "{", "[1]", "\udcff", "[" * 100_000])
def test_a_file_that_holds_no_operation_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "facts.json"
    path.write_text(content, errors="surrogateescape")
    with pytest.raises(FactsUnusable) as refused:
        templates.facts(path)
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)


def test_a_folder_is_not_a_file_of_facts(tmp_path: Path) -> None:
    with pytest.raises(FactsUnusable, match="can't be read"):
        templates.facts(tmp_path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"measures": None}, "lacks measures"),
        ({"time_zone": "Mars/Olympus"}, "no IANA time zone"),
        ({"time_zone": ""}, "no IANA time zone"),
        ({"jurisdictions": []}, "jurisdictions is empty"),
        ({"jurisdictions": [1]}, r"jurisdictions\[0\] must be text"),
        ({"measures": [{"code": "arrests", "unit": "persons"}]}, r"measures\[0\] lacks label"),
        ({"statistics": {}}, "statistics must be a list"),
        ({"statistics": [{"jurisdiction": "KS"}]}, r"statistics\[0\] has no jurisdiction"),
        ({"statistics": [{"arrests": 1}]}, r"statistics\[0\] has no jurisdiction"),
        ({"window": "tonight"}, "window must be an object"),
        ({"agencies": [{"level": "state"}]}, r"agencies\[0\] lacks name"),
        ({"rules": [1]}, r"rules\[0\] must be text"),
    ],
)
def test_facts_that_lack_something_are_refused_by_its_name(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(FactsUnusable, match=says):
        templates.facts(written(tmp_path, **changes))


@pytest.mark.parametrize(
    ("window", "says"), [({"starts": "soon"}, "no date"), ({"starts": "2021-03-02", "ends": "2021-02-02"}, "before it starts")]
)
def test_a_window_that_is_none_is_refused(tmp_path: Path, window: dict[str, str], says: str) -> None:
    with pytest.raises(FactsUnusable, match=says):
        templates.operation_document(templates.facts(written(tmp_path, window=window)))
