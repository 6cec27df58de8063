"""How the night came to a position: national figures at the ends of equal steps, by the same count as everything else."""

from __future__ import annotations

from datetime import datetime, timedelta

from coordinator.exports.dossier import Tell, silent
from coordinator.fields import moment_text
from coordinator.operations.catalogue import Catalogue
from coordinator.totals import document, reading

STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 40320))
MOST = 24
"""Steps of a night at most: each is a count of its own."""

Night = dict[str, list[tuple[str, int | str]]]


def night(catalogue: Catalogue, at: int, tell: Tell = silent) -> Night:
    """Measure -> [end of a step, national figure of what was observed by then, as the journal stood at ``at``]."""
    found: Night = {measure.code: [] for measure in catalogue.measures}
    steps = ends(catalogue.starts_at, catalogue.ends_at)
    for number, end in enumerate(steps, 1):
        for code, figures in document.national(catalogue, reading.then(catalogue, end, at)).items():
            found[code].append((moment_text(end), figures["total"]))
        tell(number / len(steps))
    return found


def ends(first: datetime, last: datetime) -> list[datetime]:
    """The window's start, the ends of MOST steps or fewer, and the window's end."""
    step = next((step for step in STEPS if (last - first) / step <= MOST), (last - first) / MOST)
    steps = [first + number * step for number in range(MOST + 1)]
    return [*(end for end in steps if end < last), last]
