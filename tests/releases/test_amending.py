"""Amendments: a reason first, then what changed, who signs again, and a release that says all of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Caller
from tests.releases.signing import Signing, texts
from tests.releases.test_certifying import refused
from tests.totals.evening import arrests, victims

STATES = [{"code": code, "name": name, "kind": "jurisdiction"} for code, name in (("IA", "Iowa"), ("OK", "Oklahoma"), ("TN", "Tennessee"))]


@pytest.fixture
def states(create_signing: Callable[..., Signing]) -> Signing:
    """Iowa 20, Oklahoma 19, Tennessee 20 arrests, certified."""
    night = create_signing(units=STATES)
    night.ids = [night.say(arrests(count), unit=unit) for unit, count in (("IA", 20), ("OK", 19), ("TN", 20))]  # type: ignore[attr-defined]
    night.fold()
    night.sign_units("IA", "OK", "TN")
    night.release()
    return night


def restate(night: Signing) -> None:
    """Iowa -8, Oklahoma +6, Tennessee +2."""
    for id, unit, count in zip(night.ids, ("IA", "OK", "TN"), (12, 25, 22), strict=True):  # type: ignore[attr-defined]
        night.correct(id, arrests(count), unit=unit)
    night.fold()


def test_a_restatement_that_leaves_the_nation_where_it_was_raises_the_alarm_and_makes_release_2(states: Signing) -> None:
    assert states.amend("Three states have counted again").status_code == 201
    restate(states)
    state = states.state()
    assert state["alarms"] == ["Arrests made: Iowa −8, Oklahoma +6, Tennessee +2; the national figure stands still."]
    assert [one["state"] for one in state["units"]] == ["fallen"] * 3
    states.sign_units("IA", "OK", "TN")
    assert refused(states.desk_signs(states.desk), 409, "still-open")["open"] == ["unchanged-nation:arrests:3"]
    states.waive_all()
    release = states.release()
    assert (release["number"], release["status"], release["amendment"]["reason"]) == (2, "amended-1", "Three states have counted again")
    assert states.totals()["status"] == "amended-1"
    changed = {(row["unit"], row["category"]): (row["before"], row["after"], row["difference"]) for row in release["changes"]["units"]}
    assert changed == {
        (unit, category): told
        for unit, told in (("IA", (20, 12, -8)), ("OK", (19, 25, 6)), ("TN", (20, 22, 2)))
        for category in ("unspecified", "all")
    }
    assert release["changes"]["national"] == []
    (unmoved,) = release["changes"]["unmoved"]
    assert [(one["unit"], one["difference"]) for one in unmoved["parts"]] == [("IA", -8), ("OK", 6), ("TN", 2)]
    read = states.desk.get(f"{states.path}/releases/2/changes").json
    assert (read["since"], read["unmoved"], read["amendment"]["amends"]) == (1, release["changes"]["unmoved"], 1)


def test_only_what_was_touched_is_signed_again(states: Signing) -> None:
    states.amend()
    states.correct(states.ids[0], arrests(21), unit="IA")  # type: ignore[attr-defined]
    states.fold()
    assert [one["state"] for one in states.state()["units"]] == ["fallen", "signed", "signed"]
    states.sign_units("IA")
    release = states.release()
    assert [one["position"] for one in release["signatures"] if one["kind"] == "unit"] == [4, 3, 3]


def test_the_first_release_stays_as_it_was_and_its_sentences_say_that_they_are_no_longer_so(states: Signing) -> None:
    before = states.desk.get(f"{states.path}/releases/1").data
    assert texts(states.released(1)["sentences"]) == ["59 arrests made."]
    states.amend()
    states.correct(states.ids[0], arrests(23), unit="IA")  # type: ignore[attr-defined]
    states.fold()
    (listed,) = states.desk.get(f"{states.path}/releases").json["items"]
    assert listed["sentences"] == [{"code": "arrests", "text": "59 arrests made.", "stale": True, "now": "62 arrests made.", "since": 4}]
    states.correct(states.desk.get(f"{states.path}/journal").json["items"][0]["id"], arrests(20), unit="IA")
    states.fold()
    (listed,) = states.desk.get(f"{states.path}/releases").json["items"]
    assert not listed["sentences"][0]["stale"]
    states.say(victims(2), unit="OK")
    states.say(arrests(1), unit="OK")
    states.fold()
    states.waive_all()
    release = states.release()
    assert release["stale"] == [{"release": 1, "code": "arrests", "text": "59 arrests made.", "now": "60 arrests made."}]
    assert states.desk.get(f"{states.path}/releases/1").data == before
    listed = states.desk.get(f"{states.path}/releases").json["items"]
    assert [one["number"] for one in listed] == [2, 1]
    assert listed[0]["previous"] == listed[1]["digest"]
    assert [one["stale"] for one in listed[0]["sentences"]] == [False, False]


def test_while_it_is_amended_the_last_release_stands_and_live_totals_are_unofficial_again(states: Signing) -> None:
    states.amend()
    assert (states.phase(), states.totals()["status"]) == ("reconciling", "unofficial-complete")
    restate(states)
    assert states.released(1)["totals"]["national"]["arrests"]["total"] == 59


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": None}])
def test_an_amendment_without_a_reason_is_none(states: Signing, body: dict[str, Any]) -> None:
    problem = refused(states.desk.post(f"{states.path}/amendments", body), 422, "invalid")
    assert problem["errors"]["/reason"], problem
    assert states.phase() == "certified"


def test_what_was_not_released_or_is_amended_already_is_not_amended(
    night: Signing, states: Signing, create_token: Callable[..., Caller]
) -> None:
    refused(night.amend(), 409, "not-to-be-signed")
    refused(create_token("liaison", states.catalogue.code, "IA").post(f"{states.path}/amendments", {"reason": "x"}), 403, "not-allowed")
    assert states.amend().status_code == 201
    refused(states.amend(), 409, "phase-not-next")
    states.release()
    assert states.desk.post(f"{states.path}/phase", {"phase": "archived"}).status_code == 200
    refused(states.amend(), 409, "phase-not-next")


def test_reports_are_taken_while_it_is_amended_and_not_before_or_after(states: Signing) -> None:
    body = {"unit": "IA", "basis": "increment", "observed_at": "2021-08-27T02:00:00Z", "lines": [arrests(1)]}
    refused(states.desk.post(f"{states.path}/reports", body), 409, "operation-not-open")
    states.amend()
    assert states.desk.post(f"{states.path}/reports", body).status_code == 201


def test_a_release_that_is_not_there_is_404(states: Signing) -> None:
    for path in ("2", "2/changes", "0", str(10**12)):
        assert states.desk.get(f"{states.path}/releases/{path}").status_code == 404
