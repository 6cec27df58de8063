"""What every route shares: strict JSON in, schemas checked, answers with an ETag, lists by cursor, idempotency keys read.

This is where HTTP ends: below a door there is no request.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import hashlib
import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser

from coordinator.errors import Invalid, NotReadable, TooLarge, UnsupportedContent
from coordinator.fields import pointers
from coordinator.problems import MEDIA_TYPE
from coordinator.wire import encode, strict_json

BODY_LIMIT = 64 * 1024
BATCH_LIMIT = 8 * 1024 * 1024
PAGE, MOST_A_PAGE = 50, 200
SQUEEZED, SQUEEZED_FROM = ("application/json", "text/html"), 1024
"""What is sent by gzip, from how many bytes on."""

CUT = "The body broke off before its end, or is not cut into pieces as it says. Nothing was stored: send it again, with the same key."

KEY = re.compile(r"[\x21-\x7e]{1,255}")
"""The form of an Idempotency-Key."""


class Parser(FlaskParser):
    """webargs with this hub's JSON reader and refusals."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"query": "raise", "json": None}

    def load_json(self, req: Any, schema: Any) -> Any:
        """The body as strict JSON."""
        return read_json()

    def handle_error(self, error: ValidationError, req: Any, schema: Any, *, error_status_code: Any, error_headers: Any) -> Any:
        """What the schema found, as pointers into the body or names of the query."""
        messages = error.messages_dict
        raise Invalid(pointers(messages.get("json", messages.get("query", messages))))


class Room(Blueprint):  # type: ignore[misc]
    """A blueprint of the API."""

    ARGUMENTS_PARSER = Parser()


def read_json() -> Any:
    """The request's body as JSON: UTF-8, no member twice, no NaN, within the limit."""
    if request.mimetype not in ("application/json", ""):
        raise UnsupportedContent("Send application/json.")
    return strict_json(read_body(BODY_LIMIT))


def read_body(limit: int) -> bytes:
    """All of the body, as it was sent; TooLarge beyond ``limit`` bytes, which are never read, NotReadable where not all of it came."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedContent("Send the body as it is: the hub takes none that is compressed.")
    if request.content_length is not None and request.content_length > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    body = _received(limit + 1)
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    if request.content_length is not None and len(body) < request.content_length:
        raise NotReadable(CUT)
    return body


def _received(most: int) -> bytes:
    """What has come of the body. Each server has errors of its own for a body that breaks off, or whose pieces are not as they say."""
    try:
        return bytes(request.stream.read(most))
    except Exception:
        raise NotReadable(CUT) from None


def idempotency_key(required: bool = False) -> str | None:
    """The request's Idempotency-Key: 1 to 255 visible characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None and not required:
        return None
    check_key(key)
    return key


def check_key(key: Any) -> str:
    """The key itself; Invalid where it is missing or not of its form."""
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Invalid.at("", "An Idempotency-Key of 1 to 255 visible characters is needed.")
    return key


def answer(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(encode(document), status, headers, mimetype="application/json")


def created(document: Any, repeated: bool, location: str | None = None, status: int = 201) -> Response:
    """The answer to something made, or made before by the same request."""
    headers = {"Idempotent-Replayed": "true"} if repeated else {}
    return answer(document, status, headers | ({"Location": location} if location else {}))


def tagged(document: dict[str, Any], *apart: str) -> Response:
    """A read with its ETag, computed from all but the members named ``apart``; 304 where the caller has it already."""
    compared = {name: value for name, value in document.items() if name not in apart}
    return unchanged_or(answer(document), encode(compared), weak=bool(apart))


def unchanged_or(response: Response, compared: bytes, weak: bool = False) -> Response:
    """The answer under the ETag of ``compared``, or 304 where the caller has it already."""
    response.set_etag(hashlib.sha256(compared).hexdigest()[:32], weak=weak)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response


def squeezed(response: Response) -> Response:
    """The answer to a read by gzip, where the caller takes that and it is worth it; a stream is left to say what it has at once.

    Nothing a caller sends comes back beside a secret in one answer, so its length gives nothing away.
    """
    if request.method != "GET" or response.mimetype not in SQUEEZED or response.is_streamed or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and len(response.get_data()) > SQUEEZED_FROM:
        response.set_data(gzip.compress(response.get_data(), 5, mtime=0))
        response.content_encoding = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)
    return response


def page(items: Iterable[dict[str, Any]], limit: int, last: str | None) -> Response:
    """A list: ``items``, and ``next`` as the cursor after ``last`` where the page is full."""
    shown = list(items)
    return tagged({"items": shown, "next": cursor(last) if last is not None and len(shown) == limit else None})


def cursor(place: str) -> str:
    """An opaque name for a place in a list."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place(cursor: str | None) -> str | None:
    """The place a cursor names; Invalid where it is none of ours."""
    if cursor is None:
        return None
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise Invalid.at("/cursor", "Not a cursor of this list.") from None


def place_id(cursor: str | None) -> UUID | None:
    """The same in a list whose places are ids."""
    text = place(cursor)
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid.at("/cursor", "Not a cursor of this list.") from None


def place_number(cursor: str | None, most: int = 10**18) -> int | None:
    """The same in a list whose places are numbers, ``most`` at most."""
    text = place(cursor)
    if text is not None and (not text.isdigit() or len(text) > 18 or int(text) > most):
        raise Invalid.at("/cursor", "Not a cursor of this list.")
    return int(text) if text else None


def load(schema: Schema, content: Any) -> Any:
    """``content`` through ``schema``; Invalid with JSON pointers."""
    try:
        return schema.load(content)
    except ValidationError as problem:
        raise Invalid(pointers(problem.messages_dict)) from None


def problem_response(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    """A problem document as an answer."""
    return Response(encode(body), status, headers, content_type=MEDIA_TYPE)
