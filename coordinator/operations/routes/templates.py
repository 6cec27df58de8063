"""``/templates``: operations ready to be made."""

from __future__ import annotations

from typing import Any

from flask import Response

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.doors import Room, page, place, tagged
from coordinator.errors import NotFound
from coordinator.fields import Page
from coordinator.operations import templates
from coordinator.operations.schemas.operations import OperationIn, TemplateList

room = Room("templates", __name__, url_prefix="/api/v1/templates", description="Operations ready to be made.")


@room.route("", methods=["GET"])
@guard("operations.create")
@room.arguments(Page, location="query")
@room.response(200, TemplateList)
def index(actor: Actor, query: dict[str, Any]) -> Response:
    """List the templates that come with the hub, by name."""
    after = place(query["cursor"]) or ""
    items = [templates.overview(name) for name in templates.names() if name > after][: query["limit"]]
    return page(items, query["limit"], items[-1]["template"] if items else None)


@room.route("/<template>", methods=["GET"])
@guard("operations.create")
@room.response(200, OperationIn)
def read(actor: Actor, template: str) -> Response:
    """Read a template: the body that creates its operation, to be changed and posted."""
    if template not in templates.names():
        raise NotFound(f"There is no such template. There are {', '.join(templates.names())}.")
    return tagged(templates.operation_document(templates.facts(template)))
