"""Packs: published, read, acknowledged, and who has."""

from __future__ import annotations

import pytest

from tests.briefings.conftest import QUESTION, Briefed, pack
from tests.conftest import Caller


def test_a_version_freezes_the_counting_rules_and_never_changes(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish(acknowledge=False)
    before = liaison.get(f"{briefed.path}/1").json
    assert [one["label"] for one in before["rules"]["measures"]][:1] == ["Arrests made"]
    change = {"measures": [{"code": "arrests", "label": "Arrests", "unit": "persons", "definition": "Booked, not cited."}]}
    assert briefed.desk.patch(briefed.place, change).status_code == 200
    assert liaison.get(f"{briefed.path}/1").json == before
    second = briefed.publish()
    assert (second["version"], second["changed"], second["in_force"]) == (2, ["Arrests"], True)
    assert [one["version"] for one in liaison.get(briefed.path).json["items"]] == [2, 1]
    page = liaison.get(briefed.path, limit=1).json
    assert [one["version"] for one in liaison.get(briefed.path, limit=1, cursor=page["next"]).json["items"]] == [1]


def test_a_wrong_answer_names_the_rule_is_on_record_and_can_be_tried_again(briefed: Briefed, liaison: Caller) -> None:
    change = {"measures": [{"code": "arrests", "label": "Arrests", "unit": "persons", "definition": "Booked, not cited."}]}
    briefed.desk.patch(briefed.place, change)
    briefed.publish()
    assert "right" not in liaison.get(f"{briefed.path}/1").json["questions"][0]
    wrong = briefed.acknowledge(liaison, answers=(0,))
    assert (wrong.status_code, wrong.json["type"]) == (422, "/problems/check-not-passed")
    assert wrong.json["errors"] == {"/answers/0": ["That is not so. Read again what is counted as “Arrests”: Booked, not cited."]}
    assert briefed.acknowledge(liaison, answers=()).json["type"] == "/problems/invalid"
    first = briefed.acknowledge(liaison)
    again = briefed.acknowledge(liaison)
    assert (first.status_code, again.json, again.headers["Idempotent-Replayed"]) == (201, first.json, "true")
    receipts = briefed.desk.get(f"{briefed.path}/1/receipts").json
    kentucky = next(one for one in receipts["units"] if one["unit"] == "KY")
    assert (kentucky["acknowledged"], kentucky["people"][0]["tries"]) == (True, 2)
    acts = [one["act"] for one in briefed.desk.get(f"{briefed.place}/audit").json["items"]]
    assert {"briefing published", "briefing check not passed", "briefing acknowledged"} <= set(acts)


def test_the_desk_sees_by_unit_and_person_who_has_it_who_read_and_who_acknowledged(
    briefed: Briefed, liaison: Caller, trooper: Caller
) -> None:
    briefed.publish()
    liaison.get(f"{briefed.path}/1")
    assert trooper.post(f"{briefed.path}/1/read", None).status_code == 201
    briefed.acknowledge(liaison)
    receipts = briefed.desk.get(f"{briefed.path}/1/receipts").json
    assert (receipts["acknowledged"], receipts["asked"]) == (2, 3)
    by_unit = {one["unit"]: one for one in receipts["units"]}
    kentucky, police, tennessee = by_unit["KY"]["people"], by_unit["KY-KSP"]["people"], by_unit["TN"]
    assert [(bool(one["received_at"]), bool(one["read_at"]), bool(one["acknowledged_at"])) for one in kentucky] == [(True, False, True)]
    assert [(bool(one["read_at"]), bool(one["acknowledged_at"])) for one in police] == [(False, True), (True, False)]
    assert (tennessee["people"], tennessee["acknowledged"]) == ([], False)
    assert liaison.get(f"{briefed.path}/1/receipts").status_code == 403


def test_publishing_sends_a_bulletin_that_acknowledging_answers(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish(acknowledge_by="2099-01-01T00:00:00Z")
    first = briefed.desk.get(f"{briefed.place}/bulletins").json["items"][0]
    assert first["text"].startswith("Counting rules, version 1. Read them")
    assert (first["kind"], first["acknowledge_by"], first["units"]) == ("alert", "2099-01-01T00:00:00Z", ["KY", "TN"])
    briefed.publish()
    second = briefed.desk.get(f"{briefed.place}/bulletins").json["items"][0]
    assert (second["kind"], second["supersedes"]["number"]) == ("update", first["number"])
    briefed.acknowledge(liaison, 2)
    asked = {one["unit"]: one["answer"] for one in briefed.desk.get(f"{briefed.place}/bulletins/{second['id']}").json["asked"]}
    assert asked == {"KY": "understood", "TN": None}
    told = [one["what"] for one in briefed.desk.get(f"{briefed.place}/log").json["items"]]
    assert "KY acknowledged version 2 of the counting rules." in told


def test_only_what_is_in_force_is_acknowledged_by_whoever_speaks_for_the_unit(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    briefed.publish()
    briefed.publish(acknowledge=False)
    for version, told in ((1, "Version 1 was replaced by version 2"), (3, "Version 3 asks for no acknowledgement. Version 2 is")):
        refused = briefed.acknowledge(liaison, version)
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/briefing-not-current")
        assert refused.json["detail"].startswith(told)
    assert briefed.acknowledge(liaison, 2, "TN").json["type"] == "/problems/not-your-unit"
    assert briefed.acknowledge(liaison, 2, "ZZ").status_code == 422
    assert briefed.acknowledge(liaison, 9).status_code == 404
    assert briefed.acknowledge(liaison, 2**31).status_code == 404
    assert briefed.acknowledge(briefed.desk, 2).status_code == 403, "nobody acknowledges for another"
    asked = liaison.get(briefed.path).json["asked"]
    assert (asked["version"], asked["units"]) == (2, [{"unit": "KY", "version": None, "acknowledged": False}])


def test_rules_that_have_changed_are_asked_for_again(briefed: Briefed) -> None:
    briefed.publish()
    briefed.publish(acknowledge=False)
    change = {"measures": [{"code": "arrests", "label": "Arrests made", "unit": "persons", "definition": "Booked, not cited."}]}
    briefed.desk.patch(briefed.place, change)
    refused = briefed.desk.post(briefed.path, pack(acknowledge=False))
    assert refused.json["errors"] == {
        "/acknowledge": ["Not counted as in version 1 any more: Arrests made. Ask every liaison to acknowledge again."]
    }


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"pages": []}, "/pages"),
        ({"pages": [{"title": "Tonight", "markdown": "Call 502-555-0142."}]}, "/pages/0/markdown"),
        ({"questions": [QUESTION | {"right": 2}]}, "/questions/0/right"),
        ({"questions": [QUESTION | {"measure": "horses"}]}, "/questions/0/measure"),
        ({"files": ["00000000-0000-7000-8000-000000000000"]}, "/files/0"),
        ({"acknowledge_by": "2021-01-01T00:00:00Z"}, "/acknowledge_by"),
        ({"acknowledge": False, "acknowledge_by": "2099-01-01T00:00:00Z"}, "/acknowledge_by"),
    ],
)
def test_a_pack_that_is_not_good_is_refused_where_it_is_not_good(briefed: Briefed, members: dict, pointer: str) -> None:
    refused = briefed.desk.post(briefed.path, pack(**members))
    assert (refused.status_code, list(refused.json["errors"])) == (422, [pointer])
    assert briefed.desk.get(briefed.path).json["items"] == []
