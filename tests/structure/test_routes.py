"""Who may do what: every route tried for every caller, from one table.

A route without a row fails, and so does a row without a route. What may not be seen is told apart from what does not exist by
nothing: the two answers are compared byte by byte.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from coordinator import app as composition
from coordinator import health, heartbeats
from coordinator.app import answers_to
from coordinator.db import driver_url, transaction
from coordinator.deliveries.models import Address, Outgoing
from coordinator.heartbeats import WORKER
from coordinator.operations.catalogue import Catalogue
from coordinator.verification import checkpoints, signing
from tests.conftest import Caller, fold_all, operation_document, report_body
from tests.people import CODE, Browser, new_account, passphrase, secret_in
from tests.structure.worlds import live_operation, new_token

STRANGERS = ("none", "garbage", "expired", "revoked")
"""Callers the hub does not know: 401 wherever a token is needed, whatever the address names."""

MEMBERS = ("observer", "liaison", "liaison of TN", "desk", "admin")
"""Callers of the operation the address names, in the order of the table's columns."""

OUTSIDERS = ("observer elsewhere", "liaison elsewhere", "desk elsewhere")
"""Callers of another operation: for them this one does not exist."""

UNKNOWN = uuid.UUID("00000000-0000-7000-8000-000000000000")


JOINT_ACTION = {"unit": "KY", "name": "Warehouse, south side"}


BRIEFING = {"pages": [{"title": "Tonight", "markdown": "Count once."}], "acknowledge": False}


BULLETIN = {"text": "Hold at the gate.", "units": ["KY"]}


PHONE = {"endpoint": "https://push.example.net/x", "key": "A" * 87, "auth": "A" * 22}


class Row(NamedTuple):
    """What each caller is answered: strangers by a status of their own, outsiders by 404 wherever an operation is named."""

    observer: int
    liaison: int
    liaison_of_tn: int
    desk: int
    admin: int
    stranger: int = 401


PUBLIC = Row(200, 200, 200, 200, 200, 200)

