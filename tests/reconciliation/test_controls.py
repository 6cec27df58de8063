"""Control totals: what was published or is expected, and what the nation lacks of it."""

from __future__ import annotations

from coordinator.db import transaction
from coordinator.reconciliation import service
from tests.reconciliation.conftest import Desk
from tests.totals.evening import money, victims


def test_the_remainder_is_shown_named_and_given_to_no_unit_by_an_ordinary_report(room: Desk) -> None:
    room.say(victims(45))
    control = room.ask("/controls", {"measure": "victims_rescued", "quantity": 47, "source": "press release of 2021-09-10"})
    assert (control["national"], control["remainder"]) == (45, 2)
    check = room.check(f"control:victims_rescued:all:{control['id']}")
    assert check["why"] == "47 by press release of 2021-09-10, 45 in the nation: 2 missing."
    receipt = room.ask(f"/controls/{control['id']}/attribution", {"unit": "UNATTRIBUTED"})
    assert (receipt["unit"], room.nation("victims_rescued")) == ("UNATTRIBUTED", 47)
    assert room.check(check["id"])["holds"]
    assert room.open() >= {"unattributed:victims_rescued"}
    refused = room.ask(f"/controls/{control['id']}/attribution", {"unit": "UNATTRIBUTED"}, 422)
    assert refused["errors"][""] == ["Nothing is missing: the nation has the same. What is too much is taken out where it was reported."]


def test_a_remainder_is_attributed_to_a_unit_to_the_cent_and_by_category(room: Desk) -> None:
    room.say(money("10.00"), victims(1, "minor"))
    money_control = room.ask("/controls", {"measure": "currency_seized", "quantity": "12.50", "source": "the bank"})
    room.ask(f"/controls/{money_control['id']}/attribution", {"unit": "TN"})
    minors = room.ask("/controls", {"measure": "victims_rescued", "category": "minor", "quantity": 2, "source": "a hospital"})
    room.ask(f"/controls/{minors['id']}/attribution", {"unit": "KY"})
    assert room.unit("TN", "currency_seized")["total"] == "2.50"
    assert room.unit("KY", "victims_rescued")["categories"] == {"minor": 2}
    assert room.recounts()


def test_the_last_figure_of_a_source_stands_and_what_is_too_much_is_said(room: Desk) -> None:
    room.say(victims(45))
    first = room.ask("/controls", {"measure": "victims_rescued", "quantity": 47, "source": "the press"})
    room.ask("/controls", {"measure": "victims_rescued", "quantity": 41, "source": "The press"})
    [control] = room.desk.get(f"{room.path}/controls").json["items"]
    assert (control["quantity"], control["remainder"]) == (41, -4)
    room.ask(f"/controls/{first['id']}/attribution", {"unit": "UNATTRIBUTED"}, 404)
    assert "4 too many" in room.check(f"control:victims_rescued:all:{control['id']}")["why"]


def test_a_control_that_makes_no_sense_is_refused(room: Desk) -> None:
    body = {"measure": "victims_rescued", "quantity": 47, "source": "the press"}
    assert "/measure" in room.ask("/controls", body | {"measure": "rescues"}, 422)["errors"]
    assert "/category" in room.ask("/controls", body | {"category": "adult"}, 422)["errors"]
    assert "/quantity" in room.ask("/controls", body | {"quantity": "47.5"}, 422)["errors"]
    assert "/source" in room.ask("/controls", body | {"source": "call 502-555-0142"}, 422)["errors"]


def test_who_certifies_asks_what_is_open_what_stands_and_what_was_expected(room: Desk) -> None:
    room.say(victims(45))
    room.ask("/controls", {"measure": "victims_rescued", "quantity": 47, "source": "the press"})
    with transaction(snapshot=True):
        items = service.open_items(room.catalogue, 1)
        assert {item.code for item in items} == {"rule", "control", "finals", "heard"}
        assert [one["remainder"] for one in service.controls(room.catalogue, 1)] == [2]
        assert service.standing_adjustments(room.catalogue, 1) == []
        assert service.open_items(room.catalogue, 0)[0].code == "heard"
