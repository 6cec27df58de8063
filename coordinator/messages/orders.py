"""Orders: a phase that everyone must hear of begins with a bulletin to all, and the stand-down is over when all have understood."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.deliveries import addresses
from coordinator.errors import StandDownNotUnderWay
from coordinator.fields import clock_text, moment_text
from coordinator.messages import bulletins, happenings, reading
from coordinator.messages.checkins import forget_contacts
from coordinator.messages.happenings import figures_only, happened
from coordinator.messages.models import ORDERED, Bulletin, StandDown
from coordinator.messages.reach import everyone
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue

TO_ACKNOWLEDGE = timedelta(minutes=15)
"""How long an order may wait for its acknowledgement before those who owe it are late."""

WORDS = {
    "live": "Start. {name} is live since {at}. Acknowledge, then report as planned.",
    "standing_down": "Stand down. {name} stands down since {at}. Finish what is under way, report what is still to count, acknowledge.",
}


def follow(actor: Actor, catalogue: Catalogue) -> None:
    """What a phase that has just begun means for messages; in the transaction that began it."""
    if catalogue.phase in ORDERED:
        happenings.lock(catalogue.id)
        _order(actor, catalogue, clock.now())
    if catalogue.phase == happenings.OVER:
        happenings.lock(catalogue.id)
        forget_contacts(catalogue.id)
        addresses.forget(catalogue.id)


def _order(actor: Actor, catalogue: Catalogue, now: datetime) -> None:
    """The stand-down stands in place of the order to start, which nobody need acknowledge any more."""
    before = _of_phase(catalogue, "live")
    said = {
        "kind": "update" if before else "alert",
        "priority": "immediate",
        "text": WORDS[catalogue.phase].format(name=catalogue.name, at=clock_text(now, catalogue.time_zone)),
        "acknowledge_by": now + TO_ACKNOWLEDGE,
        "supersedes": before and before.id,
        "phase": catalogue.phase,
        "to_all": True,
    }
    bulletins.write(actor, catalogue, said, everyone(catalogue))


def _of_phase(catalogue: Catalogue, phase: str) -> Bulletin | None:
    """The order that began a phase."""
    order = select(Bulletin).where(Bulletin.operation_id == catalogue.id, Bulletin.phase == phase)
    return session().scalars(order).one_or_none()


def stand_down(code: str) -> dict[str, Any]:
    """How far the stand-down is: ``not ordered``, ``under way``, ``over`` once all have understood, or ``closed`` by the desk without
    those ``missing``. NotFound."""
    catalogue = operations.find(code)
    order, closed = _of_phase(catalogue, "standing_down"), session().get(StandDown, catalogue.id)
    missing = _missing(catalogue, order) if order else []
    state = "not ordered" if order is None else "closed" if closed else "under way" if missing else "over"
    return {
        "state": state,
        "order": order and {"id": str(order.id), "number": order.number},
        "missing": missing,
        "closed": closed and {"reason": closed.reason, "missing": closed.missing, "by": closed.by_name, "at": moment_text(closed.at)},
    }


def close(actor: Actor, code: str, reason: str) -> dict[str, Any]:
    """The desk says why the stand-down is over without those who have not understood. Refuses with NotFound, OperationNotOpen,
    Invalid and StandDownNotUnderWay."""
    catalogue, _ = happenings.begin(code)
    figures_only("/reason", reason)
    found = stand_down(code)
    if found["state"] != "under way":
        raise StandDownNotUnderWay(f"The stand-down is {found['state']}: there is nothing to close.")
    row = {"operation_id": catalogue.id, "reason": reason, "missing": found["missing"], "by_id": actor.id, "by_name": actor.name}
    session().execute(insert(StandDown).values(row))
    happened(catalogue.id, "stand_down")
    audit.record(actor, "stand-down closed", catalogue.id, {"reason": reason, "missing": found["missing"]})
    return stand_down(code)


def _missing(catalogue: Catalogue, order: Bulletin) -> list[str]:
    """The units that have not understood it."""
    answers = reading.standing_answers([order.id])
    understood = {unit for (_, unit), said in answers.items() if said.answer == "understood"}
    return [catalogue.unit_by_id[unit].code for unit in bulletins.addressees([order])[order.id] if unit not in understood]
