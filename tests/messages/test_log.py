"""The log: what was done, by time, as JSON and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from tests.conftest import Caller, fold_all, report_body
from tests.messages.conftest import Night


@pytest.fixture
def busy(night: Night, liaison: Caller) -> Night:
    """A night in which everything that the log knows has happened."""
    liaison.post(f"{night.path}/check-ins", {"unit": "KY"})
    bulletin = night.say("=HYPERLINK(1) hold", units=["KY"])
    night.acknowledge(liaison, bulletin, answer="cannot_comply", reason="Both cars are out.")
    liaison.post(f"{night.path}/bulletins/{bulletin['id']}/messages", {"unit": "KY", "text": "Back at two."})
    night.desk.post(f"{night.path}/calls", {"unit": "TN", "outcome": "reached"})
    report = liaison.post(f"{night.path}/reports", report_body(note="second location")).json["id"]
    liaison.post(f"{night.path}/reports", report_body(corrects=report, reason="miscounted", basis="to_date"))
    fold_all(night.operation.id)
    return night


def entries(night: Night, **query: object) -> list[dict]:
    answer = night.desk.get(f"{night.path}/log", **query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_it_has_everything_that_was_done_newest_first_with_who_and_what(busy: Night) -> None:
    told = [(one["kind"], one["who"], one["unit"], one["what"]) for one in entries(busy)]
    assert told[:8] == [
        ("correction", "liaison KY", "KY", "Corrected a report: Arrests made now 3. Why: miscounted"),
        ("report", "liaison KY", "KY", "Reported: Arrests made +3. Note: second location"),
        ("call", "desk", "TN", "Called TN: reached."),
        ("message", "liaison KY", "KY", "KY, on bulletin 2: Back at two."),
        ("acknowledgement", "liaison KY", "KY", "KY on bulletin 2: can't comply: Both cars are out."),
        ("bulletin", "desk", None, "Bulletin 2 (alert, routine) to KY: =HYPERLINK(1) hold"),
        ("check-in", "liaison KY", "KY", "KY checked in."),
        ("phase", "command line", None, "The operation went from briefing to live."),
    ]
    assert not [one for one in told if "token" in one[3]]


def test_it_is_read_by_pages_without_a_gap_or_a_repeat(busy: Night) -> None:
    whole, found, cursor = entries(busy), [], None
    while True:
        page = busy.desk.get(f"{busy.path}/log", limit=3, **({"cursor": cursor} if cursor else {})).json
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == whole


@pytest.mark.parametrize("kind", ["check-in", "bulletin", "acknowledgement", "message", "call", "report", "correction", "phase", "other"])
def test_it_is_narrowed_by_kind(busy: Night, kind: str) -> None:
    found = entries(busy, kind=kind)
    assert found and {one["kind"] for one in found} == {kind}
    assert found == [one for one in entries(busy) if one["kind"] == kind]


def test_it_is_narrowed_by_unit_with_all_below_it_and_by_time(busy: Night, liaison: Caller) -> None:
    liaison.post(f"{busy.path}/check-ins", {"unit": "KY-KSP"})
    assert {one["unit"] for one in entries(busy, unit="KY")} == {"KY", "KY-KSP"}
    assert {one["unit"] for one in entries(busy, unit="TN")} == {"TN"}
    newest = entries(busy)[0]
    assert entries(busy, since=newest["at"]) == [newest]


@pytest.mark.parametrize("query", [{"kind": "rumour"}, {"unit": "ZZ"}, {"cursor": "x"}, {"since": "now"}])
def test_what_it_can_not_be_asked_is_refused(busy: Night, query: dict) -> None:
    assert busy.desk.get(f"{busy.path}/log", **query).status_code == 422


def test_as_a_file_it_is_in_the_order_of_the_night_with_local_time_and_no_formula(busy: Night) -> None:
    answer = busy.desk.get(f"{busy.path}/log.csv")
    assert answer.content_type == "text/csv; charset=utf-8; header=present"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [row["what"].lstrip("'") for row in rows] == [one["what"] for one in reversed(entries(busy))]
    assert {row["status"] for row in rows} == {"actual"}
    assert all(row["local_time"].endswith(("CDT", "CST")) for row in rows)
    assert not [row for row in rows if row["what"].startswith(("=", "+", "-", "@"))]


def test_a_liaison_does_not_read_the_whole_log(busy: Night, liaison: Caller, create_token: Callable[..., Caller]) -> None:
    assert liaison.get(f"{busy.path}/log").status_code == 403
