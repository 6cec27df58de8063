"""The morning after: the night of United Front is reconciled, certified, released, exported, verified, restated and restored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from rich.console import Console

from coordinator.nights import playing
from coordinator.nights.caller import Caller
from tests.hosting.verbs import Up, run
from tests.hubs import Address, Api, eventually

CODE = "united-front-2021"
RESTATED = {"IA": -8, "OK": 6, "TN": 2}
"""What three states changed their arrests by, five days later: the nation's stood still."""


class Morning:
    """A hub on a folder after the night, with everyone who signs."""

    def __init__(self, up: Up) -> None:
        self.up, self.hub, self.path = up, Address(up.url), f"/operations/{CODE}"
        issued = run("token", "issue", "--role", "admin", "--name", "Morning", "--data", up.data)
        self.admin = Api(self.hub, issued.stdout.strip())
        self.desks = self._desks() if self.admin.get(self.path).status == 200 else []

    def _desks(self) -> list[Api]:
        return [self.caller("desk"), self.caller("desk", name="second desk")]

    def caller(self, role: str, *units: str, name: str = "") -> Api:
        """Someone new."""
        name = name or f"{role} {' '.join(units)}".strip()
        asked = {"name": name, "role": role, "operation": CODE, "units": list(units), "expires_at": None}
        return Api(self.hub, self.done(self.admin.post("/tokens", asked))["token"])

    def done(self, answer: Any, status: int = 201) -> Any:
        """What a call answered, which must have been this."""
        assert answer.status == status, answer.body
        return answer.json

    def play(self) -> None:
        """The night, from the first report to reconciling."""
        ready = playing.prepare(CODE, 1)
        admin = Caller(self.hub.url, self.admin.token)
        stage, compared = playing.play(ready, admin, 0, Console(file=io.StringIO(), width=100), phases=("standing_down", "reconciling"))
        stage.close()
        admin.close()
        assert compared.different() == []
        self.desks = self._desks()

    def certification(self, caller: Api | None = None) -> Any:
        """How far it has come."""
        return self.done((caller or self.desks[0]).get(f"{self.path}/certification"), 200)

    def explain(self) -> None:
        """The desk explains what reconciliation asks."""
        for one in self.done(self.desks[0].get(f"{self.path}/reconciliation"), 200)["open"]:
            self.done(self.desks[0].post(f"{self.path}/explanations", {"check": one["check"], "text": "It was asked, and is as reported."}))

    def sign(self, units: list[str]) -> None:
        """The liaison of each unit signs what it sees."""
        for code in units:
            liaison = self.caller("liaison", code)
            seen = next(one for one in self.certification(liaison)["units"] if one["unit"] == code)
            self.done(liaison.post(f"{self.path}/signatures", {"unit": code, "position": seen["position"], "digest": seen["digest"]}))

    def waive(self) -> list[str]:
        """The desk waives what is still open; answers what."""
        open = [one["item"] for one in self.certification()["open"] if one["waiver"] is None]
        for item in open:
            self.done(self.desks[0].post(f"{self.path}/waivers", {"item": item, "reason": "Known, and said with the figures."}))
        return open

    def release(self) -> dict[str, Any]:
        """Two people of the desk sign; answers the release."""
        for desk in self.desks:
            seen = self.certification(desk)
            body = {"position": seen["position"], "digest": seen["draft"]["digest"]}
            made = self.done(desk.post(f"{self.path}/certification/signatures", body))["release"]
        return dict(self.done(self.desks[0].get(f"{self.path}/releases/{made['number']}"), 200))

    def file(self, form: str, release: int) -> bytes:
        """The statistics of a release in one of their forms."""
        answer = self.desks[0].get(f"{self.path}/statistics.{form}", release=release)
        assert answer.status == 200, answer.body
        return bytes(answer.body)

    def verified(self, folder: Path, release: int) -> str:
        """What ``verify`` says of the release's bundle."""
        answer = self.desks[0].get(f"{self.path}/bundle", release=release)
        assert answer.status == 200, answer.body
        (folder / f"{release}.zip").write_bytes(answer.body)
        told = run("verify", folder / f"{release}.zip")
        assert told.returncode == 0, told
        return told.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("morning") / "data"


@pytest.fixture(scope="module")
def morning(data: Path) -> Iterator[Morning]:
    with Up(data) as up:
        one = Morning(up)
        one.play()
        yield one
        one.hub.hang_up()


