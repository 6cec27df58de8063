"""Any report in any spelling is the same report, and any other report under its key is refused: by chance, beside the table of keys."""

from __future__ import annotations

import copy
import json
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import text

from coordinator.db import transaction
from tests.conftest import Caller, report_body
from tests.reports.conftest import chances, traces

START = datetime(2021, 8, 26, 23, 30, tzinfo=UTC)
MEASURES = ("arrests", "victims_rescued")


@st.composite
def reports_of_kentucky(draw: st.DrawFn) -> dict[str, Any]:
    """A good report: one to five lines, with or without a note."""
    lines = [
        {"measure": draw(st.sampled_from(MEASURES)), "quantity": draw(st.integers(0, 10**12))}
        | draw(st.sampled_from([{}, {"assisting": ["TN"]}, {"assisting": ["US", "TN"]}]))
        for _ in range(draw(st.integers(1, 5)))
    ]
    observed = START + timedelta(seconds=draw(st.integers(0, 20_000)))
    note = draw(st.sampled_from([{}, {"note": "second location cleared"}, {"note": "Doña Ana, 日本"}]))
    return report_body(unit=draw(st.sampled_from(["KY", "KY-KSP"])), observed_at=observed.isoformat(), lines=lines) | note


class Spelling:
    """Writes a JSON document in a way of its own: members in any order, any white space, escapes, other forms of numbers."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def write(self, value: Any) -> str:
        """The document."""
        if isinstance(value, dict):
            members = self._draw(st.permutations(sorted(value)))
            return "{" + ",".join(f"{self._text(name)}{self._space()}:{self.write(value[name])}" for name in members) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(self.write, value)) + self._space() + "]"
        return self._space() + self._plain(value) + self._space()

    def _plain(self, value: Any) -> str:
        if isinstance(value, str):
            return self._text(value)
        return json.dumps(value) if value is None or isinstance(value, bool) else self._number(value)

    def _space(self) -> str:
        return self._draw(st.sampled_from(["", " ", "\n\t", "\r\n  "]))

    def _text(self, value: str) -> str:
        if self._draw(st.booleans()):
            return json.dumps(value, ensure_ascii=self._draw(st.booleans()))
        return '"' + "".join(f"\\u{unit:04x}" for unit in memoryview(value.encode("utf-16-le")).cast("H")) + '"'

    def _number(self, value: int) -> str:
        return self._draw(st.sampled_from([f"{value}", f"{value}.0", f"{value * 10}e-1", f"{value}e0", f"{value}E+0"]))


@st.composite
def spellings(draw: st.DrawFn, body: dict[str, Any]) -> bytes:
    """The same report: also its time by another offset, and what may be left out said."""
    body = copy.deepcopy(body)
    offset = timezone(timedelta(minutes=draw(st.integers(-14 * 60, 14 * 60))))
    body["observed_at"] = datetime.fromisoformat(body["observed_at"]).astimezone(offset).isoformat()
    if draw(st.booleans()):
        body |= {"nil": False, "corrects": None, "reason": None}
    for line in body["lines"]:
        if draw(st.booleans()):
            line.setdefault("category", "unspecified")
    return Spelling(draw).write(body).encode()


def send(caller: Caller, path: str, body: bytes, key: str) -> Any:
    headers = caller.headers | {"Idempotency-Key": key}
    return caller.client.post("/api/v1" + path, data=body, content_type="application/json", headers=headers)


@chances(75)
@given(data=st.data(), body=reports_of_kentucky())
def test_a_report_in_any_spelling_gets_the_first_receipt(kentucky: Caller, reports: str, data: st.DataObject, body: Any) -> None:
    key = uuid.uuid4().hex
    first = send(kentucky, reports, data.draw(spellings(body)), key)
    assert (first.status_code, "Idempotent-Replayed" in first.headers) == (201, False), first.json
    before = traces()
    for _ in range(3):
        again = send(kentucky, reports, data.draw(spellings(body)), key)
        assert (again.status_code, again.data, again.headers["Idempotent-Replayed"]) == (201, first.data, "true")
    assert traces() == before


@chances(75)
@given(body=reports_of_kentucky(), other=reports_of_kentucky())
def test_another_report_under_its_key_is_refused_stored_nowhere_and_told_nothing_and_another_callers_key_is_another(
    kentucky: Caller, hub: Caller, reports: str, body: Any, other: Any
) -> None:
    assume(body != other)
    key = uuid.uuid4().hex
    first, before = kentucky.post(reports, body, key), traces()
    refused = kentucky.post(reports, other, key)
    assert (refused.status_code, refused.json["type"]) == (422, "/problems/idempotency-key-reused")
    assert not [secret for secret in (first.json["id"], first.json["digest"], body.get("note")) if secret and secret in refused.text]
    assert traces() == before
    theirs = hub.post(reports, other, key)
    assert (theirs.status_code, "Idempotent-Replayed" in theirs.headers) == (201, False)
    assert kentucky.post(reports, body, key).data == first.data
    with transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM reports WHERE idempotency_key = :key"), {"key": key}) == 2
