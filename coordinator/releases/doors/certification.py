"""``/operations/{code}/certification``, ``/signatures``, ``/waivers`` and ``/amendments``."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, tagged
from coordinator.releases import certification, releasing, state
from coordinator.releases.doors.schemas import (
    AmendmentIn,
    AmendmentOut,
    Certification,
    DeskSignatureIn,
    DeskSignatureOut,
    SignatureOut,
    UnitSignatureIn,
    WaiverIn,
    WaiverOut,
)

room = Room("certification", __name__, url_prefix="/api/v1/operations/<code>", description="Who answers for the figures.")


@room.route("/certification", methods=["GET"])
@guard("certification.read")
@room.response(200, Certification)
def read(actor: Actor, code: str) -> Response:
    """Read how far certification has come: who has signed what, what fell and why, what is open, and the next step."""
    with transaction(snapshot=True):
        return tagged(state.state(actor, code))


@room.route("/signatures", methods=["POST"])
@guard("signatures.sign")
@room.arguments(UnitSignatureIn)
@room.response(201, SignatureOut)
def sign(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Sign the figures of a unit of one's own, with all units below it, at a position."""
    return make(actor, {"signature": code, **content}, lambda: certification.sign(actor, code, content))


@room.route("/waivers", methods=["POST"])
@guard("waivers.give")
@room.arguments(WaiverIn)
@room.response(201, WaiverOut)
def waive(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Say why something open is certified all the same; it is printed with the release."""
    return make(actor, {"waiver": code, **content}, lambda: certification.waive(actor, code, content))


@room.route("/certification/signatures", methods=["POST"])
@guard("certification.sign")
@room.arguments(DeskSignatureIn)
@room.response(201, DeskSignatureOut)
def sign_whole(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Sign the whole for the desk; the second person's signature makes the release and certifies the operation."""
    return make(actor, {"desk": code, **content}, lambda: releasing.sign(actor, code, content))


@room.route("/amendments", methods=["POST"])
@guard("certification.amend")
@room.arguments(AmendmentIn)
@room.response(201, AmendmentOut)
def amend(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Open a release again, with a reason: the operation reconciles once more, and the next release amends the last."""
    return make(actor, {"amendment": code, **content}, lambda: releasing.amend(actor, code, content["reason"]))
