"""Who is there: check-ins, whom to call, intervals and calls, through the API."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from tests.conftest import Caller, fold_all, report_body
from tests.messages.conftest import Night
from tests.structure.worlds import step

CONTACT = {"name": "Duty desk", "telephone": "502 555 0142", "alternate": "Night desk", "alternate_telephone": "502 555 0143"}


def test_a_unit_checks_in_once_it_is_there(night: Night, liaison: Caller) -> None:
    assert night.unit()["status"] == "not checked in"
    answer = liaison.post(f"{night.path}/check-ins", {"unit": "KY"})
    assert (answer.status_code, answer.json["channel"], answer.json["by"]) == (201, "api", "liaison KY")
    there = night.unit()
    assert (there["status"], there["last_heard"]["how"]) == ("checked in", "check-in")
    assert there["checked_in_at"] == answer.json["at"]


def test_the_desk_checks_a_unit_in_and_it_is_marked(night: Night) -> None:
    assert night.desk.post(f"{night.path}/check-ins", {"unit": "KY"}).json["channel"] == "telephone"


@pytest.mark.parametrize(("unit", "status"), [("TN", 403), ("ZZ", 422), ("NATIONAL", 422), ("UNATTRIBUTED", 422)])
def test_a_liaison_checks_in_its_own_units_alone(night: Night, liaison: Caller, unit: str, status: int) -> None:
    assert liaison.post(f"{night.path}/check-ins", {"unit": unit}).status_code == status


def test_what_was_heard_of_a_unit_or_one_below_it_is_its_last_word(night: Night, liaison: Caller) -> None:
    path = f"{night.path}/reports"
    liaison.post(f"{night.path}/check-ins", {"unit": "KY"})
    for body, how in ((report_body(), "report"), (report_body(unit="KY-KSP"), "report"), (report_body(lines=[], nil=True), "nil")):
        assert liaison.post(path, body).status_code == 201
        fold_all(night.operation.id)
        there = night.unit()
        assert (there["status"], there["last_heard"]["how"]) == ("current", how)
    night.acknowledge(liaison, night.say())
    assert night.unit()["last_heard"]["how"] == "message"


def test_silence_is_overdue_after_the_units_interval_and_silent_after_two(night: Night, pass_minutes: Callable) -> None:
    pass_minutes(night.operation, 61)
    assert [night.unit(code)["status"] for code in ("KY", "TN")] == ["overdue", "overdue"]
    pass_minutes(night.operation, 60)
    assert night.unit()["status"] == "silent"


def test_a_unit_has_an_interval_of_its_own_until_it_is_taken_back(night: Night, pass_minutes: Callable) -> None:
    put = night.desk.client.put
    for minutes, status in ((30, "overdue"), (None, "not checked in")):
        answer = put(f"/api/v1{night.path}/intervals", json={"unit": "KY", "minutes": minutes}, headers=night.desk.headers)
        assert answer.json == {"unit": "KY", "minutes": minutes}
        if minutes:
            pass_minutes(night.operation, 31)
        there = night.unit()
        assert (there["status"], there["interval_minutes"]) == (status, minutes or 60)


def test_a_liaison_sees_its_own_units_alone(night: Night, liaison: Caller) -> None:
    assert [one["unit"] for one in liaison.get(f"{night.path}/presence").json["items"]] == ["KY"]


def test_whom_to_call_is_seen_by_the_desk_and_the_unit_and_is_in_no_record(
    night: Night, liaison: Caller, tennessee: Caller, owner: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    answer = liaison.post(f"{night.path}/check-ins", {"unit": "KY", "contact": CONTACT})
    assert (answer.status_code, "contact" in answer.json) == (201, False)
    assert (night.unit()["contact"], night.unit(caller=liaison)["contact"]) == (CONTACT, CONTACT)
    assert "502 555" not in tennessee.get(f"{night.path}/presence").get_data(as_text=True)
    for path in ("log", "log.csv", "audit", "journal", "totals", "statistics.csv", "bulletins"):
        assert "502 555" not in night.desk.get(f"{night.path}/{path}").get_data(as_text=True), path
    for table in ("answers", "audit", "check_ins", "happenings"):
        assert "555 01" not in str(owner.execute(text(f"SELECT * FROM {table}")).all()), table
    assert "502 555" not in caplog.text


def test_whom_to_call_is_named_anew_and_kept_by_a_check_in_that_names_nobody(night: Night, liaison: Caller) -> None:
    for contact in (CONTACT, {"name": "Relief", "telephone": "502 555 0144"}):
        assert liaison.post(f"{night.path}/check-ins", {"unit": "KY", "contact": contact}).status_code == 201
    liaison.post(f"{night.path}/check-ins", {"unit": "KY"})
    assert night.unit()["contact"] == {"name": "Relief", "telephone": "502 555 0144", "alternate": None, "alternate_telephone": None}


def test_whom_to_call_is_forgotten_when_the_operation_is_archived(night: Night, liaison: Caller, owner: Connection) -> None:
    liaison.post(f"{night.path}/check-ins", {"unit": "KY", "contact": CONTACT})
    step(night.operation.code, "standing_down", "reconciling", "certified")
    assert night.unit()["contact"] == CONTACT
    step(night.operation.code, "archived")
    assert owner.scalar(text("SELECT count(*) FROM contacts WHERE operation_id = :id"), {"id": night.operation.id}) == 0
    refused = liaison.post(f"{night.path}/check-ins", {"unit": "KY", "contact": CONTACT})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/operation-not-open")


def test_a_call_is_logged_with_its_outcome_and_without_personal_data(night: Night) -> None:
    body = {"unit": "KY", "outcome": "no_answer", "note": "Rang for a minute."}
    assert night.desk.post(f"{night.path}/calls", body).status_code == 201
    assert {name: night.unit()["last_call"][name] for name in ("outcome", "note")} == {"outcome": "no_answer", "note": "Rang for a minute."}
    refused = night.desk.post(f"{night.path}/calls", body | {"note": "Try 502-555-0142"})
    assert refused.json["errors"].keys() == {"/note"}


def test_a_unit_below_a_state_is_watched_once_it_has_checked_in(night: Night, liaison: Caller) -> None:
    liaison.post(f"{night.path}/check-ins", {"unit": "KY-KSP"})
    assert (night.unit("KY-KSP")["status"], night.unit("KY")["last_heard"]["how"]) == ("checked in", "check-in")
