"""``/operations/{code}/reports/batch``: many reports, a line each in, a line each out, in the same order."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.db import transaction
from coordinator.doors import BATCH_LIMIT, BODY_LIMIT, check_key, load, read_body
from coordinator.errors import Invalid, Refusal, TooLarge, UnsupportedContent
from coordinator.problems import problem
from coordinator.reports import service
from coordinator.reports.plain import plain
from coordinator.reports.routes.reports import room
from coordinator.reports.schemas import ReportIn
from coordinator.wire import encode, strict_json

MEDIA_TYPE = "application/x-ndjson"
MOST_REPORTS = 10_000
_shape = ReportIn()


@room.route("/batch", methods=["POST"])
@guard("reports.post")
@room.doc(
    requestBody={
        "required": True,
        "content": {MEDIA_TYPE: {"schema": {"type": "string", "description": "a report a line, with idempotency_key"}}},
    },
    responses={207: {"description": "an outcome a line, in the same order", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
def batch(actor: Actor, code: str) -> Response:
    """Post many reports at once; one that is refused stops no other."""
    if request.mimetype != MEDIA_TYPE:
        raise UnsupportedContent(f"Send {MEDIA_TYPE}: one report a line.")
    posts = [_post(actor, code, line) for line in read_body(BATCH_LIMIT).split(b"\n") if line.strip()]
    if not 0 < len(posts) <= MOST_REPORTS:
        raise Invalid.at("", f"A batch has 1 to {MOST_REPORTS} lines.")
    with transaction():
        outcomes = service.post_batch(code, posts)
    lines = (encode(_outcome(outcome)) + b"\n" for outcome in outcomes)
    return Response(b"".join(lines), 207, content_type=MEDIA_TYPE)


def _post(actor: Actor, code: str, line: bytes) -> service.Post | Refusal:
    try:
        if len(line) > BODY_LIMIT:
            raise TooLarge(f"The line is longer than {BODY_LIMIT} bytes.")
        content = strict_json(line)
        if not isinstance(content, dict):
            raise Invalid.at("", "A report is a JSON object.")
        key = content.pop("idempotency_key", None)
        return service.Post(actor, code, plain(content) or load(_shape, content), _key(key))
    except Refusal as refusal:
        return refusal


def _key(key: Any) -> str:
    try:
        return check_key(key)
    except Invalid:
        raise Invalid.at("/idempotency_key", "A key of 1 to 255 visible characters is needed.") from None


def _outcome(outcome: service.Posted | Refusal) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        body, status, _ = problem(outcome, request.path)
        return {"status": status, "problem": body}
    receipt, repeated = outcome
    return {"status": 201, "receipt": receipt} | ({"replayed": True} if repeated else {})
