"""Certification: units sign what is theirs, the desk signs the whole by two people, and what comes later is an amendment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
import pytest

from tests.conftest import Caller
from tests.releases.signing import Signing, texts
from tests.totals.evening import arrests, money, victims


def test_a_night_is_certified_by_its_units_and_two_people_of_the_desk(night: Signing) -> None:
    assert night.state()["next"]["step"] == "open"
    night.sign_units("KY", "TN")
    assert night.state()["next"]["step"] == "first-signature"
    first = night.desk_signs(night.desk)
    assert (first.status_code, first.json["release"]) == (201, None)
    assert night.state()["next"]["step"] == "second-signature"
    assert (night.phase(), night.totals()["status"]) == ("reconciling", "unofficial-complete")
    second = night.desk_signs(night.second)
    assert second.json["release"]["number"] == 1
    assert (night.phase(), night.totals()["status"]) == ("certified", "certified")
    release = night.released(1)
    assert (release["number"], release["status"], release["position"], release["previous"]) == (1, "certified", 3, None)
    assert [(one["kind"], one["unit"]) for one in release["signatures"]] == [("unit", "KY"), ("unit", "TN"), ("desk", None), ("desk", None)]
    assert texts(release["sentences"]) == ["3 victims rescued, of whom 1 were minors.", "19 arrests made."]


def test_a_release_is_the_same_bytes_for_ever_and_names_what_was_signed(certified: Signing) -> None:
    answers = [certified.desk.get(f"{certified.path}/releases/1", headers={"Accept-Encoding": "identity"}) for _ in range(2)]
    assert answers[0].data == answers[1].data
    listed = certified.desk.get(f"{certified.path}/releases").json["items"][0]
    assert listed["digest"] == "sha-256:" + hashlib.sha256(answers[0].data).hexdigest()
    told = orjson.loads(answers[0].data)
    assert orjson.dumps(told, option=orjson.OPT_SORT_KEYS) == answers[0].data
    desk = [one for one in told["signatures"] if one["kind"] == "desk"]
    drafted = {name: value for name, value in told.items() if name != "released_at"}
    drafted["signatures"] = [one for one in told["signatures"] if one["kind"] == "unit"]
    signed = "sha-256:" + hashlib.sha256(orjson.dumps(drafted, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert [one["digest"] for one in desk] == [signed] * 2


def refused(answer: object, status: int, kind: str) -> dict[str, object]:
    """The problem of an answer that refuses so."""
    problem = answer.json  # type: ignore[attr-defined]
    assert (problem["status"], problem["type"]) == (status, f"/problems/{kind}"), problem
    return dict(problem)


def test_a_unit_is_signed_for_by_its_own_liaison_or_one_above_and_by_no_one_else(
    night: Signing, create_token: Callable[..., Caller]
) -> None:
    code = night.catalogue.code
    agency, state, other = (create_token("liaison", code, unit) for unit in ("KY-KSP", "KY", "TN"))
    refused(night.sign("KY", agency), 403, "not-your-unit")
    assert night.sign("KY-KSP", agency).status_code == 201
    assert night.sign("KY", state).status_code == 201
    refused(night.sign("KY", other), 403, "not-your-unit")
    seen = night.unit_state("TN")
    body = {"unit": "TN", "position": seen["position"], "digest": seen["digest"]}
    refused(night.desk.post(f"{night.path}/signatures", body), 403, "not-your-unit")
    refused(create_token("observer", code).post(f"{night.path}/signatures", body), 403, "not-allowed")
    assert night.unit_state("TN")["state"] == "unsigned"
    for unit in ("UNATTRIBUTED", "NATIONAL", "XX"):
        refused(other.post(f"{night.path}/signatures", body | {"unit": unit}), 422, "invalid")


def test_a_unit_signs_once_while_its_signature_stands(night: Signing) -> None:
    night.sign_units("KY")
    problem = refused(night.sign("KY"), 409, "signed-already")
    assert problem["detail"] == "KY was signed at position 3 by liaison KY, and that signature stands."


def test_the_same_signature_sent_again_is_answered_as_the_first_time(night: Signing, create_token: Callable[..., Caller]) -> None:
    liaison, seen = create_token("liaison", night.catalogue.code, "KY"), night.unit_state("KY")
    body = {"unit": "KY", "position": 3, "digest": seen["digest"]}
    first, again = (liaison.post(f"{night.path}/signatures", body, "once") for _ in range(2))
    assert (first.status_code, first.data) == (again.status_code, again.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_what_has_moved_since_it_was_seen_is_not_signed_and_the_refusal_says_where_it_stands(night: Signing) -> None:
    before = night.unit_state("KY")
    night.say(arrests(1), unit="KY-KSP")
    night.fold()
    problem = refused(night.sign("KY", position=3, digest=before["digest"]), 409, "position-moved")
    now = night.unit_state("KY")
    assert (problem["position"], problem["digest"]) == (4, now["digest"])
    assert "Entry 4 has changed what KY has since position 3." in str(problem["detail"])
    refused(night.sign("KY", position=9), 409, "position-moved")
    for members in ({"digest": None}, {"digest": before["digest"]}, {"digest": "sha-256:" + "0" * 64}):
        problem = refused(night.sign("KY", **members), 409, "position-moved")
        assert problem["digest"] == now["digest"]
    assert night.unit_state("KY")["state"] == "unsigned"


def test_an_entry_of_another_unit_leaves_what_was_seen_good(night: Signing) -> None:
    before = night.unit_state("KY")
    night.say(arrests(1), unit="TN")
    night.fold()
    assert night.sign("KY", position=3, digest=before["digest"]).status_code == 201
    assert night.unit_state("KY")["state"] == "signed"


@pytest.mark.parametrize("unit", ["KY", "KY-KSP"])
def test_a_signature_falls_with_the_first_entry_of_its_unit_or_one_below(signed: Signing, unit: str) -> None:
    report = signed.say(arrests(2), unit=unit)
    signed.fold()
    assert signed.unit_state("KY")["fallen"] == {"position": 4, "reason": f"Entry 4, a report of {unit}, came after it."}
    signed.withdraw(report)
    signed.fold()
    assert signed.unit_state("KY")["fallen"]["position"] == 4, "the first is what made it fall, though all is as it was"
    assert (signed.unit_state("KY")["state"], signed.unit_state("TN")["state"]) == ("fallen", "signed")
    assert [one["item"] for one in signed.state()["open"]] == ["unsigned:KY"]
    signed.sign_units("KY")
    assert signed.unit_state("KY")["signature"]["position"] == 5


def test_a_signature_falls_when_its_units_credit_changes_and_when_its_words_do(signed: Signing) -> None:
    report = signed.say(arrests(2, "TN"), unit="US")
    signed.fold()
    assert signed.unit_state("TN")["fallen"] == {"position": 4, "reason": "Entry 4, a report of US, came after it."}
    signed.sign_units("TN")
    signed.withdraw(report)
    signed.fold()
    assert signed.unit_state("TN")["fallen"] == {"position": 5, "reason": "Entry 5, a withdrawal of US, came after it."}
    assert signed.unit_state("KY")["state"] == "signed"
    measure = {"code": "arrests", "label": "Minors arrested", "unit": "persons"}
    assert signed.desk.patch(signed.path, {"measures": [measure]}).status_code == 200
    assert signed.unit_state("KY")["fallen"] == {"position": None, "reason": "The plan was changed: what was signed reads otherwise now."}


def test_nothing_is_signed_before_reconciling_or_after_certifying(night: Signing, certified: Signing, create_signing: object) -> None:
    for caller in (certified.desk, certified.second):
        body = {"position": 3, "digest": "sha-256:" + "0" * 64}
        refused(caller.post(f"{certified.path}/certification/signatures", body), 409, "not-to-be-signed")
    refused(certified.sign("KY"), 409, "not-to-be-signed")
    refused(certified.waive("unsigned:KY"), 409, "not-to-be-signed")
    refused(certified.desk.post(f"{certified.path}/phase", {"phase": "certified"}), 409, "phase-not-next")


def test_the_phase_certified_is_reached_by_signatures_alone(night: Signing) -> None:
    problem = refused(night.desk.post(f"{night.path}/phase", {"phase": "certified"}), 409, "phase-not-next")
    assert "Two people of the desk sign" in str(problem["detail"])
    assert night.phase() == "reconciling"


def test_one_person_is_not_two(signed: Signing) -> None:
    assert signed.desk_signs(signed.desk).status_code == 201
    refused(signed.desk_signs(signed.desk), 409, "signed-already")
    namesake = signed.create_token("desk", signed.catalogue.code, name="Desk ")
    problem = refused(signed.desk_signs(namesake), 409, "signed-already")
    assert "your right has the same name: the second signature must be another person's" in problem["detail"]
    assert signed.phase() == "reconciling"
    assert signed.desk.get(f"{signed.path}/releases").json["items"] == []


def test_nothing_open_is_certified_without_a_waiver_and_each_is_printed(night: Signing) -> None:
    night.say(money(None), unit="TN")
    night.say(victims(30), unit="US")
    night.fold()
    assert [night.unit_state(code)["figures"] for code in ("KY", "TN")] == [
        "Arrests made 12; Victims rescued 3 (minor 1)",
        "Arrests made 7; Currency seized ≥ $0",
    ]
    night.explain("parent-and-child:KY:victims_rescued")
    open = [one["item"] for one in night.state()["open"]]
    assert open == ["unquantified:currency_seized:TN", "rule:fewer-victims", "unsigned:KY", "unsigned:TN", "unsigned:US"]
    for caller in (night.desk, night.second):
        assert refused(night.desk_signs(caller), 409, "still-open")["open"] == open
    night.sign_units("KY", "TN", "US")
    refused(night.waive("unsigned:KY"), 422, "invalid")
    refused(night.desk.post(f"{night.path}/waivers", {"item": open[0], "reason": ""}), 422, "invalid")
    refused(night.desk.post(f"{night.path}/waivers", {"item": open[0], "reason": "call 555-867-5309"}), 422, "invalid")
    for item in open[:2]:
        assert night.waive(item, f"why {item}").status_code == 201
    refused(night.waive(open[0]), 409, "signed-already")
    release = night.release()
    assert [(one["item"], one["reason"], one["detail"]) for one in release["waivers"]] == [
        (open[0], f"why {open[0]}", "Currency seized: Tennessee reports some without an amount."),
        (open[1], f"why {open[1]}", "More victims than arrests (in the nation)."),
    ]
    assert "Currency seized: an amount not known yet." in texts(release["sentences"])


def test_a_waiver_is_of_what_was_open_then(night: Signing) -> None:
    night.sign_units("KY")
    assert night.waive("unsigned:TN").status_code == 201
    assert night.state()["next"]["step"] == "first-signature"
    night.say(arrests(1), unit="TN")
    night.fold()
    (item,) = night.state()["open"]
    assert (item["item"], item["waiver"]) == ("unsigned:TN", None)


def test_a_signature_of_the_desk_is_none_once_anything_it_was_given_for_changes(signed: Signing) -> None:
    assert signed.desk_signs(signed.desk).status_code == 201
    signed.say(money("12.50"), unit="UNATTRIBUTED")
    problem = refused(signed.desk_signs(signed.second), 409, "position-moved")
    assert problem["position"] == 4, "what waited in the inbox is folded before anyone signs"
    signed.fold()
    signed.explain_all()
    assert signed.state()["signatures"] == []
    assert signed.desk_signs(signed.second).json["release"] is None
    assert signed.desk_signs(signed.desk).json["release"]["position"] == 4


def test_a_refused_signature_leaves_nothing_behind(signed: Signing) -> None:
    before = signed.state()
    refused(signed.desk_signs(signed.desk, digest="sha-256:" + "0" * 64), 409, "position-moved")
    refused(signed.desk_signs(signed.desk, position=2), 409, "position-moved")
    refused(signed.desk_signs(signed.desk, digest=None), 409, "position-moved")
    assert signed.state() == before


def test_an_exercise_stays_one_when_it_is_certified(create_signing: Callable[..., Signing]) -> None:
    night = create_signing(exercise=True)
    night.say(arrests(3))
    night.fold()
    night.waive_all()
    release = night.release()
    assert (release["exercise"], release["status"], release["totals"]["status"]) == (True, "certified", "exercise")
    assert {row["status"] for row in release["rows"]} == {"exercise"}


def test_sentences_are_made_of_what_was_counted_and_of_nothing_else(create_signing: Callable[..., Signing]) -> None:
    measures = [
        {"code": "victims", "label": "Victims rescued", "unit": "persons", "categories": ["missing child", "minor"]},
        {"code": "dna", "label": "DNA samples taken", "unit": "samples"},
        {"code": "money", "label": "Currency seized", "unit": "USD", "scale": 2},
        {"code": "tips", "label": "Tips", "unit": "persons"},
    ]
    headline = {"code": "balance", "text": "{balance} more victims than tips"}
    derived = [{"code": "balance", "label": "Balance", "expression": "victims - tips"}]
    night = create_signing(measures=measures, rules=[], derived=derived, headlines=[headline])
    lines = [{"measure": "victims", "category": category, "quantity": count} for category, count in (("missing child", 1200), ("minor", 0))]
    night.say(
        *lines, {"measure": "victims", "quantity": 34}, {"measure": "dna", "quantity": 5}, {"measure": "money", "quantity": "1234.50"}
    )
    night.fold()
    drafted = night.state()["draft"]["sentences"]
    assert texts(drafted) == [
        "1,234 victims rescued, of whom 1,200 missing child.",
        "DNA samples taken: 5 samples.",
        "Currency seized: $1,234.50.",
    ]
    assert drafted[0]["figures"] == [
        {"name": "victims", "value": 1234, "at_least": False},
        {"name": "victims.missing child", "value": 1200, "at_least": False},
    ]
    night.say({"measure": "tips", "quantity": 0})
    night.fold()
    assert texts(night.state()["draft"]["sentences"])[0] == "1,234 more victims than tips"
