"""Bodies that are not what they say: too large, not JSON, not UTF-8, of another kind. At the door, before any rule."""

from __future__ import annotations

import gzip
import io
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coordinator.doors import BODY_LIMIT
from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, report_body
from tests.reports.conftest import chances, traces

GOOD = json.dumps(report_body()).encode()


def send(caller: Caller, path: str, body: bytes, kind: str | None = "application/json", **options: Any) -> Any:
    """Posts bytes."""
    headers = caller.headers | {"Idempotency-Key": uuid.uuid4().hex}
    return caller.client.post("/api/v1" + path, data=body, content_type=kind, headers=headers, **options)


def test_a_body_may_have_64_kib_and_not_one_byte_more(kentucky: Caller, reports: str, leaves_no_trace: Callable[[], bool]) -> None:
    too_large = send(kentucky, reports, GOOD.ljust(BODY_LIMIT + 1))
    assert (too_large.status_code, too_large.json["type"]) == (413, "/problems/too-large")
    assert str(BODY_LIMIT) in too_large.json["detail"]
    assert leaves_no_trace()
    assert send(kentucky, reports, GOOD.ljust(BODY_LIMIT)).status_code == 201


def test_a_body_that_does_not_say_its_length_is_not_read_beyond_the_limit(kentucky: Caller, reports: str) -> None:
    for size, status in ((BODY_LIMIT, 201), (BODY_LIMIT + 1, 413), (BODY_LIMIT * 100, 413)):
        stream = io.BytesIO(GOOD.ljust(size))
        chunked = {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
        assert send(kentucky, reports, b"", environ_overrides=chunked).status_code == status
        assert stream.tell() <= BODY_LIMIT + 1


def test_a_length_that_is_a_lie_is_not_believed(kentucky: Caller, reports: str) -> None:
    short = {"CONTENT_LENGTH": str(len(GOOD) - 5)}
    assert send(kentucky, reports, GOOD, environ_overrides=short).status_code == 400
    assert send(kentucky, reports, GOOD, environ_overrides={"CONTENT_LENGTH": str(10**12)}).status_code == 413


class Broken(io.BytesIO):
    """What a server gives to read where a body's pieces are not as they say."""

    def read(self, *_: Any) -> bytes:
        raise RuntimeError("Invalid chunk size")


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_a_body_that_breaks_off_is_not_taken_for_the_whole(desk: Caller, operation: Catalogue, kind: str) -> None:
    path = f"/operations/{operation.code}/" + ("reports" if kind.endswith("json") else "briefings/files?name=rules.txt")
    short = {"wsgi.input": io.BytesIO(GOOD), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(GOOD) + 5)}
    broken = {"wsgi.input": Broken(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    for environ in (short, broken):
        answer = send(desk, path, b"", kind, environ_overrides=environ)
        assert (answer.status_code, answer.json["type"]) == (400, "/problems/not-readable")
        assert "broke off" in answer.json["detail"]


def test_a_compressed_body_is_415_and_says_so(kentucky: Caller, reports: str, leaves_no_trace: Callable[[], bool]) -> None:
    for body in (GOOD, gzip.compress(GOOD)):
        answer = send(kentucky, reports, body, environ_overrides={"HTTP_CONTENT_ENCODING": "gzip"})
        assert (answer.status_code, "compressed" in answer.json["detail"]) == (415, True)
    assert leaves_no_trace()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"unit=KY",
        b"<report/>",
        GOOD[:-1],
        GOOD + b"}",
        GOOD + b"\x00",
        GOOD * 2,
        b"\xef\xbb\xbf" + GOOD,
        GOOD.decode().encode("utf-16"),
        GOOD.replace(b"KY", b"K\xff"),
        GOOD.replace(b"KY", b"K\xc3"),
        GOOD.replace(b"KY", b"\xed\xa0\x80"),
        GOOD.replace(b"{", b'{"unit": "KY", ', 1),
        GOOD.replace(b'"quantity": 3', b'"quantity": 3, "quantity": 30'),
        GOOD.replace(b'"quantity": 3', b'"quantity": 3, "quant\\u0069ty": 30'),
        GOOD.replace(b'"quantity": 3', b'"quantity": NaN'),
        GOOD.replace(b'"quantity": 3', b'"quantity": Infinity'),
        GOOD.replace(b'"quantity": 3', b'"quantity": -Infinity'),
        GOOD.replace(b'"quantity": 3', b'"quantity": 03'),
        GOOD.replace(b'"quantity": 3', b'"quantity": 0x3'),
        GOOD.replace(b'"quantity": 3', b'"quantity": +3'),
        GOOD.replace(b'"quantity": 3', b'"quantity": .5'),
        GOOD.replace(b'"quantity": 3', b'"quantity": ' + b"9" * 5_000),
        GOOD.replace(b'"quantity": 3', b'"quantity": 3, "\\ud800": 1'),
        GOOD.replace(b'"quantity": 3', b'"quantity": 3 // three'),
        GOOD.replace(b'"', b"'"),
        b"[" * 60_000,
        b'{"lines": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
)  # fmt: skip
def test_what_is_not_json_is_400_and_says_so(kentucky: Caller, reports: str, body: bytes, leaves_no_trace: Callable[[], bool]) -> None:
    answer = send(kentucky, reports, body)
    assert (answer.status_code, answer.content_type, answer.json["type"]) == (400, "application/problem+json", "/problems/not-readable")
    assert answer.json["detail"].startswith("The body is ")
    assert leaves_no_trace()


@pytest.mark.parametrize("body", [b"null", b"true", b"5", b'"KY"', b"[]", b"[" + GOOD + b"]"])
def test_json_that_is_no_object_is_422(kentucky: Caller, reports: str, body: bytes) -> None:
    answer = send(kentucky, reports, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [""])


def test_nesting_within_reason_is_refused_by_its_place(kentucky: Caller, reports: str) -> None:
    answer = send(kentucky, reports, GOOD.replace(b'"quantity": 3', b'"quantity": ' + b"[" * 500 + b"]" * 500))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["/lines/0/quantity"])


