"""``/operations/{code}/stream``: the totals as they roll."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

from flask import Response, current_app, request

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.desk.channels import LET_GO, Channels, Watcher
from coordinator.doors import Room
from coordinator.operations import service as operations

room = Room("stream", __name__, url_prefix="/api/v1/operations/<code>", description="The totals as they roll.")

STREAM = {
    "responses": {
        200: {
            "description": "events `snapshot`, `totals`, `status`, `phase`, `bulletin`, `happening`; `id:` is the journal position",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
    "parameters": [
        {"in": "header", "name": "Last-Event-ID", "schema": {"type": "string"}, "description": "resume after this journal position"}
    ],
}


@room.route("/stream", methods=["GET"])
@guard("totals.read")
@room.doc(**STREAM)
def stream(actor: Actor, code: str) -> Response:
    """Watch the totals: a snapshot, then what changes."""
    with transaction():
        operation_id = operations.find(code).id
    channels: Channels = current_app.extensions["tallyroom.channels"]
    watcher = Watcher(actor, _cutting(request.environ.get("gunicorn.socket")), request.headers.get("Last-Event-ID"))
    chunks = _chunks(watcher, operation_id, channels)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(chunks, 200, headers, content_type="text/event-stream; charset=utf-8", direct_passthrough=True)


def _cutting(connection: socket.socket | None) -> Callable[[], None]:
    """What cuts the connection of this request, where the web server lends us its socket (gunicorn does)."""

    def cut() -> None:
        if connection is not None:
            with suppress(OSError):  # it has gone by itself
                connection.shutdown(socket.SHUT_RDWR)

    return cut


def _chunks(watcher: Watcher, operation_id: int, channels: Channels) -> Iterator[bytes]:
    """The bytes of one stream: a comment at once, then whatever its watcher is offered, until it is let go or has gone."""
    yield b": tallyroom\n\n"
    channels.watch(operation_id, watcher)
    try:
        while (event := watcher.waiting.get()) is not LET_GO:
            yield event.chunk
    finally:
        channels.leave(operation_id, watcher)
