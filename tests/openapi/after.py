"""Stations of the tour after the night: what is read, reconciled, certified and closed, and who is turned away."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from coordinator import heartbeats
from coordinator.access.limits import Limits
from coordinator.db import transaction
from coordinator.exports import making
from coordinator.exports.formats import FORMATS
from coordinator.heartbeats import WORKER
from coordinator.operations import service as operation_service
from coordinator.verification import checkpoints, signing
from tests.conftest import Caller, fold_all, report_body
from tests.openapi.night import number_of, trace
from tests.openapi.touring import OPERATION, REPORT, REPORTS, UNKNOWN, Tour, key, operations
from tests.structure.worlds import step


def read(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    observer, desk = callers["observer"], callers["desk"]
    tag = tour.ask(observer, "get", f"{OPERATION}/totals", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/totals", 304, night, headers={"If-None-Match": tag})
    tour.ask(observer, "get", f"{OPERATION}/totals", 200, night, query_string={"at": 2, "as_of": "2021-08-27T03:00:00Z"})
    tour.ask(observer, "get", f"{OPERATION}/totals", 422, night, query_string={"at": 10_000})
    tour.ask(observer, "get", f"{OPERATION}/series", 200, night, query_string={"measure": "arrests"})
    tour.ask(observer, "get", f"{OPERATION}/series", 200, night, query_string={"measure": "currency_seized", "unit": "KY", "step": "1h"})
    tour.ask(observer, "get", f"{OPERATION}/series", 422, night)
    tour.ask(observer, "get", f"{OPERATION}/series", 422, night, query_string={"measure": "arrests", "step": "soon"})
    trace(tour, callers, night)
    for query in ({"kind": "correction"}, {"unit": "KY", "order": "oldest"}, {"since": "2021-08-27T03:00:00Z", "limit": 2}):
        tour.ask(desk, "get", f"{OPERATION}/journal", 200, night, query_string=query)
    tour.ask(desk, "get", f"{OPERATION}/journal", 422, night, query_string={"cursor": "x"})
    tour.ask(desk, "get", f"{OPERATION}/journal", 422, night, query_string={"unit": "NOWHERE"})
    for form in FORMATS:
        tour.ask(observer, "get", f"{OPERATION}/statistics.{form}", 403, night)
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 200, night)
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 200, night, query_string={"at": 1})
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 422, night, query_string={"at": "x"})
        tour.ask(desk, "get", f"{OPERATION}/statistics.{form}", 404, {"code": "no-such-operation"})
    _export(tour, callers, night)


def _export(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """Publishes, and has files made."""
    desk, observer = callers["desk"], callers["observer"]
    path, publications = f"{OPERATION}/exports", f"{OPERATION}/publications"
    for _ in range(2):
        tour.ask(desk, "post", publications, 201, night, json={"at": 1}, headers=key("published"))
    tour.ask(desk, "post", publications, 422, night, json={"at": 1, "release": 1})
    tour.ask(observer, "post", publications, 403, night, json={})
    tour.ask(desk, "get", publications, 200, night)
    tour.ask(desk, "get", f"{OPERATION}/statistics.json", 200, night, query_string={"public": "true"})
    tour.ask(desk, "get", f"{OPERATION}/statistics.pdf", 404, night, query_string={"public": "true", "at": 2})
    for form in FORMATS:
        asked = tour.ask(desk, "post", path, 202, night, json={"format": form}, headers=key()).json
        at = night | {"id": asked["id"]}
        tour.ask(desk, "get", f"{path}/{{id}}/file", 409, at)
        making.make(uuid.UUID(asked["id"]))
        tour.ask(desk, "get", f"{path}/{{id}}", 200, at)
        tour.ask(desk, "get", f"{path}/{{id}}/file", 200, at)
        tour.ask(observer, "get", f"{path}/{{id}}", 404, at)
    tour.ask(desk, "post", path, 422, night, json={"format": "docx"})
    tour.ask(desk, "get", path, 200, night)


def reconcile(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    liaison, desk = callers["liaison"], callers["desk"]
    finals = {"unit": "KY", "figures": [{"measure": "arrests", "quantity": 4}, {"measure": "currency_seized", "unquantified": "much"}]}
    tour.ask(liaison, "post", f"{OPERATION}/finals", 409, night, json=finals)
    step(night["code"], "standing_down")
    tour.ask(desk, "post", f"{OPERATION}/stand-down/close", 201, night, json={"reason": "South Dakota was over two weeks ago."})
    tour.ask(desk, "get", f"{OPERATION}/stand-down", 200, night)
    step(night["code"], "reconciling")
    tour.ask(desk, "post", REPORTS, 201, night, json=report_body(unit="TN"), headers=key())
    for _ in range(2):
        tour.ask(liaison, "post", f"{OPERATION}/finals", 201, night, json=finals, headers=key("finals"))
    tour.ask(liaison, "post", f"{OPERATION}/finals", 403, night, json=finals | {"unit": "TN"})
    adjustment = {"measure": "arrests", "sources": ["KY", "TN"], "method": "maximum", "reason": "one raid"}
    made = tour.ask(desk, "post", f"{OPERATION}/adjustments", 201, night, json=adjustment, headers=key()).json["id"]
    tour.ask(desk, "post", f"{OPERATION}/adjustments", 422, night, json=adjustment)
    tour.ask(desk, "post", f"{OPERATION}/adjustments/{{id}}/withdrawal", 201, night | {"id": made}, json={"reason": "two raids"})
    tour.ask(liaison, "post", f"{OPERATION}/finals/taking", 201, night, json={"unit": "KY", "measure": "arrests"})
    control = {"measure": "arrests", "quantity": 10, "source": "a press release"}
    id = tour.ask(desk, "post", f"{OPERATION}/controls", 201, night, json=control, headers=key()).json["id"]
    tour.ask(desk, "get", f"{OPERATION}/controls", 200, night)
    tour.ask(desk, "post", f"{OPERATION}/controls/{{id}}/attribution", 201, night | {"id": id}, json={"unit": "UNATTRIBUTED"})
    explained = {"check": "final:KY:currency_seized:unspecified", "text": "the bank counts it"}
    tour.ask(liaison, "post", f"{OPERATION}/explanations", 201, night, json=explained)
    tour.ask(liaison, "post", f"{OPERATION}/explanations", 409, night, json=explained | {"inputs": "of another night"})
    tag = tour.ask(desk, "get", f"{OPERATION}/reconciliation", 200, night, query_string={"since": 1}).headers["ETag"]
    tour.ask(desk, "get", f"{OPERATION}/reconciliation", 304, night, query_string={"since": 1}, headers={"If-None-Match": tag})
    tour.ask(liaison, "get", f"{OPERATION}/reconciliation", 200, night, query_string={"at": 2})


def verify(tour: Tour, callers: dict[str, Caller], night: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, observer = callers["desk"], callers["observer"]
    tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 404, night)
    with transaction():
        checkpoints.make(operation_service.find(night["code"]).id, signing.signer())
    tag = tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/checkpoints/latest", 304, night, headers={"If-None-Match": tag})
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 200, night)
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 200, night, query_string={"limit": 1, "cursor": "NQ"})
    tour.ask(observer, "get", f"{OPERATION}/checkpoints", 422, night, query_string={"cursor": "x"})
    first = next(one for one in desk.get(f"/operations/{night['code']}/reports").json["items"] if one["position"])
    tour.ask(desk, "get", f"{REPORT}/proof", 200, night | {"id": first["id"]})
    tour.ask(desk, "get", f"{REPORT}/proof", 404, night | {"id": UNKNOWN})
    tour.ask(observer, "get", f"{OPERATION}/bundle", 403, night)
    tour.ask(desk, "get", f"{OPERATION}/bundle", 200, night)
    tour.ask(desk, "get", f"{OPERATION}/bundle", 422, night, query_string={"at": 10_000})
    tour.ask(None, "get", "/api/v1/signing-key", 200)
    with monkeypatch.context() as patched:
        patched.setattr(signing, "_held", [])
        tour.ask(None, "get", "/api/v1/signing-key", 503)
        tour.ask(desk, "get", f"{OPERATION}/bundle", 503, night)


def _certify(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """Signs, waives and releases, amends, and asks for what is not there."""
    liaison, desk, admin, observer = (callers[name] for name in ("liaison", "desk", "admin", "observer"))
    where = f"{OPERATION}/certification"
    tour.ask(observer, "get", where, 403, night)
    tour.ask(desk, "post", f"{OPERATION}/amendments", 409, night, json={"reason": "too early"})
    state = tour.ask(liaison, "get", where, 200, night).json
    own = next(one for one in state["units"] if one["yours"])
    body = {"unit": own["unit"], "position": own["position"], "digest": own["digest"]}
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 409, night, json=body | {"digest": None}, headers=key())
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 201, night, json=body, headers=key())
    tour.ask(liaison, "post", f"{OPERATION}/signatures", 409, night, json=body, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/signatures", 403, night, json=body, headers=key())
    tour.ask(desk, "post", f"{where}/signatures", 409, night, json=_draft(tour, desk, night), headers=key())
    for one in tour.ask(desk, "get", where, 200, night).json["open"]:
        tour.ask(desk, "post", f"{OPERATION}/waivers", 201, night, json={"item": one["item"], "reason": "known"}, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/waivers", 422, night, json={"item": "nothing", "reason": "known"}, headers=key())
    for caller in (desk, admin):
        tour.ask(caller, "post", f"{where}/signatures", 201, night, json=_draft(tour, caller, night), headers=key())
    tag = tour.ask(observer, "get", f"{OPERATION}/releases", 200, night).headers["ETag"]
    tour.ask(observer, "get", f"{OPERATION}/releases", 304, night, headers={"If-None-Match": tag})
    for path in ("releases/{number}", "releases/{number}/changes"):
        tour.ask(observer, "get", f"{OPERATION}/{path}", 200, night | {"number": 1})
        tour.ask(observer, "get", f"{OPERATION}/{path}", 404, night | {"number": 2})


def _amend(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    """A second release, in which something has changed."""
    desk, admin = callers["desk"], callers["admin"]
    tour.ask(desk, "post", f"{OPERATION}/amendments", 422, night, json={"reason": ""}, headers=key())
    tour.ask(desk, "post", f"{OPERATION}/amendments", 201, night, json={"reason": "counted again"}, headers=key())
    later = report_body(observed_at=datetime.now(UTC).isoformat())
    tour.ask(desk, "post", REPORTS, 201, night, json=later, headers=key())
    fold_all(number_of(night))
    for one in tour.ask(desk, "get", f"{OPERATION}/certification", 200, night).json["open"]:
        if one["waiver"] is None:
            tour.ask(desk, "post", f"{OPERATION}/waivers", 201, night, json={"item": one["item"], "reason": "known"}, headers=key())
    for caller in (desk, admin):
        body = _draft(tour, caller, night)
        tour.ask(caller, "post", f"{OPERATION}/certification/signatures", 201, night, json=body, headers=key())
    assert tour.ask(desk, "get", f"{OPERATION}/releases/{{number}}/changes", 200, night | {"number": 2}).json["units"]
    tour.ask(desk, "get", f"{OPERATION}/releases", 200, night)


def _draft(tour: Tour, caller: Caller, night: dict[str, str]) -> dict[str, Any]:
    """What someone of the desk would sign."""
    state = tour.ask(caller, "get", f"{OPERATION}/certification", 200, night).json
    return {"position": state["position"], "digest": state["draft"]["digest"]}


def close(tour: Tour, callers: dict[str, Caller], night: dict[str, str]) -> None:
    _certify(tour, callers, night)
    tour.ask(callers["liaison"], "post", REPORTS, 409, night, json=report_body(), headers=key())
    tour.ask(callers["observer"], "get", f"{OPERATION}/statistics.json", 200, night)
    tour.ask(callers["observer"], "get", f"{OPERATION}/totals", 200, night)
    tour.ask(callers["admin"], "post", f"{OPERATION}/phase", 409, night, json={"phase": "live"})
    _amend(tour, callers, night)


def look_after(tour: Tour) -> None:
    with transaction() as session:
        session.execute(heartbeats.Heartbeat.__table__.delete())
    assert tour.ask(None, "get", "/readyz", 503).json["worker"] == "silent"
    with transaction():
        heartbeats.beat(WORKER)
    for path in ("/readyz", "/healthz", "/metrics"):
        tour.ask(None, "get", path, 200)
    tag = tour.ask(None, "get", "/api/v1/openapi.json", 200).headers["ETag"]
    tour.ask(None, "get", "/api/v1/openapi.json", 304, headers={"If-None-Match": tag})
    tour.ask(None, "get", "/problems/{name}", 200, {"name": "in-use"})
    tour.ask(None, "get", "/problems/{name}", 404, {"name": "none"})


def overrun(tour: Tour, app: Flask, callers: dict[str, Caller], night: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write past the limit of its token, or of its address where nobody has signed in yet."""
    for name, who in (("tallyroom.limits", uuid.UUID(callers["admin"].id)), ("tallyroom.attempts", "127.0.0.1")):
        monkeypatch.setitem(app.extensions, name, Limits(0.001, 1, lambda: 0.0))
        app.extensions[name].spend(who)
    for method, path, _ in operations(tour.document):
        if method != "get":
            tour.ask(callers["admin"], method, path, 429, night | {"id": UNKNOWN, "number": 1, "version": 1}, json={})


def stranger(tour: Tour, night: dict[str, str]) -> None:
    """Everything that needs a token, without one."""
    for method, path, operation in operations(tour.document):
        if operation.get("security") is None:
            places = night | {"id": UNKNOWN, "template": "none", "said": "none", "number": 1, "version": 1}
            tour.ask(None, method, path, 401, places, json={} if method != "get" else None)
