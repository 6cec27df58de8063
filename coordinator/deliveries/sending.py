"""Sending what is due: many at once, by threads that know no database, and by one worker at a time.

One at a time, because each receiver may take its ten seconds: workers that all wait for receivers would fold no reports. The lock
is a connection's, so that a worker that is killed lets go of it at once. What it had in hand is due again when its lease is over.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import structlog

from coordinator.db import alone, transaction
from coordinator.deliveries import mail, push, service, ways, webhooks
from coordinator.deliveries.models import MAIL, PUSH, WEBHOOK
from coordinator.deliveries.parcels import Outcome, Parcel
from coordinator.deliveries.ways import Ways

log = structlog.get_logger(__name__)

AT_ONCE = 16
LOOK_SECONDS = 0.25
TURN_SECONDS = 20.0
"""After so long nothing more is begun: the worker may be wanted elsewhere, and whoever comes next goes on."""

_TURN = 7465
CARRIERS: dict[str, Callable[[Parcel, Ways], Outcome]] = {MAIL: mail.send, WEBHOOK: webhooks.send, PUSH: push.send}


def send_all() -> int:
    """Sends what is due, unless someone is at it; answers how many tries that were. Looks again afterwards, since what came in at
    the last moment has asked somebody who found the turn taken."""
    tries, until = 0, time.monotonic() + TURN_SECONDS
    while time.monotonic() < until:
        with alone(_TURN) as mine:
            if not mine:
                return tries
            tries += _turn(until)
        with transaction():
            if not service.due():
                break
    return tries


def carry(parcel: Parcel, held: Ways) -> Outcome:
    """One try. Whatever goes wrong is an outcome: whether it may still go there is looked at here, at the last moment."""
    if problem := held.refusal(parcel.kind, parcel.address):
        return Outcome(problem, final=True)
    try:
        return CARRIERS[parcel.kind](parcel, held)
    except Exception as problem:
        log.error("delivery_broken", delivery=str(parcel.id), kind=parcel.kind, problem=type(problem).__name__)
        return Outcome("The hub made a mistake; it is in its log.")


def _turn(until: float) -> int:
    """Sends until nothing is due and nothing on its way."""
    held, tries = ways.now(), 0
    on_the_way: dict[Future[Outcome], Parcel] = {}
    with ThreadPoolExecutor(AT_ONCE, "deliveries") as threads:
        while True:
            for parcel in _taken(AT_ONCE - len(on_the_way)) if time.monotonic() < until else []:
                on_the_way[threads.submit(carry, parcel, held)] = parcel
                tries += 1
            if not on_the_way:
                return tries
            done, _ = wait(on_the_way, LOOK_SECONDS, FIRST_COMPLETED)
            for one in done:
                _settled(on_the_way.pop(one), one.result())


def _taken(room: int) -> list[Parcel]:
    if not room:
        return []
    with transaction():
        return service.take(room)


def _settled(parcel: Parcel, outcome: Outcome) -> None:
    with transaction():
        state = service.settle(parcel, outcome)
    if not outcome.delivered:
        log.warning("not_delivered", delivery=str(parcel.id), kind=parcel.kind, state=state, tries=parcel.tries, problem=outcome.problem)
