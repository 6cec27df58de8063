"""A hub that has no signing key: it does all else, and those at the desk are told."""

from __future__ import annotations

import urllib.request

from tests.conftest import report_body
from tests.hubs import Api, RealHub


def page_of(hub: RealHub, caller: Api, path: str) -> str:
    """A page as this caller sees it."""
    asked = urllib.request.Request(hub.url + path, headers={"Authorization": f"Bearer {caller.token}", "Accept": "text/html"})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_hub_without_a_key_counts_as_ever_signs_nothing_and_doctor_says_so(hub: RealHub) -> None:
    operation = hub.create_operation()
    assert operation.desk.post(operation.reports, report_body()).status == 201
    assert operation.settled(1)["position"] == 1
    assert operation.desk.get(f"/operations/{operation.code}/checkpoints/latest").status == 404
    refused = operation.desk.get(f"/operations/{operation.code}/bundle")
    assert (refused.status, refused.json["type"]) == (503, "/problems/no-signing-key")
    board = f"/operations/{operation.code}/board"
    pages = [page_of(hub, caller, board) for caller in (operation.desk, operation.caller("observer"))]
    assert ["NO SIGNING KEY" in page for page in pages] == [True, False]
    told = hub.verb("doctor")
    assert told.returncode == 1 and "none: no checkpoints and no bundles are made" in told.stdout
