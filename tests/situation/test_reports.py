"""Situation reports: what one says, what it never does again, who approves it, and when the hub makes one by itself."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.releases.canonical import canonical
from coordinator.reports.drafts import figure
from coordinator.situation import service
from coordinator.totals import reading
from coordinator.totals.document import NONE
from tests.conftest import Caller, fold_all, operation_document, report_body
from tests.desk.nights import random_reports
from tests.hubs import Answer
from tests.messages.conftest import Night, night, owner, pass_minutes, tennessee
from tests.structure.worlds import step

__all__ = ["night", "owner", "pass_minutes", "tennessee"]

Pass = Callable[[Catalogue, float], None]


@pytest.fixture
def reports(night: Night) -> str:
    """The address of the night's situation reports."""
    return f"{night.path}/situation-reports"


def make(caller: Caller, reports: str, **content: Any) -> dict[str, Any]:
    """A report, made."""
    answer = caller.post(reports, content)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def post(caller: Caller, night: Night, **members: Any) -> str:
    """Something counted."""
    answer = caller.post(f"{night.path}/reports", report_body(**members))
    assert answer.status_code == 201, answer.json
    fold_all(night.operation.id)
    return str(answer.json["id"])


def lines(arrests: int | None = None, minors: int | None = None, money: str | None = None) -> list[dict[str, Any]]:
    said = [{"measure": "arrests", "quantity": arrests}, {"measure": "victims_rescued", "category": "minor", "quantity": minors}]
    return [one for one in [*said, {"measure": "currency_seized", "quantity": money}] if one["quantity"] is not None]


