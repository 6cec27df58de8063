"""What a change of rules leaves behind, and what is missing before the night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from coordinator.operations.catalogue import Catalogue
from tests.briefings.conftest import Briefed
from tests.conftest import Caller, report_body

RULE = {"code": "arrests", "label": "Arrests made", "unit": "persons", "definition": "Booked, not cited."}


def test_a_change_during_the_night_lists_what_was_counted_under_the_old_rules(briefed: Briefed, liaison: Caller) -> None:
    briefed.post(liaison)
    assert briefed.desk.get(f"{briefed.path}/changes").json == {"version": None, "items": []}
    briefed.publish()
    briefed.acknowledge(liaison)
    both = [
        {"measure": "arrests", "quantity": 1},
        {"measure": "victims_rescued", "quantity": 2},
        {"measure": "victims_rescued", "category": "minor", "quantity": 1},
    ]
    first = briefed.post(liaison, lines=both, unit="KY-KSP").json["id"]
    briefed.post(liaison, lines=[], nil=True)
    briefed.desk.patch(briefed.place, {"measures": [RULE]})
    briefed.publish()
    told = briefed.desk.get(f"{briefed.path}/changes").json
    assert told["version"] == 2
    assert [(one["unit"], one["measure"], one["version"], one["changed"], one["reports"]) for one in told["items"]] == [
        ("KY", "arrests", None, False, 1),
        ("KY-KSP", "arrests", 1, True, 1),
        ("KY-KSP", "victims_rescued", 1, False, 1),
    ]
    briefed.acknowledge(liaison, 2)
    corrected = report_body(unit="KY-KSP", lines=both[1:], corrects=first, reason="counted by the new rules")
    assert liaison.post(f"{briefed.place}/reports", corrected).status_code == 201
    assert [(one["unit"], one["version"]) for one in briefed.desk.get(f"{briefed.path}/changes").json["items"]] == [("KY", None)]


def test_what_is_missing_before_live_by_unit_and_as_a_whole(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    operation = create_operation("briefing", ends_at=ends)
    briefed = Briefed(operation, create_token("desk", operation.code))
    look = lambda: briefed.desk.get(f"{briefed.place}/readiness").json  # noqa: E731
    before = look()
    assert before["missing"] == [
        "No counting rules are published: nobody is asked to acknowledge any.",
        "Nothing says what exactly is counted as: Arrests made, Victims rescued, Currency seized.",
        "2 people of the desk sign in the end, and 1 can.",
    ]
    assert before["units"][0]["missing"] == ["Nobody is invited to post.", "It has not checked in.", "Nobody is named to call."]
    invitation = {"name": "Kentucky", "role": "liaison", "operation": operation.code, "units": ["KY"]}
    assert briefed.desk.post("/invitations", invitation).status_code == 201
    assert look()["units"][0]["missing"][0] == "The invitation has not been taken."

    create_token("desk", operation.code)
    kinds = [("arrests", "persons", 0), ("victims_rescued", "persons", 0), ("currency_seized", "USD", 2)]
    labels = {one["code"]: one["label"] for one in briefed.desk.get(briefed.place).json["measures"]}
    defined = [{"code": code, "label": labels[code], "unit": unit, "scale": scale, "definition": "So."} for code, unit, scale in kinds]
    assert briefed.desk.patch(briefed.place, {"measures": defined}).status_code == 200
    briefed.publish()
    for unit in ("KY", "TN"):
        liaison = create_token("liaison", operation.code, unit)
        contact = {"name": "Duty desk", "telephone": "extension 12", "alternate": None, "alternate_telephone": None}
        assert liaison.post(f"{briefed.place}/check-ins", {"unit": unit, "contact": contact}).status_code == 201
        assert "The counting rules are not acknowledged." in look()["units"][("KY", "TN").index(unit)]["missing"]
        briefed.acknowledge(liaison, unit=unit)
        assert [one["missing"] for one in look()["units"] if one["unit"] == unit] == [["Nobody is named to stand in."]]
        contact |= {"alternate": "Night desk"}
        assert liaison.post(f"{briefed.place}/check-ins", {"unit": unit, "contact": contact}).status_code == 201
    ready = look()
    assert (ready["ready"], ready["missing"], [one["missing"] for one in ready["units"]]) == (True, [], [[], []])

    briefed.desk.patch(briefed.place, {"measures": [defined[0] | {"definition": "Otherwise."}]})
    assert look()["missing"] == ["The plan has changed since version 1 of the counting rules: Arrests made. Publish another version."]


def test_where_there_is_an_exercise_every_unit_must_have_practised_and_zero_be_signed(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    operation = create_operation("briefing")
    desk = create_token("desk", operation.code)
    place = f"/operations/{operation.code}"
    assert {one["practised"] for one in desk.get(f"{place}/readiness").json["units"]} == {None}
    exercise = desk.post(f"{place}/exercises", {}).json["code"]
    director = create_token("admin")
    for phase in ("briefing", "live"):
        assert director.post(f"/operations/{exercise}/phase", {"phase": phase}).status_code == 200
    order = director.get(f"/operations/{exercise}/bulletins").json["items"][0]["id"]
    assert director.post(f"/operations/{exercise}/reports", report_body(unit="KY")).status_code == 201
    answer = {"unit": "KY", "answer": "understood"}
    assert director.post(f"/operations/{exercise}/bulletins/{order}/acknowledgements", answer).status_code == 201
    found = desk.get(f"{place}/readiness").json
    practised = {one["unit"]: one["practised"] for one in found["units"]}
    assert practised["KY"] and not practised["TN"]
    assert "It has not practised: a report and an acknowledgement in the exercise." in found["units"][1]["missing"]
    assert "The desk has not signed that every counter is at zero." in found["missing"]
    assert desk.post(f"{place}/zero", {}).status_code == 201
    assert "The desk has not signed that every counter is at zero." not in desk.get(f"{place}/readiness").json["missing"]
