"""The short way in for plain reports: the same guard, the same rules and the same receipt, without a web framework between.

A framework's routing, request object and schema cost more than all that is ours of taking a report, and on the night of an
operation this one address gets nearly every request. So what is plainly a good report of somebody who may send it is taken
here; whatever is not, and every refusal, goes the long way through the application, which says what is wrong.
"""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from coordinator import metrics
from coordinator.access import guards
from coordinator.doors import BODY_LIMIT, KEY
from coordinator.fields import OPERATION_CODE
from coordinator.reports.plain import plain
from coordinator.reports.routes import posting
from coordinator.reports.service import Post
from coordinator.wire import encode, strict_json

Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]

_ADDRESS = re.compile(f"/api/v1/operations/({OPERATION_CODE})/reports")
RULE = "/api/v1/operations/<code>/reports"


class Express:
    """A WSGI application in front of ``application``; ``spend(id)`` counts a caller's write, ``refuse(environ, start, problem)``
    answers what went wrong."""

    def __init__(
        self, application: Application, spend: Callable[[Any], None], refuse: Callable[[Environ, Start, Exception], Iterable[bytes]]
    ) -> None:
        self._application, self._spend, self._refuse = application, spend, refuse

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Takes a plain report, or hands the request on untouched."""
        began = time.perf_counter()
        asked = _asked(environ) if environ["REQUEST_METHOD"] == "POST" else None
        if asked is None:
            return self._application(environ, start)
        try:
            self._spend(asked.actor.id)
            receipt, repeated = posting.post(asked)
        except Exception as problem:  # the application's own handlers answer it, as they would have
            return self._refuse(environ, start, problem)
        return _created(environ, start, encode(receipt), receipt["id"], asked.code, repeated, began)


def _asked(environ: Environ) -> Post | None:
    """The report of a request that is plainly one, by somebody who may send it; else None, with the body put back."""
    address, key = _ADDRESS.fullmatch(environ["PATH_INFO"]), environ.get("HTTP_IDEMPOTENCY_KEY", "")
    length = environ.get("CONTENT_LENGTH", "")
    if not (address and KEY.fullmatch(key) and environ.get("CONTENT_TYPE") == "application/json" and length.isdigit()):
        return None
    if not 0 < int(length) <= BODY_LIMIT or environ.get("QUERY_STRING") or "HTTP_CONTENT_ENCODING" in environ:
        return None
    try:
        body = environ["wsgi.input"].read(int(length))
    except Exception:  # it broke off: the application meets the same
        return None
    environ["wsgi.input"] = io.BytesIO(body)
    if len(body) < int(length):
        return None
    try:
        content = plain(strict_json(body))
        actor = content and guards.bearer(environ.get("HTTP_AUTHORIZATION", ""), environ.get("REMOTE_ADDR", ""))
    except Exception:  # a refusal, or a database that is away: the application meets the same and answers it
        return None
    if not content or not actor or not (actor.may("reports.post") and actor.belongs_to(address[1])):
        return None
    return Post(actor, address[1], content, key)


def _created(environ: Environ, start: Start, body: bytes, id: str, code: str, repeated: bool, began: float) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Location", f"/api/v1/operations/{code}/reports/{id}"),
        ("X-Request-Id", environ.get("HTTP_X_REQUEST_ID", "")[:64] or uuid.uuid4().hex),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if repeated:
        headers.append(("Idempotent-Replayed", "true"))
    start("201 CREATED", headers)
    metrics.answered("POST", RULE, 201, time.perf_counter() - began)
    return [body]
