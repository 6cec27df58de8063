"""The desk's screens: the list of operations, and the board of one."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from coordinator.access.actor import LIAISON, ROLES, Actor
from coordinator.browser.pages import page, render
from coordinator.browser.wording import figure_text
from coordinator.db import transaction
from coordinator.desk import overviews
from coordinator.operations import service as operations

room = Blueprint("board", __name__, template_folder="templates")

HOMES = dict.fromkeys(ROLES, "board.board") | {LIAISON: "post.post"}
"""The page on which each role begins in an operation."""


@room.get("/")
@page("operations.read")
def landing(actor: Actor) -> str:
    """The operations of whoever looks."""
    with transaction(snapshot=True):
        listed = overviews.listed(actor)
    return render("desk/operations.html", listed=listed, actor=actor, figure_text=figure_text)


@room.get("/operations/<code>")
@page("operations.read")
def home(actor: Actor, code: str) -> AnyResponse:
    """On to where this role begins."""
    with transaction():
        operations.find(code)
    return redirect(url_for(HOMES[actor.role], code=code))


@room.get("/operations/<code>/board")
@page("totals.read")
def board(actor: Actor, code: str) -> str:
    """The board: what the whole operation comes to, live."""
    with transaction(snapshot=True):
        content = overviews.board(actor, code)
    heartbeat = current_app.extensions["tallyroom.settings"].heartbeat_seconds
    return render("desk/board.html", actor=actor, here="board", operation=content["operation"], content=content | {"heartbeat": heartbeat})