@pytest.mark.parametrize(
    "number",
    [b"1e400", b"-1e400", b"1e-400000", b"1" + b"0" * 400, b"-" + b"9" * 900, b"3.0000001", b"1e-1", b"123456789012345678901234567890.5"],
)
def test_numbers_no_machine_holds_are_refused_by_their_place(kentucky: Caller, reports: str, number: bytes) -> None:
    answer = send(kentucky, reports, GOOD.replace(b'"quantity": 3', b'"quantity": ' + number))
    if number == b"1e-400000":
        assert answer.status_code == 201, "which is nothing but 0"
    else:
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["/lines/0/quantity"])


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/json",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/problem+json",
        "*/*",
        "nonsense",
    ],
)
def test_another_kind_of_body_is_415(kentucky: Caller, reports: str, kind: str, leaves_no_trace: Callable[[], bool]) -> None:
    answer = send(kentucky, reports, GOOD, kind)
    assert (answer.status_code, answer.json["type"]) == (415, "/problems/unsupported-content")
    assert leaves_no_trace()


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", None])
def test_json_may_be_named_as_rfc_9110_allows_or_not_at_all(kentucky: Caller, reports: str, kind: str | None) -> None:
    assert send(kentucky, reports, GOOD, kind).status_code == 201


def test_a_body_in_escapes_is_the_same_as_in_utf_8(kentucky: Caller, reports: str) -> None:
    note = "Doña Ana, 日本, 👮🏽"
    ids = [send(kentucky, reports, json.dumps(report_body(note=note), ensure_ascii=ascii).encode()).json["id"] for ascii in (True, False)]
    assert {kentucky.get(f"{reports}/{id}").json["note"] for id in ids} == {note}


@chances(150)
@given(body=st.binary(max_size=200))
@example(body=b"\x00")
def test_any_bytes_are_answered_with_a_problem_and_kept_nowhere(kentucky: Caller, reports: str, body: bytes) -> None:
    before = traces()
    answer = send(kentucky, reports, body)
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"
    assert traces() == before


@chances(150)
@given(data=st.data())
def test_any_damage_to_a_good_body_is_refused_or_taken_and_never_a_mistake_of_the_hub(
    kentucky: Caller, reports: str, data: st.DataObject
) -> None:
    body = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert send(kentucky, reports, bytes(body)).status_code in (201, 400, 403, 422)
