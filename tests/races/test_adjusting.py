"""An adjustment and a report of one of its sources at once: never does an adjustment stand on a figure it was not made of."""

from __future__ import annotations

import functools
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from coordinator.db import transaction
from tests.conftest import actor_of, fold_all, report_body
from tests.hubs import eventually
from tests.races.conftest import PATIENCE, at_once, compared, held_open, posted

ROUNDS = 40
BODY = {"measure": "arrests", "sources": ["KY", "TN"], "method": "maximum", "reason": "one raid"}


def standing_on(operation, desk) -> None:
    """At every position of the journal, what each standing adjustment was made of is what its sources have."""
    newest = desk.get(f"/operations/{operation.code}/totals").json["position"]
    for position in range(newest + 1):
        made = desk.get(f"/operations/{operation.code}/reconciliation", at=position).json["adjustments"]
        totals = desk.get(f"/operations/{operation.code}/totals", at=position).json
        figures = {unit["code"]: unit["measures"].get("arrests", {}).get("total") for unit in totals["units"]}
        for one in made:
            if one["standing"]:
                assert {source["unit"]: source["quantity"] for source in one["sources"]} == {code: figures[code] for code in ("KY", "TN")}


@pytest.mark.usefixtures("door")
def test_an_adjustment_never_stands_on_a_source_that_has_changed(create_operation, create_token, poster) -> None:
    operation = create_operation("reconciling")
    desk = create_token("desk", operation.code)
    reports, adjustments = f"/operations/{operation.code}/reports", f"/operations/{operation.code}/adjustments"
    for unit in ("KY", "TN"):
        assert desk.post(reports, report_body(unit=unit)).status_code == 201
    callers = [poster(desk) for _ in range(3)]
    acts = (
        lambda: callers[0].post(reports, report_body(unit="KY")),
        lambda: callers[1].post(adjustments, BODY),
        lambda: callers[2].post(reports, report_body(unit="TN")),
        lambda: fold_all(operation.id),
    )
    made = 0
    for _ in range(ROUNDS // 2):  # in each of two ways to post
        kentucky, adjusted, tennessee, _ = at_once(*acts)
        assert kentucky.status_code == tennessee.status_code == 201
        assert adjusted.status_code == 201 or "stands in an adjustment already" in adjusted.text, adjusted.json
        made += adjusted.status_code == 201
        fold_all(operation.id)
    assert made > 0
    standing_on(operation, desk)
    assert compared(operation.id).holds


def test_making_one_waits_for_a_report_that_is_under_way_and_counts_it(create_operation, create_token) -> None:
    operation = create_operation("reconciling")
    desk = create_token("desk", operation.code)
    for unit in ("KY", "TN"):
        assert desk.post(f"/operations/{operation.code}/reports", report_body(unit=unit)).status_code == 201
    actor = actor_of(desk)
    with ThreadPoolExecutor(1) as pool:
        with held_open(lambda: posted(actor, operation)), transaction() as session:
            making = pool.submit(desk.post, f"/operations/{operation.code}/adjustments", BODY)
            waits = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            eventually(lambda: session.scalar(waits), what="making it to wait")
        made = making.result(PATIENCE)
    assert (made.status_code, made.json["sources"][0]) == (201, {"unit": "KY", "quantity": 6})


def test_two_reports_at_once_make_it_fall_once_and_both_count(create_operation, create_token, poster) -> None:
    operation = create_operation("reconciling")
    desk = create_token("desk", operation.code)
    reports = f"/operations/{operation.code}/reports"
    for unit in ("KY", "TN"):
        desk.post(reports, report_body(unit=unit))
    for _ in range(ROUNDS // 4):
        assert desk.post(f"/operations/{operation.code}/adjustments", BODY).status_code == 201
        callers = [poster(desk) for _ in range(4)]
        key = uuid.uuid4().hex  # two of the four are the same report
        at_once(*[functools.partial(one.post, reports, report_body(), key if n < 2 else "") for n, one in enumerate(callers)])
        fold_all(operation.id)
    made = desk.get(f"/operations/{operation.code}/reconciliation").json["adjustments"]
    assert [one["standing"] for one in made] == [False] * (ROUNDS // 4)
    standing_on(operation, desk)
    assert compared(operation.id).holds
    total = desk.get(f"/operations/{operation.code}/totals").json["national"]["arrests"]["total"]
    assert total == 3 * (2 + 3 * (ROUNDS // 4))
