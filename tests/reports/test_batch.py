"""A batch: many reports, a line each in and a line each out; one that is refused stops no other."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from coordinator.doors import BATCH_LIMIT, BODY_LIMIT
from coordinator.jobs import FoldInbox, Job
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.models import PHASES
from tests.conftest import Caller, fold_all, report_body
from tests.structure.worlds import step

NDJSON = "application/x-ndjson"


@pytest.fixture
def path(operation: Catalogue) -> str:
    """The reports of an operation of this test's own."""
    return f"/operations/{operation.code}/reports"


def item(key: str | None = None, **members: Any) -> dict[str, Any]:
    """A line of a batch."""
    return report_body(**members) | {"idempotency_key": key or uuid.uuid4().hex}


def send(caller: Caller, path: str, *lines: Any, kind: str | None = NDJSON) -> Any:
    """Posts lines: bytes as they are, all else as JSON."""
    body = b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    return caller.client.post(f"/api/v1{path}/batch", data=body, content_type=kind, headers=caller.headers)


def outcomes(answer: Any) -> list[dict[str, Any]]:
    """The lines of an answer."""
    assert (answer.status_code, answer.content_type) == (207, NDJSON)
    assert answer.data.endswith(b"\n")
    return [json.loads(line) for line in answer.data.splitlines()]


def statuses(answer: Any) -> list[int]:
    """What became of each line."""
    return [one["status"] for one in outcomes(answer)]


def test_each_line_gets_the_receipt_it_would_have_had_alone(liaison: Caller, path: str, sent: list[Job], operation: Catalogue) -> None:
    found = outcomes(send(liaison, path, item("a"), item("b", unit="KY-KSP"), item("c", lines=[], nil=True)))
    assert [set(one) for one in found] == [{"status", "receipt"}] * 3
    assert [one["receipt"]["unit"] for one in found] == ["KY", "KY-KSP", "KY"]
    assert sent == [FoldInbox(operation.id)], "one message for all"
    alone = liaison.post(path, report_body(), "a")
    assert (alone.json, alone.headers["Idempotent-Replayed"]) == (found[0]["receipt"], "true")


def test_one_bad_line_stops_no_other_and_each_is_answered_in_its_place(liaison: Caller, path: str) -> None:
    lines = [
        (item(), 201),
        (b"not json", 400),
        (item(unit="TN"), 403),
        (item(lines=[{"measure": "nothing", "quantity": 1}]), 422),
        (item(), 201),
        (item(corrects="00000000-0000-7000-8000-000000000000", reason="x"), 404),
        (report_body(), 422),
        (item("two words"), 422),
        (report_body() | {"idempotency_key": 5}, 422),
        ([item()], 422),
        (None, 422),
        (5, 422),
        (b'{"unit": "KY", "unit": "KY"}', 400),
        (b'{"quantity": NaN}', 400),
        (b"\xff", 400),
        (b"[" * 5_000, 400),
        (item(note="x" * BODY_LIMIT), 413),
        (item(note="SSN 123-45-6789"), 422),
        (item(), 201),
    ]
    found = outcomes(send(liaison, path, *(line for line, _ in lines)))
    assert [one["status"] for one in found] == [status for _, status in lines]
    for one in found:
        assert set(one) == {"status", "receipt" if one["status"] == 201 else "problem"}
        if "problem" in one:
            assert set(one["problem"]) - {"errors"} == {"type", "title", "status", "detail", "instance"}
            assert (one["problem"]["status"], one["problem"]["instance"]) == (one["status"], f"/api/v1{path}/batch")
    assert found[3]["problem"]["errors"] == {"/lines/0/measure": ["There is no measure nothing in this operation."]}
    assert list(found[6]["problem"]["errors"]) == ["/idempotency_key"]
    assert {one["receipt"]["id"] for one in found if "receipt" in one} == {one["id"] for one in liaison.get(path).json["items"]}


def test_the_journal_keeps_the_order_of_the_lines(liaison: Caller, operation: Catalogue, path: str) -> None:
    """Not of their keys: of two standing figures for one moment the later line is the later word."""
    keys = ["z", "m", "a", "y", "b"]
    lines = [item(key, basis="to_date", lines=[{"measure": "arrests", "quantity": n}]) for n, key in enumerate(keys)]
    ids = [one["receipt"]["id"] for one in outcomes(send(liaison, path, *lines))]
    fold_all(operation.id)
    assert [liaison.get(f"{path}/{id}").json["position"] for id in ids] == [1, 2, 3, 4, 5]
    assert liaison.get(f"/operations/{operation.code}/totals").json["national"]["arrests"]["total"] == 4