@pytest.fixture(scope="module")
def first(morning: Morning) -> dict[str, Any]:
    """The first release."""
    units = [one["unit"] for one in morning.certification()["units"] if one["state"] != "not-needed"]
    morning.explain()
    morning.sign(units)
    morning.waive()
    return morning.release()


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def national(rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(row["measure"], row["category"]): row["quantity"] for row in rows if row["unit"] == "NATIONAL"}


def test_every_form_of_the_release_has_its_published_figures(morning: Morning, first: dict[str, Any]) -> None:
    assert (first["number"], first["status"]) == (1, "certified")
    figures = national(first["rows"])
    assert (figures["arrests", "all"], figures["victims_rescued", "all"], figures["victims_rescued", "minor"]) == (102, 47, 2)
    assert {key: str(value) for key, value in figures.items()} == national(rows(morning.file("csv", 1)))
    assert national(json.loads(morning.file("json", 1))["rows"]) == figures
    sheets = openpyxl.load_workbook(io.BytesIO(morning.file("xlsx", 1)), data_only=True)
    numbers = {cell.value for sheet in sheets for line in sheet.iter_rows() for cell in line if isinstance(cell.value, int | float)}
    assert {102, 47, 2, 46} <= numbers
    observed = rows(morning.file("sdmx.csv", 1))
    assert "102" in {row["OBS_VALUE"] for row in observed}


def test_the_paper_says_what_a_bare_figure_would_hide(morning: Morning, first: dict[str, Any]) -> None:
    paper = pypdf.PdfReader(io.BytesIO(morning.file("pdf", 1)))
    text = " ".join(" ".join(page.extract_text().split()) for page in paper.pages)
    for words in ("102", "47", "2 minor", "South Dakota", "30 of the 41"):
        assert words in text, (words, text)
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_anyone_can_verify_the_release(morning: Morning, first: dict[str, Any], tmp_path: Path) -> None:
    assert "Everything holds." in morning.verified(tmp_path, 1)


def test_a_restatement_that_leaves_the_nation_where_it_was_is_seen_by_everyone(
    morning: Morning, first: dict[str, Any], tmp_path: Path
) -> None:
    before = {form: morning.file(form, 1) for form in ("csv", "json", "xlsx", "pdf", "sdmx.csv")}
    morning.done(morning.desks[0].post(f"{morning.path}/amendments", {"reason": "Three states have counted again."}))
    totals = morning.done(morning.desks[0].get(f"{morning.path}/totals"), 200)
    for state, by in RESTATED.items():
        figures = {unit["code"]: unit["measures"].get("arrests", {"own": 0})["own"] for unit in totals["units"]}
        own, code = max((own, code) for code, own in figures.items() if code == state or code.startswith(f"{state}-"))
        line = {"measure": "arrests", "quantity": own + by}
        body = {"unit": code, "basis": "to_date", "observed_at": totals["generated_at"], "lines": [line]}
        morning.done(morning.desks[0].post(f"{morning.path}/reports", body))
    eventually(lambda: morning.desks[0].get(f"{morning.path}/totals").json["position"] == totals["position"] + len(RESTATED))
    morning.explain()
    morning.sign(list(RESTATED))
    assert any("-8" in words.replace("−", "-") for words in morning.certification()["alarms"])
    assert any(item.startswith("unchanged-nation:arrests") for item in morning.waive())
    second = morning.release()
    assert (second["number"], second["status"]) == (2, "amended-1")
    changed = {row["unit"]: row["difference"] for row in second["changes"]["units"] if row["category"] == "all"}
    assert ({state: changed[state] for state in RESTATED}, second["changes"]["national"]) == (RESTATED, [])
    assert national(second["rows"])["arrests", "all"] == 102
    assert {form: morning.file(form, 1) for form in before} == before
    assert "Everything holds." in morning.verified(tmp_path, 2)


def test_the_release_is_the_same_bytes_from_a_restored_backup(morning: Morning, first: dict[str, Any], data: Path, tmp_path: Path) -> None:
    before = {form: morning.file(form, 1) for form in ("csv", "json", "xlsx", "pdf", "sdmx.csv")}
    saved = run("backup", tmp_path / "night.backup", "--data", data)
    assert saved.returncode == 0, saved
    restored = run("restore", tmp_path / "night.backup", "--data", tmp_path / "elsewhere")
    assert restored.returncode == 0, restored
    with Up(tmp_path / "elsewhere") as up:
        again = Morning(up)
        assert {form: again.file(form, 1) for form in before} == before
        again.hub.hang_up()
    said = run("recount", CODE, "--data", data)
    assert ", equal" in said.stdout, said
