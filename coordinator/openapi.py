"""The OpenAPI 3.1 document, true to the last field, and the page that shows it.

flask-smorest writes it from the same schemas that check requests; here it is completed with what no schema says: problem
documents, tokens, idempotency keys.
"""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from flask import Blueprint, Response, current_app, render_template

from coordinator import problems
from coordinator.access.cookies import SESSION
from coordinator.access.guards import public
from coordinator.doors import tagged
from coordinator.errors import NotFound

CONFIG = {
    "API_TITLE": "Tallyroom",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": None,
    "API_SPEC_OPTIONS": {
        "info": {"description": "One hub for an operation that many states run on the same night: reports in, exact national totals out."},
        "security": [{"token": []}, {"session": []}],
        "servers": [{"url": "/"}],
    },
}

room = Blueprint("openapi", __name__, template_folder="templates")

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "description": "a path on this hub that names the problem, such as /problems/operation-not-open"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "JSON pointer into the body (or name in the query) -> messages",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "position": {"type": "integer", "description": "where the journal stands now, where what was to be signed has moved"},
        "digest": {"type": "string", "description": "what would be signed now"},
        "unit": {"type": "string", "description": "for which the counting rules are to be acknowledged"},
        "version": {"type": "integer", "description": "of the counting rules to acknowledge"},
        "open": {"type": "array", "items": {"type": "string"}, "description": "what is open and not waived"},
    },
}
KEY = {
    "in": "header",
    "description": "the same key and body get the first answer again, whatever has happened since",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[\\x21-\\x7e]+$"},
}
MEANINGS = {
    400: "The body can't be read: not JSON, not UTF-8, a member twice.",
    401: "No token or session, or one that is unknown, expired, ended or revoked; or what should sign someone in does not.",
    403: "The caller may see this, but not do it; or a browser was sent here by another site.",
    404: "There is no such thing, or the caller may not know of it.",
    409: "The state of the operation, report or invitation does not allow it, or the same request is still being answered.",
    413: "The body is too large.",
    415: "The body is of a kind not taken here.",
    422: "The content or the query breaks a rule, or an idempotency key was used for another body.",
    429: "Too many writes, or too many failures to sign in; Retry-After says when.",
    503: "The database can't be reached. Whether a write was stored is not known: repeat it with the same key.",
}
NEEDS_KEY = {"/api/v1/operations/{code}/reports"}
KEYLESS = {
    "/api/v1/operations/{code}/reports/batch",
    "/api/v1/operations/{code}/spoken",
    "/api/v1/operations/{code}/briefings/preview",
    *(f"/api/v1/{path}" for path in ("sessions", "devices/this/sessions", "invitations/offer", "accounts", "accounts/this/rights")),
}
MADE_LATER = ("/statistics.pdf", "/statistics.xlsx", "/exports/{id}/file")
"""Reads of what may have to be made first."""

JSON = "application/json"
METHODS = ("get", "post", "patch", "put", "delete")

RETRY = {"Retry-After": {"description": "seconds to wait", "required": True, "schema": {"type": "integer", "minimum": 1}}}
HEADERS = {401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}}, 429: RETRY, 503: RETRY}
"""Headers that come with a problem, by status."""


def complete(spec: APISpec) -> dict[str, Any]:
    """The whole document as a dictionary."""
    document: dict[str, Any] = _proper(spec.to_dict())
    components = document.setdefault("components", {})
    components.pop("responses", None)
    components["schemas"] = _used(components.get("schemas", {})) | {"Problem": PROBLEM}
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": SESSION},
    }
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                _complete(path, method, item[method])
    document["paths"] |= _public()
    return document


def _proper(node: Any) -> Any:
    """What apispec writes as JSON Schema has it: ``$`` for Python's end of text (ECMA 262), each type named once."""
    if isinstance(node, dict):
        return {
            name: list(dict.fromkeys(inner)) if name == "type" and isinstance(inner, list) else _proper(inner)
            for name, inner in node.items()
        }
    if isinstance(node, list):
        return [_proper(inner) for inner in node]
    return node.removesuffix("\\Z") + "$" if isinstance(node, str) and node.endswith("\\Z") else node


