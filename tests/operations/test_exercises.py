"""Exercises: the same plan under a code of its own, marked wherever it shows, closed off from the real one; and zero, signed first."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from pypdf import PdfReader

from config.settings import Settings
from coordinator import db
from coordinator.cli import connected
from coordinator.cli.operation import command
from coordinator.db import transaction
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.reports import saying, telephone
from tests.conftest import Caller, fold_all, report_body
from tests.people import secret_in
from tests.structure.worlds import step

Create = Callable[..., Caller]
PLAN = ("time_zone", "reporting_interval_minutes", "measures", "letters", "rules", "derived", "headlines", "units")


@pytest.fixture
def real(create_operation: Callable[..., Catalogue]) -> Catalogue:
    """An operation that is planned, with a unit that acts apart."""
    apart = {"starts_at": "2021-08-12T18:00:00-05:00", "ends_at": "2021-08-13T06:00:00-05:00", "footnote": "two weeks before"}
    units = [
        {"code": "KY", "name": "Kentucky", "kind": "jurisdiction"},
        {"code": "KY-KSP", "name": "Kentucky State Police", "kind": "agency", "parent": "KY"},
        {"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": apart},
    ]
    return create_operation("planned", units=units, headlines=[{"code": "arrests", "text": "{arrests} arrests were made."}])


@pytest.fixture
def planner(create_token: Create, real: Catalogue) -> Caller:
    """Its desk."""
    return create_token("desk", real.code)


def exercise_of(planner: Caller, real: Catalogue, **content: Any) -> dict[str, Any]:
    """A fresh exercise of the operation."""
    made = planner.post(f"/operations/{real.code}/exercises", content)
    assert made.status_code == 201, made.json
    return dict(made.json)


def test_an_exercise_has_the_plan_of_the_operation_under_a_code_of_its_own(planner: Caller, real: Catalogue) -> None:
    key = uuid.uuid4().hex
    first = planner.post(f"/operations/{real.code}/exercises", {"starts_at": "2021-08-20T18:00:00-05:00"}, key)
    again = planner.post(f"/operations/{real.code}/exercises", {"starts_at": "2021-08-20T18:00:00-05:00"}, key)
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    made, plan = first.json, planner.get(f"/operations/{real.code}").json
    assert {name: made[name] for name in PLAN} == {name: plan[name] for name in PLAN}
    assert (made["code"], made["name"], made["phase"]) == (f"{real.code}-ex1", "Exercise: A night", "planned")
    assert (made["exercise"], made["exercise_of"], plan["exercise_of"]) == (True, real.code, None)
    assert (made["starts_at"], made["ends_at"]) == ("2021-08-20T23:00:00Z", "2021-08-21T11:00:00Z")
    second = exercise_of(planner, real)
    lasts = datetime.fromisoformat(second["ends_at"]) - datetime.fromisoformat(second["starts_at"])
    assert (second["code"], lasts) == (f"{real.code}-ex2", real.ends_at - real.starts_at)
    assert [one["code"] for one in planner.get(f"/operations/{real.code}/exercises").json["items"]] == [made["code"], second["code"]]
    acts = [(one["act"], one["detail"]) for one in planner.get(f"/operations/{real.code}/audit").json["items"]]
    assert ("exercise made", {"exercise": made["code"]}) in acts


def test_one_command_makes_it_too(real: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connected, "running_settings", lambda data: settings)
    monkeypatch.setattr(db, "_engines", list(db._engines))  # the verb connects for itself
    made = CliRunner().invoke(command, ["exercise", real.code])
    assert made.output == f"{real.code}-ex1: Exercise: A night, 5 units, 3 measures, planned\n", made
    twice = CliRunner().invoke(command, ["exercise", f"{real.code}-ex1"])
    assert (twice.exit_code, "is an exercise itself" in twice.output) == (1, True)


def test_neither_lets_anyone_into_the_other(
    planner: Caller, real: Catalogue, create_token: Create, create_operation: Callable[..., Catalogue]
) -> None:
    made = exercise_of(planner, real)
    link, code = secret_in(made["invitation"]), made["code"]
    offered = planner.client.post("/api/v1/invitations/offer", json={"invitation": link}).json
    assert (offered["role"], offered["operation"]) == ("desk", code)
    for role, units in (("desk", ()), ("liaison", ("KY",)), ("observer", ())):
        inside, outside = create_token(role, code, *units), create_token(role, real.code, *units)
        assert [inside.get(f"/operations/{code}").status_code, outside.get(f"/operations/{real.code}").status_code] == [200, 200]
        for caller, other in ((inside, real.code), (outside, code)):
            for answer in (
                caller.get(f"/operations/{other}"),
                caller.get(f"/operations/{other}/totals"),
                caller.post(f"/operations/{other}/reports", report_body()),
                caller.post("/invitations", {"name": "x", "role": "observer", "operation": other}) if role == "desk" else None,
            ):
                assert answer is None or answer.status_code in (403, 404), answer.json
        assert [one["code"] for one in inside.get("/operations").json["items"]] == [code]


def test_a_line_of_the_exercise_is_none_of_the_night(planner: Caller, real: Catalogue, create_token: Create) -> None:
    made = exercise_of(planner, real)
    step(made["code"], "briefing", "live")
    with transaction():
        line = saying.write(telephone.book(operations.find(made["code"])), report_body(), real.starts_at, str(uuid.uuid4()))
    good = create_token("desk", made["code"]).post(f"/operations/{made['code']}/spoken", {"line": line}).json
    wrong = planner.post(f"/operations/{real.code}/spoken", {"line": line}).json
    assert (good["good"], wrong["good"]) == (True, False)


def test_everything_an_exercise_puts_out_says_that_it_is_one(planner: Caller, real: Catalogue, create_token: Create) -> None:
    code = exercise_of(planner, real)["code"]
    step(code, "briefing", "live")
    hub = create_token("desk", code)
    path = f"/operations/{code}"
    assert hub.post(f"{path}/reports", report_body()).status_code == 201
    with transaction():
        id = operations.find(code).id
    fold_all(id)
    assert hub.get(f"{path}/totals").json["status"] == "exercise"
    assert hub.get(f"{path}/statistics.json").json["status"] == "exercise"
    assert {row.split(",")[2] for row in hub.get(f"{path}/statistics.csv").text.splitlines()[1:]} == {"exercise"}
    assert "EXERCISE" in hub.get(f"{path}/statistics.sdmx.csv").text
    workbook = load_workbook(io.BytesIO(hub.get(f"{path}/statistics.xlsx").data))
    assert all(sheet.startswith("EXERCISE ") for sheet in workbook.sheetnames)
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(hub.get(f"{path}/statistics.pdf").data)).pages]
    assert all("EXERCISE" in page for page in pages), pages
    assert hub.post(f"{path}/bulletins", {"text": "Hold at the gate."}).json["exercise"] is True
    assert {row["status"] for row in csv.DictReader(io.StringIO(hub.get(f"{path}/log.csv").text))} == {"exercise"}
    for page in ("board", "plan", "people", "journal", "audit", "reconciliation", "certification", "releases", "exports", "bulletins"):
        shown = hub.client.get(f"{path}/{page}", headers=hub.headers | {"Accept": "text/html"}).text
        assert '<p class="banner exercise"' in shown, page


def test_who_has_practised_is_known_of_the_exercise_and_of_the_operation(planner: Caller, real: Catalogue, create_token: Create) -> None:
    code = exercise_of(planner, real)["code"]
    nobody = {"reported": False, "acknowledged": False}
    assert planner.get(f"/operations/{real.code}/practice").json == {
        "operation": real.code,
        "exercises": [code],
        "units": [{"unit": "KY", "name": "Kentucky"} | nobody, {"unit": "SD", "name": "South Dakota"} | nobody],
        "missing": ["KY", "SD"],
    }
    step(code, "briefing", "live")
    hub, agency = create_token("desk", code), create_token("liaison", code, "KY-KSP")
    assert agency.post(f"/operations/{code}/reports", report_body(unit="KY-KSP")).status_code == 201
    said = hub.post(f"/operations/{code}/bulletins", {"text": "Practise.", "units": ["KY"]}).json["id"]
    assert planner.get(f"/operations/{real.code}/practice").json["missing"] == ["KY", "SD"]
    answered = create_token("liaison", code, "KY").post(
        f"/operations/{code}/bulletins/{said}/acknowledgements", {"unit": "KY", "answer": "understood"}
    )
    assert answered.status_code == 201
    for caller, of in ((planner, real.code), (hub, code)):
        assert caller.get(f"/operations/{of}/practice").json["missing"] == ["SD"]


def test_an_operation_that_was_rehearsed_goes_live_after_zero_is_signed(planner: Caller, real: Catalogue) -> None:
    exercise_of(planner, real)
    path = f"/operations/{real.code}"
    assert planner.get(f"{path}/zero").json == {"needed": True, "signed": None, "standing": []}
    assert planner.post(f"{path}/phase", {"phase": "briefing"}).status_code == 200
    refused = planner.post(f"{path}/phase", {"phase": "live"})
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-at-zero")
    signed = planner.post(f"{path}/zero", None)
    assert (signed.status_code, signed.json["signed"]["by"]) == (201, "desk")
    assert planner.post(f"{path}/zero", None).json == signed.json, "it is signed once"
    assert planner.post(f"{path}/phase", {"phase": "live"}).status_code == 200
    late = planner.post(f"{path}/zero", None)
    assert (late.status_code, late.json["type"]) == (409, "/problems/phase-not-next")
    assert [one["act"] for one in planner.get(f"{path}/audit").json["items"]].count("zero signed") == 1


def test_zero_is_not_signed_while_a_report_stands(operation: Catalogue, desk: Caller) -> None:
    path = f"/operations/{operation.code}"
    id = desk.post(f"{path}/reports", report_body()).json["id"]
    refused = desk.post(f"{path}/zero", None)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-at-zero")
    assert id in refused.json["detail"]
    assert desk.get(f"{path}/zero").json == {"needed": False, "signed": None, "standing": [id]}
    desk.post(f"{path}/reports/{id}/withdrawal", {"reason": "sent by mistake"})
    assert desk.get(f"{path}/zero").json["standing"] == []


def test_an_exercise_is_not_rehearsed_itself(planner: Caller, real: Catalogue, create_token: Create) -> None:
    code = exercise_of(planner, real)["code"]
    refused = create_token("desk", code).post(f"/operations/{code}/exercises", {})
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/invalid")
