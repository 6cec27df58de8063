"""The short reading of a plain report gives what the schema gives, or nothing; and the short way in refuses as the long one."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from coordinator.fields import MOST
from coordinator.reports.plain import plain
from coordinator.reports.schemas import ReportIn
from tests.conftest import report_body

ODD = st.sampled_from(
    [None, True, 0, 1, -1, 1.0, 1.5, MOST, MOST + 1, "", " ", "x", "KY", "arrests", "12.50", [], {}, "é", "a\u202eb", "a\n"]
)
UNITS = st.sampled_from(["KY", "KY-KSP", "9", "ky", "-KY", "K" * 32, "K" * 33, "KY\n"]) | ODD
LINES = st.fixed_dictionaries(
    {"measure": st.sampled_from(["arrests", "victims_rescued", "Arrests", "a" * 63, "a" * 64]) | ODD},
    optional={
        "quantity": st.integers(-1, MOST + 1) | ODD,
        "category": st.text(max_size=81) | ODD,
        "assisting": st.lists(UNITS, max_size=3) | ODD,
        "unquantified": st.text(max_size=5) | ODD,
        "other": ODD,
    },
)
MOMENTS = st.sampled_from(
    [
        "2021-08-26T22:15:00-04:00",
        "2021-08-27T02:15:00.123456Z",
        "2021-08-27t02:15:00z",
        "2021-08-27T02:15:00",
        "2021-02-30T02:15:00Z",
        "now",
    ]
)
REPORTS = st.fixed_dictionaries(
    {
        "unit": UNITS,
        "basis": st.sampled_from(["increment", "to_date", "sum"]) | ODD,
        "observed_at": MOMENTS | ODD,
        "lines": st.lists(LINES, max_size=3) | ODD,
    },
    optional={"note": st.text(max_size=20) | ODD, "nil": ODD, "corrects": ODD, "reason": ODD, "more": ODD},
)


def by_schema(content: Any) -> dict[str, Any] | None:
    try:
        return dict(ReportIn().load(content))
    except ValidationError:
        return None


@settings(max_examples=500, deadline=None)
@given(REPORTS)
def test_what_is_read_the_short_way_is_what_the_schema_reads(content: Any) -> None:
    short = plain(content)
    assert short is None or short == by_schema(content)


@settings(max_examples=100, deadline=None)
@given(st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)))
def test_anything_else_is_left_to_the_schema(content: Any) -> None:
    assert plain(content) is None


def test_the_ordinary_report_goes_the_short_way() -> None:
    ordinary = report_body() | {"note": "second location cleared"}
    assert plain(ordinary) == by_schema(ordinary)
    assert plain(ordinary) is not None


def test_a_hundred_lines_go_the_short_way_and_one_more_is_the_schemas_to_refuse() -> None:
    line = {"measure": "arrests", "quantity": 1}
    assert plain(report_body(lines=[line] * 100)) is not None
    assert plain(report_body(lines=[line] * 101)) is None


def test_both_ways_give_the_same_answer_to_the_same_report(operation, liaison) -> None:
    """A parameter in the address sends a request the long way; the receipt and its headers are those of the short one."""
    path = f"/operations/{operation.code}/reports"
    short, long = liaison.post(path, report_body(), "k1"), liaison.post(f"{path}?way=long", report_body(), "k1")
    assert (short.status_code, short.data) == (long.status_code, long.data)
    apart = {"X-Request-Id", "Idempotent-Replayed", "Vary"}
    assert set(short.headers.keys()) - apart == set(long.headers.keys()) - apart
    assert short.headers["Location"] == long.headers["Location"]


def test_a_refusal_on_the_short_way_is_a_problem_document(operation, liaison) -> None:
    answer = liaison.post(f"/operations/{operation.code}/reports", report_body(lines=[{"measure": "nothing", "quantity": 1}]))
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    assert "/lines/0/measure" in json.loads(answer.data)["errors"]
    assert answer.headers["X-Request-Id"]
