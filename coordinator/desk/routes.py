"""``/operations/{code}/stream``: the totals as they roll."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from flask import Response, current_app, request
from werkzeug.http import http_date

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.desk.channels import Channels, Watcher
from coordinator.desk.connections import Connection
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
    last_event_id = request.headers.get("Last-Event-ID")

    def watch(connection: Connection) -> None:
        channels.watch(operation_id, Watcher(actor, connection, last_event_id))

    return Stream(watch)


class Stream(Response):
    """An answer that goes on: its head is written, and ``watch`` gets the connection.

    The web server lends its socket (gunicorn does) and forgets about it; where there is none, the answer is its head alone.
    """

    def __init__(self, watch: Callable[[Connection], None]) -> None:
        super().__init__(status=200, content_type="text/event-stream; charset=utf-8")
        self.headers["Cache-Control"] = "no-store"
        self.headers["X-Accel-Buffering"] = "no"
        self._watch = watch

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Takes the connection over. Raises StopIteration, by which gunicorn knows that it need do nothing more with it."""
        lent: socket.socket | None = environ.get("gunicorn.socket")
        if lent is None or environ["REQUEST_METHOD"] != "GET":
            return super().__call__(environ, start_response)
        chunked = environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        with suppress(OSError):  # whoever asked has gone already
            lent.sendall(self._head(environ, chunked))
            connection = Connection(lent.dup(), chunked)
            connection.send(b": tallyroom\n\n")
            self._watch(connection)
        raise StopIteration

    def _head(self, environ: dict[str, Any], chunked: bool) -> bytes:
        """Status and headers as the web server would write them; an older caller knows the end of the body by that of the connection."""
        framing = ("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")
        headers = [*self.get_wsgi_headers(environ), ("Date", http_date()), framing]
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {value}" for name, value in headers if name != "Content-Length"), "", ""]
        return "\r\n".join(lines).encode("latin-1")
