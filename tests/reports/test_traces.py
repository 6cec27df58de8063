"""Nothing refused leaves a trace, and the key stays free: any bad body, then a good one with the same key."""

from __future__ import annotations

import copy
import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Caller, report_body
from tests.reports.conftest import chances, traces

GOOD = report_body(
    note="cleared",
    nil=False,
    lines=[{"measure": "arrests", "quantity": 3, "assisting": ["TN"]}, {"measure": "victims_rescued", "category": "minor", "quantity": 2}],
)

junk: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        [-1, 1.5, 10**13, 2**70, "", " ", "\x00", "\ud800", "x" * 2000, "NaN", [], {}, [[]], [None], {"a": {}}, "naïve", "\u202e"]
    ),
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=3), st.none(), min_size=1, max_size=2),
    st.lists(st.integers() | st.text(st.characters(exclude_categories=["Cs"]), max_size=3), min_size=1, max_size=3),
)
"""Values that no member of a report takes. (``codes`` and texts that could be right are tried in the table of refusals.)"""

NEEDED = ("unit", "basis", "observed_at", "lines")


@st.composite
def bad_bodies(draw: st.DrawFn) -> Any:
    """A good report, damaged in one to three places in ways each of which must be refused."""
    body = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["missing", "unknown", "junk", "line", "unknown in a line", "junk in a line", "whole"]))
        if kind == "whole":
            return draw(junk)
        if kind == "missing":
            body.pop(draw(st.sampled_from(NEEDED)), None)
        elif kind == "unknown":
            body[draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=5).filter(lambda name: name not in GOOD))] = draw(junk)
        elif kind == "junk":
            body[draw(st.sampled_from(sorted(set(GOOD) - {"note"})))] = draw(junk)
        elif isinstance(body.get("lines"), list) and body["lines"] and isinstance(body["lines"][0], dict):
            _damage(draw, body["lines"][0], kind)
        else:
            body["more"] = 1
    return body


def _damage(draw: st.DrawFn, line: dict[str, Any], kind: str) -> None:
    if kind == "line":
        line.pop(draw(st.sampled_from(["measure", "quantity"])), None)
    elif kind == "unknown in a line":
        line[draw(st.sampled_from(["person", "name", "unit", "observed_at", ""]))] = draw(junk)
    else:
        line[draw(st.sampled_from(["measure", "category", "quantity", "assisting"]))] = draw(junk.filter(lambda one: one != []))


@chances(300)
@given(body=bad_bodies())
def test_a_bad_body_is_refused_with_a_problem_and_then_a_good_one_is_taken_with_the_same_key(
    kentucky: Caller, reports: str, body: Any
) -> None:
    key, before = uuid.uuid4().hex, traces()
    refused = kentucky.post(reports, body, key)
    assert (refused.status_code, refused.content_type) in ((422, "application/problem+json"), (400, "application/problem+json")), (
        refused.json
    )
    assert refused.json["status"] == refused.status_code
    assert traces() == before
    taken = kentucky.post(reports, GOOD, key)
    assert taken.status_code == 201
    assert "Idempotent-Replayed" not in taken.headers
