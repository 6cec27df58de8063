"""The command line: quick, and one plain line for whatever is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest

from coordinator.cli import main
from coordinator.errors import Invalid
from coordinator.hosting.refusals import HostingRefused
from tests.hosting.verbs import LINE, environment, run


def test_help_names_every_verb_and_imports_none() -> None:
    answer = run("--help")
    assert answer.returncode == 0
    assert all(f"  {verb} " in answer.stdout for verb in main.VERBS)


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_verb_in_the_table_is_there(verb: str) -> None:
    context = click.Context(main.tallyroom)
    assert isinstance(main.tallyroom.get_command(context, verb), click.Command)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing command"),
        (["uo"], "No such command 'uo'"),
        (["up", "--prot", "1"], "No such option '--prot'"),
        (["up", "--port", "x"], "'x' is not a valid integer range"),
        (["up", "--port", "70000"], "70000 is not in the range"),
        (["web"], "TALLYROOM_DATABASE_URL is not set"),
        (["worker"], "TALLYROOM_REDIS_URL is not set"),
        (["beat"], "TALLYROOM_DATABASE_URL is not set"),
        (["migrate"], "TALLYROOM_DATABASE_URL is not set"),
        (["doctor", "--data", "/nowhere"], "no hub runs on /nowhere: start one with `tallyroom up`"),
        (["up", "--data", "/dev/null/data", "--port", "0"], "name another folder with --data"),
    ],
)
def test_what_is_refused_is_one_line_on_stderr_and_exit_2(arguments: list[str], said: str) -> None:
    answer = run(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("tallyroom: ")
    assert answer.stderr.count("\n") == 1
    assert said in answer.stderr


def test_a_setting_that_is_wrong_is_said_before_anything_is_started(tmp_path: Path) -> None:
    answer = run("up", "--data", tmp_path / "data", TALLYROOM_WEB_PROCESSES="many", TALLYROOM_BIND="x")
    assert answer.stderr == "tallyroom: TALLYROOM_WEB_PROCESSES is 'many', which is not a number\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (HostingRefused("say this\nand that"), "tallyroom: say this and that\n"),
        (Invalid.at("/units/0", "is unknown"), "tallyroom: What was sent breaks the rules listed in errors.; /units/0: is unknown\n"),
        (click.UsageError("not so"), "tallyroom: not so Try `tallyroom --help`.\n"),
    ],
)
def test_refusals_of_any_kind_become_one_line(
    problem: Exception, line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise problem

    monkeypatch.setattr(main.tallyroom, "main", refuse)
    assert main.main([]) == 2
    assert capsys.readouterr().err == line


def test_a_mistake_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(main.tallyroom, "main", fail)
    with pytest.raises(ZeroDivisionError):
        main.main([])


def test_pytest_gets_the_arguments_of_test() -> None:
    answer = run("test", "--collect-only", "-q", "tests/hosting/test_command_line.py", "--help-me-not")
    assert answer.returncode == 4
    assert "--help-me-not" in answer.stderr


def test_a_reader_that_goes_away_is_no_mistake() -> None:
    with subprocess.Popen([*LINE, "--help"], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        one.stdout.close()
        assert one.stderr.read() == b""
