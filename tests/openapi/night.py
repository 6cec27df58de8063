"""Stations of the tour in the night: what is reported, said, answered and sent out."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Flask

from config.settings import Settings
from coordinator.db import transaction
from coordinator.deliveries import sending, ways
from coordinator.deliveries.keys import Secrets
from coordinator.operations import service as operation_service
from coordinator.reports import saying, telephone
from tests.conftest import Caller, fold_all, report_body
from tests.openapi.touring import OPERATION, REPORT, REPORTS, UNKNOWN, Tour, key


def hear(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, path = callers["desk"], f"{OPERATION}/spoken"
    with transaction():
        catalogue = operation_service.find(night["code"])
    line = saying.write(telephone.book(catalogue), report_body(lines=[], nil=True), catalogue.starts_at, str(uuid.uuid4()))
    for said in (line, "KY NIL 000 000 000 #00"):
        tour.ask(desk, "post", path, 200, night, json={"line": said})
    tour.ask(desk, "post", path, 422, night, json={})
    tour.ask(callers["liaison"], "post", path, 403, night, json={"line": line})
    tour.ask(desk, "post", f"{path}/taking", 422, night, json={"line": "KY NIL 000 000 000 #00"})
    for _ in range(2):
        tour.ask(desk, "post", f"{path}/taking", 201, night, json={"line": line})


def act_jointly(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, path = callers["liaison"], f"{OPERATION}/joint-actions"
    opened = tour.ask(liaison, "post", path, 201, night, json={"unit": "KY", "name": "Warehouse"}, headers=key("joint")).json
    tour.ask(liaison, "post", path, 201, night, json={"unit": "KY", "name": "Warehouse"}, headers=key("joint"))
    for status, body in ((422, {"unit": "ZZ", "name": "x"}), (403, {"unit": "TN", "name": "x"}), (422, {})):
        tour.ask(liaison, "post", path, status, night, json=body)
    tour.ask(liaison, "get", path, 200, night)
    tour.ask(callers["observer"], "get", path, 403, night)
    tour.ask(liaison, "get", f"{path}/{{said}}", 200, night | {"said": opened["code"].lower()})
    tour.ask(liaison, "get", f"{path}/{{said}}", 404, night | {"said": "0000-1"})
    tour.ask(liaison, "post", REPORTS, 201, night, json=report_body(joint_action=opened["code"]), headers=key())


def report(tour: Tour, app: Flask, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, desk = callers["liaison"], callers["desk"]
    lines = [{"measure": "arrests", "quantity": 3, "assisting": ["TN"]}, {"measure": "currency_seized", "quantity": "12.50"}]
    bodies = [
        report_body(lines=lines, note="cleared"),
        report_body(basis="to_date", lines=[{"measure": "victims_rescued", "category": "minor", "quantity": 2}]),
        report_body(lines=[], nil=True, observed_at="2021-09-26T22:15:00Z"),
        report_body(unit="KY-KSP", lines=[{"measure": "currency_seized", "unquantified": "large amount"}]),
    ]
    ids = [tour.ask(liaison, "post", REPORTS, 201, night, json=body, headers=key()).json["id"] for body in bodies]
    tour.ask(liaison, "post", REPORTS, 201, night, json=bodies[0], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 201, night, json=bodies[0], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 422, night, json=bodies[1], headers=key("k"))
    tour.ask(liaison, "post", REPORTS, 422, night, json=bodies[0])
    tour.ask(liaison, "post", REPORTS, 422, night, json=report_body(lines=[{"measure": "nothing", "quantity": -1}]), headers=key())
    tour.ask(liaison, "post", REPORTS, 403, night, json=report_body(unit="TN"), headers=key())
    tour.ask(liaison, "post", REPORTS, 404, night, json=report_body(corrects=UNKNOWN, reason="x"), headers=key())
    tour.ask(liaison, "post", REPORTS, 400, night, data=b"{", content_type="application/json", headers=key())
    correction = report_body(corrects=ids[0], reason="miscounted")
    tour.ask(liaison, "post", REPORTS, 201, night, json=correction, headers=key())
    tour.ask(liaison, "post", REPORTS, 409, night, json=correction, headers=key())
    withdrawn = night | {"id": ids[1]}
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 201, withdrawn, json={"reason": "sent twice"}, headers=key())
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 409, withdrawn, json={"reason": "sent twice"})
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 422, withdrawn, json={})
    tour.ask(desk, "post", f"{REPORT}/withdrawal", 404, night | {"id": UNKNOWN}, json={"reason": "x"})
    tour.ask(callers["observer"], "post", f"{REPORT}/withdrawal", 403, withdrawn, json={"reason": "x"})
    _batch(tour, desk, night, bodies)
    tour.ask(liaison, "get", REPORTS, 200, night)
    fold_all(number_of(night))
    tour.ask(liaison, "get", REPORTS, 200, night, query_string={"unit": "KY", "limit": 2})
    tour.ask(liaison, "get", REPORTS, 422, night, query_string={"unit": "XX"})
    tour.ask(callers["observer"], "get", REPORTS, 403, night)
    for id in ids:
        tag = tour.ask(liaison, "get", REPORT, 200, night | {"id": id}).headers["ETag"]
    tour.ask(liaison, "get", REPORT, 304, night | {"id": ids[-1]}, headers={"If-None-Match": tag})
    tour.ask(liaison, "get", REPORT, 404, night | {"id": UNKNOWN})


def speak(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/bulletins"
    said = {"text": "Hold at the gate.", "units": ["KY"], "priority": "flash", "acknowledge_by": "2099-01-01T00:00:00Z"}
    first = tour.ask(desk, "post", path, 201, night, json=said, headers=key()).json["id"]
    tour.ask(desk, "post", path, 422, night, json={"text": "x", "units": ["ZZ"]})
    tour.ask(liaison, "post", path, 403, night, json=said)
    at, understood = night | {"id": first}, {"unit": "KY", "answer": "understood"}
    for _ in range(2):
        tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 201, at, json=understood)
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 403, at, json=understood | {"unit": "TN"})
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 422, at, json={"unit": "KY", "answer": "question"})
    tour.ask(liaison, "post", f"{path}/{{id}}/messages", 201, at, json={"unit": "KY", "text": "Which gate?"})
    tour.ask(liaison, "post", f"{path}/{{id}}/messages", 404, night | {"id": UNKNOWN}, json={"unit": "KY", "text": "x"})
    tour.ask(desk, "post", path, 201, night, json={"kind": "cancel", "supersedes": first, "text": "All clear."})
    tour.ask(desk, "post", path, 409, night, json={"kind": "update", "supersedes": first, "text": "x"})
    tour.ask(liaison, "post", f"{path}/{{id}}/acknowledgements", 409, at, json=understood)
    for caller in (desk, liaison):
        tour.ask(caller, "get", path, 200, night, query_string={"current": "true"})
        tour.ask(caller, "get", f"{path}/{{id}}", 200, at)
    tour.ask(liaison, "get", f"{path}/{{id}}", 404, night | {"id": UNKNOWN})


@contextmanager
def reaching_out(settings: Settings) -> Iterator[None]:
    """Ways out are open, though nobody is there."""
    mail = {"mail_domains": "example.gov", "smtp_url": "smtp://127.0.0.1:9", "mail_from": "hub@example.gov"}
    ways.hold(replace(settings, push_contact="mailto:hub@example.gov", push_hosts="push.example.net", **mail))
    yield
    ways.hold(settings)


def reach_out(tour: Tour, callers: dict[str, Caller], night: dict[str, str], settings: Settings) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/addresses"
    asked = {"kind": "mail", "address": "duty@example.gov", "whose": "liaison", "unit": "KY"}
    added = tour.ask(desk, "post", path, 201, night, json=asked, headers=key()).json["id"]
    tour.ask(desk, "post", path, 422, night, json=asked | {"address": "duty@example.com"})
    tour.ask(liaison, "post", path, 403, night, json=asked)
    tour.ask(desk, "get", path, 200, night)
    phone = {"endpoint": "https://push.example.net/x", "key": Secrets(settings.signing_key).push_public(), "auth": "A" * 22}
    mine = tour.ask(liaison, "post", f"{OPERATION}/push-subscriptions", 201, night, json=phone, headers=key()).json["id"]
    tour.ask(liaison, "post", f"{OPERATION}/push-subscriptions", 422, night, json=phone | {"key": "A" * 87})
    tour.ask(liaison, "get", f"{OPERATION}/push-subscriptions", 200, night)
    tour.ask(liaison, "delete", f"{OPERATION}/push-subscriptions/{{id}}", 204, night | {"id": mine})
    desk.post(f"/operations/{night['code']}/bulletins", {"text": "Hold."})
    ways.hold(settings)
    sending.send_all()
    (failed,) = tour.ask(desk, "get", f"{OPERATION}/deliveries", 200, night, query_string={"state": "failed"}).json["items"]
    tour.ask(desk, "get", f"{OPERATION}/deliveries", 422, night, query_string={"state": "lost"})
    tries, at = f"{OPERATION}/deliveries/{{id}}/tries", night | {"id": failed["id"]}
    tour.ask(desk, "post", tries, 201, at)
    tour.ask(desk, "post", tries, 409, at)
    tour.ask(desk, "post", tries, 404, night | {"id": UNKNOWN})
    tour.ask(desk, "delete", f"{path}/{{id}}", 204, night | {"id": added})
    tour.ask(desk, "delete", f"{path}/{{id}}", 404, night | {"id": UNKNOWN})


def be_there(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison = callers["desk"], callers["liaison"]
    contact = {"name": "Duty desk", "telephone": "extension 12", "alternate": "Night desk", "alternate_telephone": None}
    tour.ask(liaison, "post", f"{OPERATION}/check-ins", 201, night, json={"unit": "KY", "contact": contact})
    tour.ask(liaison, "post", f"{OPERATION}/check-ins", 403, night, json={"unit": "TN"})
    tour.ask(liaison, "put", f"{OPERATION}/contacts", 204, night, json={"unit": "KY", "contact": contact})
    tour.ask(liaison, "put", f"{OPERATION}/contacts", 403, night, json={"unit": "TN", "contact": contact})
    tour.ask(desk, "post", f"{OPERATION}/calls", 201, night, json={"unit": "KY", "outcome": "reached"})
    tour.ask(desk, "post", f"{OPERATION}/calls", 422, night, json={"unit": "KY", "outcome": "perhaps"})
    tour.ask(desk, "put", f"{OPERATION}/intervals", 200, night, json={"unit": "KY", "minutes": 30})
    tour.ask(desk, "put", f"{OPERATION}/intervals", 422, night, json={"unit": "KY", "minutes": 0})
    tour.ask(desk, "get", f"{OPERATION}/presence", 200, night)
    tour.ask(desk, "get", f"{OPERATION}/stand-down", 200, night)
    tour.ask(desk, "post", f"{OPERATION}/stand-down/close", 409, night, json={"reason": "x"})
    page = tour.ask(desk, "get", f"{OPERATION}/log", 200, night, query_string={"limit": 3}).json
    tour.ask(desk, "get", f"{OPERATION}/log", 200, night, query_string={"limit": 3, "cursor": page["next"]})
    tour.ask(desk, "get", f"{OPERATION}/log", 422, night, query_string={"cursor": "x"})
    tour.ask(desk, "get", f"{OPERATION}/log.csv", 200, night, query_string={"unit": "KY"})


def brief(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/briefings"
    sent: dict[str, Any] = {"query_string": {"name": "rules.txt"}, "content_type": "application/octet-stream"}
    file = tour.ask(desk, "post", f"{path}/files", 201, night, data=b"Count once.", **sent).json["id"]
    tour.ask(desk, "post", f"{path}/files", 413, night, data=bytes(5 * 1024 * 1024 + 1), **sent)
    tour.ask(desk, "post", f"{path}/files", 415, night, data=b"\x00", **sent)
    tour.ask(desk, "post", f"{path}/files", 422, night, data=b"x", content_type="application/octet-stream")
    question = {"question": "Is a citation an arrest?", "choices": ["Yes", "No"], "right": 1, "measure": "arrests"}
    pack = {"pages": [{"title": "Tonight", "markdown": "Count once."}], "questions": [question], "files": [file]}
    tour.ask(desk, "post", f"{path}/preview", 200, night, json={"pages": pack["pages"]})
    tour.ask(desk, "post", f"{path}/preview", 422, night, json={"pages": []})
    tour.ask(liaison, "post", f"{path}/preview", 403, night, json={"pages": pack["pages"]})
    tour.ask(desk, "post", path, 201, night, json=pack, headers=key())
    tour.ask(desk, "post", path, 422, night, json=pack | {"pages": []})
    tour.ask(liaison, "post", path, 403, night, json=pack)
    at, answer = night | {"version": 1}, {"unit": "KY", "answers": [1]}
    tour.ask(liaison, "post", REPORTS, 409, night, json=report_body(), headers=key())
    tour.ask(liaison, "post", f"{path}/{{version}}/read", 201, at)
    tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 422, at, json=answer | {"answers": [0]})
    tour.ask(desk, "post", f"{path}/{{version}}/acknowledgements", 403, at, json=answer)
    tour.ask(desk, "get", f"{path}/changes", 200, night)
    for _ in range(2):
        tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 201, at, json=answer)
    tour.ask(liaison, "post", f"{path}/{{version}}/acknowledgements", 404, at | {"version": 9}, json=answer)
    posted = tour.ask(liaison, "post", REPORTS, 201, night, json=report_body(), headers=key()).json["id"]
    assert tour.ask(liaison, "get", REPORT, 200, night | {"id": posted}).json["rules_version"] == 1
    for caller in (desk, liaison):
        tour.ask(caller, "get", path, 200, night)
        tour.ask(caller, "get", f"{path}/{{version}}", 200, at)
        tour.ask(caller, "get", f"{path}/files/{{id}}", 200, night | {"id": file})
    for rest in ("briefings/{version}/receipts", "readiness"):
        tour.ask(desk, "get", f"{OPERATION}/{rest}", 200, at)


def tell_where_all_stands(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    desk, liaison, path = callers["desk"], callers["liaison"], f"{OPERATION}/situation-reports"
    tour.ask(desk, "post", path, 201, night, json={"remarks": "All quiet."})
    tour.ask(desk, "post", path, 422, night, json={"kind": "initial"})
    tour.ask(liaison, "post", path, 403, night, json={})
    first = night | {"number": 1}
    for ending in ("", ".pdf"):
        tour.ask(liaison, "get", f"{path}/{{number}}{ending}", 200, first)
        tour.ask(liaison, "get", f"{path}/{{number}}{ending}", 404, night | {"number": 9})
    tour.ask(liaison, "get", path, 200, night)
    tour.ask(desk, "post", f"{path}/{{number}}/approval", 403, first, json={})
    tour.ask(callers["admin"], "post", f"{path}/{{number}}/approval", 201, first, json={})
    tour.ask(callers["admin"], "post", f"{path}/{{number}}/approval", 409, first, json={})
    tour.ask(desk, "post", f"{path}/schedule", 201, night, json={"every_minutes": 60})
    tour.ask(desk, "post", f"{path}/schedule", 422, night, json={"every_minutes": 1})
    tour.ask(liaison, "get", f"{path}/schedule", 200, night)


def number_of(night: dict[str, str]) -> int:
    from coordinator.operations import service

    with transaction():
        return service.find(night["code"]).id


def _batch(tour: Tour, desk: Caller, night: dict[str, str], bodies: list[dict[str, Any]]) -> None:
    batch = b"".join(json.dumps(body | {"idempotency_key": uuid.uuid4().hex}).encode() + b"\n" for body in [*bodies, {"unit": "XX"}])
    answer = tour.ask(desk, "post", f"{REPORTS}/batch", 207, night, data=batch, content_type="application/x-ndjson")
    for line in map(json.loads, answer.data.splitlines()):
        name = "Receipt" if line["status"] == 201 else "Problem"
        tour.hold(line[name.lower()], {"$ref": f"#/components/schemas/{name}"})
    tour.ask(desk, "post", f"{REPORTS}/batch", 415, night, json=bodies)
    tour.ask(desk, "post", f"{REPORTS}/batch", 422, night, data=b"\n", content_type="application/x-ndjson")


def trace(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    tour.ask(callers["observer"], "get", f"{OPERATION}/sources", 403, night, query_string={"measure": "arrests"})
    again = {"measure": "arrests", "limit": 1}
    tag = tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 200, night, query_string=again).headers["ETag"]
    tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 304, night, query_string=again, headers={"If-None-Match": tag})
    tour.ask(callers["desk"], "get", f"{OPERATION}/sources", 422, night, query_string={"measure": "arrests", "cursor": "x"})
