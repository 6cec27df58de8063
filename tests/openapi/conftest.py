"""What the tests of the OpenAPI document share."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.openapi.touring import Tour


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    """The document as it is served."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.json


@pytest.fixture
def tour(app: Flask, document: dict[str, Any]) -> Tour:
    """A tour not yet begun."""
    return Tour(app, document)
