"""The OpenAPI document is true: every answer of a whole night has the shape it promises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from config.settings import Settings
from tests.conftest import Caller, operation_document
from tests.openapi.after import close, look_after, overrun, read, reconcile, stranger, verify
from tests.openapi.before import admit, plan, rehearse, sign_in
from tests.openapi.night import act_jointly, be_there, brief, hear, reach_out, reaching_out, report, speak, tell_where_all_stands
from tests.openapi.touring import OPERATION, Tour, operations


def test_every_answer_of_a_whole_night_has_the_shape_promised(
    tour: Tour, app: Flask, settings: Settings, create_token: Callable[..., Caller], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each address answered well and refused in every way it has; the last lines hold that none was left out."""
    admin = create_token()
    apart = {"starts_at": "2021-08-06T00:00:00Z", "ends_at": "2021-08-15T00:00:00Z", "footnote": "Earlier"}
    body = operation_document()
    body["units"].append({"code": "SD", "name": "South Dakota", "kind": "jurisdiction", "conducted_separately": apart})
    night = {"code": body["code"]}
    plan(tour, admin, body, night)
    callers = admit(tour, admin, night)
    sign_in(tour, admin, night)
    rehearse(tour, admin)
    act_jointly(tour, callers, night)
    hear(tour, callers, night)
    report(tour, app, callers, night)
    with reaching_out(settings):
        reach_out(tour, callers, night, settings)
    speak(tour, callers, night)
    be_there(tour, callers, night)
    brief(tour, callers, night)
    tell_where_all_stands(tour, callers, night)
    read(tour, callers, night)
    verify(tour, callers, night, monkeypatch)
    reconcile(tour, callers, night)
    close(tour, callers, night)
    look_after(tour)
    overrun(tour, app, callers, night, monkeypatch)
    stranger(tour, night)
    good = {operation for operation, statuses in tour.seen.items() if min(statuses) < 300}
    assert good == {(method, path) for method, path, _ in operations(tour.document)} - {("get", f"{OPERATION}/stream")}


def test_the_stream_is_what_it_says_it_is(tour: Tour, desk: Caller, operation: Any) -> None:
    described = tour.document["paths"][f"{OPERATION}/stream"]["get"]["responses"]["200"]
    with desk.get(f"/operations/{operation.code}/stream") as answer:
        assert (answer.status_code, answer.mimetype) == (200, next(iter(described["content"])))
    tour.ask(None, "get", f"{OPERATION}/stream", 401, {"code": operation.code})
    tour.ask(desk, "get", f"{OPERATION}/stream", 404, {"code": "no-such-operation"})
