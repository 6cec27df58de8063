"""``/operations/{code}/joint-actions``: open one, list, read."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.access.making import make
from coordinator.db import transaction
from coordinator.doors import Room, page, place_number, tagged
from coordinator.fields import Page
from coordinator.reports import joint
from coordinator.reports.schemas import JointActionIn, JointActionList, JointActionOut

room = Room("joint", __name__, url_prefix="/api/v1/operations/<code>/joint-actions", description="What several units do together.")


@room.route("", methods=["POST"])
@guard("joint_actions.open")
@room.arguments(JointActionIn)
@room.response(201, JointActionOut)
def open(actor: Actor, content: dict[str, Any], code: str) -> Response:
    """Open a joint action: its code is what the other units name in their reports."""
    return make(
        actor,
        {"joint_action_of": code, **content},
        lambda: joint.open(actor, code, content),
        lambda made: f"/api/v1/operations/{code}/joint-actions/{made['code']}",
    )


@room.route("", methods=["GET"])
@guard("joint_actions.read")
@room.arguments(Page, location="query")
@room.response(200, JointActionList)
def index(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """List the joint actions, newest first."""
    with transaction(snapshot=True):
        items, last = joint.some(code, query["limit"], place_number(query["cursor"]))
    return page(items, query["limit"], None if last is None else str(last))


@room.route("/<said>", methods=["GET"])
@guard("joint_actions.read")
@room.response(200, JointActionOut)
def read(actor: Actor, code: str, said: str) -> Response:
    """Read a joint action by its code, as it was heard: any case, O for 0, I or L for 1, with or without the hyphen."""
    with transaction(snapshot=True):
        return tagged(joint.one(code, said))
