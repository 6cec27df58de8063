"""One journey for the whole: a hub as anyone starts it, through its command line and its API alone, and started again."""

from __future__ import annotations

import csv
import io
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coordinator.operations import templates
from tests.conftest import report_body
from tests.hosting.families import all_gone, family
from tests.hosting.verbs import Up, run
from tests.hubs import Address, Api, LiveOperation, eventually

NIGHT = "united-front-2021"
SEVERAL = {"KY": 46, "MO": 15, "TX": 0}
"""Arrests of some states, posted wrong at first where the number is odd."""


def test_a_hub_from_its_first_start_to_its_second(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Up(data) as up, called(up) as hub:
        assert hub.get("/readyz").json == {"status": "ready", "database": "ok", "redis": "ok", "worker": "ok"}
        admin = Api(hub, issued(data, "--role", "admin", "--name", "Journey"))
        nights = [night_from_template(admin, name) for name in templates.names()]
        assert len(nights) == 5
        night = next(night for night in nights if night.code == NIGHT)
        position = liaisons_speak(data, night)
        before = [settled(night) for night in nights]
        board_series_and_sheet_say_the_same(night, position)
        a_worker_makes_a_file(night)
        assert equal_by_recount(data) == {night.code for night in nights}
        everyone = family(up.process.pid)
        assert {"postgres", "valkey-server"} < {one.name for one in everyone}
        up.process.send_signal(signal.SIGTERM)
        assert up.end() == 0
        assert all_gone(everyone)

    with Up(data) as up, called(up) as hub:
        again = [LiveOperation(hub, night.code, Api(hub, night.desk.token)) for night in nights]
        assert [unmoving(settled(night)) for night in again] == [unmoving(totals) for totals in before]
        assert says(data, "operation", "list").count("  live  ") == 5
        an_admin_ends_a_token_at_once(data, Api(hub, admin.token))
        assert says(data, "recount", NIGHT) == f"{NIGHT}: position {position}, equal\n"


@contextmanager
def called(up: Up) -> Iterator[Address]:
    """Where it answers; all connections are closed at the end."""
    address = Address(up.url)
    try:
        yield address
    finally:
        address.hang_up()


def issued(data: Path, *words: str) -> str:
    """A token from the command line."""
    return says(data, "token", "issue", *words).strip()


def says(data: Path, *words: str) -> str:
    """What a verb prints on stdout."""
    said = run(*words, "--data", data)
    assert (said.returncode, said.stderr) == (0, ""), said
    return said.stdout


def night_from_template(admin: Api, name: str) -> LiveOperation:
    """The operation of a packaged template, live, with a report of one figure."""
    document = templates.operation_document(templates.facts(name))
    created = admin.post("/operations", document)
    assert created.status == 201, created.body
    desk = admin.post("/tokens", {"name": "desk", "role": "desk", "operation": document["code"], "units": [], "expires_at": None})
    night = LiveOperation(admin.hub, document["code"], Api(admin.hub, desk.json["token"]))
    for phase in ("briefing", "live"):
        night.step(phase)
    first = document["measures"][0]["code"]
    body = report_body(unit=document["units"][0]["code"], observed_at=document["starts_at"], lines=[{"measure": first, "quantity": 1}])
    posted = night.desk.post(night.reports, body)
    assert posted.status == 201, posted.body
    return night


def liaisons_speak(data: Path, night: LiveOperation) -> int:
    """Liaisons of three states post, correct and withdraw; answers the journal's position afterwards."""
    position = 1
    for unit, arrests in SEVERAL.items():
        words = ("--role", "liaison", "--name", f"Liaison of {unit}", "--operation", night.code, "--unit", unit)
        liaison = Api(night.hub, issued(data, *words))
        wrong = said(liaison, night, arrests + 2, unit=unit, basis="to_date")
        said(liaison, night, arrests, unit=unit, basis="to_date", corrects=wrong, reason="counted twice")
        other = said(liaison, night, 5, unit=unit, observed_at="2021-08-27T01:00:00-04:00")
        assert liaison.post(f"{night.reports}/{other}/withdrawal", {"reason": "another night's"}).status == 201
        again = liaison.post(f"{night.reports}/{wrong}/withdrawal", {"reason": "too late"})
        assert (again.status, again.json["type"]) == (409, "/problems/report-not-current")
        assert liaison.get(f"{night.reports}/{wrong}").json["status"] == "corrected"
        assert liaison.post(night.reports, report_body(unit="OH")).status in (403, 422)
        position += 4
    return position


def said(liaison: Api, night: LiveOperation, arrests: int, **members: Any) -> str:
    """Posts a report of arrests; answers its id."""
    answer = liaison.post(night.reports, report_body(lines=[{"measure": "arrests", "quantity": arrests}], **members))
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def settled(night: LiveOperation) -> dict[str, Any]:
    """The totals once nothing of what was posted waits any more."""
    reports = night.desk.get(night.reports, limit=200).json["items"]
    withdrawn = [one for one in reports if one["withdrawal"]]
    return night.settled(len(reports) + len(withdrawn))


def unmoving(totals: dict[str, Any]) -> dict[str, Any]:
    """Totals without what changes by the clock."""
    return {name: value for name, value in totals.items() if name not in ("generated_at", "reporting")}


def board_series_and_sheet_say_the_same(night: LiveOperation, position: int) -> None:
    """Totals, series and statistics, of now and of an earlier position."""
    totals = night.totals()
    arrests = sum(SEVERAL.values())
    assert (totals["position"], totals["national"]["arrests"]["total"]) == (position, arrests)
    series = night.desk.get(f"/operations/{night.code}/series", measure="arrests", step="60m").json
    assert series["points"][-1][2] == arrests
    assert sum(new for _, new, _ in series["points"]) == arrests
    for at, expected in (
        (position, {unit: str(n) for unit, n in SEVERAL.items()} | {"NATIONAL": str(arrests)}),
        (2, {"KY": "48", "NATIONAL": "49"}),
    ):
        sheet = night.desk.get(f"/operations/{night.code}/statistics.csv", at=at)
        assert (sheet.status, sheet.headers["Content-Type"]) == (200, "text/csv; charset=utf-8; header=present")
        rows = list(csv.DictReader(io.StringIO(sheet.body.decode())))
        whole = {row["unit"]: row["quantity"] for row in rows if row["measure"] == "arrests" and row["category"] == "all"}
        assert whole.items() >= expected.items()
        assert {row["position"] for row in rows} == {str(at)}
        assert rows[-1]["unit"] == "NATIONAL"


def a_worker_makes_a_file(night: LiveOperation) -> None:
    """A file is asked for, made by a worker, and fetched."""
    path = f"/operations/{night.code}/exports"
    made = night.desk.post(path, {"format": "pdf"}).json
    ready = eventually(lambda: (told := night.desk.get(f"{path}/{made['id']}").json)["state"] == "ready" and told)
    assert ready["download"] == f"/api/v1{path}/{made['id']}/file"
    fetched = night.desk.get(f"{path}/{made['id']}/file")
    assert (fetched.status, fetched.body[:5]) == (200, b"%PDF-")


def equal_by_recount(data: Path) -> set[str]:
    """The operations that ``recount`` finds equal, all of them at once."""
    return {line.partition(":")[0] for line in says(data, "recount").splitlines() if line.endswith(", equal")}


def an_admin_ends_a_token_at_once(data: Path, admin: Api) -> None:
    """``token list`` names it, ``token revoke`` ends it."""
    assert admin.get("/me").json["name"] == "Journey"
    line = next(line for line in says(data, "token", "list").splitlines() if line.endswith("Journey"))
    id, role, _, _, state, _ = line.split()
    assert (role, state) == ("admin", "good")
    assert says(data, "token", "revoke", id) == f"{id} is revoked\n"
    assert admin.get("/me").status == 401
    assert "revoked" in next(line for line in says(data, "token", "list").splitlines() if line.endswith("Journey"))
