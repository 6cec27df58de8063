"""The caller that holds every answer against the OpenAPI document, and the words its stations share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from tests.conftest import Caller

FOR_PEOPLE = {
    "GET /",
    "GET /api/docs",
    "GET /api/docs.css",
    "GET /join",
    "GET /operations/<code>",
    "GET /operations/<code>/audit",
    "GET /operations/<code>/board",
    "GET /operations/<code>/briefing",
    "GET /operations/<code>/readiness",
    "GET /operations/<code>/bulletins",
    "GET /operations/<code>/exports",
    "GET /operations/<code>/journal",
    "GET /operations/<code>/log",
    "GET /operations/<code>/people",
    "GET /operations/<code>/post",
    "GET /operations/<code>/deliveries",
    "GET /operations/<code>/reconciliation",
    "GET /post/<name>.webmanifest",
    "GET /post/shell",
    "GET /post/worker.js",
    "GET /operations/<code>/plan",
    "GET /operations/new",
    "GET /audit",
    "GET /sessions",
    "GET /sign-in",
    "GET /static/<version>/<path:name>",
    "GET /unlock",
    "GET /operations/<code>/certification",
    "GET /operations/<code>/releases",
    "GET /operations/<code>/situation",
}
"""Pages, which the description of an interface for programs leaves out."""

UNKNOWN = "00000000-0000-7000-8000-000000000000"

OPERATION = "/api/v1/operations/{code}"

REPORTS = f"{OPERATION}/reports"

REPORT = f"{REPORTS}/{{id}}"


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method, path, operation


def within(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in it."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from within(inner)


class Tour:
    """A caller that holds every answer against the document."""

    def __init__(self, app: Flask, document: dict[str, Any]) -> None:
        self.client, self.document = app.test_client(use_cookies=False), document
        self.seen: dict[tuple[str, str], set[int]] = {}

    def ask(
        self, caller: Caller | None, method: str, path: str, status: int, at: dict[str, str] | None = None, **options: Any
    ) -> TestResponse:
        """Asks for a path of the document, with its names filled in; the answer must have this status and the shape promised for it."""
        headers = dict(caller.headers) if caller else {}
        headers |= options.pop("headers", {})
        address = path.format(**(at or {}))
        answer = self.client.open(address, method=method.upper(), headers=headers, **options)
        assert answer.status_code == status, (method, address, answer.get_data(as_text=True)[:500])
        self.check(method, path, answer)
        if status < 300 and "json" in options:
            self.check_request(method, path, options["json"])
        self.seen.setdefault((method, path), set()).add(status)
        return answer

    def check(self, method: str, path: str, answer: TestResponse) -> None:
        """Status, media type, headers and shape."""
        described = self.document["paths"][path][method]["responses"].get(str(answer.status_code))
        assert described is not None, f"{method} {path} does not speak of {answer.status_code}"
        assert {name for name, header in described.get("headers", {}).items() if header["required"]} <= set(answer.headers.keys())
        if "content" not in described:
            assert answer.data == b""
            return
        assert answer.mimetype in described["content"], (method, path, answer.content_type)
        schema = described["content"][answer.mimetype]["schema"]
        self.hold(answer.json if answer.mimetype.endswith("json") and "ndjson" not in answer.mimetype else "text", schema)

    def check_request(self, method: str, path: str, body: Any) -> None:
        """What was taken must be what the document says is taken."""
        content = self.document["paths"][path][method]["requestBody"]["content"]
        self.hold(body, content["application/json"]["schema"])

    def hold(self, instance: Any, schema: dict[str, Any]) -> None:
        """Holds an instance against a schema of the document."""
        whole = {"components": self.document["components"]} | schema
        Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(instance)


def key(name: str | None = None) -> dict[str, str]:
    """An idempotency key."""
    return {"Idempotency-Key": name or uuid.uuid4().hex}
