"""Checks that explain themselves, what settles them, and what unsettles them again."""

from __future__ import annotations

import time

from tests.conftest import Caller
from tests.reconciliation.conftest import Desk
from tests.totals.evening import Evening, arrests, money, victims


def test_a_rule_is_checked_for_the_nation_and_each_unit_with_its_inputs(room: Desk) -> None:
    room.say(arrests(3), victims(4, "minor"))
    nation, kentucky = room.check("rule:fewer-victims:NATIONAL"), room.check("rule:fewer-victims:KY")
    assert (nation["holds"], kentucky["holds"], kentucky["units"]) == (False, False, ["KY"])
    assert nation["formula"] == "victims_rescued <= arrests"
    assert nation["why"] == "More victims than arrests: Arrests made 3, Victims rescued 4."
    assert {one["name"]: one["value"] for one in nation["inputs"]} == {"Arrests made": 3, "Victims rescued": 4}


def test_the_nation_is_shown_to_be_its_parts(room: Desk) -> None:
    room.say(arrests(45))
    room.say(arrests(2), unit="UNATTRIBUTED")
    parts = room.check("parts:NATIONAL:arrests")
    assert (parts["holds"], parts["formula"], parts["why"]) == (True, "NATIONAL = KY + UNATTRIBUTED", "47 in 2 parts, 47 in all.")
    nobodys = room.check("unattributed:arrests")
    assert (nobodys["holds"], nobodys["why"]) == (False, "2 of the nation's figure are attributed to no unit.")


def test_a_unit_and_one_below_it_that_both_have_figures_are_asked_about(room: Desk) -> None:
    room.say(arrests(46))
    room.say(arrests(3), unit="KY-KSP")
    check = room.check("parent-and-child:KY:arrests")
    assert (check["holds"], check["formula"]) == (False, "nothing of KY-KSP is in KY's own figure")
    assert [one["value"] for one in check["inputs"]] == [46, 3]


def test_what_is_not_quantified_is_open_until_it_is(room: Desk) -> None:
    sent = room.say(money(None))
    assert "unquantified:KY:currency_seized" in room.open()
    room.correct(sent, money("12500.00"))
    assert "unquantified:KY:currency_seized" not in room.open()


def test_two_units_of_which_one_assisted_the_other_at_the_same_time_are_asked_about(room: Desk) -> None:
    room.say(arrests(5, "TN"), at=15)
    room.say(arrests(4), unit="TN", at=60)
    check = room.check("joint-action:KY:TN:arrests:unspecified")
    assert (check["units"], [one["value"] for one in check["inputs"]]) == (["KY", "TN"], [5, 4])


def test_an_hour_or_more_apart_they_are_not_but_a_later_standing_figure_may_hold_it(room: Desk) -> None:
    room.say(arrests(5, "TN"), at=15)
    room.say(arrests(4), unit="TN", at=75)
    assert not any(one.startswith("joint-action") for one in room.open())
    room.say(arrests(9), unit="TN", at=90, basis="to_date")
    assert "joint-action:KY:TN:arrests:unspecified" in room.open()


def test_an_explanation_settles_a_check_until_its_figures_change(room: Desk, kentucky: Caller) -> None:
    room.say(arrests(3), victims(4))
    check = room.check("rule:fewer-victims:KY")
    body = {"check": check["id"], "inputs": check["inputs_digest"], "text": "one arrest freed four"}
    answered = room.ask("/explanations", body, caller=kentucky)
    assert (answered["settled"], answered["settled_by"], check["id"] in room.open()) == (True, "explanation", False)
    room.say(victims(1), unit="TN")
    assert check["id"] not in room.open(), "Tennessee's figure is none of its inputs"
    room.say(victims(1))
    changed = room.check(check["id"])
    assert (changed["settled"], changed["explanation"]["current"], changed["explanation"]["text"]) == (
        False,
        False,
        "one arrest freed four",
    )
    refused = room.ask("/explanations", body | {"text": "still"}, 409)
    assert refused["type"] == "/problems/figures-changed"
    assert room.check(check["id"], at=1)["settled"]


def test_an_explanation_is_refused_for_what_is_no_check_for_others_and_with_a_person_in_it(room: Desk, kentucky: Caller) -> None:
    room.say(arrests(3))
    assert "/check" in room.ask("/explanations", {"check": "heard:OH", "text": "no"}, 422)["errors"]
    assert room.ask("/explanations", {"check": "heard:TN", "text": "no"}, 403, kentucky)["type"] == "/problems/not-your-unit"
    assert "/text" in room.ask("/explanations", {"check": "heard:TN", "text": "ask 502-555-0142"}, 422)["errors"]


def test_what_changed_since_a_position_is_checked_and_so_is_a_nation_that_stands_still(room: Desk) -> None:
    room.say(arrests(20))
    room.say(arrests(10), unit="TN")
    room.say(arrests(12), basis="to_date", at=60)
    assert {"changed:KY:arrests:2"} == {one for one in room.open(since=2) if one.startswith(("changed", "unchanged"))}
    room.say(arrests(18), unit="TN", basis="to_date", at=60)
    alarm = room.check("unchanged-nation:arrests:2", since=2)
    assert alarm["why"] == "KY -8, TN +8 = 0: 2 units have changed since position 2, and the national 30 hides it."
    room.ask("/explanations", {"check": alarm["id"], "text": "a case moved over the line", "since": 2})
    assert alarm["id"] not in room.open(since=2)
    assert not any(one.startswith(("changed", "unchanged")) for one in room.open()), "nothing to compare with"


def test_sixty_units_with_twenty_measures_are_read_within_a_second(create_operation, create_token) -> None:
    measures = [{"code": f"m{n}", "label": f"Measure {n}", "unit": "persons"} for n in range(20)]
    units = [{"code": f"U{n}", "name": f"Unit {n}", "kind": "jurisdiction"} for n in range(60)]
    large = create_operation("reconciling", measures=measures, units=units, rules=[], derived=[])
    desk = Desk(large, create_token("desk", large.code))
    lines = [{"measure": measure["code"], "quantity": 7} for measure in measures]
    for unit in units:
        Evening.say(desk, *lines, unit=unit["code"])
        answer = desk.desk.post(f"{desk.path}/finals", {"unit": unit["code"], "figures": lines})
        assert answer.status_code == 201
    desk.settle()
    assert len(desk.read()["rows"]) == 1200
    took = []
    for _ in range(3):
        began = time.monotonic()
        desk.read()
        took.append(time.monotonic() - began)
    assert min(took) < 1, took
