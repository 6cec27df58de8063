"""Posting a report, through the door."""

from __future__ import annotations

from coordinator.jobs import FoldInbox
from tests.conftest import fold_all, report_body


def test_a_report_is_receipted_and_counts_once_it_is_folded(operation, liaison, sent) -> None:
    answer = liaison.post(f"/operations/{operation.code}/reports", report_body())
    assert answer.status_code == 201
    assert answer.json["unit"] == "KY"
    assert sent == [FoldInbox(operation.id)]
    assert fold_all(operation.id) == 1
    totals = liaison.get(f"/operations/{operation.code}/totals").json
    assert totals["national"]["arrests"]["total"] == 3
    assert totals["reporting"] == {"expected": 2, "heard": 1, "overdue": [], "nil": []}


def test_the_same_key_and_body_is_answered_with_the_first_receipt(operation, liaison) -> None:
    first = liaison.post(f"/operations/{operation.code}/reports", report_body(), "k1")
    again = liaison.post(f"/operations/{operation.code}/reports", report_body(lines=[{"quantity": 3.0, "measure": "arrests"}]), "k1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused(operation, liaison) -> None:
    liaison.post(f"/operations/{operation.code}/reports", report_body(), "k1")
    answer = liaison.post(f"/operations/{operation.code}/reports", report_body(note="changed"), "k1")
    assert (answer.status_code, answer.json["type"]) == (422, "/problems/idempotency-key-reused")
