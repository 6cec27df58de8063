"""``tallyroom test``: the tests, on private servers of their own."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]


IN_TWO_PROCESSES = ("-n", "2", "--dist", "loadfile")
"""How all tests run: two processes, each with servers of its own; the tests of a file in one of them, in their order, and in the same one
all that share a hub (``tests/sharing.py``)."""


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run pytest with these ARGUMENTS in the project's folder; all tests run in two processes (-n 0: in one)."""
    if importlib.util.find_spec("pytest") is None or not (ROOT / "tests").is_dir():
        raise click.ClickException("the tests are not installed here: run `python3 -m coordinator test` in a clone of the project")
    os.chdir(ROOT)
    how = IN_TWO_PROCESSES if _all_tests(arguments) else ()
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *how, *arguments])


def _all_tests(arguments: tuple[str, ...]) -> bool:
    """Whether they name no file or folder to choose tests from, and no number of processes."""
    return not any(one.startswith(("-n", "--numprocesses")) or Path(one.partition("::")[0]).exists() for one in arguments)
