"""The verb ``play`` where it can't play: one line that says what to do, exit status 2. And the night moved to now."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coordinator.cli.main import main
from coordinator.nights import playing
from coordinator.nights.caller import NightStopped
from coordinator.operations import templates

NOBODY = ["--url", "http://127.0.0.1:1", "--token", "trm_abc"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["united-front-2021"], "TALLYROOM_TOKEN"),
        (["united-front-2021", *NOBODY], "No hub answers at http://127.0.0.1:1"),
        (["united-back", *NOBODY], "The templates are"),
        (["united-front-2021", "--url", "hub", "--token", "x"], "no address of a hub"),
        (["united-front-2021", "--url", "http://127.0.0.1:1", "--token", "a b"], "holds characters no token has"),
        (["united-front-2021", "--seconds", "-1"], "--seconds"),
        ([], "FACTS"),
    ],
)
def test_what_can_not_be_played_is_said_in_one_line(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", *arguments]) == 2
    printed = capsys.readouterr()
    assert says in printed.err and printed.err.count("\n") == 1 and printed.out == ""


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"code": "x"}'])
def test_a_broken_file_is_said_in_one_line(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "facts.json"
    path.write_text(content)
    assert main(["play", str(path), *NOBODY]) == 2
    printed = capsys.readouterr().err
    assert str(path) in printed and printed.count("\n") == 1


def test_an_operation_document_has_nothing_to_play(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(templates.operation_document(templates.facts("oak-grove-2020"))))
    with pytest.raises(NightStopped, match="no published figures"):
        playing.prepare(str(path), 1)


def test_a_night_can_be_played_as_if_it_ended_now() -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    prepared = playing.prepare("united-front-2021", 1, "rehearsal", now)
    moments = {report.unit: prepared.night.moment(report.observed) for report in prepared.night.reports}
    assert prepared.document["code"] == "rehearsal"
    assert datetime.fromisoformat(prepared.document["ends_at"]) == now
    assert timedelta(days=10) < now - moments.pop("SD-DCI") < timedelta(days=15)
    assert max(moments.values()) <= now and min(moments.values()) >= now - playing.JUST_NOW
