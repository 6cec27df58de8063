"""Finals: a unit states what it has beside the journal, and takes it where it differs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Caller
from tests.reconciliation.conftest import Desk
from tests.totals.evening import arrests, money, victims


def test_a_final_stands_beside_what_was_reported_and_moves_nothing(room: Desk, kentucky: Caller) -> None:
    room.say(arrests(46))
    room.state("KY", arrests_final(45), caller=kentucky)
    row = room.row("KY")
    assert (row["reported"], row["final"], row["difference"], row["settled"]) == (46, 45, -1, False)
    assert (row["stated"]["role"], room.nation(), room.totals()["position"]) == ("liaison", 46, 1)
    check = room.check("final:KY:arrests:unspecified")
    assert check["why"] == "KY states 45, 1 less than was reported."
    assert (check["formula"], check["tolerance"]) == ("final - reported = 0", 0)
    assert check["inputs"] == [{"name": "final", "value": 45}, {"name": "reported", "value": 46}]


def test_taking_it_makes_it_the_figure_by_an_ordinary_report(room: Desk, kentucky: Caller) -> None:
    room.say(arrests(46))
    room.say(arrests(3), unit="KY-KSP")
    room.state("KY", arrests_final(48), caller=kentucky)
    receipt = room.ask("/finals/taking", {"unit": "KY"}, caller=kentucky)
    assert (receipt["unit"], room.unit("KY"), room.row("KY")["settled"]) == ("KY", room.unit("KY") | {"total": 48, "own": 45}, True)
    sent = room.desk.get(f"{room.path}/reports/{receipt['id']}").json
    assert (sent["basis"], sent["lines"]) == ("to_date", [{"measure": "arrests", "category": "unspecified", "quantity": 45}])
    refused = room.ask("/finals/taking", {"unit": "KY"}, 422, kentucky)
    assert "nothing to take" in refused["errors"][""][0]
    assert room.recounts()


def test_a_final_below_what_the_units_below_have_can_not_be_taken(room: Desk) -> None:
    room.say(arrests(3), unit="KY-KSP")
    room.state("KY", arrests_final(2))
    refused = room.ask("/finals/taking", {"unit": "KY"}, 422)
    assert refused["errors"][""] == ["The units below KY have 3 of Arrests made, more than its final. Correct their reports first."]


def test_money_is_stated_and_taken_to_the_cent(room: Desk) -> None:
    room.say(money("10.00"))
    room.state("KY", {"measure": "currency_seized", "quantity": "9.95"})
    assert room.row("KY", "currency_seized")["difference"] == "-0.05"
    room.ask("/finals/taking", {"unit": "KY", "measure": "currency_seized", "category": "unspecified"})
    assert room.nation("currency_seized") == "9.95"


def test_a_final_in_words_is_open_until_it_is_explained(room: Desk) -> None:
    room.say(money(None))
    room.state("KY", {"measure": "currency_seized", "unquantified": "a large amount"})
    id = "final:KY:currency_seized:unspecified"
    assert id in room.open()
    room.ask("/explanations", {"check": id, "text": "the bank counts it on Monday"})
    row = room.row("KY", "currency_seized")
    assert (row["words"], row["explanation"], row["settled"]) == ("a large amount", "the bank counts it on Monday", True)


def test_the_last_final_stands_and_the_one_before_is_read_at_its_position(room: Desk) -> None:
    room.say(arrests(46))
    room.state("KY", arrests_final(45))
    room.say(victims(2))
    room.state("KY", arrests_final(46))
    assert room.row("KY")["final"] == 46
    assert {row["unit"]: row["final"] for row in room.read(at=1)["rows"]} == {"KY": 45}


def test_a_unit_with_figures_and_no_final_is_open_and_one_that_has_none_is_silent(room: Desk) -> None:
    room.say(arrests(46), victims(2))
    room.state("KY", arrests_final(46))
    assert room.open() == {"finals:KY", "heard:TN"}
    assert room.check("finals:KY")["why"] == "KY has stated no final for Victims rescued."
    assert room.check("heard:TN")["why"] == "Tennessee has reported nothing, not even that there is nothing."
    room.state("KY", {"measure": "victims_rescued", "quantity": 2})
    room.say(unit="TN")
    assert room.open() == set()


@pytest.mark.parametrize(
    ("figure", "at"),
    [
        ({"measure": "rescues", "quantity": 1}, "/figures/0/measure"),
        ({"measure": "arrests", "category": "minor", "quantity": 1}, "/figures/0/category"),
        ({"measure": "arrests", "quantity": 1.5}, "/figures/0/quantity"),
        ({"measure": "arrests"}, "/figures/0"),
        ({"measure": "currency_seized", "unquantified": "call 502-555-0142"}, "/figures/0/unquantified"),
    ],
)
def test_what_is_no_figure_is_refused_where_it_stands(room: Desk, figure: dict[str, Any], at: str) -> None:
    assert at in room.ask("/finals", {"unit": "KY", "figures": [figure]}, 422)["errors"]


def test_a_liaison_states_finals_of_its_units_alone_and_sees_only_what_concerns_them(room: Desk, kentucky: Caller) -> None:
    room.say(arrests(46))
    room.say(arrests(3), unit="TN")
    assert room.ask("/finals", {"unit": "TN", "figures": [arrests_final(1)]}, 403, kentucky)["type"] == "/problems/not-your-unit"
    seen = kentucky.get(f"{room.path}/reconciliation").json
    assert {row["unit"] for row in seen["rows"]} == {"KY"}
    assert all("KY" in code for one in seen["checks"] for code in one["units"][:1])
    assert {one["check"] for one in seen["open"]} == {"finals:KY"}


def test_finals_are_stated_while_reconciling_alone(room: Desk, create_operation, create_token) -> None:
    live = create_operation()
    answer = create_token("desk", live.code).post(f"/operations/{live.code}/finals", {"unit": "KY", "figures": [arrests_final(1)]})
    assert (answer.status_code, answer.json["detail"]) == (409, "The operation is live: this is done while it is reconciling.")


def arrests_final(quantity: int) -> dict[str, Any]:
    """A final of arrests."""
    return {"measure": "arrests", "quantity": quantity}
