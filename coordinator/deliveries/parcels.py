"""What is handed to whoever sends, what comes back, and when to try again: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

FIRST_WAIT, LONGEST_WAIT = 15.0, 1800.0
"""Seconds to the second try, and between tries at most."""

TRIES = 10
"""How often anything is tried before it is given up, about an hour and a half later."""


@dataclass(frozen=True)
class Parcel:
    """A delivery that is being sent: ``id`` is the same at every try, ``now`` is the hub's time of this one."""

    id: UUID
    kind: str
    address_id: UUID
    address: str
    key: str | None
    auth: str | None
    message: dict[str, Any]
    tries: int
    now: datetime


@dataclass(frozen=True)
class Outcome:
    """What came of a try. ``problem`` is a sentence for the desk and for the log, so it repeats nothing that the receiver wrote;
    ``wait`` is how many seconds it asked for, ``gone`` that it takes nothing any more."""

    problem: str | None = None
    final: bool = False
    gone: bool = False
    wait: float = 0.0
    status: int = 0

    @property
    def delivered(self) -> bool:
        """Whether the receiver has it."""
        return self.problem is None


def wait_seconds(tries: int, draw: float, asked: float = 0.0) -> float:
    """Seconds until the next try after so many: doubled each time, 20 % more or less by ``draw`` (0 to 1) so that what failed
    together does not come back together; at least what the receiver asked for, within the longest wait."""
    doubled = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(tries - 1, 20))
    return min(LONGEST_WAIT, max(FIRST_WAIT, asked, doubled * (0.8 + 0.4 * draw)))


def of_status(status: int, asked: float = 0.0) -> Outcome:
    """What an HTTP answer means: 2xx is delivered, a redirect and 410 are final, all else may be better later."""
    if 200 <= status < 300:
        return Outcome(status=status)
    if 300 <= status < 400:
        return Outcome(
            f"The receiver answered {status}, which leads elsewhere: that is not followed. Enter the new address.", True, status=status
        )
    return Outcome(f"The receiver answered {status}.", final=status == 410, wait=asked, status=status)
