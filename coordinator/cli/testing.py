"""``tallyroom test``: the tests, on private servers of their own."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import click

ROOT = Path(__file__).parents[2]


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run pytest with these ARGUMENTS in the project's folder."""
    if importlib.util.find_spec("pytest") is None or not (ROOT / "tests").is_dir():
        raise click.ClickException("the tests are not installed here: run `python3 -m coordinator test` in a clone of the project")
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])