ROUTES: dict[str, Row] = {
    # route            observer, Kentucky's liaison, Tennessee's, desk, admin
    "GET /healthz": PUBLIC,
    "GET /readyz": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /api/docs": PUBLIC,
    "GET /api/docs.css": PUBLIC,
    "GET /api/v1/openapi.json": PUBLIC,
    "GET /problems/<name>": PUBLIC,
    "GET /static/<version>/<path:name>": PUBLIC,
    "GET /": Row(200, 200, 200, 200, 200),
    "GET /operations/<code>": Row(302, 302, 302, 302, 302),
    "GET /operations/<code>/board": Row(200, 200, 200, 200, 200),
    "GET /operations/<code>/briefing": Row(403, 200, 200, 200, 200),
    "GET /operations/<code>/readiness": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/bulletins": Row(403, 200, 200, 200, 200),
    "GET /operations/<code>/deliveries": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/post": Row(403, 200, 200, 200, 200),
    "GET /post/<name>.webmanifest": PUBLIC,
    "GET /post/shell": PUBLIC,
    "GET /post/worker.js": PUBLIC,
    "GET /sign-in": PUBLIC,
    "GET /join": PUBLIC,
    "GET /unlock": Row(303, 303, 303, 303, 303, 303),  # a program is no device: it is sent to sign in
    "GET /sessions": Row(200, 200, 200, 200, 200),
    "GET /operations/<code>/people": Row(403, 403, 403, 200, 200),
    "GET /operations/new": Row(403, 403, 403, 403, 200),
    "GET /operations/<code>/plan": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/log": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/situation": Row(403, 200, 200, 200, 200),
    "GET /operations/<code>/journal": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/audit": Row(403, 403, 403, 200, 200),
    "GET /audit": Row(403, 403, 403, 403, 200),
    "GET /api/v1/me": Row(200, 200, 200, 200, 200),
    "GET /api/v1/tokens": Row(403, 403, 403, 200, 200),
    "POST /api/v1/tokens": Row(403, 403, 403, 201, 201),
    "DELETE /api/v1/tokens/<uuid:id>": Row(403, 403, 403, 204, 204),
    "POST /api/v1/sessions": Row(201, 201, 201, 201, 201, 201),
    "GET /api/v1/sessions": Row(200, 200, 200, 200, 200),
    "PATCH /api/v1/sessions/<uuid:id>": Row(404, 404, 404, 404, 404),  # one's own, which a token does not have
    "DELETE /api/v1/sessions/<uuid:id>": Row(404, 404, 404, 204, 204),
    "POST /api/v1/invitations": Row(403, 403, 403, 201, 201),
    "GET /api/v1/invitations": Row(403, 403, 403, 200, 200),
    "POST /api/v1/invitations/offer": PUBLIC,
    "DELETE /api/v1/invitations/<uuid:id>": Row(403, 403, 403, 204, 204),
    "POST /api/v1/devices": Row(201, 201, 201, 201, 201, 201),
    "GET /api/v1/devices": Row(200, 200, 200, 200, 200),
    "GET /api/v1/devices/this": Row(404, 404, 404, 404, 404, 404),  # a program is no device
    "POST /api/v1/devices/this/sessions": Row(403, 403, 403, 403, 403, 403),  # nothing says which page sent it
    "DELETE /api/v1/devices/<uuid:id>": Row(404, 404, 404, 204, 204),
    "POST /api/v1/accounts": Row(201, 201, 201, 201, 201, 201),
    "GET /api/v1/accounts": Row(403, 403, 403, 200, 200),
    "PATCH /api/v1/accounts/<uuid:id>": Row(403, 403, 403, 403, 200),
    "DELETE /api/v1/accounts/<uuid:id>": Row(403, 403, 403, 403, 204),
    "POST /api/v1/accounts/this/rights": Row(404, 404, 404, 404, 404),  # a token has no account
    "PUT /api/v1/accounts/this/passphrase": Row(404, 404, 404, 404, 404),
    "GET /api/v1/audit": Row(403, 403, 403, 403, 200),
    "GET /api/v1/templates": Row(403, 403, 403, 403, 200),
    "GET /api/v1/templates/<template>": Row(403, 403, 403, 403, 200),
    "GET /api/v1/operations": Row(200, 200, 200, 200, 200),
    "POST /api/v1/operations": Row(403, 403, 403, 403, 201),
    "GET /api/v1/operations/<code>": Row(200, 200, 200, 200, 200),
    "PATCH /api/v1/operations/<code>": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/phase": Row(403, 403, 403, 409, 409),  # asked for the phase it is in: let through, then refused
    "POST /api/v1/operations/<code>/exercises": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/exercises": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/practice": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/zero": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/zero": Row(403, 403, 403, 409, 409),  # it is live: let through, then refused
    "POST /api/v1/operations/<code>/spoken": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/spoken/taking": Row(403, 403, 403, 422, 422),  # let through, and none is understood
    "GET /api/v1/operations/<code>/audit": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/joint-actions": Row(403, 201, 403, 201, 201),
    "GET /api/v1/operations/<code>/joint-actions": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/joint-actions/<said>": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/bulletins": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/bulletins": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/bulletins/<uuid:id>": Row(403, 200, 404, 200, 200),  # it is to Kentucky
    "POST /api/v1/operations/<code>/bulletins/<uuid:id>/acknowledgements": Row(403, 201, 404, 201, 201),
    "POST /api/v1/operations/<code>/bulletins/<uuid:id>/messages": Row(403, 201, 404, 201, 201),
    "POST /api/v1/operations/<code>/briefings": Row(403, 403, 403, 201, 201),
    "POST /api/v1/operations/<code>/briefings/preview": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/briefings": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/briefings/<int:version>": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/briefings/<int:version>/read": Row(403, 201, 201, 403, 403),
    "POST /api/v1/operations/<code>/briefings/<int:version>/acknowledgements": Row(403, 409, 403, 403, 403),  # it asks for none
    "GET /api/v1/operations/<code>/briefings/<int:version>/receipts": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/briefings/changes": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/readiness": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/briefings/files": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/briefings/files/<uuid:id>": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/addresses": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/addresses": Row(403, 403, 403, 422, 422),  # nothing leaves this hub: let through, then refused
    "DELETE /api/v1/operations/<code>/addresses/<uuid:id>": Row(403, 403, 403, 204, 204),
    "GET /api/v1/operations/<code>/deliveries": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/deliveries/<uuid:id>/tries": Row(403, 403, 403, 409, 409),  # it is still to be tried
    "GET /api/v1/operations/<code>/push-subscriptions": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/push-subscriptions": Row(403, 422, 422, 422, 422),  # this hub wakes no phone
    "DELETE /api/v1/operations/<code>/push-subscriptions/<uuid:id>": Row(403, 404, 404, 204, 204),  # the desk removes any
    "GET /api/v1/operations/<code>/presence": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/check-ins": Row(403, 201, 403, 201, 201),
    "PUT /api/v1/operations/<code>/contacts": Row(403, 204, 403, 204, 204),
    "POST /api/v1/operations/<code>/calls": Row(403, 403, 403, 201, 201),
    "PUT /api/v1/operations/<code>/intervals": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/stand-down": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/stand-down/close": Row(403, 403, 403, 409, 409),  # none is under way
    "GET /api/v1/operations/<code>/log": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/log.csv": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/situation-reports": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/situation-reports": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/situation-reports/<int:number>": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/situation-reports/<int:number>.pdf": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/situation-reports/<int:number>/approval": Row(403, 403, 403, 409, 409),  # approved already
    "GET /api/v1/operations/<code>/situation-reports/schedule": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/situation-reports/schedule": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/journal": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/reports": Row(403, 201, 403, 201, 201),
    "POST /api/v1/operations/<code>/reports/batch": Row(403, 207, 207, 207, 207),  # each line has an outcome of its own
    "GET /api/v1/operations/<code>/reports": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/reports/<uuid:id>": Row(403, 200, 404, 200, 200),
    "POST /api/v1/operations/<code>/reports/<uuid:id>/withdrawal": Row(403, 201, 404, 201, 201),
    "GET /api/v1/operations/<code>/totals": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/series": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/sources": Row(403, 200, 403, 200, 200),  # of Kentucky's figure
    "GET /api/v1/operations/<code>/checkpoints": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/checkpoints/latest": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/reports/<uuid:id>/proof": Row(403, 200, 404, 200, 200),
    "GET /api/v1/operations/<code>/bundle": Row(403, 403, 403, 200, 200),
    "GET /api/v1/signing-key": PUBLIC,
    "GET /api/v1/operations/<code>/stream": Row(200, 200, 200, 200, 200),
    "GET /operations/<code>/reconciliation": Row(403, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/reconciliation": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/finals": Row(403, 409, 409, 409, 409),  # it is live: let through, then refused
    "POST /api/v1/operations/<code>/finals/taking": Row(403, 409, 409, 409, 409),
    "POST /api/v1/operations/<code>/explanations": Row(403, 201, 403, 201, 201),  # of a check of Kentucky's
    "POST /api/v1/operations/<code>/adjustments": Row(403, 403, 403, 409, 409),
    "POST /api/v1/operations/<code>/adjustments/<uuid:id>/withdrawal": Row(403, 403, 403, 409, 409),
    "GET /api/v1/operations/<code>/controls": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/controls": Row(403, 403, 403, 201, 201),
    "POST /api/v1/operations/<code>/controls/<uuid:id>/attribution": Row(403, 403, 403, 409, 409),
    "GET /operations/<code>/certification": Row(403, 200, 200, 200, 200),
    "GET /operations/<code>/releases": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/certification": Row(403, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/signatures": Row(403, 409, 403, 403, 403),  # the operation is live: let through, then refused
    "POST /api/v1/operations/<code>/waivers": Row(403, 403, 403, 409, 409),
    "POST /api/v1/operations/<code>/certification/signatures": Row(403, 403, 403, 409, 409),
    "POST /api/v1/operations/<code>/amendments": Row(403, 403, 403, 409, 409),
    "GET /api/v1/operations/<code>/releases": Row(200, 200, 200, 200, 200),
    "GET /api/v1/operations/<code>/releases/<int:number>": Row(404, 404, 404, 404, 404),  # nothing is released yet
    "GET /api/v1/operations/<code>/releases/<int:number>/changes": Row(404, 404, 404, 404, 404),
    "GET /api/v1/operations/<code>/statistics.json": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/statistics.csv": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/statistics.xlsx": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/statistics.pdf": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/statistics.sdmx.csv": Row(403, 403, 403, 200, 200),
    "GET /api/v1/operations/<code>/statistics.sdmx.xml": Row(403, 403, 403, 200, 200),
    "GET /operations/<code>/exports": Row(200, 200, 200, 200, 200),
    "POST /api/v1/operations/<code>/publications": Row(403, 403, 403, 201, 201),
    "GET /api/v1/operations/<code>/publications": Row(403, 403, 403, 200, 200),
    "POST /api/v1/operations/<code>/exports": Row(403, 403, 403, 202, 202),
    "GET /api/v1/operations/<code>/exports": Row(200, 200, 200, 200, 200),  # one's own; there are none
    "GET /api/v1/operations/<code>/exports/<uuid:id>": Row(404, 404, 404, 200, 200),  # the desk's
    "GET /api/v1/operations/<code>/exports/<uuid:id>/file": Row(404, 404, 404, 409, 409),  # not made yet
}

OF_AN_OPERATION = [route for route in ROUTES if "<code>" in route]
OF_A_REPORT = [route for route in ROUTES if "/reports/<uuid:id>" in route]
PUBLIC_ROUTES = [route for route, row in ROUTES.items() if row.stranger != 401]
GUARDED_ROUTES = [route for route, row in ROUTES.items() if row.stranger == 401]


@dataclass
class World:
    """Two operations, everyone who takes part, and ways to make what an address names."""

    client: FlaskClient
    own: Catalogue
    other: Catalogue
    callers: dict[str, Caller]
    create_token: Callable[..., Caller]
    joint_actions: dict[str, str] = field(default_factory=dict)

    def ask(self, route: str, caller: str, code: str, id: str | None = None) -> TestResponse:
        """Asks for ``route`` of the operation ``code`` as ``caller``, with a body that is good."""
        method, rule = route.split(" ")
        path = rule.replace("<code>", code).replace("<name>", "not-found").replace("<version>/<path:name>", "now/icon.svg")
        path = path.replace("<template>", "united-front-2021").replace("<int:number>", "1").replace("<int:version>", "1")
        if "<uuid:id>" in path:
            path = path.replace("<uuid:id>", id or self.thing(route, code))
        if "<said>" in path:
            path = path.replace("<said>", id or self.joint_action(code))
        headers = dict(self.callers[caller].headers) | self.content(route)
        query = {"measure": "arrests"} if rule.endswith(("/series", "/sources")) else {}
        query |= {"unit": "KY"} if rule.endswith("/sources") else {}
        query |= {"name": "rules.txt"} if route.endswith("briefings/files") else {}
        return self.client.open(path, method=method, headers=headers, query_string=query, **self.body(route, code))

    def thing(self, route: str, code: str) -> str:
        """The id of what the address names, fresh and of the operation."""
        if "tokens" in route:
            return self.create_token("liaison", code, "KY").id
        if "exports" in route:
            asked = self.callers["desk" if code == self.own.code else "desk elsewhere"]
            return str(asked.post(f"/operations/{code}/exports", {"format": "csv"}).json["id"])
        if any(part in route for part in ("sessions", "devices", "accounts", "invitations")):
            return self.signed_in(route, code)
        if any(part in route for part in ("addresses", "deliveries", "push-subscriptions")):
            return self.outgoing(route, self.own if code == self.own.code else self.other)
        desk = self.callers["desk" if code == self.own.code else "desk elsewhere"]
        if "briefings/files" in route:
            path = f"/api/v1/operations/{code}/briefings/files"
            return str(self.client.post(path, query_string={"name": "rules.txt"}, data=b"x", headers=desk.headers).json["id"])
        if "bulletins" in route:
            return str(desk.post(f"/operations/{code}/bulletins", BULLETIN).json["id"])
        id = str(desk.post(f"/operations/{code}/reports", report_body()).json["id"])
        if route.endswith("/proof"):
            fold_all((self.own if code == self.own.code else self.other).id)
        return id

    def outgoing(self, route: str, operation: Catalogue) -> str:
        """The id of a fresh address of the operation, or of what waits for it: added by hand, since the settings open no way."""
        with transaction() as session:
            words = {"kind": "mail", "address": f"{uuid.uuid4()}@example.gov", "whose": "desk", "added_by": "x"}
            session.add(address := Address(id=uuid.uuid4(), operation_id=operation.id, **words))
            session.flush()
            message = {"type": "bulletin", "title": "x"}
            session.add(made := Outgoing(id=uuid.uuid4(), operation_id=operation.id, address_id=address.id, message=message))
        return str(made.id if "deliveries" in route else address.id)

    def joint_action(self, code: str) -> str:
        """The code of a joint action of the operation; of the callers' own where there is no such operation."""
        if code not in self.joint_actions:
            whose, of = ("desk elsewhere", code) if code == self.other.code else ("desk", self.own.code)
            self.joint_actions[code] = (
                self.joint_actions.get(of) or self.callers[whose].post(f"/operations/{of}/joint-actions", JOINT_ACTION).json["code"]
            )
        return self.joint_actions[code]

    def signed_in(self, route: str, code: str) -> str:
        """The id of a fresh session, device, account or invitation of the operation."""
        if "invitations" in route:
            return str(self.invitation(code).json["id"])
        browser, account = Browser(self.client.application), new_account("liaison", code, "KY")
        if "accounts" in route:
            return account.id
        if "sessions" in route:
            return str(browser.sign_in(account).json["id"])
        assert browser.take(self.secret(code)).status_code == 201
        return str(browser.get("/me").json["device"]["id"])

    def invitation(self, code: str) -> TestResponse:
        """A fresh invitation to post for Kentucky."""
        asked = {"name": "Kentucky duty desk", "role": "liaison", "operation": code, "units": ["KY"]}
        return self.callers["admin"].post("/invitations", asked)

    def secret(self, code: str) -> str:
        """What is in its link."""
        return secret_in(self.invitation(code).json["link"])

    def content(self, route: str) -> dict[str, str]:
        """Headers of a good request."""
        return {"Idempotency-Key": uuid.uuid4().hex} if route.startswith("POST") else {}

    def body(self, route: str, code: str) -> dict[str, Any]:
        """The body of a good request, as the test client takes it."""
        words = {"name": uuid.uuid4().hex, "passphrase": passphrase()}
        bodies: dict[str, Callable[[], Any]] = {
            "POST /api/v1/sessions": lambda: new_account("observer", code).words,
            "PATCH /api/v1/sessions/<uuid:id>": lambda: {"wall": True},
            "POST /api/v1/invitations": lambda: {"name": "x", "role": "observer", "operation": code},
            "POST /api/v1/invitations/offer": lambda: {"invitation": self.secret(code)},
            "POST /api/v1/devices": lambda: {"invitation": self.secret(code), "name": "x", "code": CODE},
            "POST /api/v1/devices/this/sessions": lambda: {"code": CODE},
            "POST /api/v1/accounts": lambda: {"invitation": self.secret(code)} | words,
            "POST /api/v1/accounts/this/rights": lambda: {"invitation": "x"},
            "PUT /api/v1/accounts/this/passphrase": lambda: {"current": "x", "passphrase": words["passphrase"]},
            "PATCH /api/v1/accounts/<uuid:id>": lambda: {"locked": False},
            "POST /api/v1/tokens": lambda: {"name": "x", "role": "observer", "operation": code},
            "POST /api/v1/operations": operation_document,
            "PATCH /api/v1/operations/<code>": lambda: {"name": "Another name"},
            "POST /api/v1/operations/<code>/exports": lambda: {"format": "csv"},
            "POST /api/v1/operations/<code>/publications": dict,
            "POST /api/v1/operations/<code>/phase": lambda: {"phase": "live"},
            "POST /api/v1/operations/<code>/joint-actions": lambda: JOINT_ACTION,
            "POST /api/v1/operations/<code>/exercises": dict,
            "POST /api/v1/operations/<code>/spoken": lambda: {"line": "KY NIL 000 000 000 #00"},
            "POST /api/v1/operations/<code>/spoken/taking": lambda: {"line": "KY NIL 000 000 000 #00"},
            "POST /api/v1/operations/<code>/bulletins": lambda: BULLETIN,
            "POST /api/v1/operations/<code>/bulletins/<uuid:id>/acknowledgements": lambda: {"unit": "KY", "answer": "understood"},
            "POST /api/v1/operations/<code>/bulletins/<uuid:id>/messages": lambda: {"unit": "KY", "text": "Which gate?"},
            "POST /api/v1/operations/<code>/briefings": lambda: BRIEFING,
            "POST /api/v1/operations/<code>/briefings/preview": lambda: {"pages": BRIEFING["pages"]},
            "POST /api/v1/operations/<code>/briefings/<int:version>/acknowledgements": lambda: {"unit": "KY", "answers": []},
            "POST /api/v1/operations/<code>/addresses": lambda: {"kind": "mail", "address": "duty@example.gov", "whose": "desk"},
            "POST /api/v1/operations/<code>/push-subscriptions": lambda: PHONE,
            "POST /api/v1/operations/<code>/check-ins": lambda: {"unit": "KY"},
            "POST /api/v1/operations/<code>/calls": lambda: {"unit": "KY", "outcome": "reached"},
            "PUT /api/v1/operations/<code>/contacts": lambda: {"unit": "KY", "contact": {"name": "Duty desk", "telephone": "extension 12"}},
            "PUT /api/v1/operations/<code>/intervals": lambda: {"unit": "KY", "minutes": 30},
            "POST /api/v1/operations/<code>/stand-down/close": lambda: {"reason": "One state has no signal."},
            "POST /api/v1/operations/<code>/situation-reports": dict,
            "POST /api/v1/operations/<code>/situation-reports/<int:number>/approval": dict,
            "POST /api/v1/operations/<code>/situation-reports/schedule": lambda: {"every_minutes": 60},
            "POST /api/v1/operations/<code>/reports": report_body,
            "POST /api/v1/operations/<code>/finals": lambda: {"unit": "KY", "figures": [{"measure": "arrests", "quantity": 3}]},
            "POST /api/v1/operations/<code>/finals/taking": lambda: {"unit": "KY"},
            "POST /api/v1/operations/<code>/explanations": lambda: {"check": "heard:KY", "text": "the lines were down"},
            "POST /api/v1/operations/<code>/adjustments": lambda: {
                "measure": "arrests",
                "sources": ["KY", "TN"],
                "method": "maximum",
                "reason": "one raid",
            },
            "POST /api/v1/operations/<code>/adjustments/<uuid:id>/withdrawal": lambda: {"reason": "two raids"},
            "POST /api/v1/operations/<code>/controls": lambda: {"measure": "arrests", "quantity": 3, "source": "a press release"},
            "POST /api/v1/operations/<code>/controls/<uuid:id>/attribution": lambda: {"unit": "KY"},
            "POST /api/v1/operations/<code>/signatures": lambda: {"unit": "KY", "position": 0},
            "POST /api/v1/operations/<code>/waivers": lambda: {"item": "unsigned:KY", "reason": "known"},
            "POST /api/v1/operations/<code>/certification/signatures": lambda: {"position": 0},
            "POST /api/v1/operations/<code>/amendments": lambda: {"reason": "counted again"},
            "POST /api/v1/operations/<code>/reports/<uuid:id>/withdrawal": lambda: {"reason": "sent by mistake"},
        }
        if route.endswith("briefings/files"):
            return {"data": b"Count once."}
        if route.endswith("/batch"):
            return {"data": b"{}\n", "content_type": "application/x-ndjson"}
        return {"json": bodies[route]()} if route in bodies else {}


@pytest.fixture(scope="module")
def world(app: Flask, owner_url: str) -> World:
    """Two live operations with the same units, and every caller of the table: made once, since nothing here ends them."""
    client = app.test_client(use_cookies=False)  # nobody here is a browser
    own, other = live_operation(), live_operation()

    create_token = functools.partial(new_token, client)
    callers = {
        "none": Caller(client, "", ""),
        "garbage": Caller(client, "trm_garbage", ""),
        "expired": create_token("admin"),
        "revoked": create_token("admin"),
        "observer": create_token("observer", own.code),
        "liaison": create_token("liaison", own.code, "KY"),
        "liaison of TN": create_token("liaison", own.code, "TN"),
        "desk": create_token("desk", own.code),
        "admin": create_token("admin"),
        "observer elsewhere": create_token("observer", other.code),
        "liaison elsewhere": create_token("liaison", other.code, "KY"),
        "desk elsewhere": create_token("desk", other.code),
    }
    callers["none"].headers = {}
    for operation in (own, other):
        assert callers["admin"].post(f"/operations/{operation.code}/briefings", BRIEFING).status_code == 201
    assert callers["admin"].delete(f"/tokens/{callers['revoked'].id}").status_code == 204
    _let_expire(owner_url, callers["expired"].id)
    for desk, operation in (("desk", own), ("desk elsewhere", other)):
        reports = f"/operations/{operation.code}/situation-reports"
        assert callers[desk].post(reports, {}).status_code == 201
        assert callers["admin"].post(f"{reports}/1/approval", {}).status_code == 201
    with transaction():
        heartbeats.beat(WORKER)
        for operation in (own, other):
            checkpoints.make(operation.id, signing.signer())
    return World(client, own, other, callers, create_token)


def _let_expire(url: str, id: str) -> None:
    """Only the owner of the tables can make a token of yesterday."""
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        connection.execute(text("UPDATE tokens SET expires_at = clock_timestamp() - interval '1 day' WHERE id = :id"), {"id": id})
    engine.dispose()


def told(answer: TestResponse) -> dict[str, Any]:
    """All that an answer gives away, but for the address it repeats and what differs every time."""
    body = answer.get_data(as_text=True).replace(answer.request.path, "ADDRESS")
    return {"status": answer.status_code, "body": body, "headers": sorted(name for name, _ in answer.headers)}


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    found = {route for route in answers_to(app) if route.split(" ")[0] not in ("HEAD", "OPTIONS")}
    assert found == set(ROUTES)


def test_every_route_is_guarded_but_those_for_machines_documents_and_signing_in(app: Flask) -> None:
    guards = answers_to(app)
    assert all(guards.values())
    public = {route for route, guard in guards.items() if guard == "public" and not route.startswith(("HEAD", "OPTIONS"))}
    assert public == set(PUBLIC_ROUTES)


def test_a_view_without_a_guard_keeps_the_application_from_starting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(health.alive, "guarded_by")
    with pytest.raises(RuntimeError, match=r"no guard on health\.alive"):
        composition.create_app(settings)


@pytest.mark.parametrize("route", PUBLIC_ROUTES)
def test_what_is_public_is_answered_whoever_asks(world: World, route: str) -> None:
    for caller in world.callers:
        assert world.ask(route, caller, world.own.code).status_code == ROUTES[route].stranger, caller


@pytest.mark.parametrize("route", GUARDED_ROUTES)
def test_strangers_get_401_wherever_they_knock_and_learn_nothing(world: World, route: str) -> None:
    answers = []
    for caller in STRANGERS:
        for code in (world.own.code, world.other.code, "no-such-operation"):
            answer = world.ask(route, caller, code, str(UNKNOWN))
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="tallyroom"'), (caller, code)
            answers.append((caller == "none", told(answer)["body"]))
    assert len(set(answers)) == 2, "no token and a bad one are told apart, nothing else is"


@pytest.mark.parametrize("route", GUARDED_ROUTES)
def test_members_get_what_their_role_may(world: World, route: str) -> None:
    for caller, expected in zip(MEMBERS, ROUTES[route], strict=False):
        with world.ask(route, caller, world.own.code) as answer:
            assert answer.status_code == expected, (caller, answer.status_code)


@pytest.mark.parametrize("route", OF_AN_OPERATION)
def test_for_outsiders_a_foreign_operation_is_the_same_as_none(world: World, route: str) -> None:
    for caller in OUTSIDERS:
        id = world.thing(route, world.own.code) if "<uuid:id>" in route else None
        foreign, absent = world.ask(route, caller, world.own.code, id), world.ask(route, caller, "no-such-operation", id)
        assert foreign.status_code == 404, caller
        assert told(foreign) == told(absent), caller


@pytest.mark.parametrize("route", OF_AN_OPERATION)
def test_an_operation_that_does_not_exist_is_404_for_everyone_who_may_do_it_elsewhere(world: World, route: str) -> None:
    id = str(UNKNOWN) if "<uuid:id>" in route else None
    said = set()
    for caller in (*MEMBERS, *OUTSIDERS):
        answer = world.ask(route, caller, "no-such-operation", id)
        assert answer.status_code == 404, caller
        said.add(told(answer)["body"])
    assert len(said) == 1, "an admin reads the same sentence as everyone else"


@pytest.mark.parametrize("route", OF_AN_OPERATION)
def test_an_admin_is_of_every_operation(world: World, route: str) -> None:
    with world.ask(route, "admin", world.other.code) as answer:
        assert answer.status_code == ROUTES[route].admin


@pytest.mark.parametrize("route", OF_A_REPORT)
def test_a_report_of_another_unit_or_operation_is_the_same_as_none(world: World, route: str) -> None:
    kentucky, foreign = world.thing(route, world.own.code), world.thing(route, world.other.code)
    for caller, id in (("liaison of TN", kentucky), ("liaison", foreign), ("desk", foreign), ("admin", foreign)):
        hidden, absent = world.ask(route, caller, world.own.code, id), world.ask(route, caller, world.own.code, str(UNKNOWN))
        assert hidden.status_code == 404, caller
        assert told(hidden) == told(absent), caller


def test_a_withdrawal_has_no_address_and_looks_like_no_report(world: World) -> None:
    id = world.thing("reports", world.own.code)
    withdrawal = world.callers["desk"].post(f"/operations/{world.own.code}/reports/{id}/withdrawal", {"reason": "twice"}).json["id"]
    for route in OF_A_REPORT:
        hidden, absent = world.ask(route, "desk", world.own.code, withdrawal), world.ask(route, "desk", world.own.code, str(UNKNOWN))
        assert hidden.status_code == 404
        assert told(hidden) == told(absent)


def test_a_token_of_another_operation_or_of_an_admin_is_the_same_as_none(world: World) -> None:
    route = "DELETE /api/v1/tokens/<uuid:id>"
    absent = told(world.ask(route, "desk", world.own.code, str(UNKNOWN)))
    assert absent["status"] == 404
    for token in (world.callers["liaison elsewhere"], world.callers["desk elsewhere"], world.callers["admin"]):
        assert told(world.ask(route, "desk", world.own.code, token.id)) == absent
        assert token.get("/me").status_code == 200, "and it still works"


def test_a_desk_that_issues_for_another_operation_does_not_learn_whether_it_exists(world: World) -> None:
    asked = {"name": "x", "role": "observer"}
    foreign = world.callers["desk"].post("/tokens", asked | {"operation": world.other.code})
    absent = world.callers["desk"].post("/tokens", asked | {"operation": "no-such-operation"})
    assert foreign.status_code == 403
    assert told(foreign) == told(absent)


def test_lists_show_nothing_of_another_operation(world: World) -> None:
    mine = world.callers["desk"]
    assert [item["code"] for item in mine.get("/operations").json["items"]] == [world.own.code]
    listed = mine.get("/tokens", limit=200).json["items"]
    assert {item["operation"] for item in listed} == {world.own.code}
    assert {world.callers[name].id for name in ("observer", "liaison", "liaison of TN", "desk")} <= {item["id"] for item in listed}


@pytest.mark.parametrize("route", OF_AN_OPERATION)
def test_the_options_of_an_address_say_nothing_about_what_is_there(world: World, route: str) -> None:
    rule = route.split(" ")[1]
    answers = []
    for code in (world.own.code, "no-such-operation"):
        answer = world.client.options(
            rule.replace("<code>", code).replace("<uuid:id>", str(UNKNOWN)).replace("<int:number>", "1").replace("<int:version>", "1")
        )
        answers.append((answer.status_code, answer.headers["Allow"], answer.data))
    assert answers[0] == answers[1]
