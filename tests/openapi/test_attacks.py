"""Whatever is sent, the answer is one of those the OpenAPI document promises."""

from __future__ import annotations

import json
import re
from typing import Any

import hypothesis
import pytest
import schemathesis
from flask import Flask
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coordinator import heartbeats
from coordinator.db import transaction
from coordinator.heartbeats import WORKER
from tests.conftest import fold_all, report_body
from tests.hubs import LONG
from tests.openapi.touring import FOR_PEOPLE
from tests.structure.test_routes import ROUTES
from tests.structure.worlds import live_operation, new_token

EXAMPLES = 150 if LONG else 15
"""Generated requests for each address."""


def bad_is_refused(context: Any, response: Any, case: schemathesis.Case) -> bool | None:
    """As schemathesis has it; and what is bad and too large besides may be refused for its size."""
    return None if response.status_code == 413 else negative_data_rejection(context, response, case)


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    bad_is_refused,
]


@pytest.fixture(scope="module")
def attacked(app: Flask) -> tuple[schemathesis.schemas.BaseSchema, dict[str, str], dict[str, str]]:
    """The document as schemathesis reads it; an operation and a report behind the names of its paths; an admin's token."""
    night = live_operation()
    admin = new_token(app.test_client(), "admin")
    report = admin.post(f"/operations/{night.code}/reports", report_body()).json["id"]
    fold_all(night.id)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers={"Accept-Encoding": "identity"})
    schema.config.generation.update(with_security_parameters=False)  # the token is ours, always
    plainly = {"Accept-Encoding": "identity"}  # an application called without a server between has no one who would unpack its answers
    return schema, {"code": night.code, "id": report}, admin.headers | plainly


@pytest.mark.parametrize("route", sorted(route for route in ROUTES if route not in FOR_PEOPLE and not route.endswith("/stream")))
def test_whatever_is_sent_the_answer_is_one_of_those_promised(attacked: Any, route: str) -> None:
    """Generated requests, good by the document and bad by it, by a fixed seed: the bad ones must be refused, none may break the hub."""
    schema, there, headers = attacked
    with transaction():
        heartbeats.beat(WORKER)
    method, path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route).split(" ")
    operation = schema[path][method]
    names = re.findall(r"{(\w+)}", path)
    known = {name: there[name] for name in names if name in there and "tokens" not in path}
    good = [operation.as_strategy(path_parameters=fixed) for fixed in ([known, {}] if names else [{}])]
    bad = [operation.as_strategy(schemathesis.GenerationMode.NEGATIVE, path_parameters=known)] if _can_be_bad(operation) else []

    @hypothesis.seed(2021)
    @hypothesis.settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=st.one_of([*good, *bad]))
    def attack(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    attack()


def _can_be_bad(operation: Any) -> bool:
    """Whether the document says enough of a request for one to be bad by it: of a batch it only says that it is text."""
    return bool(operation.query or operation.body) and not operation.path.endswith("/batch")


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """How a generated batch is sent."""
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()
