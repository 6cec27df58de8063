"""How the night came to a position: national figures at the ends of equal steps, by the same count as everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import document, reading

STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 40320))
MOST = 24
"""Steps of a night at most: each is a count of its own."""

Night = dict[str, list[tuple[str, int | str]]]
Standing = dict[str, int | str]


def night(catalogue: Catalogue, at: int, operation: Mapping[str, Any]) -> Night:
    """Measure -> [end of a step, national figure of what was observed by then, as the journal stood at ``at``]. The steps are those of
    the window in ``operation``, a document of the operation: a release's own, whatever the window is now."""
    return gathered([(end, standing(catalogue, end, at)) for end in ends(operation)])


def standing(catalogue: Catalogue, end: datetime, at: int) -> Standing:
    """Measure -> national figure of what was observed by ``end``, as the journal stood at ``at``: the same whenever it is read."""
    figures = document.national(catalogue, reading.then(catalogue, end, at))
    return {code: one["total"] for code, one in figures.items()}


def gathered(steps: Sequence[tuple[datetime, Standing]]) -> Night:
    """The night of what stood at the end of each step."""
    return {code: [(moment_text(end), told[code]) for end, told in steps] for code in steps[0][1]}


def ends(operation: Mapping[str, Any]) -> list[datetime]:
    """The window's start, the ends of MOST steps or fewer, and the window's end."""
    first, last = (datetime.fromisoformat(operation[end]) for end in ("starts_at", "ends_at"))
    step = next((step for step in STEPS if (last - first) / step <= MOST), (last - first) / MOST)
    steps = [first + number * step for number in range(MOST + 1)]
    return [*(end for end in steps if end < last), last]