def national(report: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Measure -> its figure of the period, and to date."""
    return {one["measure"]: (one["period"], one["total"]) for one in report["report"]["national"]}


def test_it_says_this_period_and_to_date_why_figures_fell_where_units_stand_and_what_is_open(
    night: Night, reports: str, liaison: Caller, tennessee: Caller
) -> None:
    wrong = post(liaison, night, lines=lines(46, 2, "12500.00"))
    post(tennessee, night, unit="TN", lines=lines(9))
    night.acknowledge(liaison, night.order())
    night.say("Only for you.", units=["TN"], acknowledge_by="2099-01-01T00:00:00Z")
    first = make(night.desk, reports)
    assert (first["number"], first["kind"], first["position"], first["approved"]) == (1, "initial", 2, None)
    assert national(first) == {"arrests": (55, 55), "victims_rescued": (2, 2), "currency_seized": ("12500.00", "12500.00")}
    assert first["report"]["reductions"] == []

    post(liaison, night, lines=lines(43, 2, "12000.50"), corrects=wrong, reason="three were counted twice")
    post(liaison, night, lines=lines(1), observed_at="2021-08-26T23:00:00-04:00")
    standing = {"basis": "to_date", "observed_at": "2021-08-26T23:30:00-04:00", "note": "as the office has it"}
    post(tennessee, night, unit="TN", lines=lines(7), **standing)
    second = make(night.desk, reports, remarks="Weather is closing in.")
    assert (second["number"], second["kind"], second["report"]["remarks"]) == (2, "update", "Weather is closing in.")
    assert national(second) == {"arrests": (-4, 51), "victims_rescued": (0, 2), "currency_seized": ("-499.50", "12000.50")}
    told = [
        (one["position"], one["kind"], one["unit"], one["measure"], one["change"], one["reason"]) for one in second["report"]["reductions"]
    ]
    assert told == [
        (3, "correction", "KY", "arrests", -3, "three were counted twice"),
        (3, "correction", "KY", "currency_seized", "-499.50", "three were counted twice"),
        (5, "standing figure", "TN", "arrests", -2, "as the office has it"),
    ]
    units = {one["code"]: one for one in second["report"]["units"]}
    assert {code: one["status"] for code, one in units.items()} == {"KY": "current", "TN": "current"}
    assert units["KY"]["figures"][0] == {"measure": "arrests", "period": -2, "total": 44}
    open_ones = {one["number"]: (one["text"], one["waiting"]) for one in second["report"]["bulletins"]}
    assert open_ones.keys() == {1, 2}, "the report before is no bulletin that is open"
    assert open_ones[1][1] == ["TN"]
    assert open_ones[2] == (None, ["TN"]), "what was said to some is not told to all"
    assert second["report"]["period"]["from"] == first["report"]["period"]["to"]


def test_in_a_random_night_every_fall_of_a_figure_is_told_and_no_other(night: Night, reports: str, desk: Caller, seed: int) -> None:
    chance = random.Random(seed)

    def post(body: dict[str, Any], path: str = "") -> Answer:
        answer = desk.post(f"{night.path}/reports{path}", body)
        return Answer(answer.status_code, answer.headers, answer.data)

    for _ in range(2):
        assert len(list(random_reports(chance, post, 30))) == 30
        fold_all(night.operation.id)
        made = make(desk, reports)["report"]
        told = {(one["position"], one["unit"], one["measure"], one["category"]): one["change"] for one in made["reductions"]}
        assert told == fallen(night.operation, made["period"]["from_position"], made["period"]["position"])


def fallen(operation: Catalogue, since: int, position: int) -> dict[tuple[int, str, str, str], Any]:
    """The same by counting the whole operation before and after every entry."""
    with transaction():
        counted = [reading.then(operation, None, at).cells for at in range(since, position + 1)]
    return {
        (at, operation.unit_by_id[unit].code, measure.code, category): figure(now - was, measure.scale)
        for at, (before, after) in enumerate(pairwise(counted), since + 1)
        for unit, id in {*before, *after}
        if unit != operation.nation
        for measure, category in [operation.measure_of_category[id]]
        for was, now in [(before.get((unit, id), NONE).own, after.get((unit, id), NONE).own)]
        if now < was
    }


def test_a_report_never_changes_and_its_digest_is_of_what_it_says(night: Night, reports: str, liaison: Caller, desk: Caller) -> None:
    post(liaison, night)
    made = make(desk, reports)
    post(liaison, night)
    read = desk.get(f"{reports}/1").json
    assert read == made
    assert read["digest"] == f"sha-256:{hashlib.sha256(canonical(read['report'])).hexdigest()}"
    assert [one["number"] for one in liaison.get(reports).json["items"]] == [1]
    assert desk.get(f"{reports}/2").status_code == 404


def test_it_goes_to_all_as_a_bulletin_which_the_next_one_takes_the_place_of(night: Night, reports: str, liaison: Caller) -> None:
    post(liaison, night)
    first, second = make(night.desk, reports), make(night.desk, reports)
    before, after = (night.read(one["bulletin"]["id"], liaison) for one in (first, second))
    assert (before["status"], before["superseded_by"]["number"], after["status"]) == ("superseded", after["number"], "current")
    assert after["text"].startswith("Situation report 2 (update), to ")
    assert "Arrests made 3 (+0). 1 of 2 heard. All of it stands under Situation." in after["text"]
    assert (after["to_all"], after["asked"]) == (True, []), "it is read, and asks nobody for an answer"
    cancelled = night.say("Not so.", kind="cancel", supersedes=after["id"])
    third = make(night.desk, reports)
    assert night.read(third["bulletin"]["id"])["supersedes"] is None, cancelled


def test_what_looks_like_a_person_is_refused_and_leaves_no_report(night: Night, reports: str, desk: Caller) -> None:
    refused = desk.post(reports, {"remarks": "Call 502-555-0142"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["/remarks"])
    assert desk.get(reports).json["items"] == []


def test_kinds_follow_each_other_and_the_final_one_comes_once_it_stands_down(night: Night, reports: str, desk: Caller) -> None:
    assert desk.post(reports, {"kind": "update"}).status_code == 422
    assert desk.post(reports, {"kind": "final"}).json["errors"]["/kind"][0].startswith("The operation is live")
    make(desk, reports)
    assert desk.post(reports, {"kind": "initial"}).status_code == 422
    step(night.operation.code, "standing_down")
    assert make(desk, reports, kind="final")["kind"] == "final"
    assert desk.post(reports, {"kind": "update"}).status_code == 422
    assert make(desk, reports)["kind"] == "final"


def test_someone_else_approves_it_once_and_the_database_holds_that_too(
    night: Night, reports: str, desk: Caller, create_token: Callable[..., Caller]
) -> None:
    make(desk, reports)
    assert desk.post(f"{reports}/1/approval", {}).status_code == 403
    place = {"operation": night.operation.id, "by": desk.id}
    with pytest.raises(DBAPIError, match="can not approve"), transaction() as session:
        session.execute(
            text("INSERT INTO situation_approvals (operation_id, number, by_id, person, by_name) VALUES (:operation, 1, :by, :by, 'x')"),
            place,
        )
    twin = create_token("desk", night.operation.code, name="Desk").post(f"{reports}/1/approval", {})
    assert (twin.status_code, "another name" in twin.json["detail"]) == (403, True), "a second token of the same name is the same person"
    approved = create_token("desk", night.operation.code, name="second desk").post(f"{reports}/1/approval", {})
    assert (approved.status_code, approved.json["approved"]["by"]) == (201, "second desk")
    assert create_token("admin").post(f"{reports}/1/approval", {}).status_code == 409
    said = [one["what"] for one in desk.get(f"{night.path}/log", kind="situation").json["items"]]
    assert said == ["Situation report 1 was approved.", "Situation report 1 (initial) as of entry 0, told by bulletin 2."]


def test_the_paper_has_the_header_of_the_form_and_every_figure(night: Night, reports: str, liaison: Caller, desk: Caller) -> None:
    wrong = post(liaison, night, lines=lines(1046, 2, "12500.00"))
    post(liaison, night, lines=lines(46), corrects=wrong, reason="a digit too many")
    make(desk, reports)
    answer = liaison.get(f"{reports}/1.pdf")
    assert (answer.status_code, answer.content_type) == (200, "application/pdf")
    paper = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).replace("\n", " ")
    for words in (
        "Prepared by",
        "not approved yet",
        "Arrests made",
        "+46",
        "correction, entry 2: a digit too many",
        "Kentucky",
        "Bulletins that stand",
    ):
        assert words in paper, words
    assert desk.get(f"{reports}/1.pdf").data == answer.data


def test_an_exercise_says_so_on_every_form_of_it(
    create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller], client: FlaskClient
) -> None:
    operation = create_operation(**operation_document(exercise=True))
    desk, path = create_token("desk", operation.code), f"/operations/{operation.code}"
    made = make(desk, f"{path}/situation-reports")
    assert (made["report"]["exercise"], made["report"]["status"]) == (True, "exercise")
    paper = PdfReader(io.BytesIO(desk.get(f"{path}/situation-reports/1.pdf").data)).pages[0].extract_text()
    assert "exercise, nothing here is real" in paper
    assert "EXERCISE" in paper
    assert "Exercise: nothing here is real" in client.get(f"{path}/situation", headers=desk.headers).get_data(as_text=True)


def due(operation: Catalogue) -> bool:
    with transaction():
        return service.make_due(operation.id)


def test_the_hub_makes_each_report_that_is_due_once_and_one_for_all_it_missed(
    night: Night, reports: str, desk: Caller, pass_minutes: Pass
) -> None:
    assert desk.post(f"{reports}/schedule", {"every_minutes": 30}).json["every_minutes"] == 30
    assert not due(night.operation)
    pass_minutes(night.operation, 31)
    assert (due(night.operation), due(night.operation)) == (True, False)
    pass_minutes(night.operation, 100)
    assert (due(night.operation), due(night.operation)) == (True, False)
    make(desk, reports)
    items = desk.get(reports).json["items"]
    assert [(one["prepared_by"], one["due_at"] is None) for one in items] == [("desk", True), ("the hub", False), ("the hub", False)]
    nearest = datetime.fromisoformat(desk.get(f"{reports}/schedule").json["next_at"]) - datetime.now(UTC)
    assert timedelta(0) < nearest <= timedelta(minutes=30)
    with transaction():
        assert night.operation.id in service.scheduled()
    assert desk.post(f"{reports}/schedule", {"every_minutes": None}).json == {"every_minutes": None, "next_at": None}
    pass_minutes(night.operation, 100)
    assert not due(night.operation)


def test_the_schedule_ends_with_the_final_report_and_with_the_operation(
    night: Night, reports: str, desk: Caller, pass_minutes: Pass
) -> None:
    desk.post(f"{reports}/schedule", {"every_minutes": 5})
    step(night.operation.code, "standing_down")
    pass_minutes(night.operation, 6)
    assert due(night.operation)
    make(desk, reports, kind="final")
    pass_minutes(night.operation, 6)
    assert not due(night.operation)
    step(night.operation.code, "reconciling")
    with transaction():
        assert night.operation.id not in service.scheduled()
    for bad in ({"every_minutes": 4}, {"every_minutes": 1441}, {"every_minutes": 7.5}, {}):
        assert desk.post(f"{reports}/schedule", bad).status_code == 422