def test_the_same_key_twice_in_a_batch_is_a_repeat_or_a_misuse(liaison: Caller, path: str) -> None:
    found = outcomes(send(liaison, path, item("k"), item("k", note="another"), item("k"), item("other")))
    assert [one["status"] for one in found] == [201, 422, 201, 201]
    assert found[2]["receipt"] == found[0]["receipt"]
    assert (found[2]["replayed"], "replayed" in found[0]) == (True, False)
    assert found[1]["problem"]["type"] == "/problems/idempotency-key-reused"
    assert len(liaison.get(path).json["items"]) == 2


def test_of_two_corrections_of_one_report_in_a_batch_one_is_taken(liaison: Caller, path: str) -> None:
    id = liaison.post(path, report_body()).json["id"]
    found = outcomes(send(liaison, path, *(item(key, corrects=id, reason="miscounted") for key in ("b", "a"))))
    assert sorted(one["status"] for one in found) == [201, 409]
    [problem] = [one["problem"] for one in found if "problem" in one]
    assert problem["type"] == "/problems/report-not-current"


def test_a_batch_sent_again_is_answered_the_same_and_counts_once(liaison: Caller, path: str, operation: Catalogue) -> None:
    lines = [item(), item(unit="XX"), item()]
    first, again = outcomes(send(liaison, path, *lines)), outcomes(send(liaison, path, *lines))
    assert [{name: one[name] for name in one if name != "replayed"} for one in again] == first
    assert [one.get("replayed") for one in again] == [True, None, True]
    assert fold_all(operation.id) == 2


def test_a_batch_sent_again_after_the_operation_closed_gives_its_receipts(liaison: Caller, path: str, operation: Catalogue) -> None:
    lines = [item(), item()]
    first = outcomes(send(liaison, path, *lines))
    step(operation.code, *PHASES[3:6])
    again = outcomes(send(liaison, path, *lines, item()))
    assert [one.get("receipt") for one in again] == [first[0]["receipt"], first[1]["receipt"], None]
    assert again[2]["problem"]["type"] == "/problems/operation-not-open"


def test_lines_may_end_in_carriage_returns_and_empty_ones_are_passed_over(liaison: Caller, path: str) -> None:
    line = json.dumps(item()).encode()
    assert statuses(send(liaison, path, line + b"\r", b"", b"  ", json.dumps(item()).encode())) == [201, 201]


def test_the_last_line_needs_no_end(liaison: Caller, path: str) -> None:
    body = "\n".join(json.dumps(item()) for _ in range(2))
    answer = liaison.client.post(f"/api/v1{path}/batch", data=body, content_type=NDJSON, headers=liaison.headers)
    assert statuses(answer) == [201, 201]


@pytest.mark.parametrize("lines", [(), (b"",), (b"", b"  ", b"\r")])
def test_a_batch_of_nothing_is_refused(kentucky: Caller, reports: str, lines: tuple[bytes, ...]) -> None:
    answer = send(kentucky, reports, *lines)
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/invalid")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/ndjson", None])
def test_another_kind_of_body_is_415(kentucky: Caller, reports: str, kind: str | None, leaves_no_trace: Callable[[], bool]) -> None:
    answer = send(kentucky, reports, item(), kind=kind)
    assert (answer.status_code, answer.json["type"]) == (415, "/problems/unsupported-content")
    assert leaves_no_trace()


def test_a_batch_may_have_8_mib_and_not_one_byte_more(kentucky: Caller, reports: str, leaves_no_trace: Callable[[], bool]) -> None:
    line = json.dumps(item()).encode()
    padding = b"\n" * (BATCH_LIMIT - len(line))
    too_large = send(kentucky, reports, line + padding)
    assert (too_large.status_code, too_large.json["type"]) == (413, "/problems/too-large")
    assert leaves_no_trace()
    assert statuses(send(kentucky, reports, line + padding[1:])) == [201]


def test_a_batch_may_have_many_lines(hub: Caller, night: Catalogue, reports: str) -> None:
    lines = [item(unit=("KY", "TN", "UNATTRIBUTED")[n % 3], lines=[{"measure": "arrests", "quantity": n}]) for n in range(500)]
    found = outcomes(send(hub, reports, *lines))
    assert {one["status"] for one in found} == {201}
    assert [one["receipt"]["unit"] for one in found[:3]] == ["KY", "TN", "UNATTRIBUTED"]
    assert len({one["receipt"]["id"] for one in found}) == 500


def test_a_batch_to_an_operation_that_is_not_there_is_404_as_a_whole(create_token: Callable[..., Caller]) -> None:
    answer = send(create_token(), "/operations/no-such-operation/reports", item())
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


def test_a_batch_needs_no_key_of_its_own_and_takes_none(liaison: Caller, path: str) -> None:
    headers = liaison.headers | {"Idempotency-Key": "batch"}
    for _ in range(2):
        body = json.dumps(item()).encode()
        answer = liaison.client.post(f"/api/v1{path}/batch", data=body, content_type=NDJSON, headers=headers)
        assert [one.get("replayed") for one in outcomes(answer)] == [None]