def _used(schemas: dict[str, Any]) -> dict[str, Any]:
    """Without those that flask-smorest adds for errors and pages of its own form."""
    return {name: schema for name, schema in schemas.items() if name not in ("Error", "PaginationMetadata")}


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Problems instead of plain errors, and the idempotency key where the address takes one."""
    answers = {status: answer for status, answer in operation["responses"].items() if str(status).isdigit() and int(status) < 400}
    if method == "get" and "200" in answers:
        answers["304"] = {"description": "What the caller has is still good."}
    refused = _refused(path, method, operation) if "security" not in operation else _refused_by_entrance(path, operation)
    operation["responses"] = answers | {str(status): _problem(status) for status in refused}
    if method == "post" and path not in KEYLESS:
        operation.setdefault("parameters", []).append(KEY | {"required": path in NEEDS_KEY})


def _refused(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    """The statuses with which an address of this kind refuses."""
    reads = [401, 403, 404, 422, 503]
    writes = [409, 429] if method != "get" else [409] if path.endswith(MADE_LATER) else []
    bodies = [400, 413, 415] if "requestBody" in operation else []
    return sorted([*reads, *writes, *bodies])


def _refused_by_entrance(path: str, operation: dict[str, Any]) -> list[int]:
    """The same where nobody has signed in yet."""
    if "requestBody" not in operation:
        return [404, 503]
    proofs = [401] if path.endswith("/sessions") else [404, 409]
    return sorted([400, 403, *proofs, 413, 415, 422, 429, 503])


def _problem(status: int) -> dict[str, Any]:
    """The problems of a status, as one answer."""
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": MEANINGS[status], "content": content} | ({"headers": HEADERS[status]} if status in HEADERS else {})


def _public() -> dict[str, Any]:
    """What needs no token: for machines that look after the hub, and for whoever wants to know what an answer means."""
    state = _shape(
        {"status": {"type": "string"}} | {part: {"enum": ["ok", "silent", "unreachable"]} for part in ("database", "redis", "worker")}
    )
    meaning = _shape({name: PROBLEM["properties"].get(name, {"type": "string"}) for name in ("type", "title", "status", "meaning")})
    paths = {
        "/api/v1/openapi.json": _read("This description.", JSON, {"type": "object"}, tagged=True),
        "/problems/{name}": _read("What a kind of problem means.", JSON, meaning, tagged=True, missing=True),
        "/healthz": _read("Whether the process answers.", JSON, _shape({"status": {"const": "alive"}})),
        "/readyz": _read("Whether database, Redis and a worker answer, each named.", JSON, state),
        "/metrics": _read("Metrics for Prometheus.", "text/plain", {"type": "string"}),
    }
    paths["/readyz"]["get"]["responses"]["503"] = paths["/readyz"]["get"]["responses"]["200"] | {"description": "Not ready."}
    paths["/problems/{name}"]["parameters"] = [
        {"in": "path", "name": "name", "required": True, "schema": {"type": "string", "minLength": 1}}
    ]
    return paths


def _read(summary: str, media_type: str, schema: dict[str, Any], tagged: bool = False, missing: bool = False) -> dict[str, Any]:
    """The description of a GET that anyone may send."""
    answers: dict[str, Any] = {"200": {"description": "OK", "content": {media_type: {"schema": schema}}}}
    if tagged:
        answers["304"] = {"description": "What the caller has is still good."}
    if missing:
        answers["404"] = _problem(404)
    return {"get": {"summary": summary, "security": [], "responses": answers}}


def _shape(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}


@room.get("/api/v1/openapi.json")
@public
def document() -> Response:
    """The OpenAPI document."""
    return tagged(current_app.extensions["tallyroom.spec"])


@room.get("/api/docs")
@public
def page() -> Response:
    """The same for people."""
    html = render_template("openapi.html", spec=current_app.extensions["tallyroom.spec"], methods=METHODS, meanings=MEANINGS)
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    return Response(html, headers={"Content-Security-Policy": policy}, content_type="text/html; charset=utf-8")


@room.get("/api/docs.css")
@public
def style() -> Response:
    """How that page looks."""
    return Response(render_template("docs.css"), content_type="text/css; charset=utf-8")


@room.get("/problems/<name>")
@public
def problem(name: str) -> Response:
    """What a kind of problem means."""
    kinds = {kind.name: (refusal, kind) for refusal, kind in problems.KINDS.items()}
    if name not in kinds:
        raise NotFound("There is no such problem.")
    refusal, kind = kinds[name]
    return tagged({"type": f"/problems/{kind.name}", "title": kind.title, "status": kind.status, "meaning": refusal.__doc__})
