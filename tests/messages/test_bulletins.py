"""Bulletins: who is told what, what each answers, and what no longer stands."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.messages.conftest import Night

LATER = "2099-01-01T00:00:00Z"


def numbers(caller: Caller, night: Night, **query: object) -> list[int]:
    """The numbers of the bulletins that a caller is shown, orders aside."""
    items = caller.get(f"{night.path}/bulletins", **query).json["items"]
    return [one["number"] for one in items if one["order"] is None]


def test_a_bulletin_to_all_asks_every_state_that_is_expected(night: Night) -> None:
    said = night.say(acknowledge_by=LATER)
    assert (said["number"], said["to_all"], said["units"], said["status"]) == (2, True, ["KY", "TN"], "current")
    assert [(one["unit"], one["answer"], one["late"]) for one in said["asked"]] == [("KY", None, False), ("TN", None, False)]


def test_a_bulletin_to_one_unit_is_seen_by_its_liaisons_and_the_desk_alone(
    night: Night, liaison: Caller, tennessee: Caller, create_token: Callable[..., Caller]
) -> None:
    said = night.say(units=["KY"])
    trooper = create_token("liaison", night.operation.code, "KY-KSP")
    assert [numbers(caller, night) for caller in (night.desk, liaison, trooper, tennessee)] == [[2], [2], [2], []]
    assert tennessee.get(f"{night.path}/bulletins/{said['id']}").status_code == 404
    assert create_token("observer", night.operation.code).get(f"{night.path}/bulletins").status_code == 403


def test_a_liaison_sees_its_own_answer_and_thread_and_no_other_states(night: Night, liaison: Caller, tennessee: Caller) -> None:
    said = night.say()
    night.acknowledge(tennessee, said, "TN", "question", reason="Which gate?")
    tennessee.post(f"{night.path}/bulletins/{said['id']}/messages", {"unit": "TN", "text": "The north one?"})
    seen = night.read(said["id"], liaison)
    assert ([one["unit"] for one in seen["asked"]], seen["messages"]) == (["KY"], [])
    whole = night.read(said["id"])
    assert [(one["unit"], one["text"], one["from_unit"]) for one in whole["messages"]] == [("TN", "The north one?", True)]


@pytest.mark.parametrize(("answer", "reason"), [("understood", None), ("cannot_comply", "Both cars are out."), ("question", "Since when?")])
def test_an_acknowledgement_says_by_unit_and_person_what_became_of_it(night: Night, liaison: Caller, answer: str, reason: str) -> None:
    said = night.say(acknowledge_by=LATER)
    more = {"reason": reason} if reason else {}
    receipt = night.acknowledge(liaison, said, answer=answer, **more)
    assert (receipt.status_code, receipt.json["number"], receipt.json["by"]) == (201, 2, "liaison KY")
    asked = night.asked(said["id"])
    assert (asked["answer"], asked["reason"], asked["by"], asked["channel"]) == (answer, reason, "liaison KY", "api")
    assert night.read(said["id"])["acknowledged"] == 1


def test_the_same_answer_again_is_the_first_one_and_another_is_a_new_one_that_stands(night: Night, liaison: Caller) -> None:
    said = night.say()
    first = night.acknowledge(liaison, said)
    again = night.acknowledge(liaison, said)
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (201, first.json, "true")
    other = night.acknowledge(liaison, said, answer="cannot_comply", reason="Both cars are out.")
    assert "Idempotent-Replayed" not in other.headers
    assert night.asked(said["id"])["answer"] == "cannot_comply"
    back = night.acknowledge(liaison, said)
    assert "Idempotent-Replayed" not in back.headers and back.json["at"] > other.json["at"]


def test_the_same_key_replays_the_acknowledgement_even_when_the_bulletin_has_been_superseded(night: Night, liaison: Caller) -> None:
    said, body = night.say(), {"unit": "KY", "answer": "understood"}
    path, key = f"{night.path}/bulletins/{said['id']}/acknowledgements", uuid.uuid4().hex
    first = liaison.post(path, body, key)
    night.say("Not any more.", kind="cancel", supersedes=said["id"])
    assert liaison.post(path, body, key).json == first.json
    assert liaison.post(path, body).status_code == 409


def test_the_desk_answers_for_a_unit_that_called_and_it_says_so(night: Night) -> None:
    said = night.say()
    assert night.acknowledge(night.desk, said).json["channel"] == "telephone"


def test_nobody_acknowledges_for_another_unit_or_one_that_was_not_asked(night: Night, liaison: Caller) -> None:
    said = night.say()
    other = night.acknowledge(liaison, said, "TN")
    assert (other.status_code, other.json["detail"]) == (403, "You do not speak for TN: its own liaison does, or the desk.")
    below = night.acknowledge(liaison, said, "KY-KSP")
    assert (below.status_code, below.json["errors"]) == (422, {"/unit": ["Bulletin 2 is not addressed to KY-KSP."]})
    assert night.acknowledge(night.desk, said, "ZZ").status_code == 422
    assert night.acknowledge(night.desk, said, "UNATTRIBUTED").status_code == 422
    assert night.read(said["id"])["acknowledged"] == 0


@pytest.mark.parametrize("answer", ["cannot_comply", "question"])
def test_what_is_not_understood_needs_its_reason(night: Night, liaison: Caller, answer: str) -> None:
    refused = night.acknowledge(liaison, night.say(), answer=answer)
    assert refused.json["errors"] == {"/reason": ["Say why it can't be done, or what the question is."]}


@pytest.mark.parametrize(("kind", "status"), [("update", "superseded"), ("cancel", "cancelled")])
def test_a_bulletin_that_no_longer_stands_is_not_acknowledged_and_says_which_does(
    night: Night, liaison: Caller, kind: str, status: str
) -> None:
    old = night.say()
    new = night.say("Hold at the south gate.", kind=kind, supersedes=old["id"])
    refused = night.acknowledge(liaison, old)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/bulletin-not-current")
    assert f"{status} by bulletin 3 ({new['id']})" in refused.json["detail"]
    seen = night.read(old["id"])
    assert (seen["status"], seen["superseded_by"]) == (status, {"id": new["id"], "number": 3})
    assert new["supersedes"] == {"id": old["id"], "number": 2}
    assert numbers(night.desk, night, current="true") == [3]
    assert night.acknowledge(liaison, new).status_code == 201


def test_the_desk_sees_who_is_still_on_the_superseded_one(night: Night, liaison: Caller) -> None:
    first = night.say()
    night.acknowledge(liaison, first)
    second = night.say("Hold at the south gate.", kind="update", supersedes=first["id"])
    third = night.say("Hold at both gates.", kind="update", supersedes=second["id"])
    assert {one["unit"]: one["still_on"] for one in third["asked"]} == {"KY": 2, "TN": None}
    night.acknowledge(liaison, third)
    assert night.asked(third["id"])["still_on"] is None


def test_who_had_the_old_one_hears_of_the_new_one(night: Night) -> None:
    old = night.say(units=["KY", "KY-KSP"])
    refused = night.desk.post(f"{night.path}/bulletins", {"kind": "update", "supersedes": old["id"], "text": "x", "units": ["KY"]})
    assert refused.json["errors"] == {"/units": ["Who had what this supersedes must hear of it: KY-KSP."]}
    same = night.say("x", kind="update", supersedes=old["id"])
    assert (same["to_all"], same["units"]) == (False, ["KY", "KY-KSP"])
    wider = night.say("y", kind="update", supersedes=same["id"], units=["KY", "KY-KSP", "TN"])
    assert wider["units"] == ["KY", "KY-KSP", "TN"]
    everyone = night.say()
    narrower = {"kind": "update", "supersedes": everyone["id"], "text": "x", "units": ["KY", "TN"]}
    assert night.desk.post(f"{night.path}/bulletins", narrower).status_code == 422


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        ({"kind": "update"}, "/supersedes"),
        ({"kind": "cancel", "supersedes": str(uuid.uuid4())}, "/supersedes"),
        ({"kind": "alert", "supersedes": str(uuid.uuid4())}, "/supersedes"),
        ({"kind": "rumour"}, "/kind"),
        ({"priority": "soon"}, "/priority"),
        ({"units": []}, "/units"),
        ({"units": ["KY", "ZZ"]}, "/units/1"),
        ({"units": ["UNATTRIBUTED"]}, "/units/0"),
        ({"acknowledge_by": "2021-08-27T00:00:00Z"}, "/acknowledge_by"),
        ({"acknowledge_by": "2099-08-27T00:00:00"}, "/acknowledge_by"),
        ({"text": ""}, "/text"),
        ({"text": "Call 555-867-5309 when there."}, "/text"),
        ({"text": "x" * 2001}, "/text"),
    ],
)
def test_a_bulletin_that_breaks_a_rule_is_refused_where_it_does(night: Night, content: dict, pointer: str) -> None:
    refused = night.desk.post(f"{night.path}/bulletins", {"text": "Hold."} | content)
    assert (refused.status_code, list(refused.json["errors"])) == (422, [pointer])
    assert numbers(night.desk, night) == []


def test_a_cancel_is_the_end_and_an_order_is_no_bulletin_of_the_desks(night: Night) -> None:
    said = night.say()
    cancelled = night.say("All clear.", kind="cancel", supersedes=said["id"])
    for what in (said, cancelled, night.order()):
        refused = night.desk.post(f"{night.path}/bulletins", {"kind": "update", "supersedes": what["id"], "text": "x"})
        assert refused.status_code in (409, 422), refused.json
    assert numbers(night.desk, night) == [3, 2]


def test_personal_data_is_refused_in_answers_and_threads_too(night: Night, liaison: Caller) -> None:
    said = night.say()
    assert night.acknowledge(liaison, said, answer="question", reason="SSN 123-45-6789?").json["errors"].keys() == {"/reason"}
    thread = liaison.post(f"{night.path}/bulletins/{said['id']}/messages", {"unit": "KY", "text": "born 4/5/1999"})
    assert thread.json["errors"].keys() == {"/text"}


def test_the_desk_sees_which_liaison_has_been_given_it(night: Night, liaison: Caller) -> None:
    said = night.say()
    assert night.asked(said["id"])["given"] == []
    liaison.get(f"{night.path}/bulletins")
    liaison.get(f"{night.path}/bulletins")
    (given,) = night.asked(said["id"])["given"]
    assert (given["name"], given["way"]) == ("liaison KY", "api")
    assert night.asked(said["id"], "TN")["given"] == []


def test_the_list_is_read_by_pages(night: Night) -> None:
    for number in range(3):
        night.say(f"Bulletin {number}")
    first = night.desk.get(f"{night.path}/bulletins", limit=2).json
    second = night.desk.get(f"{night.path}/bulletins", limit=2, cursor=first["next"]).json
    assert [[one["number"] for one in page["items"]] for page in (first, second)] == [[4, 3], [2, 1]]


def test_an_exercise_marks_what_it_says(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    rehearsal = create_operation(exercise=True)
    night = Night(rehearsal, create_token("desk", rehearsal.code))
    assert (night.say()["exercise"], night.order()["exercise"]) == (True, True)


def test_nothing_is_said_in_an_archived_operation(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> None:
    over = create_operation("archived")
    refused = create_token("desk", over.code).post(f"/operations/{over.code}/bulletins", {"text": "x"})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/operation-not-open")
