"""``python3 -m coordinator bench``: starts hubs of its own on empty folders and runs every measurement beside its limit."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
from pathlib import Path

from benchmarks import backlog, crowd, growth, memory, posting, screens, watching
from benchmarks.figures import Figure, show
from benchmarks.hubs import hub

NOBODY_ELSE_FOLDS = {"TALLYROOM_STALE_SECONDS": "3600"}
NOBODY_ELSE_COUNTS = {"TALLYROOM_RECOUNT_SECONDS": "3600"}
"""While a million entries are measured, the scheduled recount of the same million is not beside them."""


def main(arguments: list[str] | None = None) -> int:
    """Measures, prints the table, and answers 0 where every target is met, else 1."""
    parser = argparse.ArgumentParser(prog="tallyroom bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    parser.add_argument("--growth", action="store_true", help="measure at 10,000 and at 1,000,000 journal entries instead")
    options = parser.parse_args(arguments)
    figures = _growth() if options.growth else _measure()
    show(figures, machine())
    if options.json:
        options.json.write_text(json.dumps([figure.as_dict() for figure in figures], indent=1) + "\n")
    return 0 if all(figure.met is not False for figure in figures) else 1


def _measure() -> list[Figure]:
    with hub() as on:
        figures = [Figure("`up` ready on an empty folder", on.seconds_to_start, "s", target=5)]
        for measurement in (memory, posting, watching, crowd, screens):
            figures += asyncio.run(measurement.measure(on))
    with hub(**NOBODY_ELSE_FOLDS) as on:
        figures += asyncio.run(backlog.measure(on))
    return figures


def _growth() -> list[Figure]:
    with hub(**NOBODY_ELSE_COUNTS) as on:
        return asyncio.run(growth.measure(on))


def machine() -> str:
    """The machine in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}, load {load}"


if __name__ == "__main__":
    raise SystemExit(main())
