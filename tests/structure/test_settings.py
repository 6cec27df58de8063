"""Every setting stands in the README's table, with its default; and the table holds nothing else."""

from __future__ import annotations

import re
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from config.settings import Settings, variable

README = Path(__file__).parents[2] / "README.md"


def table() -> dict[str, str]:
    """Variable -> default, as the README's table ``Variable | Default | About`` has them."""
    rows: dict[str, str] = {}
    within = False
    for line in README.read_text().splitlines():
        cells = [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if [cell.lower() for cell in cells[:3]] == ["variable", "default", "about"]:
            within = True
        elif within and not cells:
            within = False
        elif within and not set(cells[0]) <= set("-: "):
            rows[cells[0]] = cells[1]
    return rows


def shown(default: Any) -> set[str]:
    """How a default may be written: nothing, ``none`` or ``required`` where there is none or an empty one."""
    nothing = {"", "none", "empty", "-", "–"}
    if default is MISSING:
        return nothing | {"required", "(required)"}
    if default == "":
        return nothing
    return {str(default), f"{default:g}"} if isinstance(default, float) else {str(default)}


def test_the_readme_names_every_setting_and_nothing_else() -> None:
    assert set(table()) == {variable(field.name) for field in fields(Settings)}


def test_the_readme_gives_every_setting_its_default() -> None:
    documented = table()
    assert documented, "the README has no table of settings: Variable | Default | About"
    wrong = {name: documented.get(name) for name, default in defaults().items() if documented.get(name) not in shown(default)}
    assert wrong == {}


def test_every_setting_says_what_it_is_for() -> None:
    assert all(field.metadata["about"] for field in fields(Settings))


def defaults() -> dict[str, Any]:
    """Variable -> default."""
    return {variable(field.name): field.default for field in fields(Settings)}
