"""Who may post once a version of the counting rules is in force, and under which version a report was counted."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from coordinator import db
from coordinator.db import transaction
from coordinator.operations.catalogue import Catalogue
from coordinator.verification import checkpoints, signing
from coordinator.verification.verify import Held, verify
from tests.briefings.conftest import Briefed
from tests.conftest import Caller, fold_all, report_body
from tests.verification.altering import packed, unpacked

HELD = "/problems/briefing-not-acknowledged"


def test_where_there_is_no_briefing_nobody_is_asked_and_reports_read_as_ever(briefed: Briefed, liaison: Caller) -> None:
    report = briefed.report(briefed.post(liaison))
    assert "rules_version" not in report
    assert "rules_version" not in liaison.get(briefed.place).json
    assert liaison.get(briefed.path).json == {"items": [], "next": None, "asked": None}


def test_a_liaison_posts_once_it_has_acknowledged_and_its_report_says_which_version(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    refused = briefed.post(liaison, "one-key")
    assert (refused.status_code, refused.json["type"]) == (409, HELD)
    assert (refused.json["unit"], refused.json["version"]) == ("KY", 1)
    assert f"/operations/{briefed.operation.code}/briefing" in refused.json["detail"]
    assert briefed.acknowledge(liaison).status_code == 201
    taken = briefed.post(liaison, "one-key")
    assert briefed.report(taken)["rules_version"] == 1
    assert fold_all(briefed.operation.id) == 1
    entry = briefed.desk.get(f"{briefed.place}/journal").json["items"][0]
    assert entry["rules_version"] == 1


def test_a_batch_and_reports_with_a_word_too_many_for_the_short_way_are_held_too(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    lines = b"\n".join(json.dumps(report_body(idempotency_key=uuid.uuid4().hex)).encode() for _ in range(2))
    headers = liaison.headers | {"Content-Type": "application/x-ndjson"}
    answer = liaison.client.post(f"/api/v1{briefed.place}/reports/batch", data=lines, headers=headers)
    outcomes = [json.loads(line) for line in answer.data.splitlines()]
    assert [(one["status"], one["problem"]["type"]) for one in outcomes] == [(409, HELD)] * 2
    assert briefed.post(liaison, lines=[], nil=True).json["type"] == HELD


def test_it_is_asked_of_the_person_for_a_unit_with_all_below_it(
    briefed: Briefed, liaison: Caller, trooper: Caller, create_token: Callable[..., Caller]
) -> None:
    morning = create_token("liaison", briefed.operation.code, "KY", "TN")
    briefed.publish()
    briefed.acknowledge(liaison)
    assert briefed.post(liaison, unit="KY-KSP").status_code == 201
    assert briefed.post(trooper, unit="KY-KSP").json["type"] == HELD, "the shift that came after has not read them"
    assert briefed.post(morning, unit="TN").json["type"] == HELD
    assert briefed.acknowledge(morning, unit="KY").status_code == 201
    assert briefed.post(morning, unit="KY").status_code == 201
    assert briefed.post(morning, unit="TN").json["type"] == HELD, "it was acknowledged for another unit"
    assert briefed.acknowledge(morning, unit="TN").status_code == 201
    assert briefed.post(morning, unit="TN").status_code == 201


def test_a_new_version_asks_again_and_the_first_receipt_stays_the_first_receipt(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    briefed.acknowledge(liaison)
    first = briefed.post(liaison, "evening")
    briefed.publish()
    assert briefed.post(liaison).json["version"] == 2
    again = briefed.post(liaison, "evening")
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (201, first.json, "true")
    withdrawn = liaison.post(f"{briefed.place}/reports/{first.json['id']}/withdrawal", {"reason": "sent by mistake"})
    assert withdrawn.status_code == 201, "what takes back counts nothing"
    briefed.acknowledge(liaison, 2)
    assert briefed.report(briefed.post(liaison))["rules_version"] == 2


def test_the_desk_posts_for_a_unit_that_has_not_acknowledged_and_it_is_marked(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    told = briefed.report(briefed.post(briefed.desk, channel="telephone"))
    assert [one["code"] for one in told["warnings"] if one["code"] != "outside-window"] == ["briefing-not-acknowledged"]
    assert "rules_version" not in told
    briefed.acknowledge(liaison)
    known = briefed.report(briefed.post(briefed.desk, channel="telephone"))
    assert ([one["code"] for one in known["warnings"]], known["rules_version"]) == ([], 1)
    briefed.publish()
    older = briefed.report(briefed.post(briefed.desk, channel="telephone"))
    assert ([one["code"] for one in older["warnings"]], older["rules_version"]) == (["briefing-not-acknowledged"], 1)
    nobody = briefed.report(briefed.post(briefed.desk, unit="UNATTRIBUTED"))
    assert (nobody["warnings"], nobody["rules_version"]) == ([], 2)


def test_what_is_wrong_about_a_report_is_said_before_the_rules_are_asked_for(briefed: Briefed, liaison: Caller) -> None:
    briefed.publish()
    assert briefed.post(liaison, unit="TN").json["type"] == "/problems/not-your-unit"
    assert briefed.post(liaison, lines=[{"measure": "arrests", "quantity": 1, "category": "no"}]).status_code == 422


def test_who_has_acknowledged_costs_no_question_for_each_report(briefed: Briefed, liaison: Caller) -> None:
    """The second report of the same liaison asks the database exactly what one in an operation without a briefing asks."""
    asked = {"without": _questions(lambda: briefed.post(liaison))}
    briefed.publish()
    briefed.acknowledge(liaison)
    briefed.post(liaison)
    asked["with"] = _questions(lambda: briefed.post(liaison))
    assert asked["with"] == asked["without"]


def _questions(act: Callable[[], Any]) -> int:
    count = 0

    def one(*_: Any) -> None:
        nonlocal count
        count += 1

    engine = db._engines[0]
    event.listen(engine, "before_cursor_execute", one)
    try:
        assert act().status_code == 201
    finally:
        event.remove(engine, "before_cursor_execute", one)
    return count


def test_a_bundle_holds_and_another_version_written_into_it_is_found(briefed: Briefed, liaison: Caller, tmp_path: Path) -> None:
    briefed.publish()
    briefed.acknowledge(liaison)
    briefed.post(liaison)
    fold_all(briefed.operation.id)
    with transaction():
        checkpoints.make(briefed.operation.id, signing.signer())
    bundle = briefed.desk.get(f"{briefed.place}/bundle").data
    altered = {name: content.replace(b'"rules_version":1', b'"rules_version":2') for name, content in unpacked(bundle).items()}
    assert altered != unpacked(bundle)
    for name, content, holds in (("honest", bundle, True), ("altered", packed(altered), False)):
        (tmp_path / name).write_bytes(content)
        assert verify(tmp_path / name, Held()).hold is holds, name


@pytest.mark.parametrize("phase", ["planned", "briefing"])
def test_what_is_acknowledged_before_the_night_holds_in_it(
    phase: str, create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]
) -> None:
    operation = create_operation(phase)
    briefed = Briefed(operation, create_token("desk", operation.code))
    liaison = create_token("liaison", operation.code, "KY")
    briefed.publish()
    assert briefed.acknowledge(liaison).status_code == 201
    assert briefed.post(liaison).json["type"] == "/problems/operation-not-open"
    for step in ("briefing", "live")[phase == "briefing" :]:
        assert briefed.desk.post(f"{briefed.place}/phase", {"phase": step}).status_code == 200
    assert briefed.post(liaison).status_code == 201
